"""Closing months, and what a month's books and the points that are owed add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.errors import MonthHasDrift, MonthNotOver, MonthOutOfOrder
from domain.ledger import Account
from domain.liability import Liability, liability
from domain.members import Member
from domain.months import (
    AccountLine,
    Total,
    account_lines,
    end_of_month,
    month_after,
    number_of,
    parse_month,
)
from domain.ports import Work
from domain.posting import month_text
from domain.reconciling import Finding
from domain.repositories import AuditNote
from handlers.contract import Context
from handlers.permissions import Permission, check, rights_of


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """A month of the ledger, added up."""

    month: str
    is_closed: bool
    accounts: tuple[AccountLine, ...]
    totals: tuple[Total, ...]


def close_month(ctx: Context, asked: str, by: Member | None, findings: Sequence[Finding]) -> str:
    """Close a past month: what belongs to it and comes later counts as a correction.

    The machine closes for `by`, or for nobody named. `findings` are what a reconciliation has just
    found, which takes too long to do while others wait to write.

    Raises:
        NotPermitted: this person may not.
        InvalidMonth: it is not a month.
        MonthNotOver: it has not ended yet.
        MonthOutOfOrder: another month is next.
        MonthHasDrift: records don't agree.
    """
    if by is not None:
        check(Permission.CLOSE_MONTH, rights_of(by.roles))
    month = parse_month(asked)
    if month >= month_text(ctx.now):
        raise MonthNotOver(month)
    last = ctx.work.months.last_closed()
    expected = month if last is None else month_after(last)
    if month != expected:
        raise MonthOutOfOrder(month, expected)
    if findings:
        raise MonthHasDrift(month, len(findings))
    ctx.work.months.close(month, ctx.now, by.id if by else None)
    ctx.work.audit.write(
        AuditNote(
            at=ctx.now,
            actor=f"member:{by.id}" if by else ctx.actor_name,
            channel=ctx.channel,
            action="month_closed",
            subject=f"month:{month}",
            after={"month": month},
            inbox=ctx.inbox,
        )
    )
    return month


def read_month(work: Work, asked: str) -> MonthTotals:
    """Add up a month of the ledger, corrections of earlier months included.

    Raises:
        InvalidMonth: it is not a month.
    """
    month = parse_month(asked)
    totals = work.books.totals(month)
    return MonthTotals(
        month=month,
        is_closed=month <= (work.months.last_closed() or ""),
        accounts=tuple(account_lines(work.books.openings(month), totals)),
        totals=tuple(totals),
    )


def read_liability(work: Work, asked: str) -> Liability:
    """Add up what the firm owes in points at a month's end; a month that runs, as it is now.

    Raises:
        InvalidMonth: it is not a month.
    """
    month = parse_month(asked)
    books = work.books
    programme = work.rules.programmes().at(end_of_month(month) - timedelta(microseconds=1))
    return liability(
        number_of(month),
        books.balances(month),
        books.spent(month),
        held=books.openings(month_after(month)).get(Account.HELD, 0),
        point_fen=programme.point_fen,
    )
