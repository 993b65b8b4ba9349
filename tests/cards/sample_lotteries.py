"""Examples of the views of lotteries and draws."""

from dataclasses import replace

from handlers.contract import View
from handlers.views import (
    DrawDropped,
    DrawPreview,
    DrawResult,
    LotteryCard,
    LotteryLine,
    LotteryList,
    PrizeLine,
)
from tests.cards.sample_names import AFTERNOON, LONG_NUMBER, MORNING, TICKET, filled

NAME = "新年答谢抽奖"
LONG_NAME = filled(20, "超长名称的抽奖或者奖品")
CLOSES = "2026-12-31T15:59:59+00:00"
COMMITMENT = "9f2b6c01d4e7a385"
PAGE = "/app/lottery/main.3"
LONG_PAGE = f"/app/lottery/{'m' * 40}.{LONG_NUMBER}"

OPEN = LotteryCard(
    ticket=TICKET,
    number=3,
    name=NAME,
    price=50,
    prizes=(
        PrizeLine("茶叶礼盒", 3, 1_000, "0.3"),
        PrizeLine("100 分", 50, 1_000, "5"),
        PrizeLine("谢谢参与", 947, 1_000, "94.7"),
    ),
    available=1_280,
    draws_left=3,
    opens_at="",
    closes_at=CLOSES,
    is_closed=False,
    commitment=COMMITMENT,
    page=PAGE,
)
LONGEST = replace(
    OPEN,
    number=LONG_NUMBER,
    name=LONG_NAME,
    price=1_000_000,
    prizes=(PrizeLine(LONG_NAME, 1_000_000, 8_000_000, "<0.01"),) * 8,
    available=999_999_999,
    draws_left=999,
    page=LONG_PAGE,
)
NOTHING_DRAWN = DrawResult(
    lottery=NAME,
    lottery_number=3,
    number=12,
    kind="nothing",
    prize="谢谢参与",
    points=0,
    ends_on="",
    redemption=0,
    price=50,
    available=1_230,
    draws_left=2,
    drawn_at=AFTERNOON,
    code="07aa51e9c3f0b2d4",
    commitment=COMMITMENT,
    page=PAGE,
)

LOTTERIES: dict[str, View] = {
    "lottery_card.normal": OPEN,
    "lottery_card.no_limit": replace(OPEN, draws_left=None),
    "lottery_card.early": replace(OPEN, ticket="", opens_at=MORNING),
    "lottery_card.all_drawn": replace(
        OPEN,
        ticket="",
        prizes=tuple(replace(one, left=0, total=0, share="0") for one in OPEN.prizes),
    ),
    "lottery_card.limit": replace(OPEN, ticket="", draws_left=0),
    "lottery_card.closed": replace(OPEN, ticket="", is_closed=True),
    "lottery_card.longest": LONGEST,
    "lottery_list.normal": LotteryList(
        (LotteryLine(3, NAME, 50, CLOSES), LotteryLine(4, "开工抽奖", 20, MORNING))
    ),
    "lottery_list.longest": LotteryList(
        tuple(LotteryLine(LONG_NUMBER - place, LONG_NAME, 1_000_000, CLOSES) for place in range(8))
    ),
    "draw_preview.normal": DrawPreview(TICKET, NAME, 50, 1_280, 1_000),
    "draw_preview.longest": DrawPreview(TICKET, LONG_NAME, 1_000_000, 999_999_999, 8_000_000),
    "draw_dropped.normal": DrawDropped(NAME),
    "draw_dropped.longest": DrawDropped(LONG_NAME),
    "draw_result.normal": NOTHING_DRAWN,
    "draw_result.points": replace(
        NOTHING_DRAWN,
        kind="points",
        prize="100 分",
        points=100,
        ends_on="2028-11-30",
        available=1_330,
        draws_left=None,
    ),
    "draw_result.reward": replace(NOTHING_DRAWN, kind="reward", prize="茶叶礼盒", redemption=5),
    "draw_result.longest": replace(
        NOTHING_DRAWN,
        lottery=LONG_NAME,
        lottery_number=LONG_NUMBER,
        number=8_000_000,
        kind="points",
        prize=LONG_NAME,
        points=1_000_000,
        ends_on="2031-11-30",
        price=1_000_000,
        available=999_999_999,
        draws_left=999,
        page=LONG_PAGE,
    ),
}
