"""Ordering back-tests: who may, of what, and what has become of an order."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from domain.backtest_orders import LEASE, BacktestOrder, OrderState
from domain.errors import DomainError, DraftClosed, NotPermitted, UnknownBacktest, UnknownDraft
from domain.ids import BacktestId
from domain.replay.drafts import Period
from domain.repositories import Backtest
from handlers.contract import Context
from handlers.usecases.backtest_orders import (
    OrderLost,
    Standing,
    find_backtest,
    finish,
    order_backtest as order,
)
from tests.handlers.approval_steps import acting_as
from tests.handlers.rule_steps import save, stored, submit
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import an_api_key

KEY = an_api_key().id
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))


def ordered(chat: Chat, number: int = 1, *, who: str = "zhou") -> BacktestOrder:
    found: BacktestOrder = chat.acts(lambda ctx: order(acting_as(ctx, who), number, JUNE, KEY))
    return found


def standing(chat: Chat, backtest: BacktestId) -> Standing:
    found: Standing = chat.acts(partial(find_backtest, backtest=backtest))
    return found


def claim(chat: Chat) -> BacktestOrder:
    found = chat.store.backtest_queue.claim(chat.clock.now(), chat.clock.now() + LEASE)
    assert found is not None
    return found[1]


def test_who_may_edit_rules_orders_a_test_of_what_a_draft_says(chat: Chat) -> None:
    save(chat)
    before = stored(chat)
    found = ordered(chat)
    assert (found.draft, found.says, found.period, found.api_key) == (1, before.says, JUNE, KEY)
    assert (found.state, found.ordered_at) == (OrderState.WAITING, chat.clock.now())
    assert found.by == before.created_by
    assert standing(chat, found.id) == Standing(
        OrderState.WAITING, JUNE, found.by, None, None, found, None
    )
    assert stored(chat) == before
    assert chat.actions() == ["draft_saved", "backtest_ordered"]


@pytest.mark.parametrize(
    ("who", "number", "kind"),
    [("li", 1, NotPermitted), ("zhou", 9, UnknownDraft), ("zhou", 2, DraftClosed)],
)
def test_who_may_not_and_what_can_keep_no_result_orders_nothing(
    chat: Chat, who: str, number: int, kind: type[DomainError]
) -> None:
    save(chat)
    save(chat)
    submit(chat, 2)
    before = chat.state()
    with pytest.raises(kind):
        ordered(chat, number, who=who)
    assert chat.state() == before


def test_an_order_that_is_done_stands_with_its_result(chat: Chat) -> None:
    save(chat)
    asked = ordered(chat)
    claimed = claim(chat)
    result = a_result(asked.id)

    def keep(ctx: Context) -> None:
        finish(ctx, claimed)
        ctx.work.backtests.add(result)

    chat.acts(keep)
    done = replace(claimed, state=OrderState.DONE, finished_at=chat.clock.now())
    assert standing(chat, asked.id) == Standing(
        OrderState.DONE, JUNE, asked.by, claimed.started_at, done.finished_at, done, result
    )


def test_an_order_is_not_finished_by_who_has_lost_it(chat: Chat) -> None:
    save(chat)
    ordered(chat)
    lost = claim(chat)
    chat.pass_time(seconds=LEASE.total_seconds())
    claim(chat)
    before = chat.state()
    with pytest.raises(OrderLost):
        chat.acts(lambda ctx: finish(ctx, lost))
    assert chat.state() == before


def test_what_was_run_without_an_order_stands_too(chat: Chat) -> None:
    result = a_result(BacktestId("b-1"), by=None)
    chat.acts(lambda ctx: ctx.work.backtests.add(result))
    assert standing(chat, result.id) == Standing(
        OrderState.DONE, JUNE, None, START, result.finished_at, None, result
    )


def test_what_nobody_has_ordered_or_run_is_unknown(chat: Chat) -> None:
    before = chat.state()
    with pytest.raises(UnknownBacktest) as refused:
        standing(chat, BacktestId("b-9"))
    assert refused.value.details() == {"asked": "b-9"}
    assert chat.state() == before


def a_result(id_: BacktestId, **changes: Any) -> Backtest:
    result = Backtest(
        id=id_,
        content_hash="5" * 64,
        first=JUNE.first,
        last=JUNE.last,
        started_at=START,
        finished_at=START + timedelta(seconds=40),
        by=None,
        is_exact=True,
        result="{}",
    )
    return replace(result, **changes)
