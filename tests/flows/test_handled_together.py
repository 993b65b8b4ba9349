"""Inbox items handled with one commit: as if each were alone, whatever its neighbours do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typing_extensions import override

from bot.in_band import InBand
from bot.intake import Intake
from bot.platform import HttpAnswer, Rendered
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.together import Task, Together
from domain.channels import ChannelKind
from domain.deliveries import DeliveryState
from domain.inbox import InboxState
from domain.ports import Store
from handlers.incoming import Incoming, Said
from storage.db import reading
from storage.engine import open_database
from storage.work import SqlStore
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.stores import APP, CIPHER, MAIN

STRANGERS = 5


class FullDisk(SqlStore):
    """A store on a disk that is full at the first shared commit."""

    is_full = True

    @override
    @contextmanager
    def together(self) -> Iterator[Store]:
        with super().together() as shared:
            yield shared
            if self.is_full:
                self.is_full = False
                raise OSError(28, "no space left on device")


class House:
    """Intake and runtime on a store; strangers say something and are asked to bind."""

    def __init__(self, store: SqlStore, clock: FakeClock, ids: SequenceIds) -> None:
        self.store, self.clock = store, clock
        self.breaks_at = -1
        self.rendered = 0
        self.intake = Intake(store, clock, ids)
        runtime = Runtime(
            store=store,
            clock=clock,
            ids=ids,
            render=self._render,
            pullers=Puller(store, self.intake, lambda _tenant, _channel: None),
        )
        self.together = Together(store, runtime, is_quicker=store.has_one_writer)

    def handle_all(self) -> list[HttpAnswer | None]:
        said = [
            Incoming(APP, f"source-{number}", f"stranger-{number}", START, Said("帮助"))
            for number in range(STRANGERS)
        ]
        stored = self.intake.receive_all(MAIN, said)
        assert [one.is_new for one in stored] == [True] * STRANGERS
        tasks = [Task(one.item, self._chance()) for one in stored]
        return [done.answer for done in self.together.handle(MAIN, tasks)]

    def _chance(self) -> InBand:
        return InBand(lambda message, _: HttpAnswer(body=message.text.encode()), self.clock, LATER)

    def _render(self, view: str, _data: dict[str, Any], _kind: ChannelKind) -> Rendered:
        self.rendered += 1
        if self.rendered == self.breaks_at:
            raise ZeroDivisionError
        return Rendered(view, f"{view} {self.rendered}")

    def states(self) -> list[str]:
        with reading(self.store.database, None) as db:
            return [row[0] for row in db.all("SELECT state FROM inbox ORDER BY source_id")]

    def replies(self) -> list[str]:
        with reading(self.store.database, None) as db:
            return [row[0] for row in db.all("SELECT state FROM deliveries ORDER BY external_id")]


LATER = START.replace(year=START.year + 1)


@pytest.fixture
def house(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> House:
    return House(store, clock, ids)


def test_each_is_answered_and_finished(house: House) -> None:
    answers = house.handle_all()

    assert all(answer is not None and answer.body for answer in answers)
    assert house.states() == [InboxState.DONE] * STRANGERS
    assert house.replies() == [DeliveryState.IN_BAND] * STRANGERS


def test_a_bug_in_one_leaves_that_one_for_later_and_nothing_of_it(house: House) -> None:
    house.breaks_at = 3

    answers = house.handle_all()

    assert [answer is None for answer in answers] == [False, False, True, False, False]
    assert house.states()[2] == InboxState.NEW
    assert house.states().count(InboxState.DONE) == STRANGERS - 1
    assert house.replies() == [DeliveryState.IN_BAND] * (STRANGERS - 1)


def test_when_the_shared_commit_fails_each_is_done_by_itself(
    sqlite_url: str, clock: FakeClock, ids: SequenceIds, sqlite_store: SqlStore
) -> None:
    sqlite_store.close()
    store = FullDisk(open_database(sqlite_url), clock=clock, ids=ids, cipher=CIPHER)
    house = House(store, clock, ids)

    answers = house.handle_all()

    # Rendered twice, kept once: what is answered is what is stored.
    assert house.rendered == 2 * STRANGERS
    assert [answer and answer.body for answer in answers] == [
        f"help_menu {STRANGERS + number + 1}".encode() for number in range(STRANGERS)
    ]
    assert house.states() == [InboxState.DONE] * STRANGERS
    assert house.replies() == [DeliveryState.IN_BAND] * STRANGERS
    store.close()
