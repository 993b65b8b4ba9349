"""Posting, from one bare entry to a whole business event, beside raw SQL and django-hordak.

On SQLite and PostgreSQL, with 1 and 8 clients, on many wallets in turn and on one, in an empty
firm and in one with a million entries. Everything of one cell is measured in alternation, there
and back, so that a machine that gets slower does so for all; ends with the invariants.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table
from typing_extensions import override

from benchmarks import invariants, million
from benchmarks.figures import Results
from benchmarks.million import HOT, TENANT, Million
from benchmarks.peers import Peer, hordak
from benchmarks.postgres import another
from benchmarks.posting_clients import Pace, middle, pace
from benchmarks.posting_raw import RawClients, record
from benchmarks.posting_rungs import (
    BARE,
    LOTS,
    Rung,
    add_customers,
    events_of,
    give_contacts,
    parts,
    posts_of,
)
from domain.ids import CustomerId
from storage.work import SqlStore

SECONDS = 0.6
"""Of each measurement; two of each, and one more to warm up."""
CLIENTS = (1, 8)
WALLETS = 64
RAW_MOST = 2_400
"""So many transactions the raw clients have at most in both rounds; each is recorded before."""
HOW = (
    f"clients are threads of one process; {SECONDS:g} s each, there and back (A-B-B-A), medians;"
    f" {WALLETS} wallets in turn or one; bars by the worst cell; (c) p99 with one client"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the matrix."""

    engine: str
    entries: int
    is_hot: bool
    clients: int
    bare: Pace
    bare_raw: Pace
    lots: Pace
    lots_raw: Pace
    event: Pace
    peer: Pace | None

    @override
    def __str__(self) -> str:
        wallets = "one wallet" if self.is_hot else f"{WALLETS} wallets"
        return (
            f"{self.engine}, {self.entries:,} entries, {wallets}, {self.clients} clients:"
            f" (b) {self.lots.per_second:.0f}/s, (c) {self.event.per_second:.0f}/s"
        )


def measure(folder: Path, firm: Million, peers: Path) -> Results:
    """Measure every cell of the matrix on both engines."""
    # PostgreSQL first: its firm is copied from the one on SQLite, which must not be changed yet.
    postgres = list(_on_postgres(folder, firm, peers))
    sqlite = list(_on_sqlite(folder, firm))
    _show([*sqlite, *postgres])
    alone = [cell.event for cell in sqlite if cell.clients == 1]
    return {
        "bare_per_s_sqlite": min(cell.bare.per_second for cell in sqlite),
        "bare_per_s_postgres": min(cell.bare.per_second for cell in postgres),
        "posting_per_s_sqlite": min(cell.lots.per_second for cell in sqlite),
        "posting_per_s_postgres": min(cell.lots.per_second for cell in postgres),
        "posting_over_raw_sql_sqlite": min(_over_raw(cell) for cell in sqlite),
        "posting_over_raw_sql_postgres": min(_over_raw(cell) for cell in postgres),
        "posting_over_hordak_postgres": min(
            cell.lots.per_second / cell.peer.per_second for cell in postgres if cell.peer
        ),
        "events_per_s_sqlite": min(cell.event.per_second for cell in sqlite),
        "events_per_s_postgres": min(cell.event.per_second for cell in postgres),
        "event_p99_ms_sqlite": max(event.p99_ms for event in alone),
    }


def _over_raw(cell: Cell) -> float:
    return cell.lots.per_second / cell.lots_raw.per_second


def _on_sqlite(folder: Path, firm: Million) -> Iterator[Cell]:
    empty = f"sqlite:///{folder / 'empty.db'}"
    million.found(empty, 0)
    for url, entries in ((empty, 0), (firm.sqlite, firm.entries)):
        yield from _Firm(url, entries, folder, None).cells()


def _on_postgres(folder: Path, firm: Million, peers: Path) -> Iterator[Cell]:
    empty = another(firm.postgres, "empty")
    million.found(empty, 0)
    with hordak(peers, another(firm.postgres, "hordak")) as peer:
        for url, entries in ((empty, 0), (firm.postgres, firm.entries_postgres)):
            yield from _Firm(url, entries, folder, peer).cells()


