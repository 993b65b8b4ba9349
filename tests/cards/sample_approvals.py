"""Examples of the views of what waits for a second person."""

from dataclasses import replace

from domain.approvals import ApprovalKind, ApprovalState
from domain.rewards import MONEY_MAX, QUANTITY_MAX
from handlers.contract import View
from handlers.parsing.amounts import MAX_POINTS
from handlers.views import (
    AdjustmentNotice,
    ApprovalCard,
    ApprovalLine,
    ApprovalList,
    ApprovalVerdict,
    LotteryWanted,
    PrizeWanted,
    RecordWanted,
    UseWanted,
)
from tests.cards.sample_names import (
    AFTERNOON,
    CONTACT,
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_NOTE,
    LONG_PERSON,
    LONG_PROJECT,
    MANAGER,
    MORNING,
    PROJECT,
    SELLER,
    SUPERVISOR,
    TICKET,
)

EXPIRES = "2026-11-28T02:30:00+00:00"
GROUNDS = "渗水三次，商定补偿"
LONGEST_TYPED = LONG_NOTE[:200]

PENDING = ApprovalCard(
    ticket=TICKET,
    number=12,
    kind=ApprovalKind.ADJUSTMENT.value,
    state=ApprovalState.PENDING.value,
    is_mine=False,
    customer=CUSTOMER,
    name="",
    points=200,
    grounds=GROUNDS,
    available=1_280,
    debt=0,
    asked_by=MANAGER,
    asked_at=MORNING,
    expires_at=EXPIRES,
    approvers=(),
    decided_by="",
    decided_at="",
    note="",
)
MINE = replace(PENDING, is_mine=True, approvers=(SUPERVISOR, "王芳"))
APPROVED = replace(
    PENDING,
    ticket="",
    state=ApprovalState.APPROVED.value,
    available=1_480,
    decided_by=SUPERVISOR,
    decided_at=AFTERNOON,
)
RULE = replace(
    PENDING,
    kind=ApprovalKind.RULE.value,
    customer="",
    name="按期验收 第 3 版",
    points=0,
    grounds="",
    available=0,
)
REDEMPTION = replace(
    PENDING,
    kind=ApprovalKind.REDEMPTION.value,
    name="5,000 元工程款抵用券 ×2",
    points=-1_600,
    grounds="",
    available=1_280,
    asked_by=CONTACT,
    cost=1_000_000,
)
WANTED = LotteryWanted(
    price=50,
    opens_at=MORNING,
    closes_at="2026-12-31T15:59:59+00:00",
    per_day=3,
    per_customer=0,
    prizes=(
        PrizeWanted("100 分", 50, 100),
        PrizeWanted("茶叶礼盒", 3, 0),
        PrizeWanted("谢谢参与", 947, 0),
    ),
)
LOTTERY = replace(
    RULE,
    kind=ApprovalKind.LOTTERY.value,
    name="新年答谢抽奖",
    lottery=WANTED,
)
MERGE = replace(
    PENDING,
    kind=ApprovalKind.MERGE.value,
    customer="滨江地产",
    points=0,
    grounds="",
    available=120,
    records=(
        RecordWanted("C014", "滨江地产", 120, 2, 1, 0),
        RecordWanted("C001", CUSTOMER, 1_280, 3, 2, 1),
    ),
)
LONGEST_LOTTERY = replace(
    LOTTERY,
    number=123_456,
    name=LONG_PROJECT[:20],
    lottery=LotteryWanted(
        price=1_000_000,
        opens_at=MORNING,
        closes_at=AFTERNOON,
        per_day=999,
        per_customer=999,
        prizes=(PrizeWanted(LONG_PROJECT[:20], 1_000_000, 1_000_000),) * 8,
    ),
    asked_by=LONG_PERSON,
)
TAKEN_BACK = replace(
    PENDING,
    kind=ApprovalKind.VOUCHER_USE.value,
    name="5,000 元工程款抵用券",
    points=0,
    grounds="项目选错了",
    use=UseWanted(31, "BCD1", 200_050, PROJECT, SELLER, MORNING, "2027-11-21", is_over=False),
)
LONGEST_TAKEN_BACK = replace(
    TAKEN_BACK,
    number=123_456,
    customer=LONG_CUSTOMER,
    name=LONG_PROJECT,
    grounds=LONGEST_TYPED,
    use=UseWanted(
        123_456, "BCD1", 10**12 - 1, LONG_PROJECT, LONG_PERSON, MORNING, "2026-11-20", is_over=True
    ),
    asked_by=LONG_PERSON,
)
LONGEST = ApprovalCard(
    ticket=TICKET,
    number=123_456,
    kind=ApprovalKind.DEDUCTION.value,
    state=ApprovalState.PENDING.value,
    is_mine=False,
    customer=LONG_CUSTOMER,
    name=LONG_PROJECT,
    points=-MAX_POINTS,
    grounds=LONGEST_TYPED,
    available=MAX_POINTS,
    debt=0,
    asked_by=LONG_PERSON,
    asked_at=MORNING,
    expires_at=EXPIRES,
    approvers=(),
    decided_by="",
    decided_at="",
    note="",
)
LONGEST_DECIDED = replace(
    LONGEST,
    ticket="",
    state=ApprovalState.DECLINED.value,
    decided_by=LONG_PERSON,
    decided_at=AFTERNOON,
    note=LONGEST_TYPED,
)
VERDICT = ApprovalVerdict(
    number=12,
    kind=ApprovalKind.ADJUSTMENT.value,
    state=ApprovalState.APPROVED.value,
    customer=CUSTOMER,
    name="",
    points=200,
    available=1_480,
    debt=0,
    decided_by=SUPERVISOR,
    decided_at=AFTERNOON,
    note="",
)
LINE = ApprovalLine(12, "adjustment", CUSTOMER, "", 200, MANAGER, MORNING, is_mine=False)
LONGEST_LINE = ApprovalLine(
    123_456,
    "deduction",
    LONG_CUSTOMER,
    LONG_PROJECT,
    -MAX_POINTS,
    LONG_PERSON,
    MORNING,
    is_mine=True,
)

