"""Examples of the views of the catalogue, and of what a second person is asked about it."""

from dataclasses import replace

from domain.approvals import ApprovalKind
from domain.rewards import NAME_MAX, POINTS_MAX, STOCK_MAX
from handlers.contract import View
from handlers.views import (
    RewardChangeSaid,
    RewardTerm,
    ShelfDone,
    ShelfLine,
    ShelfList,
    ShelfPreview,
    StockNotice,
)
from tests.cards.sample_approvals import PENDING
from tests.cards.sample_names import LONG_NUMBER, TICKET, filled

NAME = "5,000 元工程款抵用券"
LONG = filled(NAME_MAX, "超长名称的兑换品")
LINE = ShelfLine(3, NAME, 2_000, "on", None, is_low=False)
LOW = ShelfLine(7, "空调保养", 800, "on", 2, is_low=True)
OFF = ShelfLine(8, "论坛席位", 600, "off", 0, is_low=False)
LONG_LINE = ShelfLine(LONG_NUMBER, LONG, POINTS_MAX, "soon", STOCK_MAX, is_low=True)

PUT_ON = ShelfPreview(
    ticket=TICKET,
    what="put_on",
    number=3,
    name=NAME,
    points=2_000,
    value=500_000,
    closes_at="2026-12-31T16:00:00+00:00",
    left=None,
    held=0,
    coming=0,
)
RESTOCK = replace(
    PUT_ON, what="restock", name="空调保养", value=0, closes_at="", left=2, held=3, coming=20
)
LONG_PREVIEW = replace(
    PUT_ON,
    number=LONG_NUMBER,
    name=LONG,
    points=POINTS_MAX,
    value=10**12,
    left=STOCK_MAX,
    held=STOCK_MAX,
    coming=STOCK_MAX,
    what="restock",
)
TERMS = (
    RewardTerm("points", 2_000, 1_500),
    RewardTerm("value", 500_000, 600_000),
    RewardTerm("needs_contact", before=True, after=False),
    RewardTerm("limit", None, "quarter:2"),
    RewardTerm("closes_at", "2026-12-31T16:00:00+00:00", None),
)
ALL_TERMS = (
    RewardTerm("points", POINTS_MAX, POINTS_MAX - 1),
    RewardTerm("value", 10**12, 10**12 - 1),
    RewardTerm("cost", 10**12, 10**12 - 1),
    RewardTerm("needs_contact", before=True, after=False),
    RewardTerm("needs_approver", before=True, after=False),
    RewardTerm("kind", "voucher", "warranty"),
    RewardTerm("description", filled(200, "说明"), filled(200, "改后的说明")),
    RewardTerm("picture", "https://example.com/" + "x" * 400, ""),
    RewardTerm("is_active", before=False, after=True),
    RewardTerm("limit", "ever:1", "month:999"),
    RewardTerm("tier", "silver", ""),
    RewardTerm("segments", filled(200, "分组"), ""),
    RewardTerm("opens_at", None, "2026-12-31T16:00:00+00:00"),
    RewardTerm("valid_days", 30, None),
    RewardTerm("is_partly_usable", before=False, after=True),
    RewardTerm("has_stock", before=False, after=True),
    RewardTerm("name", LONG, LONG[::-1]),
)
NEW_TERMS = (
    RewardTerm("points", None, 800),
    RewardTerm("cost", None, 120_000),
    RewardTerm("kind", None, "service"),
    RewardTerm("is_active", None, after=True),
)
CHANGED = replace(
    PENDING,
    kind=ApprovalKind.REWARD.value,
    customer="",
    name=NAME,
    points=0,
    grounds="",
    available=0,
    rewards=(RewardChangeSaid(3, NAME, TERMS, len(TERMS), 20),),
    reward_count=1,
)
ADDED = replace(
    CHANGED,
    name="空调保养",
    rewards=(RewardChangeSaid(0, "空调保养", NEW_TERMS[:8], len(NEW_TERMS), 5),),
)
STOCKED = replace(
    CHANGED,
    rewards=(
        RewardChangeSaid(3, NAME, TERMS[:1], 1, 0),
        RewardChangeSaid(7, "空调保养", (), 0, -2),
    ),
    reward_count=2,
)
LONGEST = replace(
    CHANGED,
    number=123_456,
    name=LONG,
    rewards=(RewardChangeSaid(LONG_NUMBER, LONG, ALL_TERMS[:3], len(ALL_TERMS), STOCK_MAX),) * 2,
    reward_count=2_000,
)

REWARDS: dict[str, View] = {
    "shelf_list.normal": ShelfList((LOW, LINE, OFF), 3, 2, 1),
    "shelf_list.empty": ShelfList((), 0, 0, 0),
    "shelf_list.longest": ShelfList((LONG_LINE,) * 12, LONG_NUMBER, LONG_NUMBER, LONG_NUMBER),
    "shelf_preview.normal": PUT_ON,
    "shelf_preview.take_off": replace(PUT_ON, what="take_off", left=12, closes_at=""),
    "shelf_preview.restock": RESTOCK,
    "shelf_preview.longest": LONG_PREVIEW,
    "shelf_done.normal": ShelfDone("put_on", 3, NAME, None, 0),
    "shelf_done.take_off": ShelfDone("take_off", 3, NAME, 12, 0),
    "shelf_done.restock": ShelfDone("restock", 7, "空调保养", 22, 20),
    "shelf_done.dropped": ShelfDone("dropped", 7, "空调保养", 2, 0),
    "shelf_done.longest": ShelfDone("restock", LONG_NUMBER, LONG, STOCK_MAX, STOCK_MAX),
    "stock_notice.normal": StockNotice(7, "空调保养", 2, 10),
    "stock_notice.longest": StockNotice(LONG_NUMBER, LONG, STOCK_MAX, STOCK_MAX),
    "approval_card.reward": CHANGED,
    "approval_card.reward_added": ADDED,
    "approval_card.reward_stock": STOCKED,
    "approval_card.reward_longest": LONGEST,
}
