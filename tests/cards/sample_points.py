"""Examples of the views of a customer's points."""

from dataclasses import replace

from bot.codec import view_to_json
from domain.channels import Unreachable
from domain.events import EventType
from domain.ledger import Reason
from handlers.contract import View
from handlers.views import (
    Balance,
    CheckInDone,
    ExpiringLot,
    FollowUp,
    PointsNotice,
    Statement,
    StatementLine,
    TellCustomer,
    TellCustomerDone,
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
    SUPERVISOR,
    TICKET,
)


def _notice(points: int, days_late: int, debt: int = 0, *, is_undo: bool = False) -> PointsNotice:
    return PointsNotice(
        customer=CUSTOMER,
        event=EventType.MILESTONE_ACCEPTED.value,
        project=PROJECT,
        milestone=MILESTONE,
        accepted_on=f"2026-11-{20 + days_late}",
        planned_on="2026-11-20",
        days_late=days_late,
        points=points,
        available_after=0 if debt else 1280,
        debt_after=debt,
        is_undo=is_undo,
    )


def _line(points: int, **fields: object) -> StatementLine:
    usual: dict[str, object] = {
        "seq": 7,
        "on": AFTERNOON,
        "reason": Reason.AWARD.value,
        "points": points,
        "debt_change": 0,
        "subject": f"{PROJECT} {MILESTONE}",
        "days_late": None,
        "rule": "",
        "rule_version": None,
        "available_after": 130,
        "debt_after": 0,
    }
    return StatementLine(**{**usual, **fields})  # type: ignore[arg-type]


def _tell(obstacle: Unreachable, about: PointsNotice | FollowUp, phone: str = PHONE) -> View:
    return TellCustomer(
        ticket=TICKET,
        customer=CUSTOMER,
        contact=CONTACT,
        phone=phone,
        obstacle=obstacle.value,
        about_view=about.view_name,
        about_data=view_to_json(about),
    )


RECEIPT = "7K2M-9QXA-04TV-WX3D-RFB8-PZ61"

LONGEST_NOTICE = PointsNotice(
    customer=LONG_CUSTOMER,
    event=EventType.MILESTONE_ACCEPTED.value,
    project=LONG_PROJECT,
    milestone=LONG_MILESTONE,
    accepted_on="2026-11-21",
    planned_on="2024-11-20",
    days_late=731,
    points=-LONG_NUMBER,
    available_after=0,
    debt_after=LONG_NUMBER,
    is_undo=False,
)

