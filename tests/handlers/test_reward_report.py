"""The report on rewards reads what was bought and who has what."""

from datetime import timedelta

from domain.redemptions import RedemptionState
from domain.reward_report import Hint, HintKind
from handlers.usecases.reward_report import read_report
from tests.handlers.approval_steps import earn
from tests.handlers.reward_steps import does, put
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import a_redemption, a_reward
from tests.support.stores import MAIN


def test_the_report_counts_ninety_days_and_all_customers(chat: Chat) -> None:
    put(chat, a_reward(cost=90_000))
    earn(chat, 900)
    with chat.store.work(MAIN) as work:
        for days in (1, 40, 100):
            kept = a_redemption(
                id=f"r-{days}",
                number=days,
                source=f"s-{days}",
                held_at=START - timedelta(days=days),
                state=RedemptionState.PLACED,
                placed_at=START,
            )
            work.redemptions.add(kept)
        work.commit()
    [selling] = does(chat, read_report)
    assert (selling.sold.recent, selling.sold.quantity, selling.sold.points) == (1, 2, 1_600)
    assert (selling.able, selling.customers) == (1, 2)
    assert selling.hint == Hint(HintKind.WORTH_MORE, 900, 1)
