"""Lots are spent soonest-ending first, and lapsed ones never."""

from datetime import timedelta

import pytest

from domain.ids import LotId
from domain.lots import Lot, LotUse, take
from tests.support.fakes import START
from tests.support.make import a_lot

DAY = timedelta(days=1)
SOON, LATE = START + DAY, START + 9 * DAY


def use(lot: str, points: int) -> LotUse:
    return LotUse(LotId(lot), points)


@pytest.mark.parametrize(
    ("lots", "points", "uses", "missing"),
    [
        ([], 5, (), 5),
        ([a_lot("a", 5, LATE)], 0, (), 0),
        ([a_lot("a", 5, LATE)], 5, (use("a", 5),), 0),
        ([a_lot("a", 5, LATE)], 7, (use("a", 5),), 2),
        ([a_lot("a", 5, LATE), a_lot("b", 5, SOON)], 6, (use("b", 5), use("a", 1)), 0),
        ([a_lot("b", 5, SOON), a_lot("a", 5, SOON)], 6, (use("a", 5), use("b", 1)), 0),
        ([a_lot("a", 0, SOON, points=5), a_lot("b", 5, LATE)], 2, (use("b", 2),), 0),
        ([a_lot("a", 5, START), a_lot("b", 5, SOON)], 6, (use("b", 5),), 1),
        ([a_lot("a", 5, START + timedelta(microseconds=1))], 5, (use("a", 5),), 0),
    ],
)
def test_take(lots: list[Lot], points: int, uses: tuple[LotUse, ...], missing: int) -> None:
    assert take(lots, points, START) == (uses, missing)
