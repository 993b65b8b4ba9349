"""What the commands of a month's end do: compare, close, export."""

from functools import partial

from bot.books import (
    entry_rows,
    ledger_csv,
    ledger_workbook,
    liability_csv,
    liability_workbook,
)
from bot.cli_setup import ask, change
from bot.settings import Settings
from bot.workers.runs import FINDINGS_MAX
from domain.ports import Work
from domain.reconciling import Finding
from handlers.contract import Context
from handlers.usecases.months import close_month, read_liability, read_month
from handlers.usecases.setup import member_named


def reconcile(settings: Settings, tenant: str) -> list[Finding]:
    """Compare a tenant's records on one snapshot; changes nothing.

    Raises:
        LookupError: no such tenant.
    """
    return ask(settings, tenant, lambda work: work.reconciliation.findings(FINDINGS_MAX))


def close(settings: Settings, tenant: str, month: str, by: str) -> str:
    """Close a month for a member, when the records agree.

    Raises:
        LookupError: no such tenant.
        DomainError: no such member, it can't be closed, or this member may not.
    """
    findings = reconcile(settings, tenant)

    def closing(ctx: Context) -> str:
        member = member_named(ctx, by) if by else None
        return close_month(ctx, month, member, findings)

    return change(settings, tenant, closing)


def ledger(settings: Settings, tenant: str, month: str, form: str) -> bytes:
    """Write a month's entries as a file.

    Raises:
        LookupError: no such tenant.
        InvalidMonth: it is not a month.
    """

    def read(work: Work) -> bytes:
        totals = read_month(work, month)
        rows = entry_rows(work, work.books.lines(totals.month))
        return ledger_csv(rows) if form == "csv" else ledger_workbook(totals, rows)

    return ask(settings, tenant, read)


def owed(settings: Settings, tenant: str, month: str, form: str) -> bytes:
    """Write the points liability at a month's end as a file.

    Raises:
        LookupError: no such tenant.
        InvalidMonth: it is not a month.
    """
    found = ask(settings, tenant, partial(read_liability, asked=month))
    return liability_csv(found) if form == "csv" else liability_workbook(found)
