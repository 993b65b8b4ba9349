"""What holds for every ledger, whatever was posted and undone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.ledger import GENESIS, Account, Reason, Written, entry_hash
from tests.support.book import Ledger, fold

Step = tuple[list[int], int, int]
MOVE = st.integers(-60, 60).filter(bool)
STEPS = st.lists(
    st.tuples(st.lists(MOVE, min_size=1, max_size=3), st.integers(-2, 40), st.integers(0, 20)),
    max_size=6,
)
"""Moves of one posting, the days its lots live, the days that pass afterwards."""


def a_ledger(steps: list[Step]) -> Ledger:
    ledger = Ledger()
    for moves, days, pause in steps:
        ledger.post(*moves, ends_at=ledger.now + timedelta(days=days))
        ledger.now += timedelta(days=pause)
    return ledger


def state(ledger: Ledger) -> Any:
    ledger.sweep()
    wallet = ledger.wallet
    left = {lot.id: (lot.remaining, lot.expires_at) for lot in ledger.lots.values()}
    return (wallet.available, wallet.debt), {i: v for i, v in left.items() if v[0]}


@given(STEPS, st.lists(MOVE, min_size=1, max_size=3), st.integers(-2, 40))
def test_undoing_the_last_posting_restores_lots_dates_and_debt(
    steps: list[Step], moves: list[int], days: int
) -> None:
    ledger = a_ledger(steps)
    before = state(ledger)
    ledger.post(*moves, ends_at=ledger.now + timedelta(days=days))
    ledger.undo(len(ledger.postings))
    assert state(ledger) == before


@given(STEPS, st.integers(0, 60))
def test_undoing_everything_backwards_leaves_every_account_empty(
    steps: list[Step], pause: int
) -> None:
    ledger = a_ledger(steps)
    for number in range(len(ledger.postings), 0, -1):
        ledger.now += timedelta(days=pause)
        ledger.undo(number)
    assert set(fold(ledger.entries).values()) == {0}
    assert ledger.left() == {}


@given(STEPS, st.randoms(use_true_random=False))
def test_undoing_everything_in_any_order_leaves_every_account_empty_if_nothing_lapsed(
    steps: list[Step], random: Any
) -> None:
    ledger = a_ledger([(moves, 400, 0) for moves, _, _ in steps])
    numbers = list(range(1, len(ledger.postings) + 1))
    random.shuffle(numbers)
    for number in numbers:
        ledger.undo(number)
    assert set(fold(ledger.entries).values()) == {0}
    assert ledger.left() == {}


@given(STEPS)
def test_what_was_asked_is_what_was_booked_debt_included(steps: list[Step]) -> None:
    ledger = a_ledger(steps)
    for (moves, _, _), written in zip(steps, ledger.postings, strict=True):
        earned = sum(w.entry.points for w in written if w.entry.debit is Account.ISSUED)
        taken = sum(w.entry.points for w in written if w.entry.reason is Reason.PENALTY)
        assert earned == sum(points for points in moves if points > 0)
        assert taken == -sum(points for points in moves if points < 0)


@given(STEPS)
def test_no_lot_is_spent_after_its_end(steps: list[Step]) -> None:
    ledger = a_ledger(steps)
    for written in ledger.written:
        if written.entry.reason is not Reason.EXPIRY:
            booked_at = written.entry.cause.recorded_at
            assert all(ledger.lots[use.lot].expires_at > booked_at for use in written.takes)


@given(STEPS, st.integers(0, 3))
def test_the_order_of_independent_awards_does_not_matter(steps: list[Step], turn: int) -> None:
    moves = [abs(step[0][0]) for step in steps]
    turned = moves[turn:] + moves[:turn]
    one, other = (a_ledger([([points], 40, 0) for points in order]) for order in (moves, turned))
    assert one.points() == other.points()
    assert one.left() == other.left()


def first_bad(chain: list[Written]) -> int | None:
    """Name the place of the first entry that does not fit, as a verifier does."""
    previous = GENESIS
    for place, written in enumerate(chain):
        entry = written.entry
        is_next = entry.seq == place + 1 and entry.previous == previous
        if not is_next or entry_hash(written) != entry.hash:
            return place
        previous = entry.hash
    return None


def three_entries() -> list[Written]:
    return Ledger("issued -> C001 50", "C001 -> penalties 20", "issued -> C001 30").written


def edited(written: Written, **changes: Any) -> Written:
    return replace(written, entry=replace(written.entry, **changes))


def test_an_untouched_chain_verifies() -> None:
    assert first_bad(three_entries()) is None


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "change",
    [
        {"points": 51},
        {"available_after": 7},
        {"held_after": 7},
        {"pending_after": 7},
        {"debt_after": 7},
        {"qualifying": 7},
        {"reason": Reason.GIFT},
        {"hash": "f" * 64},
        {"previous": "f" * 64},
        {"form": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_entry_is_found_where_it_is(place: int, change: dict[str, Any]) -> None:
    chain = three_entries()
    chain[place] = edited(chain[place], **change)
    assert first_bad(chain) == place


def test_an_edited_lot_is_found_where_it_was_opened_or_used() -> None:
    chain = three_entries()
    [use] = chain[1].takes
    lot = chain[0].opens
    assert lot is not None
    for place, changed in (
        (0, replace(chain[0], opens=replace(lot, expires_at=lot.expires_at + timedelta(days=1)))),
        (1, replace(chain[1], takes=(replace(use, points=19),))),
        (1, replace(chain[1], takes=())),
        (2, replace(chain[2], opens=None)),
    ):
        assert first_bad([*chain[:place], changed, *chain[place + 1 :]]) == place


@pytest.mark.parametrize("place", [0, 1])
def test_an_edited_entry_with_a_mended_hash_is_found_at_the_next_one(place: int) -> None:
    chain = three_entries()
    changed = edited(chain[place], points=1000)
    chain[place] = edited(changed, hash=entry_hash(changed))
    assert first_bad(chain) == place + 1


@pytest.mark.parametrize("place", [0, 1])
def test_a_removed_or_swapped_entry_is_found(place: int) -> None:
    chain = three_entries()
    assert first_bad(chain[:place] + chain[place + 1 :]) == place
    chain[place], chain[place + 1] = chain[place + 1], chain[place]
    assert first_bad(chain) == place
