"""Examples of the views of what points buy."""

from dataclasses import replace

from domain.rewards import DESCRIPTION_MAX, MONEY_MAX, NAME_MAX, QUANTITY_MAX
from handlers.contract import View
from handlers.parsing.amounts import MAX_POINTS
from handlers.views import (
    ExpiringLot,
    HandOverCard,
    HandOverLine,
    HandOverList,
    OfferLine,
    OfferList,
    RedeemDropped,
    RedeemPreview,
    RedemptionCard,
    RedemptionLine,
    RedemptionList,
)
from tests.cards.sample_names import (
    AFTERNOON,
    CONTACT,
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_NOTE,
    LONG_NUMBER,
    LONG_PERSON,
    MORNING,
    PHONE,
    TICKET,
    filled,
)

LONG_REWARD = filled(NAME_MAX, "超长名称的兑换品")
EXPIRES = "2026-11-24T02:30:00+00:00"
UNDO = "2026-11-21T02:40:00+00:00"

UPKEEP = OfferLine(3, "空调保养", "service", 300, 0, None, "")
VOUCHER = OfferLine(1, "5,000 元工程款抵用券", "voucher", 800, 0, 2, "2026-12-31")
SEAT = OfferLine(7, "年度论坛席位", "seat", 1_400, 120, 5, "")
SOLD = OfferLine(4, "雨伞", "goods", 50, 0, 0, "", "sold_out")
LIMITED = OfferLine(5, "电梯保养", "service", 200, 0, 0, "", "limit_reached", "2027-01-01")
LATER = OfferLine(6, "年货礼盒", "goods", 500, 0, 40, "", "reward_not_open", "2026-12-12")
GOLD = OfferLine(8, "延保一年", "warranty", 900, 0, None, "", "tier_too_low", tier="金牌")
LONGEST_LINE = OfferLine(
    999_999,
    LONG_REWARD,
    "warranty",
    MAX_POINTS,
    0,
    9,
    "2027-12-31",
)
LONGEST_BARRED = replace(
    LONGEST_LINE, barred_by="tier_too_low", from_on="2027-12-31", tier=LONG_PERSON
)
OFFERS = OfferList(
    CUSTOMER,
    1_280,
    (UPKEEP, VOUCHER),
    (SEAT,),
    (SOLD, LIMITED),
    1,
    1,
    may_redeem=True,
    as_of=MORNING,
)

PREVIEW = RedeemPreview(
    ticket=TICKET,
    customer=CUSTOMER,
    number=1,
    name="5,000 元工程款抵用券",
    kind="voucher",
    description="",
    quantity=1,
    points=800,
    available=1_280,
    takes=(ExpiringLot(500, "2026-11-30"), ExpiringLot(300, "2027-06-30")),
    asks=(),
    needs_approver=False,
    agree_days=3,
    value=500_000,
    last_day="2027-05-20",
    undo_minutes=10,
    is_changed=False,
)
LONGEST_PREVIEW = RedeemPreview(
    ticket=TICKET,
    customer=LONG_CUSTOMER,
    number=999_999,
    name=LONG_REWARD,
    kind="voucher",
    description=LONG_NOTE[:DESCRIPTION_MAX],
    quantity=QUANTITY_MAX,
    points=999_999_999,
    available=MAX_POINTS,
    takes=(ExpiringLot(LONG_NUMBER, "2027-01-31"),) * 30,
    asks=(LONG_PERSON,) * 12,
    needs_approver=True,
    agree_days=3,
    value=MONEY_MAX,
    last_day="2036-11-20",
    undo_minutes=10,
    is_changed=True,
)

