"""Back-tests over the API: ordering one of a draft, reading what came out.

A process of its own runs it; what comes out goes by the id that the order has given it.
"""

import json
from datetime import date
from typing import Any, Literal, Self

from fastapi import Response
from pydantic import ConfigDict, Field, model_validator

from bot.api.declaring import changing, reading
from bot.api.gate import Admitted, api_router
from bot.api.rules import Number
from bot.api.values import Day, Given, Moment, Shown, Unreadable
from domain.apikeys import Scope
from domain.backtest_orders import BacktestOrder, OrderState
from domain.errors import ErrorCode
from domain.ids import BacktestId
from domain.replay.drafts import Period
from handlers.contract import Context
from handlers.usecases import backtest_orders

router = api_router()


class PeriodGiven(Given):
    """The business days whose events the draft counts, both included; open when not said."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"from": "2026-01-01", "to": "2026-06-30"}]}
    )

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first is not None and self.last is not None and self.first > self.last:
            raise Unreadable("period")
        return self


class OrderShown(Shown):
    """A back-test that is going to be run."""

    backtest: str
    """What has become of it: /backtests/{backtest}."""
    draft: int
    says: str
    """The hash of what the draft says now; if it says something else by then, nothing is kept."""
    first: str | None
    last: str | None


class ProgressShown(Shown):
    """How far a running back-test is, in entries of the ledger."""

    played: int
    entries: int


class BacktestShown(Shown):
    """What has become of a back-test."""

    backtest: str
    state: Literal["waiting", "running", "done", "failed"]
    draft: int | None
    """The number of the stored draft; null when it was not ordered over the API."""
    first: str | None
    last: str | None
    """The period that was asked for."""
    by: str | None
    """Who wanted it; null when it was run from the command line."""
    ordered_at: Moment | None
    started_at: Moment | None
    finished_at: Moment | None
    progress: ProgressShown | None
    """Only while it is running."""
    reason: str | None
    """Why it has failed: the code of a refusal, `bug` or `abandoned`."""
    exact: bool | None
    """Whether the past came out entry by entry as it was recorded, once it is done."""
    report: dict[str, Any] | None


@router.post(
    "/rules/drafts/{number}/backtest",
    **changing(
        Scope.RULES_WRITE,
        OrderShown,
        ErrorCode.NOT_PERMITTED,
        ErrorCode.UNKNOWN_DRAFT,
        ErrorCode.DRAFT_CLOSED,
        status=202,
    ),
)
def order_backtest(number: Number, given: PeriodGiven, call: Admitted) -> Response:
    """Have a draft tested on the recorded past; the draft keeps the result if it is exact."""
    period = Period(given.first, given.last)

    def act(ctx: Context) -> OrderShown:
        return _ordered(backtest_orders.order_backtest(ctx, number, period, call.key.id))

    return call.do(act, status=202)


@router.get("/backtests/{backtest}", **reading(BacktestShown, ErrorCode.UNKNOWN_BACKTEST))
def read_backtest(backtest: str, call: Admitted) -> Response:
    """Give what has become of a back-test: how far it is, what came out, why it failed."""
    return call.read(lambda ctx: _shown(ctx, BacktestId(backtest)))


def _ordered(order: BacktestOrder) -> OrderShown:
    return OrderShown(
        backtest=order.id,
        draft=order.draft,
        says=order.says,
        first=_day(order.period.first),
        last=_day(order.period.last),
    )


def _shown(ctx: Context, backtest: BacktestId) -> BacktestShown:
    found = backtest_orders.find_backtest(ctx, backtest)
    order, result = found.order, found.result
    return BacktestShown(
        backtest=backtest,
        state=found.state.value,
        draft=order.draft if order else None,
        first=_day(found.period.first),
        last=_day(found.period.last),
        by=ctx.work.members.get(found.by).name if found.by else None,
        ordered_at=order.ordered_at if order else None,
        started_at=found.started_at,
        finished_at=found.finished_at,
        progress=_progress(order) if order else None,
        reason=order.reason if order else None,
        exact=result.is_exact if result else None,
        report=json.loads(result.result) if result else None,
    )


def _progress(order: BacktestOrder) -> ProgressShown | None:
    if order.state is not OrderState.RUNNING or order.entries is None:
        return None
    return ProgressShown(played=order.played, entries=order.entries)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
