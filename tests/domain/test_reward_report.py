"""How rewards sell, and when figures say that a price is too high or too low."""

from dataclasses import replace

import pytest

from domain.repositories import Sold
from domain.reward_report import Hint, HintKind, Selling, report_on
from domain.rewards import Reward
from tests.support.fakes import START
from tests.support.make import a_reward

FAIR = a_reward(cost=60_000)
TWENTY = [*range(0, 1_000, 50)]
"""What twenty customers can spend: 0 to 950."""


def report(reward: Reward, sold: Sold | None = None, balances: list[int] | None = None) -> Selling:
    counted = {} if sold is None else {reward.id: sold}
    held = TWENTY if balances is None else balances
    [selling] = report_on([reward], counted, held, point_fen=100, now=START)
    return selling


def test_figures_stand_beside_the_reward() -> None:
    selling = report(FAIR, Sold(1, 3, 2_400, 2))
    assert (selling.able, selling.customers, selling.able_percent) == (4, 20, 20)
    assert (selling.given, selling.booked, selling.taken_percent) == (60_000, 80_000, 50)
    assert selling.hint is None


def test_nobody_is_no_share() -> None:
    selling = report(FAIR, balances=[])
    assert (selling.able_percent, selling.taken_percent, selling.hint) == (0, 0, None)


def test_what_gives_more_than_is_booked_should_cost_more() -> None:
    hint = report(replace(FAIR, cost=123_401)).hint
    assert hint == Hint(HintKind.WORTH_MORE, 1_300, 0)


def test_what_hardly_anybody_can_afford_and_nobody_has_should_cost_less() -> None:
    dear = replace(FAIR, points=920, cost=1)
    assert report(dear).hint == Hint(HintKind.TOO_HIGH, 750, 5)
    assert report(replace(dear, points=900)).hint is None
    assert report(dear, Sold(0, 1, 920, 1)).hint is None
    assert report(dear, Sold()).hint == report(dear).hint


@pytest.mark.parametrize(("cost", "balances"), [(76_000, TWENTY), (0, [0] * 20), (0, TWENTY[:9])])
def test_nothing_is_said_where_a_lower_price_gives_too_much_or_helps_nobody(
    cost: int, balances: list[int]
) -> None:
    assert report(replace(FAIR, points=9_000, cost=cost), balances=balances).hint is None


def test_what_most_of_those_have_who_can_afford_it_should_cost_more() -> None:
    assert report(FAIR, Sold(5, 5, 4_000, 5)).hint == Hint(HintKind.TOO_LOW, 960, 0)
    assert report(FAIR, Sold(4, 9, 7_200, 4)).hint is None
    cheap = replace(FAIR, points=100, cost=5_000)
    assert report(cheap, Sold(8, 8, 800, 8)).hint is None
    assert report(cheap, Sold(9, 9, 900, 9)).hint == Hint(HintKind.TOO_LOW, 120, 17)


def test_nothing_is_said_of_what_is_not_on_offer() -> None:
    assert report(replace(FAIR, cost=123_401, is_active=False)).hint is None
