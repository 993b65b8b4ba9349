"""Two processes that fetch the same log at once: every message is stored, and stored once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from bot.intake import Intake
from bot.platform import DeliveryError
from bot.pulls import OVERTAKEN_MAX, Puller
from domain.ids import InboxId
from handlers.incoming import Incoming, Said
from storage.db import reading
from storage.work import SqlStore
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.stores import *  # noqa: F403  a fixture must be a name of the module
from tests.support.stores import (
    KF,
    MAIN,
    _cluster_stops_at_the_end,  # noqa: F401
)


@dataclass(frozen=True)
class Page:
    items: list[Incoming]
    next_cursor: str


@dataclass
class Account:
    """A customer service account's log; `meanwhile` happens while a page is on its way."""

    said: list[Incoming] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def pages(self, cursor: str | None, token: str | None) -> Iterator[Page]:
        del token
        at = int(cursor or 0)
        while True:
            found = self.said[at : at + 2]
            self.meanwhile()
            at += len(found)
            yield Page(found, str(at))
            if at >= len(self.said):
                return


class Line:
    """Several processes' pullers at one log."""

    def __init__(self, store: SqlStore, clock: FakeClock) -> None:
        self.store, self.account, self._clock = store, Account(), clock
        self._ids = SequenceIds()

    def puller(self) -> Puller:
        """Make the puller of another process; the locks of one don't bind the other."""
        intake = Intake(self.store, self._clock, self._ids)
        return Puller(self.store, intake, lambda _, __: self.account)

    def says(self, *texts: str) -> None:
        now = self._clock.now()
        self.account.said += [Incoming(KF, f"m-{text}", "wm", now, Said(text)) for text in texts]

    def stored(self) -> list[str]:
        with reading(self.store.database, MAIN) as db:
            rows = db.all("SELECT source_id FROM inbox WHERE tenant_id = :tenant ORDER BY id")
        return [source.removeprefix("m-") for (source,) in rows]

    def cursor(self) -> str | None:
        with self.store.reading(MAIN) as work:
            return work.channels.cursor(KF)


@pytest.fixture
def line(store: SqlStore, clock: FakeClock) -> Line:
    return Line(store, clock)


def pull(puller: Puller) -> list[InboxId]:
    return list(puller.pull(MAIN, KF, "token"))


def test_pages_are_stored_in_order_with_the_cursor_behind_them(line: Line) -> None:
    line.says("a", "b", "c")
    assert len(pull(line.puller())) == 3
    assert (line.stored(), line.cursor()) == (["a", "b", "c"], "3")
    assert pull(line.puller()) == []


def test_who_was_overtaken_brings_what_the_faster_one_did_not_see(line: Line) -> None:
    line.says("a")
    pull(line.puller())
    line.says("b")

    def overtake() -> None:
        line.account.meanwhile = lambda: None
        # The other has fetched before this one's last message was written, and commits first.
        assert len(pull(line.puller())) == 1
        line.says("c")

    line.account.meanwhile = overtake
    found = pull(line.puller())

    assert (line.stored(), line.cursor()) == (["a", "b", "c"], "3")
    assert len(found) == 1


def test_who_is_overtaken_again_and_again_leaves_it_for_later(line: Line) -> None:
    pull(line.puller())
    races: list[int] = []

    def race() -> None:
        races.append(1)
        line.account.meanwhile = lambda: None
        line.says(f"x{len(races)}")
        pull(line.puller())
        line.account.meanwhile = race

    line.account.meanwhile = race
    with pytest.raises(DeliveryError, match="cursor_contended"):
        pull(line.puller())

    assert len(races) == OVERTAKEN_MAX
    assert line.stored() == [f"x{number}" for number in range(1, OVERTAKEN_MAX + 1)]
    line.account.meanwhile = lambda: None
    assert pull(line.puller()) == []
