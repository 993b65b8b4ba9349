"""What platforms report about accounts and messages, rather than what people say."""

from domain.channels import SessionState, Unreachable
from domain.deliveries import DeliveryKind, DeliveryState
from domain.ids import DeliveryId
from handlers.contract import Context
from handlers.incoming import Content, Left, SendFailed, SessionChanged
from handlers.usecases.notices import hold

_OBSTACLES: dict[str, Unreachable] = {
    "window_closed": Unreachable.WINDOW_CLOSED,
    "allowance_used": Unreachable.ALLOWANCE_USED,
    "session_ended": Unreachable.SESSION_ENDED,
    "blocked": Unreachable.BLOCKED,
}


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


def note_obstacle(ctx: Context, external_id: str, obstacle: Unreachable, code: str) -> None:
    """Believe the platform about why an account can't be reached."""
    accounts = ctx.work.identities
    match obstacle:
        case Unreachable.WINDOW_CLOSED:
            accounts.close_window(ctx.channel, external_id)
        case Unreachable.ALLOWANCE_USED:
            accounts.use_up_allowance(ctx.channel, external_id)
        case Unreachable.SESSION_ENDED:
            accounts.set_session(ctx.channel, external_id, SessionState.ENDED)
        case Unreachable.WITH_A_PERSON:
            accounts.set_session(ctx.channel, external_id, SessionState.HUMAN)
        case Unreachable.BLOCKED:
            accounts.block(ctx.channel, external_id, code)
        case Unreachable.NEVER_WROTE | Unreachable.NO_ACCOUNT:
            pass


def keep_back(ctx: Context, delivery_id: DeliveryId, obstacle: Unreachable, code: str) -> None:
    """A message can't reach its account: hold a notice and ask a person, drop a reply.

    A reply belongs to a conversation that is over; what it said can be asked for again.
    """
    delivery = ctx.work.deliveries.get(delivery_id)
    note_obstacle(ctx, delivery.external_id, obstacle, code)
    identity = ctx.work.identities.find(delivery.channel, delivery.external_id)
    if delivery.kind is DeliveryKind.PUSH and identity is not None and identity.contact:
        hold(ctx, delivery, ctx.work.customers.contact(identity.contact), obstacle)
        return
    ctx.work.deliveries.set_state(delivery.id, DeliveryState.DEAD, reason=obstacle, now=ctx.now)


def _send_failed(ctx: Context, report: SendFailed) -> None:
    # 微信客服 names a message by the id we sent it with, which is the delivery's.
    delivery = ctx.work.deliveries.find(DeliveryId(report.platform_ref))
    if delivery is None or delivery.state is not DeliveryState.SENT:
        return
    obstacle = _OBSTACLES.get(report.reason)
    if obstacle is None:
        ctx.work.deliveries.set_state(
            delivery.id, DeliveryState.DEAD, reason=report.reason, now=ctx.now
        )
        return
    keep_back(ctx, delivery.id, obstacle, report.reason)