PLACED = RedemptionCard(
    ticket=TICKET,
    choices=("undo",),
    number=12,
    customer=CUSTOMER,
    contact=CONTACT,
    is_mine=True,
    name="空调保养",
    kind="service",
    quantity=2,
    points=600,
    value=0,
    state="placed",
    waits_for_contact=False,
    waits_for_approver=False,
    waits_for_confirmation=False,
    at=MORNING,
    expires_at="",
    undo_until="",
    last_day="2027-05-20",
    fulfilled=0,
    refunded=0,
    points_back=0,
    note="",
    available=680,
)
HELD = replace(
    PLACED,
    choices=("cancel",),
    state="held",
    waits_for_contact=True,
    expires_at=EXPIRES,
    last_day="",
)
OVER = replace(PLACED, ticket="", choices=(), at=AFTERNOON, available=1_280)
LONGEST = RedemptionCard(
    ticket=TICKET,
    choices=("agree", "decline"),
    number=LONG_NUMBER,
    customer=LONG_CUSTOMER,
    contact=LONG_PERSON,
    is_mine=False,
    name=LONG_REWARD,
    kind="voucher",
    quantity=QUANTITY_MAX,
    points=MAX_POINTS,
    value=MONEY_MAX,
    state="held",
    waits_for_contact=True,
    waits_for_approver=True,
    waits_for_confirmation=False,
    at=MORNING,
    expires_at=EXPIRES,
    undo_until="",
    last_day="",
    fulfilled=0,
    refunded=0,
    points_back=0,
    note=LONG_NOTE[:200],
    available=MAX_POINTS,
)
LONGEST_PARTLY = replace(
    LONGEST,
    choices=("undo",),
    state="placed",
    waits_for_contact=False,
    waits_for_approver=False,
    expires_at="",
    undo_until=UNDO,
    last_day="2036-11-20",
    fulfilled=500,
    refunded=499,
    points_back=499_499_499,
)

LINE = RedemptionLine(12, "空调保养", 2, 600, "placed", 0, 0, MORNING, "undo")
TASK = HandOverCard(
    number=12,
    customer=CUSTOMER,
    contact=CONTACT,
    phone=PHONE,
    name="空调保养",
    kind="service",
    quantity=2,
    fulfilled=0,
    refunded=0,
    points=600,
    points_back=0,
    state="placed",
    at=MORNING,
    note="",
)
LONGEST_TASK = HandOverCard(
    number=LONG_NUMBER,
    customer=LONG_CUSTOMER,
    contact=LONG_PERSON,
    phone=PHONE,
    name=LONG_REWARD,
    kind="goods",
    quantity=QUANTITY_MAX,
    fulfilled=500,
    refunded=499,
    points=MAX_POINTS,
    points_back=499_499_499,
    state="placed",
    at=MORNING,
    note=LONG_NOTE[:200],
)

