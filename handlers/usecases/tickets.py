"""Making and using one-time action ids."""

from datetime import datetime, timedelta

from domain.errors import TicketUsed
from domain.ids import ContactId, MemberId, TicketId
from domain.ports import Ids, Work
from domain.tickets import Ticket, TicketKind, fresh
from handlers.contract import Context

VALID: dict[TicketKind, timedelta] = {
    TicketKind.RECORD: timedelta(hours=24),
    TicketKind.UNDO: timedelta(minutes=10),
    TicketKind.ALERT: timedelta(days=30),
    TicketKind.ALERT_FORM: timedelta(days=30),
    TicketKind.TOLD: timedelta(days=30),
    TicketKind.FOLLOW_UP: timedelta(days=30),
    TicketKind.CHOOSE: timedelta(hours=1),
    TicketKind.APPROVAL: timedelta(days=30),
    TicketKind.REQUEST: timedelta(days=30),
    TicketKind.REDEEM: timedelta(minutes=10),
    TicketKind.REDEMPTION: timedelta(days=30),
    TicketKind.CAMPAIGN: timedelta(hours=24),
    TicketKind.LEAVE: timedelta(hours=1),
    TicketKind.GIFT: timedelta(minutes=10),
    TicketKind.GIFT_REQUEST: timedelta(days=30),
    TicketKind.SHELF: timedelta(hours=24),
    TicketKind.PROOF: timedelta(days=7),
    TicketKind.VOUCHER: timedelta(minutes=30),
    TicketKind.VOUCHER_PAGE: timedelta(days=7),
    TicketKind.LOTTERY: timedelta(days=1),
    TicketKind.DRAW: timedelta(minutes=10),
}


def open_ticket(
    work: Work,
    ids: Ids,
    kind: TicketKind,
    payload: dict[str, str],
    *,
    now: datetime,
    member: MemberId | None = None,
    contact: ContactId | None = None,
) -> TicketId:
    """Make a ticket for one person and give its id."""
    ticket = Ticket(
        id=TicketId(ids.new()),
        kind=kind,
        member=member,
        contact=contact,
        payload=payload,
        created_at=now,
        expires_at=now + VALID[kind],
    )
    work.tickets.add(ticket)
    return ticket.id


def card_of(ticket: str) -> str:
    """Name the subject of the cards whose buttons a ticket stands behind."""
    return f"ticket:{ticket}"


def use_ticket(ctx: Context, ticket: Ticket) -> None:
    """Use a ticket up.

    Raises:
        TicketUsed: it was used, by an earlier tap or one at the same moment.
        TicketExpired: it is too old.
    """
    fresh(ticket, ctx.now)
    if not ctx.work.tickets.use(ticket.id, ctx.now):
        raise TicketUsed(ctx.now)
