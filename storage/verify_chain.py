"""One wallet while its entries go by: every check of the chain, from rows as they are stored."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import product
from typing import Any, NamedTuple

from domain.ledger import GENESIS, Account, Reason
from domain.verification import Fault, Finding


class StoredEntry(NamedTuple):
    """What is needed of a row of entries, with its event's seal and the lot it opened."""

    id: str
    customer: str
    seq: int
    form: int
    previous: str
    hash: str
    debit: str
    credit: str
    points: int
    reason: str
    recorded_at: Any
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
    lot_terms: str | None
    """The lot as it is sealed (domain/ledger.lots_text)."""
    lot_points: int
    lot_expires_at: Any
    lot_matures_at: Any
    lot_remaining: int
    lot_is_pending: bool
    lot_customer: str


class StoredUse(NamedTuple):
    """A row of lot_uses."""

    entry: str
    place: int
    lot: str
    direction: str
    points: int


class StoredWallet(NamedTuple):
    """A row of wallets."""

    customer: str
    available: int
    held: int
    pending: int
    debt: int
    seq: int
    head: str


class _Lot:
    """A lot that has been opened, and what its row says of it."""

    __slots__ = ("ends_at", "is_pending", "left", "points", "seq", "stored")

    def __init__(self, entry: StoredEntry) -> None:
        self.seq = entry.seq
        self.points = self.left = entry.lot_points
        self.ends_at = entry.lot_expires_at
        self.is_pending = entry.lot_matures_at is not None
        self.stored = (entry.lot_remaining, bool(entry.lot_is_pending))


class Chain:
    """The state of a wallet up to an entry; keeps the first thing that is wrong.

    What follows a bad entry proves nothing, so entries after it are only counted.
    """

    __slots__ = ("_balances", "_form", "_head", "_lots", "customer", "finding", "seq")

    def __init__(self, customer: str) -> None:
        """Begin before the first entry."""
        self.customer = customer
        self.seq = 0
        self.finding: Finding | None = None
        self._head = GENESIS
        self._form = 1
        self._balances = (0, 0, 0, 0)
        self._lots: dict[str, _Lot] = {}

    def add(self, entry: StoredEntry, uses: Sequence[StoredUse], fault: Fault | None) -> None:
        """Check the next entry with what it did to lots; `fault` is what is known of its sources.

        That is the first release's hash, where the entry has its form, and its event.
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
            self.finding = Finding(found, self.customer, self.seq, entry.id)
        self._head = entry.hash

    def close(self, wallet: StoredWallet | None) -> None:
        """Compare what the entries lead to with the wallet's row and what is left in its lots."""
        if self.finding is not None:
            return
        if wallet is None or wallet[1:] != (*self._balances, self.seq, self._head):
            self.finding = Finding(Fault.WALLET_DIFFERS, self.customer, self._first_beyond(wallet))
            return
        for id_, lot in self._lots.items():
            if (lot.left, lot.is_pending) != lot.stored:
                self.finding = Finding(Fault.LOT_DIFFERS, self.customer, lot.seq, id_)
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

    def _fault(self, entry: StoredEntry, uses: Sequence[StoredUse]) -> Fault | None:
        if entry.seq != self.seq:
            return Fault.GAP
        if entry.previous != self._head:
            return Fault.BROKEN_LINK
        if entry.form != self._form:
            if entry.form < self._form:
                return Fault.CHANGED
            self._form = entry.form
        if entry.form > 1 and _hash(entry, uses) != entry.hash:
            return Fault.CHANGED
        return None

    def _effect(self, entry: StoredEntry, uses: Sequence[StoredUse]) -> Fault | None:
        if not self._move(entry):
            return Fault.WRONG_BALANCE
        if entry.lot is not None:
            if entry.lot_customer != self.customer or entry.lot in self._lots:
                return Fault.WRONG_LOTS
            self._lots[entry.lot] = _Lot(entry)
            if (entry.credit == _PENDING) != self._lots[entry.lot].is_pending:
                return Fault.WRONG_LOTS
        elif not uses:
            # Between accounts without lots: a debt, or points that are held.
            is_right = entry.debit not in _IN_LOTS and entry.credit not in _IN_LOTS
            return None if is_right else Fault.WRONG_LOTS
        return self._use(entry, uses)

    def _move(self, entry: StoredEntry) -> bool:
        """Move the points; tell whether that leads to the balances the entry says."""
        available, held, pending, debt = self._balances
        to_available, to_held, to_pending, to_debt = _SIGNS[entry.debit, entry.credit]
        points = entry.points
        available += to_available * points
        held += to_held * points
        pending += to_pending * points
        debt += to_debt * points
        self._balances = (available, held, pending, debt)
        return (
            points > 0
            and available == entry.available_after
            and held == entry.held_after
            and pending == entry.pending_after
            and debt == entry.debt_after
            and available >= 0
            and held >= 0
            and pending >= 0
            and debt >= 0
            and not (available and debt)
        )

    def _use(self, entry: StoredEntry, uses: Sequence[StoredUse]) -> Fault | None:
        taken = given = 0
        for place, use in enumerate(uses, 1):
            lot = self._lots.get(use.lot)
            if lot is None or use.place != place or use.points <= 0:
                return Fault.WRONG_LOTS
            if use.direction == "take":
                if lot.ends_at <= entry.recorded_at and entry.reason != _EXPIRY:
                    return Fault.SPENT_AFTER_END
                if lot.is_pending != (entry.debit == _PENDING):
                    return Fault.WRONG_LOTS
                lot.left -= use.points
                taken += use.points
            elif use.direction == "mature":
                if not lot.is_pending or lot.left != use.points:
                    return Fault.WRONG_LOTS
                lot.is_pending = False
                given += use.points
            else:
                lot.left += use.points
                given += use.points
            if not 0 <= lot.left <= lot.points:
                return Fault.WRONG_LOTS
        return _sums_fault(entry, taken, given)


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


def _sums_fault(entry: StoredEntry, taken: int, given: int) -> Fault | None:
    """Tell whether what an entry did to lots is what it moved into and out of them."""
    opened = entry.lot_points or 0
    leaves, enters = entry.debit in _IN_LOTS, entry.credit in _IN_LOTS
    if leaves and enters:
        # Pending points that can be spent from now on stay in their lot.
        is_right = (taken, given, opened) == (0, entry.points, 0)
    else:
        is_right = taken == entry.points * leaves and given + opened == entry.points * enters
    return None if is_right else Fault.WRONG_LOTS


def _hash(entry: StoredEntry, uses: Sequence[StoredUse]) -> str:
    if not uses:
        lots = entry.lot_terms or ""
    else:
        opened = [] if entry.lot_terms is None else [entry.lot_terms]
        lots = ";".join([*opened, *(f"{use.direction} {use.lot} {use.points}" for use in uses)])
    size = len(lots) if lots.isascii() else len(lots.encode())
    return sha256(f"{entry.framed}{size}:{lots},".encode()).hexdigest()
