"""One wallet while its entries go by: every check of the chain, from rows as they are stored."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import product
from typing import Any, NamedTuple

from domain.ledger import GENESIS, Account, Reason
from domain.verification import Fault, Finding
from storage.db import Row


class StoredEntry(NamedTuple):
    """What is needed of a row of entries, with its event's seal and the lot it opened.

    Times are texts. There are millions of rows, so the chain reads them as they come, by place.
    """

    id: str
    customer: str
    seq: int
    form: int
    previous: str
    hash: str
    debit: str
    credit: str
    points: int
    available_after: int
    held_after: int
    pending_after: int
    debt_after: int
    framed: str
    """The columns that are sealed, framed (storage/framing)."""
    is_event_doubtful: int
    """Whether the event's seal has to be looked at."""
    rule: str | None
    rule_version: int | None
    lot: str | None
    lot_points: int
    lot_earned_at: str
    lot_expires_at: str
    lot_matures_at: str | None
    lot_remaining: int
    lot_is_pending: bool
    lot_customer: str


_LINK = slice(2, 6)
_MOVE = slice(6, 9)
_AFTER = slice(9, 13)
_FRAMED, _LOT = 13, 17
_LOT_TERMS = slice(17, 22)
_LOT_ROW = slice(17, 25)


class StoredUse(NamedTuple):
    """A row of lot_uses, with when and why."""

    entry: str
    place: int
    lot: str
    direction: str
    points: int
    recorded_at: str
    reason: str
    """Of the entry."""


class StoredWallet(NamedTuple):
    """A row of wallets."""

    customer: str
    available: int
    held: int
    pending: int
    debt: int
    seq: int
    head: str


_Lot = tuple[int, int, str, int, bool]
"""A lot that has been opened: the entry's number, its points and end; what its row says is left,
and whether it is pending."""


