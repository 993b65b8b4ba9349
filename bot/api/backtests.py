"""Back-tests over the API: ordering one of a draft, reading what came out.

A worker runs it; what comes out goes by the number that the order has given it.
"""

import json
from typing import Any, Self

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field, model_validator

from bot.api.declaring import changing, reading
from bot.api.gate import Admitted, Gate
from bot.api.problems import RequestTrouble, Trouble
from bot.api.rules import Number
from bot.api.values import Day, Given, Moment, Shown, Unreadable
from domain.apikeys import Scope
from domain.errors import ErrorCode
from domain.ids import BacktestId
from domain.replay.drafts import Period
from handlers.contract import Context
from handlers.usecases import drafts


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
    """A back-test that a worker is going to run."""

    backtest: str
    """Where the result will be: /backtests/{backtest}."""
    draft: int
    says: str
    """The hash of what the draft says now; if it says something else by then, nothing is kept."""
    first: str | None
    last: str | None


class BacktestShown(Shown):
    """A back-test that has been run."""

    backtest: str
    exact: bool
    """Whether the past came out entry by entry as it was recorded."""
    started_at: Moment
    finished_at: Moment
    report: dict[str, Any]


def add_backtest_routes(router: APIRouter, gate: Gate) -> None:
    """Add the ordering and the reading of back-tests."""

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
        # One for all tries of the transaction, so that the queue takes the order once.
        backtest = BacktestId(gate.ids.new())

        def act(ctx: Context) -> OrderShown:
            draft = drafts.order_backtest(ctx, number, backtest)
            # No row says that it is due, so an order the queue does not take must not be answered
            # as taken. One whose transaction fails after all is run for nothing.
            if not gate.hints.backtest(call.tenant, backtest, draft, period):
                raise RequestTrouble(Trouble.BUSY)
            return OrderShown(
                backtest=backtest,
                draft=number,
                says=draft.says,
                first=None if period.first is None else period.first.isoformat(),
                last=None if period.last is None else period.last.isoformat(),
            )

        return gate.do(call, act, status=202)

    @router.get("/backtests/{backtest}", **reading(BacktestShown, Trouble.NOT_FOUND))
    def read_backtest(backtest: str, call: Admitted) -> Response:
        """Give what came out of a back-test; not there before a worker has run it."""
        return gate.read(call, lambda ctx: _shown(ctx, BacktestId(backtest)))


def _shown(ctx: Context, backtest: BacktestId) -> BacktestShown:
    found = ctx.work.backtests.get(backtest)
    if found is None:
        raise RequestTrouble(Trouble.NOT_FOUND)
    return BacktestShown(
        backtest=found.id,
        exact=found.is_exact,
        started_at=found.started_at,
        finished_at=found.finished_at,
        report=json.loads(found.result),
    )
