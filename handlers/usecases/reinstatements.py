"""Giving back points that have expired: one person asks, another approves; once per expiry."""

from datetime import date, timedelta

from domain.approvals import REASON_MAX, Approval, ApprovalKind, ApprovalState
from domain.calendar import business_date
from domain.customers import Customer
from domain.errors import NothingToReinstate
from domain.expiry import REINSTATED_MONTHS
from domain.facts import PointsReinstated
from domain.ids import CustomerId, EntryId
from domain.posting import lot_end
from domain.reinstating import reinstate
from handlers.audit import write_note
from handlers.contract import Context
from handlers.menu import rights
from handlers.permissions import Permission, check
from handlers.usecases.approvals import ask
from handlers.usecases.books import machine_cause, open_book, store_books

INSTANT = timedelta(microseconds=1)


def ask_reinstatement(ctx: Context, customer: Customer, grounds: str) -> Approval:
    """Ask for the points of a customer's latest expiry to be given back.

    Raises:
        NotPermitted: the actor may not ask; the machine never may, two people are needed.
        NothingToReinstate: nothing has expired that could be given back.
        ApprovalPending: the same waits for a decision already.
        NoApprover: there is nobody else who may decide.
    """
    check(Permission.REINSTATE, rights(ctx))
    entry_id = ctx.work.endings.last_expiry(customer.id)
    points = 0 if entry_id is None else _reinstatable(ctx, entry_id)
    if entry_id is None or not points:
        raise NothingToReinstate(customer.name)
    return ask(
        ctx,
        ApprovalKind.REINSTATEMENT,
        f"reinstatement:{entry_id}",
        {"customer": customer.id, "entry": entry_id},
        {
            "expired_on": _last_day(ctx, entry_id).isoformat(),
            "points": points,
            "grounds": grounds.strip()[:REASON_MAX],
        },
        customer=customer.id,
    )


def give_back(ctx: Context, approval: Approval) -> None:
    """Give back the points of an approved reinstatement, good for three months, to their end.

    Locks the wallet.

    Raises:
        NothingToReinstate: it was given back, or what had earned the points was undone.
    """
    if approval.state is not ApprovalState.APPROVED:
        return
    customer = CustomerId(str(approval.payload["customer"]))
    entry_id = EntryId(str(approval.payload["entry"]))
    opened = open_book(ctx, customer)
    points = 0 if ctx.work.wallets.is_reversed(entry_id) else _reinstatable(ctx, entry_id)
    if not points:
        raise NothingToReinstate(ctx.work.customers.get(customer).name)
    entry = ctx.work.wallets.get(entry_id)
    expires_at = lot_end(ctx.now, REINSTATED_MONTHS)
    key = f"approval:{approval.id}"
    cause = machine_cause(ctx, key, ctx.now, note=key)
    reinstate(opened, entry, points, cause, expires_at=expires_at)
    [(wallet, _)] = store_books(ctx, [opened], {})
    write_note(
        ctx,
        "points_reinstated",
        f"customer:{customer}",
        after={"points": points, "entry": entry.seq, "approval": approval.id},
    )
    last_day = business_date(expires_at - INSTANT)
    ctx.work.emit(PointsReinstated(approval, customer, points, last_day, wallet))


def _last_day(ctx: Context, expiry: EntryId) -> date:
    """Give the last day of the points that ended last."""
    wallets = ctx.work.wallets
    ends = (wallets.lot(use.lot).expires_at for use in wallets.uses(expiry))
    return business_date(max(ends) - INSTANT)


def _reinstatable(ctx: Context, expiry: EntryId) -> int:
    """Count an expiry's points, but for those whose award has been undone since."""
    wallets = ctx.work.wallets
    return sum(
        use.points
        for use in wallets.uses(expiry)
        if not wallets.is_reversed(wallets.lot(use.lot).entry)
    )
