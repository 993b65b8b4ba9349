"""Contacts as views show them: what each may do, and what ends when one leaves."""

from collections.abc import Iterable

from domain.customers import Contact
from domain.ids import TicketId
from handlers.contract import Context
from handlers.usecases.contacts import Leaving
from handlers.views import AccountCount, ContactLine, LeaveDone, LeavePreview

STAYING_SHOWN = 5


def contact_lines(contacts: Iterable[Contact]) -> tuple[ContactLine, ...]:
    """Show what each contact may do."""
    return tuple(ContactLine(one.name, one.may_see, one.may_redeem) for one in contacts)


def leave_preview(ticket: TicketId, leaving: Leaving) -> LeavePreview:
    """Show what ends when a contact leaves."""
    return LeavePreview(
        ticket=ticket,
        customer=leaving.customer.name,
        contact=leaving.contact.name,
        accounts=_accounts(leaving),
        notices=leaving.notices,
        staying=contact_lines(leaving.staying[:STAYING_SHOWN]),
        count=len(leaving.staying),
        can_redeem=_can_redeem(leaving),
    )


def leave_done(ctx: Context, left: Leaving, done_by: str) -> LeaveDone:
    """Show what has ended."""
    return LeaveDone(
        customer=left.customer.name,
        contact=left.contact.name,
        accounts=_accounts(left),
        notices=left.notices,
        staying=contact_lines(left.staying[:STAYING_SHOWN]),
        count=len(left.staying),
        can_redeem=_can_redeem(left),
        done_by=done_by,
        done_at=ctx.now.isoformat(timespec="seconds"),
    )


def _accounts(leaving: Leaving) -> tuple[AccountCount, ...]:
    return tuple(AccountCount(kind, count) for kind, count in leaving.accounts)


def _can_redeem(leaving: Leaving) -> bool:
    return any(one.may_redeem for one in leaving.staying)