class _Firm:
    """One database, measured cell by cell."""

    def __init__(self, url: str, entries: int, folder: Path, peer: Peer | None) -> None:
        self._url = url
        self._entries = entries
        self._engine = "sqlite" if url.startswith("sqlite") else "postgresql"
        self._folder = folder
        self._peer = peer
        self._ordinary = map(million.customer, range(million.customers_of(entries)))
        self._fresh = 0

    def cells(self) -> Iterator[Cell]:
        """Measure every cell, then check that all adds up."""
        with closing(million.opened(self._url)) as store:
            told = self._some(WALLETS)
            give_contacts(store, [HOT, *told])
            for is_hot in (False, True):
                for clients in CLIENTS:
                    cell = self._cell(store, told, clients, is_hot=is_hot)
                    print(f"  {cell}", flush=True)
                    yield cell
        invariants.check(self._url)

    def _cell(
        self, store: SqlStore, told: Sequence[CustomerId], clients: int, *, is_hot: bool
    ) -> Cell:
        number = 1 if is_hot else WALLETS
        bare, bare_raw, _ = self._beside_raw(store, BARE, number, clients)
        lots, lots_raw, peer = self._beside_raw(store, LOTS, number, clients)
        known = parts(self._url, self._folder)
        with closing(known):
            events = events_of(known, [HOT] if is_hot else told, clients)
            pace(events, SECONDS / 4)
            event = middle([pace(events, SECONDS) for _ in range(2)])
        return Cell(
            self._engine,
            self._entries,
            is_hot,
            clients,
            bare,
            bare_raw,
            lots,
            lots_raw,
            event,
            peer,
        )

    def _beside_raw(
        self, store: SqlStore, rung: Rung, number: int, clients: int
    ) -> tuple[Pace, Pace, Pace | None]:
        """Measure the program, the peer where there is one, and raw SQL, there and back."""
        with_peer = self._peer if rung is LOTS else None
        ours = posts_of(store, rung, self._wallets(store, rung, number), clients)
        theirs = self._wallets(store, rung, number)
        scripts = record(self._url, rung, theirs, RAW_MOST)
        self._tidy()
        with closing(RawClients(self._url, scripts, clients, is_hot=number == 1)) as raw:
            each = RAW_MOST // (2 * clients)
            pace(ours, SECONDS / 4)
            our = [pace(ours, SECONDS)]
            peers = [with_peer.pace(clients, SECONDS, number)] if with_peer else []
            raws = [pace(raw.posts, SECONDS, each) for _ in range(2)]
            peers += [with_peer.pace(clients, SECONDS, number)] if with_peer else []
            our.append(pace(ours, SECONDS))
        return middle(our), middle(raws), middle(peers) if peers else None

    def _wallets(self, store: SqlStore, rung: Rung, number: int) -> list[CustomerId]:
        """Take customers nobody has measured on: bare ones need wallets without points."""
        if rung is LOTS:
            return self._some(number)
        self._fresh += 1
        with store.work(TENANT) as work:
            made = add_customers(work, f"bare-{self._fresh}", number)
            work.commit()
        return made

    def _some(self, number: int) -> list[CustomerId]:
        return list(islice(self._ordinary, number))

    def _tidy(self) -> None:
        """Clear away on PostgreSQL what the recording's rollback has left in the tables."""
        if self._engine == "postgresql":
            with psycopg.connect(self._url, autocommit=True) as connection:
                connection.execute(
                    "VACUUM (INDEX_CLEANUP ON, ANALYZE) wallets, entries, lots, lot_uses"
                )


def _show(cells: Sequence[Cell]) -> None:
    """Print the whole matrix."""
    table = Table(title="posting: commits per second (raw SQL beside it) and milliseconds")
    for heading in ("engine", "entries", "wallets", "clients"):
        table.add_column(heading, no_wrap=True)
    for heading in ("(a)", "raw", "/", "(b)", "raw", "/", "hordak", "/", "(c)", "p50", "p99"):
        table.add_column(heading, justify="right", no_wrap=True)
    for cell in cells:
        peer = cell.peer
        table.add_row(
            cell.engine,
            f"{cell.entries:,}",
            "one" if cell.is_hot else str(WALLETS),
            str(cell.clients),
            f"{cell.bare.per_second:.0f}",
            f"{cell.bare_raw.per_second:.0f}",
            f"{cell.bare.per_second / cell.bare_raw.per_second:.2f}",
            f"{cell.lots.per_second:.0f}",
            f"{cell.lots_raw.per_second:.0f}",
            f"{_over_raw(cell):.2f}",
            f"{peer.per_second:.0f}" if peer else "",
            f"{cell.lots.per_second / peer.per_second:.1f}" if peer else "",
            f"{cell.event.per_second:.0f}",
            f"{cell.event.p50_ms:.1f}",
            f"{cell.event.p99_ms:.1f}",
        )
    Console(width=140).print(table)
