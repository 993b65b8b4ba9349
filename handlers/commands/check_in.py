"""check_in: once a day and customer; what it is worth the rules say."""

from dataclasses import replace

from domain.ledger import Account
from domain.outcomes import Ending
from handlers.actors import contact_of
from handlers.contract import Context, Reply
from handlers.menu import rights
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.check_ins import check_in as check_in_today
from handlers.views import CheckInDone


@router.command("check_in", needs=Permission.CUSTOMER, is_private=True)
def check_in(words: str, ctx: Context) -> Reply:
    """Check in for today, or say who has."""
    del words
    _, customer = contact_of(ctx)
    done = check_in_today(ctx)
    booked = done.booked
    shown = CheckInDone(
        customer=customer.name,
        is_new=done.is_new,
        by=done.by,
        at=booked.event.occurred_at.isoformat(timespec="seconds"),
        days=done.days,
        may_see=Permission.SEE_POINTS in rights(ctx),
        points=0,
        pending=0,
        has_rule=False,
        kept_back=0,
        available_after=0,
        debt_after=0,
    )
    if shown.may_see:
        shown = replace(
            shown,
            points=booked.points,
            pending=sum(e.points for e in booked.entries if e.credit is Account.PENDING),
            has_rule=bool(booked.outcomes),
            kept_back=sum(one.shortfall for one in booked.outcomes if one.ending is Ending.CAPPED),
            available_after=booked.wallet.available,
            debt_after=booked.wallet.debt,
        )
    return Reply(shown)