CHECKED_IN = CheckInDone(
    customer=CUSTOMER,
    is_new=True,
    by=CONTACT,
    at=MORNING,
    days=3,
    may_see=True,
    points=5,
    pending=0,
    has_rule=True,
    kept_back=0,
    available_after=1_285,
    debt_after=0,
)
POINTS: dict[str, View] = {
    "check_in_done.normal": CHECKED_IN,
    "check_in_done.again": replace(CHECKED_IN, is_new=False),
    "check_in_done.undone": replace(CHECKED_IN, is_new=False, days=0),
    "check_in_done.pending": replace(CHECKED_IN, pending=5),
    "check_in_done.short": replace(CHECKED_IN, points=2, kept_back=3),
    "check_in_done.capped": replace(CHECKED_IN, points=0, kept_back=5),
    "check_in_done.no_rule": replace(CHECKED_IN, points=0, has_rule=False),
    "check_in_done.nothing": replace(CHECKED_IN, points=0),
    "check_in_done.unseeing": replace(
        CHECKED_IN, may_see=False, points=0, has_rule=False, available_after=0
    ),
    "check_in_done.longest": CheckInDone(
        customer=LONG_CUSTOMER,
        is_new=False,
        by=LONG_PERSON,
        at=MORNING,
        days=366,
        may_see=True,
        points=-LONG_NUMBER,
        pending=LONG_NUMBER,
        has_rule=True,
        kept_back=LONG_NUMBER,
        available_after=LONG_NUMBER,
        debt_after=LONG_NUMBER,
    ),
    "points_notice.normal": _notice(50, -1),
    "points_notice.on_the_day": _notice(50, 0),
    "points_notice.late": _notice(-20, 3, 15),
    "points_notice.undo": _notice(-50, -1, is_undo=True),
    "points_notice.worthless": _notice(0, 0),
    "points_notice.contract": PointsNotice(
        customer=CUSTOMER,
        event=EventType.CONTRACT_SIGNED.value,
        project="",
        milestone="",
        accepted_on="2026-11-20",
        planned_on="",
        days_late=0,
        points=1200,
        available_after=2480,
        debt_after=0,
        is_undo=False,
    ),
    "points_notice.longest": LONGEST_NOTICE,
    "tell_customer.normal": _tell(Unreachable.WINDOW_CLOSED, _notice(50, -1)),
    "tell_customer.phoneless": _tell(Unreachable.NO_ACCOUNT, _notice(-20, 3, 15), phone=""),
    "tell_customer.follow_up": _tell(
        Unreachable.WITH_A_PERSON, FollowUp(TICKET, PROJECT, "visit", "防水已重做", SUPERVISOR)
    ),
    "tell_customer.longest": TellCustomer(
        ticket=TICKET,
        customer=LONG_CUSTOMER,
        contact=LONG_PERSON,
        phone=PHONE,
        obstacle=Unreachable.NEVER_WROTE.value,
        about_view="points_notice",
        about_data=view_to_json(LONGEST_NOTICE),
    ),
    "tell_customer_done.normal": TellCustomerDone(CUSTOMER, CONTACT, SELLER, MORNING),
    "tell_customer_done.released": TellCustomerDone(CUSTOMER, CONTACT, "", MORNING),
    "tell_customer_done.left": TellCustomerDone(CUSTOMER, CONTACT, "", MORNING, "contact_left"),
    "tell_customer_done.unseen": TellCustomerDone(CUSTOMER, CONTACT, "", MORNING, "points_unseen"),
    "tell_customer_done.longest": TellCustomerDone(
        LONG_CUSTOMER, LONG_PERSON, LONG_PERSON, MORNING
    ),
    "balance.normal": Balance(
        CUSTOMER,
        1280,
        0,
        0,
        0,
        (ExpiringLot(120, "2026-12-31"), ExpiringLot(1160, "2028-11-30")),
        MORNING,
    ),
    "balance.tier": Balance(
        CUSTOMER, 1280, 0, 0, 0, (), MORNING, "银卡", "金卡", 720, "2027-02-01"
    ),
    "balance.no_tier_yet": Balance(CUSTOMER, 30, 0, 0, 0, (), MORNING, "", "银卡", 470),
    "balance.top_tier": Balance(CUSTOMER, 9000, 0, 0, 0, (), MORNING, "钻石"),
    "balance.debt": Balance(CUSTOMER, 0, 0, 50, 20, (), MORNING),
    "balance.longest": Balance(
        LONG_CUSTOMER,
        LONG_NUMBER,
        LONG_NUMBER,
        LONG_NUMBER,
        LONG_NUMBER,
        tuple(ExpiringLot(LONG_NUMBER, f"20{27 + n}-12-31") for n in range(24)),
        MORNING,
        LONG_MILESTONE,
        LONG_MILESTONE,
        LONG_NUMBER,
        "2027-02-01",
    ),
    "statement.normal": Statement(
        CUSTOMER,
        130,
        0,
        (
            _line(50, days_late=0, rule="milestone-on-time", rule_version=1),
            _line(-50, reason=Reason.REVERSAL.value, days_late=0, available_after=80),
            _line(30, days_late=-2, rule="milestone-on-time", rule_version=2),
            _line(0, reason=Reason.DEBT_PAID.value, debt_change=-20, subject=""),
            _line(
                -5,
                on="2025-12-30T07:20:00+00:00",
                reason=Reason.PENALTY.value,
                days_late=3,
                rule="milestone-late",
                rule_version=1,
                debt_change=15,
                available_after=0,
                debt_after=15,
            ),
            _line(10_000, subject=PROJECT, rule="contract-amount", rule_version=1),
            _line(-40, reason=Reason.EXPIRY.value, subject=""),
        ),
        MORNING,
        RECEIPT,
    ),
    "statement.nothing": Statement(CUSTOMER, 0, 0, (), MORNING, ""),
    "statement.longest": Statement(
        LONG_CUSTOMER,
        LONG_NUMBER,
        LONG_NUMBER,
        tuple(
            _line(
                -LONG_NUMBER,
                on="2025-11-21T07:20:00+00:00",
                debt_change=LONG_NUMBER,
                subject=f"{LONG_PROJECT} {LONG_MILESTONE}",
                days_late=731,
                rule="milestone-late-with-a-very-long-code",
                rule_version=100,
                available_after=LONG_NUMBER,
                debt_after=LONG_NUMBER,
            )
            for _ in range(20)
        ),
        MORNING,
        RECEIPT,
    ),
}
