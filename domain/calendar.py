"""Business dates: what day it is for the firm, and when points end."""

import calendar as _months
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


# Everything that happens asks for its day several times.
@lru_cache(maxsize=1024)
def business_date(at: datetime) -> date:
    """Give the day of an instant in the firm's zone."""
    return at.astimezone(BUSINESS_ZONE).date()


def end_of_business_day(day: date) -> datetime:
    """Give the first instant (UTC) that no longer belongs to the day."""
    return datetime.combine(day + timedelta(days=1), time.min, BUSINESS_ZONE).astimezone(UTC)


def months_later_end(day: date, months: int) -> date:
    """Give the last day of the month that lies `months` months after the day's month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, _months.monthrange(year, month + 1)[1])
