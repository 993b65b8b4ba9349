"""Entries: what can be drafted, what sealing does, and how the chain holds."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from domain.ids import CustomerId, EntryId, EventId, LotId
from domain.ledger import (
    GENESIS,
    Account,
    Draft,
    Reason,
    Wallet,
    entry_hash,
    plan_award,
    plan_expiry,
    plan_penalty,
    plan_reversal,
    seal,
)
from domain.lots import LotUse
from tests.support.fakes import START
from tests.support.make import a_cause, a_lot, an_entry

END = START + timedelta(days=30)
WALLET = Wallet(CustomerId("C001"))


def sealed(wallet: Wallet, debit: Account, credit: Account, points: int) -> Wallet:
    draft = Draft(debit, credit, points, Reason.ADJUSTMENT)
    return seal(wallet, draft, a_cause(), EntryId("e"))[0]


@pytest.mark.parametrize(
    ("debit", "credit", "points"),
    [
        (Account.ISSUED, Account.AVAILABLE, 0),
        (Account.ISSUED, Account.AVAILABLE, -1),
        (Account.AVAILABLE, Account.AVAILABLE, 1),
    ],
)
def test_a_movement_is_positive_and_between_two_accounts(
    debit: Account, credit: Account, points: int
) -> None:
    with pytest.raises(ValueError, match="award"):
        Draft(debit, credit, points, Reason.AWARD)


def test_an_award_without_debt_opens_one_lot() -> None:
    assert plan_award(WALLET, 50, END) == [
        Draft(Account.ISSUED, Account.AVAILABLE, 50, Reason.AWARD, lot_expires_at=END)
    ]


@pytest.mark.parametrize(
    ("debt", "points", "expected"),
    [
        (20, 50, [("wallet.debt", 20, None), ("wallet.available", 30, END)]),
        (50, 50, [("wallet.debt", 50, None)]),
        (70, 50, [("wallet.debt", 50, None)]),
    ],
)
def test_an_award_pays_the_debt_first(debt: int, points: int, expected: list[Any]) -> None:
    drafts = plan_award(replace(WALLET, debt=debt), points, END)
    assert [(d.credit, d.points, d.lot_expires_at) for d in drafts] == expected


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [
        (70, [("wallet.available", 50)]),
        (50, [("wallet.available", 50)]),
        (20, [("wallet.available", 20), ("wallet.debt", 30)]),
        (0, [("wallet.debt", 50)]),
    ],
)
def test_a_penalty_takes_what_is_there_and_owes_the_rest(remaining: int, expected: Any) -> None:
    drafts = plan_penalty([a_lot("a", remaining, END, points=90)], 50, START)
    assert [(d.debit, d.points) for d in drafts] == expected
    assert sum(draft.points for draft in drafts) == 50


def test_expiry_books_everything_that_has_lapsed_in_one_entry() -> None:
    lots = [
        a_lot("a", 5, START),
        a_lot("b", 7, START - timedelta(days=1)),
        a_lot("c", 9, START + timedelta(microseconds=1)),
        a_lot("d", 0, START, points=3),
    ]
    taken = (LotUse(LotId("a"), 5), LotUse(LotId("b"), 7))
    assert plan_expiry(lots, START) == [
        Draft(Account.AVAILABLE, Account.EXPIRED, 12, Reason.EXPIRY, takes=taken)
    ]
    assert plan_expiry(lots[2:], START) == []


@pytest.mark.parametrize(
    "reason", sorted(set(Reason) - {Reason.AWARD, Reason.DEBT_PAID, Reason.PENALTY})
)
def test_only_awards_and_penalties_are_undone_this_way(reason: Reason) -> None:
    with pytest.raises(ValueError, match=reason):
        plan_reversal(
            an_entry(reason=reason),
            opened=None,
            taken=(),
            lots=(),
            wallet=WALLET,
            now=START,
            lot_expires_at=END,
        )


@pytest.mark.parametrize(
    ("debit", "credit"),
    [
        (Account.AVAILABLE, Account.PENALTIES),
        (Account.HELD, Account.REDEEMED),
        (Account.PENDING, Account.AVAILABLE),
        (Account.ISSUED, Account.DEBT),
    ],
)
def test_no_account_is_overdrawn_and_no_debt_overpaid(debit: Account, credit: Account) -> None:
    with pytest.raises(ValueError, match="adjustment"):
        sealed(WALLET, debit, credit, 1)


def test_points_move_between_the_accounts_of_a_wallet() -> None:
    wallet = sealed(WALLET, Account.ISSUED, Account.PENDING, 30)
    wallet = sealed(wallet, Account.PENDING, Account.AVAILABLE, 20)
    wallet = sealed(wallet, Account.AVAILABLE, Account.HELD, 15)
    wallet = sealed(wallet, Account.HELD, Account.REDEEMED, 10)
    assert (wallet.available, wallet.held, wallet.pending, wallet.debt) == (5, 5, 10, 0)
    assert wallet.seq == 4


def test_sealing_numbers_the_entry_and_chains_it_to_the_one_before() -> None:
    [draft] = plan_award(WALLET, 50, END)
    first, one = seal(WALLET, draft, a_cause(), EntryId("e1"))
    second, two = seal(first, draft, a_cause(), EntryId("e2"))
    assert (one.seq, one.previous, one.hash) == (1, GENESIS, first.head)
    assert (two.seq, two.previous, two.hash) == (2, one.hash, second.head)
    assert (two.available_after, two.debt_after) == (100, 0)
    assert (second.available, second.seq) == (100, 2)
    assert [entry_hash(entry) for entry in (one, two)] == [one.hash, two.hash]


def test_an_entry_has_its_own_key_and_says_what_it_changes() -> None:
    assert an_entry(seq=7).key == an_entry(seq=7).cause.key
    assert an_entry().change == 50
    assert an_entry(debit=Account.AVAILABLE, credit=Account.PENALTIES).change == -50
    assert an_entry(debit=Account.DEBT, credit=Account.PENALTIES).change == 0


OTHER: dict[str, Any] = {
    "previous": "1" * 64,
    "id": EntryId("entry-2"),
    "customer": CustomerId("C002"),
    "seq": 2,
    "debit": Account.PENALTIES,
    "credit": Account.HELD,
    "points": 51,
    "reason": Reason.GIFT,
    "reverses": EntryId("entry-0"),
    "available_after": 51,
    "debt_after": 1,
}
OTHER_CAUSE: dict[str, Any] = {
    "event": EventId("event-2"),
    "rule": "milestone-late",
    "rule_version": 2,
    "actor": "member:zhang",
    "effective_at": START + timedelta(microseconds=1),
    "recorded_at": START - timedelta(microseconds=1),
    "key": "event:event-1",
}


@pytest.mark.parametrize("field", OTHER)
def test_changing_any_field_of_an_entry_changes_its_hash(field: str) -> None:
    assert entry_hash(an_entry(**{field: OTHER[field]})) != entry_hash(an_entry())


@pytest.mark.parametrize("field", OTHER_CAUSE)
def test_changing_any_field_of_its_cause_changes_its_hash(field: str) -> None:
    changed = an_entry(cause=a_cause(**{field: OTHER_CAUSE[field]}))
    assert entry_hash(changed) != entry_hash(an_entry())


def test_the_hash_covers_every_field_there_is() -> None:
    entry, cause = an_entry(), a_cause()
    assert set(OTHER) | {"cause", "hash"} == set(entry.__dataclass_fields__)
    assert set(OTHER_CAUSE) == set(cause.__dataclass_fields__)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"actor": "ab", "key": "c"}, {"actor": "a", "key": "bc"}),
        ({"event": None}, {"event": ""}),
        ({"rule": None}, {"rule": "\x00"}),
        ({"rule": "a", "rule_version": 12}, {"rule": "a1", "rule_version": 2}),
        ({"actor": "a\x00\x00\x00\x02\x01b"}, {"actor": "a"}),
    ],
)
def test_no_contents_can_imitate_other_contents(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = an_entry(cause=a_cause(**one)), an_entry(cause=a_cause(**other))
    assert entry_hash(first) != entry_hash(second)


def test_the_same_instant_hashes_alike_in_every_zone() -> None:
    local = START.astimezone(timezone(timedelta(hours=8)))
    moved = an_entry(cause=a_cause(effective_at=local, recorded_at=local))
    assert isinstance(moved.cause.effective_at, datetime)
    assert entry_hash(moved) == entry_hash(an_entry())
