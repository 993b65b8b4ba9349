"""Lotteries over the API: what can be drawn with which odds, and the record to check it by."""

from typing import Annotated

from fastapi import Path, Response

from bot.api.declaring import reading
from bot.api.gate import Admitted, api_router
from bot.api.values import Moment, Shown
from domain.errors import ErrorCode
from domain.lotteries import Lottery, LotteryState, PrizeKind
from handlers.contract import Context
from handlers.usecases.draws import find_published
from handlers.usecases.lottery_record import record_of

router = api_router()

Number = Annotated[int, Path(ge=1, le=999_999_999, description="The lottery's number.")]


class PrizeShown(Shown):
    """What an urn holds of one prize; the odds are `left` of the sum of all `left`."""

    place: int
    kind: PrizeKind
    name: str
    count: int
    left: int
    points: int


class LotteryShown(Shown):
    """A lottery that was opened, with its odds at this moment."""

    number: int
    name: str
    state: LotteryState
    price: int
    opens_at: Moment
    closes_at: Moment
    per_day: int | None
    per_customer: int | None
    prizes: list[PrizeShown]
    drawn: int
    commitment: str
    """SHA-256 over seed and terms, known before the first draw."""


class LotteriesShown(Shown):
    """The lotteries there are or were, by number."""

    lotteries: list[LotteryShown]


class DrawShown(Shown):
    """One draw; `who` stands for the customer without saying who it is."""

    number: int
    id: str
    who: str
    prize: int
    price: int
    drawn_at: str
    """As it is hashed: UTC."""
    previous: str
    hash: str


class RecordShown(Shown):
    """All that is needed to check a lottery; docs/lottery.md says how."""

    id: str
    number: int
    name: str
    state: LotteryState
    terms: str
    """Canonical JSON, as it is hashed."""
    commitment: str
    seed: str | None
    """Null until the lottery is closed."""
    left: list[int]
    drawn: int
    head: str
    draws: list[DrawShown]


@router.get("/lotteries", **reading(LotteriesShown))
def read_lotteries(call: Admitted) -> Response:
    """Give the lotteries that were opened, with their odds at this moment."""
    return call.read(_lotteries_shown)


@router.get("/lotteries/{number}", **reading(RecordShown, ErrorCode.UNKNOWN_LOTTERY))
def read_lottery(number: Number, call: Admitted) -> Response:
    """Give the record of a lottery: what was promised and what was drawn."""

    def look(ctx: Context) -> RecordShown:
        return RecordShown(**record_of(ctx.work, find_published(ctx.work, str(number))))

    return call.read(look)


def _lotteries_shown(ctx: Context) -> LotteriesShown:
    found = [one for one in ctx.work.lotteries.all() if one.state is not LotteryState.DRAFT]
    return LotteriesShown(lotteries=[_lottery_shown(one) for one in found])


def _lottery_shown(lottery: Lottery) -> LotteryShown:
    return LotteryShown(
        number=lottery.number,
        name=lottery.name,
        state=lottery.state,
        price=lottery.price,
        opens_at=lottery.opens_at,
        closes_at=lottery.closes_at,
        per_day=lottery.per_day,
        per_customer=lottery.per_customer,
        prizes=[
            PrizeShown(
                place=prize.place,
                kind=prize.kind,
                name=prize.name,
                count=prize.count,
                left=prize.left,
                points=prize.points,
            )
            for prize in lottery.prizes
        ],
        drawn=lottery.drawn,
        commitment=lottery.commitment,
    )