REDEEMING: dict[str, View] = {
    "offer_list.normal": OFFERS,
    "offer_list.barred": replace(OFFERS, barred=(LATER, GOLD), coming=()),
    "offer_list.nothing": replace(OFFERS, available=30, affordable=(), coming=(), barred=()),
    "offer_list.seeing": replace(OFFERS, may_redeem=False),
    "offer_list.page": replace(OFFERS, coming=(), barred=(), pages=3),
    "offer_list.longest": OfferList(
        LONG_CUSTOMER,
        MAX_POINTS,
        tuple(replace(LONGEST_LINE, number=999_994 + place) for place in range(6)),
        (replace(LONGEST_LINE, missing=MAX_POINTS),) * 3,
        (LONGEST_BARRED,) * 2,
        99,
        999,
        may_redeem=True,
        as_of=MORNING,
    ),
    "redeem_preview.normal": PREVIEW,
    "redeem_preview.changed": replace(PREVIEW, is_changed=True),
    "redeem_preview.goods": replace(
        PREVIEW,
        name="年货礼盒",
        kind="goods",
        quantity=3,
        description="米、油、坚果各一份",
        value=0,
        last_day="",
        undo_minutes=0,
    ),
    "redeem_preview.contact": replace(PREVIEW, asks=("周强",)),
    "redeem_preview.contacts": replace(PREVIEW, asks=("周强", "林芳", "吴昊"), value=0),
    "redeem_preview.approver": replace(PREVIEW, needs_approver=True),
    "redeem_preview.both": replace(PREVIEW, asks=("周强", "林芳"), needs_approver=True),
    "redeem_preview.longest": LONGEST_PREVIEW,
    "redeem_dropped.normal": RedeemDropped("空调保养", 2),
    "redeem_dropped.longest": RedeemDropped(LONG_REWARD, QUANTITY_MAX),
    "redemption_card.normal": PLACED,
    "redemption_card.voucher": replace(
        PLACED, kind="voucher", value=500_000, undo_until=UNDO, quantity=1
    ),
    "redemption_card.prize": replace(
        PLACED, ticket="", choices=(), points=0, contact="", is_mine=False
    ),
    "redemption_card.held": HELD,
    "redemption_card.asked": replace(
        HELD, choices=("agree", "decline"), is_mine=False, waits_for_approver=True
    ),
    "redemption_card.approver": replace(
        HELD, waits_for_contact=False, waits_for_approver=True, contact="", is_mine=False
    ),
    "redemption_card.reserved": replace(
        HELD, waits_for_contact=False, waits_for_confirmation=True, contact="", is_mine=False
    ),
    "redemption_card.partly": replace(OVER, fulfilled=1, note="首次上门", available=680),
    "redemption_card.partly_refunded": replace(OVER, refunded=1, points_back=300, available=980),
    "redemption_card.fulfilled": replace(OVER, state="fulfilled", fulfilled=2, available=680),
    "redemption_card.cancelled": replace(OVER, state="cancelled"),
    "redemption_card.declined": replace(OVER, state="declined", note="本月预算用完"),
    "redemption_card.expired": replace(OVER, state="expired"),
    "redemption_card.refunded": replace(OVER, state="refunded", refunded=2, points_back=600),
    "redemption_card.longest": LONGEST,
    "redemption_card.longest_partly": LONGEST_PARTLY,
    "redemption_card.longest_refunded": replace(
        LONGEST_PARTLY, ticket="", choices=(), state="refunded"
    ),
    "redemption_list.normal": RedemptionList(
        CUSTOMER,
        (
            LINE,
            replace(LINE, number=11, state="held", can="cancel", quantity=1, points=300),
            replace(LINE, number=10, state="held", can="agree"),
            replace(LINE, number=9, fulfilled=1, can=""),
            replace(LINE, number=8, state="fulfilled", can="", points=0),
        ),
        AFTERNOON,
    ),
    "redemption_list.nothing": RedemptionList(CUSTOMER, (), MORNING),
    "redemption_list.longest": RedemptionList(
        LONG_CUSTOMER,
        tuple(
            RedemptionLine(
                LONG_NUMBER - place,
                LONG_REWARD,
                QUANTITY_MAX,
                MAX_POINTS,
                "placed",
                500,
                499,
                MORNING,
                "cancel",
            )
            for place in range(8)
        ),
        MORNING,
    ),
    "hand_over_card.normal": TASK,
    "hand_over_card.prize": replace(TASK, points=0, contact="", phone=""),
    "hand_over_card.partly": replace(TASK, fulfilled=1, note="首次上门"),
    "hand_over_card.partly_refunded": replace(TASK, refunded=1, points_back=300),
    "hand_over_card.fulfilled": replace(TASK, state="fulfilled", fulfilled=2),
    "hand_over_card.refunded": replace(TASK, state="refunded", refunded=2, points_back=600),
    "hand_over_card.cancelled": replace(TASK, state="cancelled", note="客户电话要求"),
    "hand_over_card.held": replace(TASK, state="held"),
    "hand_over_card.declined": replace(TASK, state="declined"),
    "hand_over_card.longest": LONGEST_TASK,
    "hand_over_list.normal": HandOverList(
        (
            HandOverLine(12, CUSTOMER, "空调保养", 2, MORNING),
            HandOverLine(13, CUSTOMER, "年货礼盒", 1, AFTERNOON),
        )
    ),
    "hand_over_list.nothing": HandOverList(()),
    "hand_over_list.longest": HandOverList(
        (HandOverLine(LONG_NUMBER, LONG_CUSTOMER, LONG_REWARD, QUANTITY_MAX, MORNING),) * 50
    ),
}
