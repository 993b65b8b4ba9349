"""When points end, and when customers are told: 30, 7 and 1 days before the last day.

Points can be spent up to and including their last day; they end at 00:00 Asia/Shanghai after it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calendar import BUSINESS_ZONE, business_date, end_of_business_day

LEVELS = (1, 7, 30)
"""Days before the last day."""
NOTICES_FROM_HOUR = 9
NOTICES_UNTIL_HOUR = 21
"""Business hours: a notice that was missed by an outage is caught up with by day only."""
REINSTATED_MONTHS = 3
"""So long points live that were given back after their end, to the month's end."""


@dataclass(frozen=True, slots=True)
class Window:
    """Ends that one level of notices is about: after an instant, up to and including another."""

    level: int
    after: datetime
    until: datetime


def windows(now: datetime) -> list[Window]:
    """Give which ends each level is about at an instant, the nearest first.

    Each end is in one window: when a day was missed, the level that fits now is told, once.
    """
    today, after, found = business_date(now), now, []
    for level in LEVELS:
        until = end_of_business_day(today + timedelta(days=level))
        found.append(Window(level, after, until))
        after = until
    return found


def is_time_for_notices(now: datetime) -> bool:
    """Tell whether customers are told of ends at this hour of the business day."""
    return NOTICES_FROM_HOUR <= now.astimezone(BUSINESS_ZONE).hour < NOTICES_UNTIL_HOUR
