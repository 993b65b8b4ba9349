"""What came out of a back-test can't be changed afterwards, on either engine."""

import pytest

from domain.ids import BacktestId
from domain.repositories import Backtest
from storage.db import StatementFailed, writing
from storage.work import SqlStore
from tests.support.fakes import START
from tests.support.stores import MAIN

KEPT = Backtest(BacktestId("b-1"), "5" * 64, None, None, START, START, None, False, "{}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE backtests SET content_hash = '' WHERE tenant_id = :tenant",
        "UPDATE backtests SET result = '' WHERE tenant_id = :tenant",
        "DELETE FROM backtests WHERE tenant_id = :tenant",
        (
            "INSERT INTO backtests SELECT tenant_id, 'b-2', content_hash, '2026-02-01',"
            " '2026-01-01',"
            " started_at, finished_at, run_by, is_exact, result FROM backtests"
            " WHERE tenant_id = :tenant"
        ),
    ],
)
def test_a_kept_result_stays_as_it_is(store: SqlStore, statement: str) -> None:
    with store.work(MAIN) as work:
        work.backtests.add(KEPT)
        work.commit()
    with pytest.raises(StatementFailed), writing(store.database, MAIN) as db:
        db.run(statement)
    with store.reading(MAIN) as work:
        assert work.backtests.get(KEPT.id) == KEPT
        assert work.backtests.get(BacktestId("b-2")) is None