APPROVALS: dict[str, View] = {
    "approval_card.normal": PENDING,
    "approval_card.taking": replace(PENDING, points=-200),
    "approval_card.owing": replace(PENDING, available=0, debt=30),
    "approval_card.rule": RULE,
    "approval_card.machine": replace(PENDING, kind=ApprovalKind.DEDUCTION.value, asked_by=""),
    "approval_card.reinstating": replace(
        PENDING, kind=ApprovalKind.REINSTATEMENT.value, expired_on="2026-10-31"
    ),
    "approval_card.reinstating_groundless": replace(
        PENDING, kind=ApprovalKind.REINSTATEMENT.value, expired_on="2026-10-31", grounds=""
    ),
    "approval_card.redemption": REDEMPTION,
    "approval_card.redemption_approved": replace(
        REDEMPTION,
        ticket="",
        state=ApprovalState.APPROVED.value,
        decided_by=SUPERVISOR,
        decided_at=AFTERNOON,
    ),
    "approval_card.refund": replace(
        PENDING, kind=ApprovalKind.REFUND.value, name="空调保养 ×3", points=100, grounds="机型不符"
    ),
    "approval_card.gift": replace(
        PENDING,
        kind=ApprovalKind.GIFT.value,
        name="城南建设",
        points=-2_000,
        grounds="",
        asked_by="王建国",
    ),
    "approval_card.mine": MINE,
    "approval_card.mine_many": replace(MINE, approvers=(SUPERVISOR, "王芳", SELLER, "钱进")),
    "approval_card.no_say": replace(PENDING, ticket=""),
    "approval_card.approved": APPROVED,
    "approval_card.declined": replace(
        APPROVED, state=ApprovalState.DECLINED.value, available=1_280, note="金额不对"
    ),
    "approval_card.withdrawn": replace(
        APPROVED, state=ApprovalState.WITHDRAWN.value, decided_by="", available=1_280
    ),
    "approval_card.expired": replace(
        APPROVED,
        state=ApprovalState.EXPIRED.value,
        decided_by="",
        decided_at=EXPIRES,
        available=1_280,
    ),
    "approval_card.lottery": LOTTERY,
    "approval_card.lottery_no_limit": replace(
        LOTTERY, lottery=replace(WANTED, per_day=0, per_customer=0)
    ),
    "approval_card.merge": MERGE,
    "approval_card.unmerge": replace(MERGE, kind=ApprovalKind.UNMERGE.value, customer=CUSTOMER),
    "approval_card.longest_merge": replace(
        MERGE,
        number=123_456,
        customer=LONG_CUSTOMER,
        records=(RecordWanted("C" * 40, LONG_CUSTOMER, MAX_POINTS, 9_999, 9_999, 9_999),) * 2,
        asked_by=LONG_PERSON,
    ),
    "approval_card.longest_lottery": LONGEST_LOTTERY,
    "approval_card.voucher_use": TAKEN_BACK,
    "approval_card.voucher_use_over": replace(
        TAKEN_BACK,
        use=UseWanted(31, "BCD1", 200_050, "", SELLER, MORNING, "2026-11-20", is_over=True),
    ),
    "approval_card.voucher_use_without_end": replace(
        TAKEN_BACK,
        use=UseWanted(31, "BCD1", 200_050, PROJECT, SELLER, MORNING, "", is_over=False),
    ),
    "approval_card.longest_voucher_use": LONGEST_TAKEN_BACK,
    "approval_card.longest": LONGEST,
    "approval_card.longest_redemption": replace(
        LONGEST, kind=ApprovalKind.REDEMPTION.value, grounds="", cost=MONEY_MAX * QUANTITY_MAX
    ),
    "approval_card.longest_mine": replace(LONGEST, is_mine=True, approvers=(LONG_PERSON,) * 40),
    "approval_card.longest_owing": replace(LONGEST, available=0, debt=MAX_POINTS),
    "approval_card.longest_decided": LONGEST_DECIDED,
    "approval_verdict.normal": VERDICT,
    "approval_verdict.declined": replace(
        VERDICT, state=ApprovalState.DECLINED.value, available=1_280, note="金额不对"
    ),
    "approval_verdict.expired": replace(
        VERDICT, state=ApprovalState.EXPIRED.value, decided_by="", decided_at=EXPIRES
    ),
    "approval_verdict.withdrawn": replace(
        VERDICT, state=ApprovalState.WITHDRAWN.value, decided_by=""
    ),
    "approval_verdict.rule": replace(
        VERDICT, kind=ApprovalKind.RULE.value, customer="", name=RULE.name, points=0, note="好"
    ),
    "approval_verdict.longest": ApprovalVerdict(
        number=123_456,
        kind=ApprovalKind.DEDUCTION.value,
        state=ApprovalState.APPROVED.value,
        customer=LONG_CUSTOMER,
        name=LONG_PROJECT,
        points=-MAX_POINTS,
        available=0,
        debt=MAX_POINTS,
        decided_by=LONG_PERSON,
        decided_at=AFTERNOON,
        note=LONGEST_TYPED,
    ),
    "approval_list.normal": ApprovalList(
        (
            LINE,
            replace(LINE, number=13, kind="rule", customer="", name=RULE.name, points=0),
            replace(LINE, number=14, points=-50, asked_by=SUPERVISOR, is_mine=True),
            replace(LINE, number=15, kind="deduction", points=-20, asked_by=""),
        )
    ),
    "approval_list.nothing": ApprovalList(()),
    "approval_list.longest": ApprovalList((LONGEST_LINE,) * 30),
    "adjustment_notice.normal": AdjustmentNotice(CUSTOMER, 200, GROUNDS, 1_480, 0),
    "adjustment_notice.taking": AdjustmentNotice(CUSTOMER, -200, GROUNDS, 1_080, 0),
    "adjustment_notice.owing": AdjustmentNotice(CUSTOMER, 20, GROUNDS, 0, 30),
    "adjustment_notice.longest": AdjustmentNotice(
        LONG_CUSTOMER, -MAX_POINTS, LONGEST_TYPED, 0, MAX_POINTS
    ),
}
