"""How many days in a row something has happened."""

from collections.abc import Iterable
from datetime import date, timedelta

DAYS_MAX = 366
"""Beyond a year nobody counts."""


def streak(days: Iterable[date], today: date) -> int:
    """Count the days in a row up to and including today, at most a year of them."""
    there, count = set(days), 0
    while count < DAYS_MAX and today - timedelta(days=count) in there:
        count += 1
    return count
