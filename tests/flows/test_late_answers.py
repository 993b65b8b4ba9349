"""Answers that miss their request, because somebody else writes: acknowledged, then sent once."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest
from typing_extensions import override

from bot.emulator.phones import Bubble
from domain.ids import TenantId
from storage.db import Db
from storage.engine import open_database
from storage.work import SqlStore, SqlUnitOfWork
from tests.support.deeds import LI, ZHOU
from tests.support.servers import Listener
from tests.support.town import MovingClock, Platforms, Town, TownParts, keys_of, text_of
from tests.support.wire import ENVELOPE, Wire, member_xml, seal
from tests.support.world import Ding, Places, settings_of

RECORD = "记录 滨江二期 地基基础 昨天验收通过"


@dataclass
class Gate:
    """Holds up one commit of the threads whose name begins so, until it is opened."""

    threads: str = "nobody"
    passing: int = 0
    """How many commits still go through first."""
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def close_after(self, passing: int, threads: str) -> None:
        self.reached.clear()
        self.opened.clear()
        self.passing, self.threads = passing, threads

    def goes_through(self) -> None:
        if not threading.current_thread().name.startswith(self.threads):
            return
        if self.passing:
            self.passing -= 1
            return
        self.threads = "nobody"
        self.reached.set()
        assert self.opened.wait(20)


class _Work(SqlUnitOfWork):
    gate: Gate

    @override
    def commit(self) -> None:
        self.gate.goes_through()
        super().commit()


class GatedStore(SqlStore):
    gate: Gate

    @override
    def work(self, tenant: TenantId) -> SqlUnitOfWork:
        work = _Work(Db(self.database, tenant, writes=True), tenant, self._tools)
        work.gate = self.gate
        return work


@dataclass(frozen=True)
class GatedParts(TownParts):
    gate: Gate

    @cached_property
    @override
    def store(self) -> SqlStore:
        database = open_database(self.settings.resolved_database_url)
        store = GatedStore(database, clock=self.clock, ids=self.ids, cipher=self.cipher)
        store.gate = self.gate
        return store


@dataclass(frozen=True)
class Slow:
    """A town and the gate in its way."""

    town: Town
    gate: Gate


@pytest.fixture(params=["http", "stream"])
def slow(
    clean_queue: str, sqlite_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Slow]:
    """Open a town whose commits can be held up."""
    ding, clock, bot, gate = Ding(request.param), MovingClock(), Listener(), Gate()
    platforms = Platforms(ding, clock)
    places = Places(tmp_path / "data", clean_queue, sqlite_url, platforms.url, bot.url)
    settings = settings_of(places, ding)
    town = Town(platforms, GatedParts(settings, clock, gate))
    town.start(bot, stream=ding.mode == "stream")
    town.wakes_up()
    yield Slow(town, gate)
    gate.opened.set()
    town.close()
    platforms.close()
    town.has_behaved()


def a_card(town: Town) -> Bubble:
    """Let the project manager on DingTalk get a card to confirm."""
    if town.settings.dingtalk.mode == "http":
        town.waits_until(lambda: "zhufen-dingtalk" in town.dingtalk.cards.routes)
    mark = town.says(ZHOU, RECORD)
    card = town.waits_for(ZHOU, lambda b: bool(keys_of(b)), after=mark)
    town.settles()
    return card


def was_counted_once(town: Town) -> None:
    assert town.one("SELECT count(*) FROM events") == 1
    assert len([b for b in town.shown(ZHOU) if "已记录" in text_of(b)]) == 1


def test_a_card_whose_answer_is_late_changes_all_the_same(slow: Slow) -> None:
    town, gate = slow.town, slow.gate
    card = a_card(town)
    gate.close_after(1, "dingtalk-card" if town.settings.dingtalk.mode == "stream" else "callback")
    begun = time.monotonic()

    town.presses(card, "confirm")

    answered = time.monotonic() - begun
    assert gate.reached.is_set()
    assert keys_of(card), "it can't have been answered with the card"
    gate.opened.set()
    town.waits_for(ZHOU, lambda b: b.id == card.id and "已记录" in text_of(b))
    town.settles()
    was_counted_once(town)
    states = "SELECT kind, state FROM deliveries WHERE view = 'record_done'"
    assert town.all(states) == [("update", "sent")]
    assert answered < 3.0


@pytest.mark.parametrize("slow", ["http"], indirect=True)
def test_a_press_that_could_not_be_stored_in_time_is_still_worked_on(slow: Slow) -> None:
    town, gate = slow.town, slow.gate
    card = a_card(town)
    gate.close_after(0, "callback")

    town.presses(card, "confirm")

    assert keys_of(card)
    gate.opened.set()
    town.waits_for(ZHOU, lambda b: b.id == card.id and "已记录" in text_of(b))
    town.settles()
    was_counted_once(town)


@pytest.mark.parametrize("slow", ["http"], indirect=True)
def test_a_text_whose_answer_is_late_is_sent_once_and_not_again_with_the_repeat(
    slow: Slow,
) -> None:
    town, gate = slow.town, slow.gate
    wire = Wire(town)
    posted = seal(member_xml("liqiang", "项目"))
    gate.close_after(1, "callback")
    begun = time.monotonic()

    first = wire.sealed(posted)

    # WeCom hangs up after five seconds and would come again.
    assert time.monotonic() - begun < 5
    assert (first.status_code, first.content) == (200, b"")
    gate.opened.set()
    town.waits_for(LI, "滨江一期")
    town.settles()
    assert wire.sealed(posted).content == b""
    assert len(town.shown(LI)) == 1
    assert town.all("SELECT state FROM deliveries WHERE external_id = 'liqiang'") == [("sent",)]
    quick = wire.wecom(member_xml("liqiang", "项目"))
    assert "滨江一期" in ENVELOPE.open_reply(quick.content)
    wire.close()
