"""A back-test over a million events: the past compared entry by entry, and a draft beside it.

The clock runs from the order to the stored result, processes and reading included. Every run must
come out exactly, and what its figures say must add up with the ledger.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from sqlalchemy import create_engine, text

from benchmarks.figures import Results
from benchmarks.million import CAP, EVER, RULES, Million
from bot.backtesting import Done, Order, Watch, run_backtest
from bot.settings import Settings
from bot.wiring import MAIN, Parts
from domain.programme import Programme
from domain.replay.drafts import Draft, Period
from domain.rules.model import Cap, PerUnit, RuleVersion, Scope, Window

HOW = (
    "every event of the firm; draft: 12 instead of 10 points; reproduced and compared in the same"
    f" run; {os.cpu_count()} processes, one with a tenant's cap"
)
_TWELVE = RuleVersion(
    code=RULES[0].code,
    version=2,
    trigger=RULES[0].trigger,
    conditions=(),
    formula=PerUnit("amount", 1_000_000, 12),
    direction=RULES[0].direction,
    effective_from=EVER,
)
_APART = Draft((_TWELVE,))
_TOGETHER = Draft(
    (_TWELVE,),
    Programme(2, EVER, caps=(CAP, Cap(Scope.TENANT, Window.MONTH, points=1_800_000))),
)


class FiguresDiffer(Exception):
    """A back-test did not come out exactly, or its figures don't add up with the ledger."""


@dataclass(frozen=True)
class Firm:
    """A firm with its past in a database."""

    settings: Settings
    events: int

    def seconds(self, draft: Draft) -> float:
        """Run a back-test and give how long it took."""
        order = Order(MAIN, draft, Period(), jobs=os.cpu_count() or 1)
        started = monotonic()
        done = run_backtest(self.settings, order, Watch(lambda _: None, lambda _: None))
        taken = monotonic() - started
        self._check(done)
        return taken

    def _check(self, done: Done) -> None:
        parts = Parts(self.settings)
        url = self.settings.resolved_database_url
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        try:
            with engine.connect() as connection:
                entries, earned = connection.execute(text(_LEDGER)).one()
        finally:
            engine.dispose()
            parts.close()
        report = done.report
        past = report["total"]["past"]
        if not (
            done.backtest.is_exact
            and report["entries"] == entries
            and past["events"] <= self.events
            and past["given"] == earned
        ):
            raise FiguresDiffer(f"{report['differences']['steps']} steps differ")


_LEDGER = """
    SELECT count(*), sum(CASE WHEN debit = 'firm.issued' THEN points ELSE 0 END) FROM entries
"""


def measure(folder: Path, firm: Million) -> Results:
    """Measure on SQLite with and without a cap over all customers, then on PostgreSQL."""
    # Asked for first: it is copied from the other, to which a back-test adds its result.
    on_postgres = _firm(folder / "postgres", firm.postgres, firm.entries_postgres)
    on_sqlite = _firm(folder / "sqlite", firm.sqlite, firm.entries)
    return {
        "backtest_1m_events_s": on_sqlite.seconds(_APART),
        "backtest_1m_events_tenant_cap_s": on_sqlite.seconds(_TOGETHER),
        "backtest_events_per_s_postgres": on_postgres.events / on_postgres.seconds(_APART),
    }


def _firm(folder: Path, url: str, events: int) -> Firm:
    folder.mkdir()
    return Firm(Settings(_env_file=None, data_dir=folder, database_url=url), events)
