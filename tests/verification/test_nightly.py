"""The nightly check: once a night, in steps, and who hears of what it finds."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.verifying import steps_of
from bot.workers import nightly
from bot.workers.nightly import NightlyVerify, note_of
from domain.ids import TenantId
from domain.verification import Fault, Finding
from storage.work import SqlStore, open_store
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.stores import CIPHER, MAIN, OTHER
from tests.verification.tampering import Tampered

BEFORE_THREE = datetime(2026, 12, 6, 18, 59, tzinfo=UTC)
THREE = datetime(2026, 12, 6, 19, 0, tzinfo=UTC)


class Night:
    """A nightly check on a told ledger, and whom it has warned."""

    def __init__(self, ledger: Tampered) -> None:
        self.clock = FakeClock(THREE)
        self.store: SqlStore = open_store(
            ledger.url, clock=self.clock, ids=SequenceIds(), cipher=CIPHER
        )
        self.warned: list[tuple[TenantId, list[Finding]]] = []
        self.url = ledger.url
        self.verify = self.scheduler()

    def scheduler(self) -> NightlyVerify:
        """Start a scheduler."""
        return NightlyVerify(
            steps=partial(steps_of, self.store, self.url),
            notes=self.store,
            clock=self.clock,
            warn=self.warn,
        )

    def warn(self, tenant: TenantId, findings: Sequence[Finding]) -> None:
        self.warned.append((tenant, list(findings)))

    def note(self) -> dict[str, object]:
        """Give what was noted last."""
        last = self.store.last_beat(note_of(MAIN))
        return {} if last is None else last.detail


@pytest.fixture
def night(ledger: Tampered) -> Iterator[Night]:
    found = Night(ledger)
    yield found
    found.store.close()


def until_done(night: Night) -> int:
    """Tick until there is nothing more to do; count the ticks."""
    ticks = 1
    while night.verify(MAIN):
        ticks += 1
    return ticks


def test_before_three_nothing_is_checked(night: Night) -> None:
    night.clock.at = BEFORE_THREE
    assert night.verify(MAIN) is False
    assert night.note() == {}


def test_a_night_without_findings_is_noted_and_nobody_warned(night: Night) -> None:
    until_done(night)
    told = {"night": "2026-12-07", "wallets": 3, "entries": 25, "events": 11, "findings": 0}
    assert night.note() == told
    assert night.warned == []


def test_each_night_is_checked_once_by_whichever_scheduler(night: Night, ledger: Tampered) -> None:
    until_done(night)
    ledger.run("UPDATE entries SET points = 1 WHERE customer_id = 'c-acme' AND seq = 7")
    assert night.verify(MAIN) is False
    night.verify = night.scheduler()
    night.clock.at += timedelta(hours=20)
    assert until_done(night) == 1
    assert night.warned == []
    night.clock.at += timedelta(hours=4)
    until_done(night)
    [(tenant, [found])] = night.warned
    assert (tenant, found.fault, found.customer, found.seq) == (MAIN, Fault.CHANGED, "c-acme", 7)
    assert night.note()["findings"] == 1


def test_one_tick_does_a_part_of_it(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "WORK_SECONDS", 0.0)
    assert until_done(night) == 5
    assert night.note()["entries"] == 25


def test_a_night_that_is_not_over_by_the_next_begins_anew(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "WORK_SECONDS", 0.0)
    assert night.verify(MAIN) is True
    night.clock.at += timedelta(days=1)
    until_done(night)
    assert night.note()["night"] == "2026-12-08"
    assert night.note()["entries"] == 25


def test_heads_are_checked_too(night: Night, ledger: Tampered) -> None:
    ledger.run("UPDATE day_heads SET available = available + 1 WHERE day = '2026-11-22'")
    until_done(night)
    assert [each.fault for each in night.warned[0][1]] == [Fault.HEAD_CHANGED]


def test_each_tenant_has_nights_of_its_own(night: Night) -> None:
    until_done(night)
    assert night.store.last_beat(note_of(OTHER)) is None
    assert night.verify(OTHER) is False
    last = night.store.last_beat(note_of(OTHER))
    assert last is not None
    assert last.detail["entries"] == 0
