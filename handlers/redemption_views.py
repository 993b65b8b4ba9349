"""What points buy and what was bought, as one reader sees it, with the buttons that fit."""

from datetime import date, datetime, timedelta

from domain.calendar import business_date
from domain.customers import Contact, same_person
from domain.errors import DomainError, LimitReached, RewardNotOpen, TierTooLow, UndoOver
from domain.offers import Offer
from domain.redemptions import (
    AGREE_WITHIN,
    UNDO_WITHIN,
    Redemption,
    RedemptionState,
    check_undo,
    undo_until,
)
from domain.rewards import RewardKind, last_day_of_use
from domain.tickets import TicketKind
from handlers.contract import Context
from handlers.usecases.redeeming import Preview
from handlers.usecases.statement import read_balance
from handlers.usecases.tickets import open_ticket
from handlers.views import (
    ExpiringLot,
    HandOverCard,
    HandOverLine,
    OfferLine,
    RedeemPreview,
    RedemptionCard,
    RedemptionLine,
)

_MINUTE = timedelta(minutes=1)


def offer_line(found: Offer, available: int) -> OfferLine:
    """Show a reward in a list."""
    reward = found.reward
    barred_by, from_on, tier = _barred(found.obstacle)
    closes_on = ""
    if reward.closes_at is not None:
        closes_on = business_date(reward.closes_at - timedelta(microseconds=1)).isoformat()
    return OfferLine(
        number=reward.number,
        name=reward.name,
        kind=reward.kind,
        points=reward.points,
        missing=max(0, reward.points - available),
        left=found.most,
        closes_on=closes_on,
        barred_by=barred_by,
        from_on=from_on,
        tier=tier,
    )


def _barred(obstacle: DomainError | None) -> tuple[str, str, str]:
    match obstacle:
        case None:
            return "", "", ""
        case LimitReached(again_on=again_on):
            return obstacle.code, _day(again_on), ""
        case RewardNotOpen(opens_at=opens_at):
            return obstacle.code, business_date(opens_at).isoformat(), ""
        case TierTooLow(needed=needed):
            return obstacle.code, "", needed
        case _:
            return obstacle.code, "", ""


def preview_view(
    ctx: Context, shown: Preview, ticket: str, *, is_changed: bool = False
) -> RedeemPreview:
    """Show what is bought by pressing the button."""
    order, reward = shown.order, shown.order.reward
    undo = UNDO_WITHIN // _MINUTE if reward.kind is RewardKind.VOUCHER else 0
    return RedeemPreview(
        ticket=ticket,
        customer=ctx.work.customers.get(order.customer).name,
        number=reward.number,
        name=reward.name,
        kind=reward.kind,
        description=reward.description,
        quantity=order.quantity,
        points=order.points,
        available=shown.available,
        takes=tuple(ExpiringLot(one.points, one.last_day.isoformat()) for one in shown.takes),
        asks=tuple(contact.name for contact in shown.second.contacts),
        needs_approver=bool(shown.second.approvers),
        agree_days=AGREE_WITHIN.days,
        value=reward.value,
        last_day=_day(shown.last_day),
        undo_minutes=undo,
        is_changed=is_changed,
    )


