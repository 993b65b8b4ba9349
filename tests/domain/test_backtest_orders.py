"""When an ordered back-test is tried again, and when there were tries enough."""

from dataclasses import replace

from domain.backtest_orders import PAUSE, TRIES_MAX, BacktestOrder
from domain.ids import ApiKeyId, BacktestId, MemberId
from domain.replay.drafts import Period
from tests.support.fakes import START

ORDER = BacktestOrder(BacktestId("b"), 1, "h", Period(), MemberId("m"), ApiKeyId("k"), START)


def test_a_try_that_broke_is_followed_by_another_until_there_were_enough() -> None:
    tries = [replace(ORDER, tries=number) for number in range(1, TRIES_MAX + 2)]

    assert [one.tries_again_at(START) for one in tries] == [
        START + PAUSE,
        START + PAUSE,
        None,
        None,
    ]
    assert [one.is_exhausted for one in tries] == [False, False, False, True]
