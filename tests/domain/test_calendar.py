"""Business dates are Shanghai's; points end with a month."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from domain.calendar import business_date, end_of_business_day, months_later_end


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 21, 16, 0, 0, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_business_day_begins_at_midnight_in_shanghai(at: datetime, day: date) -> None:
    assert business_date(at) == day


def test_a_business_day_ends_at_four_in_the_afternoon_utc() -> None:
    assert end_of_business_day(date(2026, 11, 22)) == datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 11, 22), 24, date(2028, 11, 30)),
        (date(2026, 2, 1), 24, date(2028, 2, 29)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(2026, 12, 1), 1, date(2027, 1, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 3, 31), 11, date(2027, 2, 28)),
    ],
)
def test_months_are_counted_to_the_last_day_of_the_month(day: date, months: int, end: date) -> None:
    assert months_later_end(day, months) == end


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_holds_exactly_the_instants_before_its_end(day: date) -> None:
    end = end_of_business_day(day)
    assert business_date(end - timedelta(microseconds=1)) == day
    assert business_date(end) == day + timedelta(days=1)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_the_day_after_the_end_is_the_first_of_a_month(day: date, months: int) -> None:
    after = months_later_end(day, months) + timedelta(days=1)
    assert after.day == 1
    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months + 1
