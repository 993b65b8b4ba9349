"""Days in a row."""

from datetime import date, timedelta

import pytest

from domain.streaks import DAYS_MAX, streak

TODAY = date(2027, 1, 2)


@pytest.mark.parametrize(
    ("ago", "expected"),
    [((), 0), ((1, 2), 0), ((0,), 1), ((0, 1, 2), 3), ((0, 1, 3, 4), 2), ((0, 0, 1), 2)],
)
def test_days_in_a_row_end_today(ago: tuple[int, ...], expected: int) -> None:
    assert streak([TODAY - timedelta(days=days) for days in ago], TODAY) == expected


def test_nobody_counts_beyond_a_year() -> None:
    days = [TODAY - timedelta(days=number) for number in range(500)]
    assert streak(days, TODAY) == DAYS_MAX
