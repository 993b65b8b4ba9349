"""The programme of an event's date counts."""

from datetime import timedelta

import pytest

from domain.programme import DEFAULT, Programme, Programmes
from tests.support.fakes import START

DAY = timedelta(days=1)
ONE = Programme(1, START)
TWO = Programme(2, START + 2 * DAY)
THREE = Programme(3, START + DAY)


@pytest.mark.parametrize(
    ("at", "version"),
    [
        (START - timedelta(microseconds=1), DEFAULT),
        (START, ONE),
        (START + DAY, THREE),
        # A later version takes an earlier one back.
        (START + 2 * DAY, THREE),
    ],
)
def test_the_highest_version_that_has_begun_counts(at: object, version: Programme) -> None:
    assert Programmes([TWO, THREE, ONE]).at(at) == version  # type: ignore[arg-type]


def test_without_any_there_are_no_caps_and_no_tiers() -> None:
    assert (DEFAULT.caps, DEFAULT.tiers, DEFAULT.point_fen) == ((), None, 100)
    assert Programmes([]).at(START) == DEFAULT
