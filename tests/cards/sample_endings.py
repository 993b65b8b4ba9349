"""Examples of the views of points that end, were given back, and of tiers that were lost."""

from domain.events import EventType
from domain.ledger import Reason
from handlers.contract import View
from handlers.views import (
    EndingLine,
    EndingList,
    ExpiringLot,
    ExpiryNotice,
    PointsSource,
    ReinstatementNotice,
)
from tests.cards.sample_names import (
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_MILESTONE,
    LONG_NUMBER,
    LONG_PROJECT,
    MILESTONE,
    MORNING,
    PROJECT,
)

ACCEPTED = PointsSource(
    50, EventType.MILESTONE_ACCEPTED.value, Reason.AWARD.value, PROJECT, MILESTONE, "2024-11-20"
)
SIGNED = PointsSource(
    1200, EventType.CONTRACT_SIGNED.value, Reason.AWARD.value, "", "", "2024-11-02"
)
ADJUSTED = PointsSource(30, "", Reason.ADJUSTMENT.value, "", "", "")
LONGEST = PointsSource(
    LONG_NUMBER,
    EventType.MILESTONE_ACCEPTED.value,
    Reason.AWARD.value,
    LONG_PROJECT,
    LONG_MILESTONE,
    "2024-11-20",
)

ENDINGS: dict[str, View] = {
    "expiry_notice.normal": ExpiryNotice(
        CUSTOMER, 30, 1250, (ExpiringLot(1250, "2026-11-30"),), (SIGNED, ACCEPTED)
    ),
    "expiry_notice.two_ends": ExpiryNotice(
        CUSTOMER,
        30,
        80,
        (ExpiringLot(50, "2027-01-31"), ExpiringLot(30, "2027-02-28")),
        (ACCEPTED, ADJUSTED),
    ),
    "expiry_notice.longest": ExpiryNotice(
        LONG_CUSTOMER,
        30,
        LONG_NUMBER,
        (ExpiringLot(LONG_NUMBER, "2027-01-31"),) * 4,
        (LONGEST,) * 3,
    ),
    "ending_list.normal": EndingList(
        CUSTOMER,
        (
            EndingLine(1250, "2026-11-30", (SIGNED, ACCEPTED)),
            EndingLine(30, "2028-11-30", (ADJUSTED,)),
        ),
        MORNING,
    ),
    "ending_list.nothing": EndingList(CUSTOMER, (), MORNING),
    "ending_list.longest": EndingList(
        LONG_CUSTOMER, (EndingLine(LONG_NUMBER, "2027-01-31", (LONGEST,) * 3),) * 6, MORNING
    ),
    "reinstatement_notice.normal": ReinstatementNotice(CUSTOMER, 120, "2027-02-28", 120, 0),
    "reinstatement_notice.owing": ReinstatementNotice(CUSTOMER, 20, "2027-02-28", 0, 15),
    "reinstatement_notice.longest": ReinstatementNotice(
        LONG_CUSTOMER, LONG_NUMBER, "2027-02-28", LONG_NUMBER, 0
    ),
}
