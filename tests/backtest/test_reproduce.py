"""The rules of the time, replayed, give the ledger exactly; what differs is named."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.events import EventType
from domain.programme import Programme
from domain.replay.assembling import Assembly
from domain.replay.recorded import RecordedMove
from domain.replay.running import DIFFERENCES_MAX, Replayed, Run
from domain.rules.model import Cap, Scope, Window
from storage.work import SqlStore
from tests.support.fakes import FakeClock, FakeStore, SequenceIds
from tests.support.history import EVER, History
from tests.support.lively import lively
from tests.support.make import a_rule
from tests.support.stores import MAIN


def test_everything_that_has_happened_comes_out_exactly(history: History) -> None:
    lively(history)
    found = history.backtest()
    assert found["differences"]["first"] == []
    assert found["exact"]
    assert found["entries"] == sum(count for _, count in history.customers())
    assert found["total"]["past"]["redeemed"] == 5
    assert found["total"]["past"]["expired"] > 0
    assert {"tier:silver", "tier:gold", "survey"} <= {row["rule"] for row in found["rules"]}


def test_in_the_order_of_time_it_comes_out_the_same(history: History) -> None:
    lively(history)
    everybody = Cap(Scope.TENANT, Window.EVER, points=10**9)
    plan = history.plan()
    apart = history.replay(plan)
    history.proclaim(Programme(2, datetime(2040, 1, 1, tzinfo=UTC), caps=(everybody,)))
    together = history.replay(replace(history.plan(), as_of=plan.as_of))
    assert together.different_steps == 0
    assert together.past == apart.past


def test_a_past_that_was_not_compared_is_not_exact(history: History) -> None:
    lively(history)
    plan = replace(history.plan(), checks=False)
    found = history.report_of(plan)
    assert not found["exact"]
    assert not found["checked"]
    assert found["differences"]["steps"] == 0


@pytest.fixture
def recent(fake_store: FakeStore, clock: FakeClock, ids: SequenceIds) -> History:
    history = History(fake_store, clock, ids)
    lively(history)
    return history


def replayed(history: History, change: Callable[[list[RecordedMove]], None]) -> Replayed:
    """Replay with something changed in what is read."""
    with history.store.reading(MAIN) as work:
        rows = work.recordings.of_customers("", "~")  # type: ignore[arg-type]
    moves = sorted(rows.moves, key=lambda move: (move.customer, move.seq))
    change(moves)
    run = Run(history.plan())
    run.play(Assembly().steps(replace(rows, moves=moves)))
    run.close()
    return run.replayed


CHANGES: dict[str, object] = {
    "debit": "firm.redeemed",
    "credit": "wallet.held",
    "points": 8,
    "reason": "gift",
    "key": "event:other",
    "rule": "other",
    "rule_version": 7,
    "effective_at": datetime(2026, 1, 1, tzinfo=UTC),
    "period": "2026-10",
    "corrects": "2026-09",
    "note": "approval:9",
    "available": 99,
    "held": 99,
    "pending": 99,
    "debt": 99,
    "qualifying": 0,
    "reversal_part": 2,
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_planted_difference_is_named(recent: History, field: str) -> None:
    def plant(moves: list[RecordedMove]) -> None:
        setattr(moves[0], field, CHANGES[field])

    found = replayed(recent, plant)
    assert (found.different_customers, found.different_steps) == (1, 1)
    (one,) = found.differences
    assert (one.customer, one.seq, one.event, one.field) == (
        "C1",
        1,
        recent.events[0].id,
        field,
    )
    assert one.recorded != one.replayed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("points", 8),
        ("earned_at", datetime(2026, 1, 1, tzinfo=UTC)),
        ("expires_at", datetime(2028, 1, 1, tzinfo=UTC)),
        ("matures_at", datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_planted_difference_in_a_lot_is_named(recent: History, field: str, value: object) -> None:
    def plant(moves: list[RecordedMove]) -> None:
        lot = moves[0].opens
        assert lot is not None
        setattr(lot, field, value)

    (one,) = replayed(recent, plant).differences
    assert (one.customer, one.seq, one.field) == ("C1", 1, f"lot.{field}")


def test_a_lot_that_was_not_recorded_is_named(recent: History) -> None:
    def plant(moves: list[RecordedMove]) -> None:
        moves[0].opens = None

    fields = {one.field for one in replayed(recent, plant).differences}
    assert {"lot.points", "lot.expires_at"} <= fields


def test_planted_uses_of_lots_are_named(recent: History) -> None:
    def plant(moves: list[RecordedMove]) -> None:
        hold = next(move for move in moves if move.reason == "hold")
        hold.takes = hold.takes[:-1]
        matured = next(move for move in moves if move.matures is not None)
        matured.matures = None

    fields = {one.field for one in replayed(recent, plant).differences}
    assert {"takes"} <= fields or {"matures"} <= fields


def test_a_missing_entry_is_named_and_all_others_are_still_played(recent: History) -> None:
    steps = history_steps = replayed(recent, lambda _: None).steps

    def plant(moves: list[RecordedMove]) -> None:
        del moves[1]

    found = replayed(recent, plant)
    assert found.steps == steps == history_steps
    first = found.differences[0]
    assert (first.customer, first.field, first.recorded, first.replayed) == (
        "C1",
        "entry",
        None,
        "7",
    )


def test_an_entry_too_many_is_named(recent: History) -> None:
    def plant(moves: list[RecordedMove]) -> None:
        more = replace(moves[0], seq=2)
        for move in moves:
            if move.customer == "C1" and move.seq >= 2:
                move.seq += 1
        moves.append(more)

    first = replayed(recent, plant).differences[0]
    assert (first.seq, first.field, first.recorded, first.replayed) == (2, "entry", "7", None)


def test_an_event_whose_outcomes_differ_is_named(recent: History) -> None:
    with recent.store.reading(MAIN) as work:
        rows = work.recordings.of_customers("", "~")  # type: ignore[arg-type]
    silent = next(one for one in rows.events if one.event.type is EventType.REVIEW_SUBMITTED)
    silent.outcomes = '[{"rule":"other"}]'
    run = Run(recent.plan())
    run.play(Assembly().steps(rows))
    run.close()
    (one,) = run.replayed.differences
    assert (one.customer, one.seq, one.event) == ("C2", None, silent.event.id)
    assert (one.field, one.recorded, one.replayed) == ("outcomes", silent.outcomes, "[]")


def test_events_from_before_sealing_have_no_outcomes_and_count_for_no_tier(
    recent: History,
) -> None:
    with recent.store.reading(MAIN) as work:
        rows = work.recordings.of_customers("C1", "C1")  # type: ignore[arg-type]
    first = min(rows.events, key=lambda one: one.event.id)
    first.is_sealed, first.outcomes, first.undone_at = False, "[]", None
    moves = [move for move in rows.moves if move.seq == 1]
    for move in moves:
        move.form, move.qualifying = 1, 0
    run = Run(recent.plan())
    run.play(Assembly().steps(replace(rows, events=[first], moves=moves, holds=())))
    run.close()
    assert run.replayed.different_steps == 0
    assert run.replayed.past.endings["C1"].available == 0


def test_at_most_so_many_differences_are_kept_and_all_are_counted(
    fake_store: FakeStore, clock: FakeClock, ids: SequenceIds
) -> None:
    history = History(fake_store, clock, ids)
    history.publish(a_rule("visit", trigger=EventType.CHECK_IN, effective_from=EVER))
    for number in range(DIFFERENCES_MAX + 5):
        history.customer(f"C{number:03d}")
        history.happens(f"C{number:03d}", EventType.CHECK_IN)
        history.happens(f"C{number:03d}", EventType.CHECK_IN)

    def plant(moves: list[RecordedMove]) -> None:
        for move in moves:
            move.note = "planted"

    found = replayed(history, plant)
    assert len(found.differences) == DIFFERENCES_MAX
    assert found.different_customers == DIFFERENCES_MAX + 5
    assert found.different_steps == 2 * (DIFFERENCES_MAX + 5)


def test_an_edited_row_of_a_database_is_named(
    sqlite_store: SqlStore, sqlite_url: str, clock: FakeClock, ids: SequenceIds
) -> None:
    history = History(sqlite_store, clock, ids)
    lively(history)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as raw:
        raw.execute("DROP TRIGGER lots_no_update")
        raw.execute("UPDATE lots SET points = points + 1 WHERE points = 40 AND customer_id = 'C1'")
    raw.close()
    found = history.backtest()
    assert not found["exact"]
    (one,) = found["differences"]["first"]
    assert (one["customer"], one["field"], one["recorded"], one["replayed"]) == (
        "C1",
        "lot.points",
        "41",
        "40",
    )
