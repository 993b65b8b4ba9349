"""What platforms report about accounts and messages, rather than what people say."""

from domain.channels import SessionState, Unreachable
from domain.deliveries import Delivery, DeliveryKind, DeliveryState, Withheld, named_by
from domain.ids import DeliveryId
from handlers.contract import Context
from handlers.incoming import Content, Left, SendFailed, SessionChanged
from handlers.trouble import report_trouble
from handlers.usecases.notices import keep_notice

_OBSTACLES: dict[str, Unreachable] = {
    "window_closed": Unreachable.WINDOW_CLOSED,
    "allowance_used": Unreachable.ALLOWANCE_USED,
    "session_ended": Unreachable.SESSION_ENDED,
    "blocked": Unreachable.BLOCKED,
}
_OUT = (DeliveryState.SENDING, DeliveryState.SENT)


def note(ctx: Context, content: Content) -> bool:
    """Note a platform's report; False when the content is something a person said or did."""
    match content:
        case Left(reason=reason):
            ctx.work.identities.block(ctx.channel, ctx.sender, reason)
        case SessionChanged(state=state):
            ctx.work.identities.set_session(ctx.channel, ctx.sender, SessionState(state))
        case SendFailed():
            _send_failed(ctx, content)
        case _:
            return False
    return True


def _note_obstacle(ctx: Context, delivery: Delivery, obstacle: Unreachable, code: str) -> None:
    """Believe the platform about why an account can't be reached."""
    accounts = ctx.work.identities
    channel, external_id = delivery.channel, delivery.external_id
    match obstacle:
        case Unreachable.WINDOW_CLOSED:
            accounts.close_window(channel, external_id)
        case Unreachable.ALLOWANCE_USED:
            accounts.use_up_allowance(channel, external_id)
        case Unreachable.SESSION_ENDED:
            accounts.set_session(channel, external_id, SessionState.ENDED)
        case Unreachable.WITH_A_PERSON:
            accounts.set_session(channel, external_id, SessionState.HUMAN)
        case Unreachable.BLOCKED:
            accounts.block(channel, external_id, code)
        case _:
            pass  # NEVER_WROTE and NO_ACCOUNT are what we know ourselves, not what platforms say.


def keep_back(
    ctx: Context, delivery_id: DeliveryId, obstacle: Unreachable | Withheld, code: str
) -> None:
    """Deal with a message that can't reach its account, or is not for it any more.

    A notice for a customer goes another way or is held, and a person is asked to tell; any other
    push is lost, which the admins hear of. What the notice carried is looked at by itself. A reply
    belongs to a conversation that is over: what it said can be asked for again. What is not for its
    person any more is given up, and nobody has to know.
    """
    delivery = ctx.work.deliveries.get(delivery_id)
    if delivery.contact is not None:
        contact = ctx.work.customers.contact(delivery.contact)
        for notice in (delivery, *ctx.work.deliveries.carried_by(delivery.id)):
            keep_notice(ctx, notice, contact, obstacle)
        return
    ctx.work.deliveries.set_state(delivery.id, DeliveryState.DEAD, reason=obstacle, now=ctx.now)
    if delivery.kind is DeliveryKind.PUSH:
        report_trouble(ctx, delivery, code)


def take_refusal(ctx: Context, delivery_id: DeliveryId, obstacle: Unreachable, code: str) -> None:
    """Keep back a message the platform has refused, and believe what it says of the account."""
    _note_obstacle(ctx, ctx.work.deliveries.get(delivery_id), obstacle, code)
    keep_back(ctx, delivery_id, obstacle, code)


def _send_failed(ctx: Context, report: SendFailed) -> None:
    # 微信客服 names a message by the id we sent it with. What it says of an earlier one of the same
    # notice, which was held and let go since, is no news. The report may be faster than the sender,
    # who then finds that the delivery is no longer its own.
    name, number = named_by(report.platform_ref)
    delivery = ctx.work.deliveries.find(name)
    if delivery is None or delivery.state not in _OUT or delivery.let_go != number:
        return
    obstacle = _OBSTACLES.get(report.reason)
    if obstacle is not None:
        take_refusal(ctx, delivery.id, obstacle, report.reason)
        return
    report_trouble(ctx, delivery, report.reason)
    if delivery.contact is not None:
        keep_back(ctx, delivery.id, Unreachable.REFUSED, report.reason)
        return
    ctx.work.deliveries.set_state(
        delivery.id, DeliveryState.DEAD, reason=report.reason, now=ctx.now
    )
