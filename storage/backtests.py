"""Results of back-tests as rows."""

from typing_extensions import override

from domain.ids import BacktestId
from domain.repositories import Backtest, Backtests
from storage.db import Db, Row
from storage.values import date_or_none, time_of

_ADD = """
    INSERT INTO backtests (tenant_id, id, content_hash, first_day, last_day, started_at,
        finished_at, run_by, is_exact, result)
    VALUES (:tenant, :id, :content_hash, :first, :last, :started_at, :finished_at, :by, :is_exact,
        :result)
"""
_SELECT = """
    SELECT id, content_hash, first_day, last_day, started_at, finished_at, run_by, is_exact, result
    FROM backtests WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND id = :id"
_LATEST = _SELECT + " AND content_hash = :hash ORDER BY finished_at DESC, id DESC LIMIT 1"


class SqlBacktests(Backtests):
    """Results of back-tests in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, backtest: Backtest) -> None:
        self._db.run(
            _ADD,
            id=backtest.id,
            content_hash=backtest.content_hash,
            first=backtest.first,
            last=backtest.last,
            started_at=backtest.started_at,
            finished_at=backtest.finished_at,
            by=backtest.by,
            is_exact=backtest.is_exact,
            result=backtest.result,
        )

    @override
    def get(self, backtest: BacktestId) -> Backtest | None:
        return _read(self._db.one(_GET, id=backtest))

    @override
    def latest(self, content_hash: str) -> Backtest | None:
        return _read(self._db.one(_LATEST, hash=content_hash))


def _read(row: Row | None) -> Backtest | None:
    if row is None:
        return None
    id_, content_hash, first, last, started_at, finished_at, by, is_exact, result = row
    return Backtest(
        id=id_,
        content_hash=content_hash,
        first=date_or_none(first),
        last=date_or_none(last),
        started_at=time_of(started_at),
        finished_at=time_of(finished_at),
        by=by,
        is_exact=bool(is_exact),
        result=result,
    )