def redemption_card(ctx: Context, redemption: Redemption, reader: Contact) -> RedemptionCard:
    """Show what was bought to a contact, with what that contact can do about it."""
    choices = choices_of(ctx, redemption, reader)
    ticket = ""
    if choices:
        ticket = open_ticket(
            ctx.work,
            ctx.ids,
            TicketKind.REDEMPTION,
            {"redemption": redemption.id},
            now=ctx.now,
            contact=reader.id,
        )
    is_held = redemption.state is RedemptionState.HELD
    until = undo_until(redemption)
    wallet, _ = read_balance(ctx, redemption.customer)
    return RedemptionCard(
        ticket=ticket,
        choices=choices,
        number=redemption.number,
        customer=ctx.work.customers.get(redemption.customer).name,
        contact=_contact(ctx, redemption),
        is_mine=redemption.contact == reader.id,
        name=redemption.name,
        kind=redemption.kind,
        quantity=redemption.quantity,
        points=redemption.points,
        value=redemption.value_each,
        state=redemption.state,
        waits_for_contact=redemption.waits_for_contact,
        waits_for_approver=redemption.waits_for_approver,
        waits_for_confirmation=redemption.waits_for_confirmation,
        at=_at(redemption).isoformat(timespec="seconds"),
        expires_at=redemption.expires_at.isoformat(timespec="seconds") if is_held else "",
        undo_until=until.isoformat(timespec="seconds") if until and "undo" in choices else "",
        last_day=_day(_usable_until(redemption)),
        fulfilled=redemption.fulfilled,
        refunded=redemption.refunded,
        points_back=redemption.points_each * redemption.refunded,
        note=redemption.note,
        available=wallet.available,
    )


def choices_of(ctx: Context, redemption: Redemption, reader: Contact) -> tuple[str, ...]:
    """Say what a contact can do about what was bought, as it would be allowed now.

    Giving a prize back is not offered: there is nothing to have for it.
    """
    if not reader.may_redeem:
        return ()
    if redemption.state is RedemptionState.HELD:
        if ctx.now >= redemption.expires_at:
            return ()
        asker = ctx.work.customers.contact(redemption.contact) if redemption.contact else None
        is_second = asker is None or not same_person(asker, reader)
        if redemption.waits_for_contact and not redemption.waits_for_confirmation and is_second:
            return ("agree", "decline")
        return ("cancel",)
    if redemption.state is RedemptionState.PLACED:
        if not redemption.points:
            return ()
        try:
            check_undo(redemption, ctx.now)
        except UndoOver:
            return ()
        return ("undo",)
    return ()


def redemption_line(ctx: Context, redemption: Redemption, reader: Contact) -> RedemptionLine:
    """Show what was bought in a list."""
    choices = choices_of(ctx, redemption, reader)
    return RedemptionLine(
        number=redemption.number,
        name=redemption.name,
        quantity=redemption.quantity,
        points=redemption.points,
        state=redemption.state,
        fulfilled=redemption.fulfilled,
        refunded=redemption.refunded,
        on=_at(redemption).isoformat(timespec="seconds"),
        can=choices[0] if choices else "",
    )


def hand_over_card(ctx: Context, redemption: Redemption) -> HandOverCard:
    """Show what was bought to somebody of the firm."""
    contact = ctx.work.customers.contact(redemption.contact) if redemption.contact else None
    return HandOverCard(
        number=redemption.number,
        customer=ctx.work.customers.get(redemption.customer).name,
        contact=contact.name if contact else "",
        phone=(contact.phone or "") if contact else "",
        name=redemption.name,
        kind=redemption.kind,
        quantity=redemption.quantity,
        fulfilled=redemption.fulfilled,
        refunded=redemption.refunded,
        points=redemption.points,
        points_back=redemption.points_each * redemption.refunded,
        state=redemption.state,
        at=_at(redemption).isoformat(timespec="seconds"),
        note=redemption.note,
    )


def hand_over_line(ctx: Context, redemption: Redemption) -> HandOverLine:
    """Show what waits to be handed over in a list."""
    return HandOverLine(
        number=redemption.number,
        customer=ctx.work.customers.get(redemption.customer).name,
        name=redemption.name,
        outstanding=redemption.outstanding,
        on=_at(redemption).isoformat(timespec="seconds"),
    )


def _contact(ctx: Context, redemption: Redemption) -> str:
    return ctx.work.customers.contact(redemption.contact).name if redemption.contact else ""


def _at(redemption: Redemption) -> datetime:
    return redemption.ended_at or redemption.placed_at or redemption.held_at


def _usable_until(redemption: Redemption) -> date | None:
    if redemption.placed_at is None:
        return None
    return last_day_of_use(redemption.valid_days, redemption.placed_at)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
