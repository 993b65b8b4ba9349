"""Examples of the views of the customer file."""

from dataclasses import replace

from bot.codec import view_to_json
from domain.alerts import AlertKind
from domain.ledger import Reason
from handlers.contract import View
from handlers.views import (
    CustomerAlert,
    CustomerCard,
    CustomerContact,
    DeliveryLine,
    MovementLine,
    ProjectLine,
    ReachLine,
)
from tests.cards.sample_names import (
    AFTERNOON,
    CONTACT,
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_MILESTONE,
    LONG_NUMBER,
    LONG_PERSON,
    LONG_PROJECT,
    MILESTONE,
    MORNING,
    PHONE,
    PROJECT,
    SELLER,
    filled,
)
from tests.cards.sample_points import LONGEST_NOTICE, POINTS

FULL = CustomerCard(
    code="C001",
    name=CUSTOMER,
    full_name="滨江置业有限公司",
    credit_code="91350100M000100Y43",
    address="杭州市滨江区江南大道 1 号",
    type="地产",
    fields=(("集团", "滨江集团"), ("区域", "华东")),
    aliases=("滨江",),
    segments=("重点",),
    manager=SELLER,
    payment_days=45,
    tier="金",
    available=1280,
    held=200,
    pending=50,
    debt=0,
    contacts=(
        CustomerContact(CONTACT, PHONE, is_bound=True, may_see=True, may_redeem=True),
        CustomerContact("陈工", "", is_bound=False, may_see=True, may_redeem=False),
        CustomerContact("赵工", "", is_bound=False, may_see=False, may_redeem=False),
    ),
    projects=(
        ProjectLine(PROJECT, MILESTONE, "2026-12-20", 1, 4),
        ProjectLine("滨江二期", "", "", 3, 3),
        ProjectLine("滨江三期", "", "", 0, 0),
    ),
    contract_count=2,
    contract_fen=120_000_050,
    stars=2,
    reviewed_at=MORNING,
    reviewed=PROJECT,
    alerts=(CustomerAlert(12, AlertKind.BAD_REVIEW, "red", "new"),),
    movements=(
        MovementLine(MORNING, Reason.AWARD, 50, 0, f"{PROJECT} {MILESTONE}"),
        MovementLine(MORNING, Reason.PENALTY, 0, 20, ""),
    ),
    reach=(
        ReachLine("王建国", "wecom_kf", "", AFTERNOON, 3),
        ReachLine("刘洋", "", "no_account", "", None),
    ),
    notices=(
        DeliveryLine(
            contact="王建国",
            channel="wecom_kf",
            about_view="points_notice",
            about_data=view_to_json(POINTS["points_notice.normal"]),
            state="sent",
            since=MORNING,
            reason="",
            told_by="",
            is_joint=False,
        ),
    ),
    as_of=AFTERNOON,
)
NEW = CustomerCard(
    code="C002",
    name="城南建设",
    full_name="",
    credit_code="",
    address="",
    type="",
    fields=(),
    aliases=(),
    segments=(),
    manager="",
    payment_days=None,
    tier="",
    available=0,
    held=0,
    pending=0,
    debt=30,
    contacts=(),
    projects=(),
    contract_count=0,
    contract_fen=0,
    stars=0,
    reviewed_at="",
    reviewed="",
    alerts=(),
    movements=(),
    reach=(),
    notices=(),
    as_of=AFTERNOON,
)
LONGEST = replace(
    FULL,
    code="C" * 40,
    name=LONG_CUSTOMER,
    full_name=filled(100, LONG_CUSTOMER),
    address=filled(200, "浙江省杭州市滨江区江南大道与江晖路交叉口"),
    type=filled(40, "政府平台公司"),
    fields=tuple((filled(100, "主管部门名称"), filled(200, "住房和城乡建设局")) for _ in range(50)),
    aliases=(filled(100, "滨江"),) * 20,
    segments=(filled(40, "重点客户"),) * 20,
    manager=LONG_PERSON,
    payment_days=3650,
    tier=filled(20, "白金"),
    available=LONG_NUMBER,
    held=LONG_NUMBER,
    pending=LONG_NUMBER,
    debt=LONG_NUMBER,
    contacts=(CustomerContact(LONG_PERSON, PHONE, is_bound=True, may_see=False, may_redeem=False),)
    * 50,
    projects=(ProjectLine(LONG_PROJECT, LONG_MILESTONE, "2027-12-31", 100, 200),) * 50,
    contract_count=999,
    contract_fen=999_999_999_999_999,
    reviewed=LONG_PROJECT,
    reviewed_at="2025-11-21T02:30:00+00:00",
    alerts=(CustomerAlert(123_456, AlertKind.EVENT_CONFLICT, "amber", "taken"),) * 30,
    movements=(
        MovementLine(
            "2025-11-21T02:30:00+00:00",
            Reason.REINSTATEMENT,
            LONG_NUMBER,
            -LONG_NUMBER,
            f"{LONG_PROJECT} {LONG_MILESTONE}",
        ),
    )
    * 3,
    reach=(ReachLine(LONG_PERSON, "wecom_kf", "never_wrote", "", None),) * 20,
    notices=(
        DeliveryLine(
            contact=LONG_PERSON,
            channel="wecom_kf",
            about_view="points_notice",
            about_data=view_to_json(LONGEST_NOTICE),
            state="held",
            since=MORNING,
            reason="never_wrote",
            told_by="",
            is_joint=False,
        ),
    ),
)

CUSTOMERS: dict[str, View] = {
    "customer_card.normal": FULL,
    "customer_card.new": NEW,
    "customer_card.longest": LONGEST,
}
