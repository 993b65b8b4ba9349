"""How rewards sell in words, with the figures that a hint is about."""

import pytest

from bot.catalogue.report import selling_json
from domain.repositories import Sold
from domain.reward_report import report_on
from domain.rewards import Reward
from tests.support.fakes import START
from tests.support.make import a_reward

TWENTY = [*range(0, 2_000, 100)]


@pytest.mark.parametrize(
    ("reward", "sold", "kind", "said"),
    [
        (a_reward(cost=60_000), Sold(1, 2, 1_600, 2), None, ""),
        (
            a_reward(cost=123_450),
            Sold(),
            "worth_more",
            "偏低：800 分换走 1,234.50 元，账上只按 800 元留着；建议 1,300 分",
        ),
        (
            a_reward(points=1_850, cost=100_000),
            Sold(),
            "too_high",
            "偏高：20 家客户里只有 1 家换得起（5%），90 天没人换；降到 1,500 分有 5 家换得起",
        ),
        (
            a_reward(points=1_500, cost=100_000),
            Sold(3, 5, 7_500, 5),
            "too_low",
            "偏低：90 天里 5 家换过，占换得起的 100%；可以提到 1,800 分，还有 2 家换得起",
        ),
    ],
)
def test_a_hint_is_worded_with_its_figures(
    reward: Reward, sold: Sold, kind: str | None, said: str
) -> None:
    [selling] = report_on([reward], {reward.id: sold}, TWENTY, point_fen=100, now=START)
    shown = selling_json(selling)
    assert shown["said"] == said
    assert (shown["hint"] or {"kind": None})["kind"] == kind
    assert (shown["sold_90_days"], shown["customers"]) == (sold.quantity, 20)
