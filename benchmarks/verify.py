"""`zhufen verify` over a big ledger: entries per second of the whole command, events included.

The command is run as a person runs it, start of the program included, and must find nothing; then
one entry is changed behind its back, and it must name that one.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from benchmarks import million
from benchmarks.figures import Results, median
from benchmarks.ledger import EVENTS_PER_TURN, fill
from benchmarks.load import Generator
from benchmarks.postgres import postgres
from benchmarks.programs import ROOT
from storage.migrate import upgrade

CUSTOMERS, TURNS = 2_000, 50
ENTRIES = CUSTOMERS * TURNS * EVENTS_PER_TURN
ROUNDS = 3
HOW = (
    f"{ENTRIES} entries of {CUSTOMERS} customers, as many events, taking turns; the whole command,"
    f" a process per core; median of {ROUNDS}"
)


class Unverified(Exception):
    """The command did not say what it should have."""


def measure(folder: Path, load: Generator) -> Results:
    """Fill a ledger on each engine and check it."""
    del load
    sqlite = f"sqlite:///{folder / 'zhufen.db'}"
    upgrade(sqlite)
    fill(sqlite, CUSTOMERS, TURNS)
    _run(sqlite, "ANALYZE")
    with postgres("verify") as url:
        # Before one entry is changed in it.
        million.bring(sqlite, url)
        return {
            "verify_entries_per_s": _rate(folder, sqlite),
            "verify_entries_per_s_postgres": _rate(folder, url),
        }


def _rate(folder: Path, url: str) -> float:
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        told = _verify(folder, url)
        rates.append(ENTRIES / (time.perf_counter() - started))
        if (told["entries"], told["events"], told["findings"]) != (ENTRIES, ENTRIES, []):
            raise Unverified(told)
    _must_find(folder, url)
    return median(rates)


def _must_find(folder: Path, url: str) -> None:
    """Change one entry in the middle: a fast check that finds nothing would be worth nothing."""
    if url.startswith("sqlite"):
        _run(url, "DROP TRIGGER entries_no_update")
    else:
        _run(url, "ALTER TABLE entries DISABLE TRIGGER ALL")
    number, seq = CUSTOMERS // 2, TURNS
    where = f"customer_id = 'customer-{number:06d}' AND seq = {seq}"
    _run(url, f"UPDATE entries SET actor = 'nobody' WHERE {where}")  # noqa: S608
    [found] = _verify(folder, url)["findings"]
    if (found["fault"], found["customer"], found["seq"]) != ("changed", f"C{number:06d}", seq):
        raise Unverified(found)


def _verify(folder: Path, url: str) -> dict[str, Any]:
    # As it is installed: what has been compiled once is kept.
    unkept = ("ZHUFEN_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unkept)}
    settings = {"ZHUFEN_DATABASE_URL": url, "ZHUFEN_DATA_DIR": str(folder / "data")}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "verify", "--json"],
        cwd=folder,
        env=kept | settings | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=False,
    )
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def _run(url: str, statement: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