class Chain:
    """The state of a wallet up to an entry; keeps the first thing that is wrong.

    What follows a bad entry proves nothing, so entries after it are only counted.
    """

    __slots__ = (
        *("_balances", "_form", "_head", "_left", "_lots", "_pending"),
        *("customer", "finding", "seq"),
    )

    def __init__(self, customer: str) -> None:
        """Begin before the first entry."""
        self.customer = customer
        self.seq = 0
        self.finding: Finding | None = None
        self._head = GENESIS
        self._form = 1
        self._balances = (0, 0, 0, 0)
        self._lots: dict[str, _Lot] = {}
        self._left: dict[str, int] = {}
        self._pending: set[str] = set()

    def add(self, entry: Row, uses: Sequence[StoredUse], fault: Fault | None) -> None:
        """Check the next entry with what it did to lots; `fault` is what is known of its sources.

        That is the first release's hash, where the entry has its form, and its event. `entry` has
        the columns of StoredEntry.
        """
        self.seq += 1
        if self.finding is not None:
            return
        try:
            found = self._fault(entry, uses) or fault or self._effect(entry, uses)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            # SQLite keeps a text or bytes in a column of numbers, if it has to.
            found = Fault.CHANGED
        if found is not None:
            self.finding = Finding(found, self.customer, self.seq, entry[0])

    def close(self, wallet: StoredWallet | None) -> None:
        """Compare what the entries lead to with the wallet's row and what is left in its lots."""
        if self.finding is not None:
            return
        if wallet is None or wallet[1:] != (*self._balances, self.seq, self._head):
            self.finding = Finding(Fault.WALLET_DIFFERS, self.customer, self._first_beyond(wallet))
            return
        for id_, (seq, _, _, remaining, is_pending) in self._lots.items():
            if (self._left[id_], id_ in self._pending) != (remaining, is_pending):
                self.finding = Finding(Fault.LOT_DIFFERS, self.customer, seq, id_)
                return

    def _first_beyond(self, wallet: StoredWallet | None) -> int:
        """Give the first entry that only one of both knows; the last one where both end alike."""
        if wallet is None or wallet.seq == self.seq:
            return self.seq
        try:
            return min(wallet.seq, self.seq) + 1
        except TypeError:
            # It is no number at all.
            return self.seq

    def _fault(self, entry: Row, uses: Sequence[StoredUse]) -> Fault | None:
        seq, form, previous, hash_ = entry[_LINK]
        if seq != self.seq:
            return Fault.GAP
        if previous != self._head:
            return Fault.BROKEN_LINK
        if form != self._form:
            if form < self._form:
                return Fault.CHANGED
            self._form = form
        if form > 1 and _hash(entry, uses) != hash_:
            return Fault.CHANGED
        self._head = hash_
        return None

    def _effect(self, entry: Row, uses: Sequence[StoredUse]) -> Fault | None:
        debit, credit, points = entry[_MOVE]
        available, held, pending, debt = self._balances
        to_available, to_held, to_pending, to_debt = _SIGNS[debit, credit]
        available += to_available * points
        held += to_held * points
        pending += to_pending * points
        debt += to_debt * points
        self._balances = after = (available, held, pending, debt)
        if after != entry[_AFTER] or points <= 0 or min(after) < 0 or (available and debt):
            return Fault.WRONG_BALANCE
        opened = 0
        if entry[_LOT] is not None:
            opened = self._open(entry, is_pending=credit == _PENDING)
            if not opened:
                return Fault.WRONG_LOTS
        if uses:
            return self._use(entry, uses, opened)
        return None if _is_summed_up(debit, credit, points, (0, 0, opened)) else Fault.WRONG_LOTS

    def _open(self, entry: Row, *, is_pending: bool) -> Any:
        """Take up the lot of an entry; give its points, none where it can't be the entry's."""
        id_, points, _, ends_at, matures_at, remaining, is_pending_now, customer = entry[_LOT_ROW]
        if customer != self.customer or id_ in self._lots or is_pending != (matures_at is not None):
            return 0
        self._lots[id_] = (self.seq, points, ends_at, remaining, is_pending_now)
        self._left[id_] = points
        if is_pending:
            self._pending.add(id_)
        return points

    def _use(self, entry: Row, uses: Sequence[StoredUse], opened: int) -> Fault | None:
        debit, credit, points = entry[_MOVE]
        taken = given = 0
        for number, use in enumerate(uses, 1):
            _, place, id_, direction, used, recorded_at, reason = use
            lot = self._lots.get(id_)
            if lot is None or place != number or used <= 0:
                return Fault.WRONG_LOTS
            _, most, ends_at, _, _ = lot
            left, is_pending = self._left[id_], id_ in self._pending
            if direction == "take":
                if ends_at <= recorded_at and reason != _EXPIRY:
                    return Fault.SPENT_AFTER_END
                if is_pending != (debit == _PENDING):
                    return Fault.WRONG_LOTS
                left -= used
                taken += used
            elif direction == "mature":
                if not is_pending or left != used:
                    return Fault.WRONG_LOTS
                self._pending.discard(id_)
                given += used
            else:
                left += used
                given += used
            if not 0 <= left <= most:
                return Fault.WRONG_LOTS
            self._left[id_] = left
        sums = (taken, given, opened)
        return None if _is_summed_up(debit, credit, points, sums) else Fault.WRONG_LOTS


_EXPIRY = Reason.EXPIRY.value
_PENDING = Account.PENDING.value
_IN_LOTS = frozenset({Account.AVAILABLE.value, _PENDING})


def _signs(debit: Account, credit: Account) -> tuple[int, ...]:
    """Give what a point does to the wallet's accounts, in the order of its row."""
    into = [(credit is account) - (debit is account) for account in Account][:4]
    return (*into[:3], -into[3])


_SIGNS = {
    (debit.value, credit.value): _signs(debit, credit)
    for debit, credit in product(Account, Account)
}


def _is_summed_up(debit: str, credit: str, points: int, sums: tuple[int, int, int]) -> bool:
    """Tell whether what an entry did to lots is what it moved into and out of them."""
    taken, given, opened = sums
    leaves, enters = debit in _IN_LOTS, credit in _IN_LOTS
    if leaves and enters:
        # Pending points that can be spent from now on stay in their lot.
        return sums == (0, points, 0)
    return taken == points * leaves and given + opened == points * enters


def _hash(entry: Row, uses: Sequence[StoredUse]) -> str:
    lots = ""
    if entry[_LOT] is not None:
        # As domain/ledger.lots_text writes it.
        id_, points, earned_at, expires_at, matures_at = entry[_LOT_TERMS]
        lots = f"open {id_} {points} {earned_at}/{expires_at}/{matures_at or ''}"
    if uses:
        used = [f"{use.direction} {use.lot} {use.points}" for use in uses]
        lots = ";".join([lots, *used] if lots else used)
    size = len(lots) if lots.isascii() else len(lots.encode())
    return sha256(f"{entry[_FRAMED]}{size}:{lots},".encode()).hexdigest()
