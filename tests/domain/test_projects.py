"""Days after the plan."""

from datetime import date

import pytest

from domain.projects import days_late


@pytest.mark.parametrize(
    ("planned_on", "accepted_on", "late"),
    [
        (date(2026, 6, 30), date(2026, 6, 30), 0),
        (date(2026, 6, 30), date(2026, 7, 1), 1),
        (date(2026, 6, 30), date(2026, 6, 28), -2),
        (date(2025, 12, 31), date(2026, 12, 31), 365),
    ],
)
def test_days_late(planned_on: date, accepted_on: date, late: int) -> None:
    assert days_late(planned_on, accepted_on) == late
