"""gift: giving points to another customer."""

from datetime import datetime, timedelta

from domain.calendar import business_date
from domain.errors import GiftTooLarge, UsageError
from domain.gifts import ALONE_MAX, GIFT_MAX, MONTH_MAX, needs_approval
from domain.tickets import TicketKind
from handlers.begun import asks
from handlers.contract import Context, Reply
from handlers.parsing.gifting import parse_gift
from handlers.parsing.problems import NotANumber, NotPositive, NotWhole, ParseProblem, TooLarge
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.gifts import find_receiver, foresee_gift
from handlers.usecases.tickets import VALID
from handlers.views import ExpiringLot, GiftPreview

_PROBLEMS: dict[type[ParseProblem], str] = {
    NotANumber: "gift_missing",
    NotPositive: "gift_not_positive",
    NotWhole: "gift_not_whole",
}


@router.command("gift", needs=Permission.REDEEM, is_private=True)
def gift(words: str, ctx: Context) -> Reply:
    """Show what a gift would do, on a card that confirms it."""
    try:
        said = parse_gift(words)
    except TooLarge:
        raise GiftTooLarge(0, GIFT_MAX) from None
    except ParseProblem as problem:
        raise UsageError("gift", _PROBLEMS[type(problem)]) from None
    foreseen = foresee_gift(ctx, find_receiver(ctx, said.receiver), said.points)
    return asks(
        GiftPreview(
            ticket=foreseen.ticket,
            receiver=foreseen.receiver.name,
            points=foreseen.points,
            available_before=foreseen.available,
            available_after=foreseen.available - foreseen.points,
            taken=tuple(
                ExpiringLot(part.points, last_day(part.expires_at)) for part in foreseen.parts
            ),
            month_left=foreseen.month_left,
            month_most=MONTH_MAX,
            needs_approval=needs_approval(foreseen.points),
            alone_most=ALONE_MAX,
            expires_at=(ctx.now + VALID[TicketKind.GIFT]).isoformat(timespec="seconds"),
        )
    )


def last_day(expires_at: datetime) -> str:
    """Name the last day on which points can be spent that end at an instant."""
    return business_date(expires_at - timedelta(microseconds=1)).isoformat()
