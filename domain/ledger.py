"""The points ledger: integer double entry, append-only, chained by hashes.

A wallet has four accounts (available, held, pending, debt); the firm has the other legs. A
movement is one or more entries, each a positive number of points from a debit account to a credit
account. Planning is pure: it takes the wallet and its lots as they are and gives drafts; `seal`
numbers a draft, applies it and chains it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from domain.ids import CustomerId, EntryId, EventId, LotId
from domain.lots import Lot, LotUse, take

GENESIS = "0" * 64
"""The hash before a wallet's first entry."""


class Account(StrEnum):
    """Where points can be. `wallet.*` belong to the customer, `firm.*` to the firm."""

    AVAILABLE = "wallet.available"
    HELD = "wallet.held"
    PENDING = "wallet.pending"
    DEBT = "wallet.debt"
    ISSUED = "firm.issued"
    REDEEMED = "firm.redeemed"
    EXPIRED = "firm.expired"
    PENALTIES = "firm.penalties"


class Reason(StrEnum):
    """Why points moved."""

    AWARD = "award"
    DEBT_PAID = "debt_paid"
    PENALTY = "penalty"
    REVERSAL = "reversal"
    HOLD = "hold"
    REDEMPTION = "redemption"
    RELEASE = "release"
    EXPIRY = "expiry"
    ADJUSTMENT = "adjustment"
    GIFT = "gift"


@dataclass(frozen=True, slots=True)
class Wallet:
    """A customer's points; `debt` is what the customer owes, as a positive number."""

    customer: CustomerId
    available: int = 0
    held: int = 0
    pending: int = 0
    debt: int = 0
    seq: int = 0
    head: str = GENESIS


@dataclass(frozen=True, slots=True)
class Draft:
    """One movement that has been decided and not yet numbered."""

    debit: Account
    credit: Account
    points: int
    reason: Reason
    lot_expires_at: datetime | None = None
    """Set when the credit opens a lot."""
    takes: tuple[LotUse, ...] = ()
    gives_back: tuple[LotUse, ...] = ()
    reverses: EntryId | None = None

    def __post_init__(self) -> None:
        """Refuse what can never be a movement; a failure here is a bug, not a refusal."""
        if self.points <= 0 or self.debit == self.credit:
            raise ValueError(self.reason)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a movement is booked for; the same for all entries of one posting."""

    event: EventId | None
    rule: str | None
    rule_version: int | None
    actor: str
    effective_at: datetime
    recorded_at: datetime
    key: str
    """Idempotency key: the posting's, with the entry's place in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One append-only movement as it is stored."""

    id: EntryId
    customer: CustomerId
    seq: int
    debit: Account
    credit: Account
    points: int
    reason: Reason
    cause: Cause
    reverses: EntryId | None
    available_after: int
    debt_after: int
    previous: str
    hash: str = field(default="")

    @property
    def key(self) -> str:
        """The entry's own idempotency key."""
        return self.cause.key

    @property
    def change(self) -> int:
        """What the entry does to the points that can be spent."""
        if self.credit is Account.AVAILABLE:
            return self.points
        return -self.points if self.debit is Account.AVAILABLE else 0


def plan_award(wallet: Wallet, points: int, lot_expires_at: datetime) -> list[Draft]:
    """Credit points; a debt is paid first, the rest opens a lot."""
    paid = min(wallet.debt, points)
    drafts: list[Draft] = []
    if paid:
        drafts.append(Draft(Account.ISSUED, Account.DEBT, paid, Reason.DEBT_PAID))
    if points > paid:
        drafts.append(
            Draft(
                Account.ISSUED,
                Account.AVAILABLE,
                points - paid,
                Reason.AWARD,
                lot_expires_at=lot_expires_at,
            )
        )
    return drafts


def plan_penalty(lots: Sequence[Lot], points: int, now: datetime) -> list[Draft]:
    """Take what is there, soonest expiry first, and book the shortfall as debt.

    A penalty never vanishes.
    """
    takes, missing = take(lots, points, now)
    drafts: list[Draft] = []
    if points > missing:
        drafts.append(
            Draft(
                Account.AVAILABLE, Account.PENALTIES, points - missing, Reason.PENALTY, takes=takes
            )
        )
    if missing:
        drafts.append(Draft(Account.DEBT, Account.PENALTIES, missing, Reason.PENALTY))
    return drafts


def plan_expiry(lots: Sequence[Lot], now: datetime) -> list[Draft]:
    """Book what has lapsed and not been booked yet, one entry for all of it."""
    lapsed = tuple(
        LotUse(lot.id, lot.remaining) for lot in lots if lot.remaining > 0 and lot.expires_at <= now
    )
    if not lapsed:
        return []
    points = sum(use.points for use in lapsed)
    return [Draft(Account.AVAILABLE, Account.EXPIRED, points, Reason.EXPIRY, takes=lapsed)]


def plan_reversal(
    original: Entry,
    *,
    opened: LotId | None,
    taken: Sequence[LotUse],
    lots: Sequence[Lot],
    wallet: Wallet,
    now: datetime,
    lot_expires_at: datetime,
    lapsed: int = 0,
) -> list[Draft]:
    """Undo one entry that earned or took points; `wallet` and `lots` are as they are now.

    What it took goes back to the same lots; what it earned is taken back, from its own lot first.
    What has `lapsed` of that lot is no longer the customer's, so it goes from the firm's expired
    points; what has been spent becomes debt. Points given back while a debt stands pay the debt, so
    that a wallet never has both remaining lots and debt. A debt that later earnings have paid comes
    back as a new lot, ending at `lot_expires_at`.

    Undoing anything else (an undo, an expiry) is a bug, not a refusal.
    """
    if original.reason is Reason.PENALTY:
        return _undo_penalty(original, taken, wallet, lot_expires_at)
    if original.reason not in {Reason.AWARD, Reason.DEBT_PAID}:
        raise ValueError(original.reason)
    own = [lot for lot in lots if lot.id == opened]
    others = [lot for lot in lots if lot.id != opened]
    owed = original.points - lapsed
    from_own, missing = take(own, owed, now)
    from_others, missing = take(others, missing, now)
    parts = (
        (Account.AVAILABLE, owed - missing, from_own + from_others),
        (Account.EXPIRED, lapsed, ()),
        (Account.DEBT, missing, ()),
    )
    return [
        Draft(debit, Account.ISSUED, points, Reason.REVERSAL, takes=takes, reverses=original.id)
        for debit, points, takes in parts
        if points
    ]


def seal(wallet: Wallet, draft: Draft, cause: Cause, entry_id: EntryId) -> tuple[Wallet, Entry]:
    """Give a draft its number, apply it and chain it; give the wallet after it and the entry."""
    moved = _apply(wallet, draft)
    entry = Entry(
        id=entry_id,
        customer=wallet.customer,
        seq=wallet.seq + 1,
        debit=draft.debit,
        credit=draft.credit,
        points=draft.points,
        reason=draft.reason,
        cause=cause,
        reverses=draft.reverses,
        available_after=moved.available,
        debt_after=moved.debt,
        previous=wallet.head,
    )
    entry = replace(entry, hash=entry_hash(entry))
    return replace(moved, seq=entry.seq, head=entry.hash), entry


def entry_hash(entry: Entry) -> str:
    """Chain an entry: SHA-256 over its stored fields, each framed by its length.

    Framing makes the bytes unambiguous: no choice of field contents can imitate another entry.
    """
    cause = entry.cause
    framed = bytearray()
    for value in (
        entry.previous,
        entry.id,
        entry.customer,
        entry.seq,
        entry.debit,
        entry.credit,
        entry.points,
        entry.reason,
        cause.event,
        cause.rule,
        cause.rule_version,
        cause.actor,
        _instant(cause.effective_at),
        _instant(cause.recorded_at),
        cause.key,
        entry.reverses,
        entry.available_after,
        entry.debt_after,
    ):
        data = b"\x00" if value is None else b"\x01" + str(value).encode()
        framed += len(data).to_bytes(4, "big") + data
    return sha256(bytes(framed)).hexdigest()


def _instant(at: datetime) -> str:
    # In UTC, as it is read back from the database, whatever offset it was made with.
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _undo_penalty(
    original: Entry, taken: Sequence[LotUse], wallet: Wallet, lot_expires_at: datetime
) -> list[Draft]:
    pays = min(wallet.debt, original.points)
    back = original.points - pays
    drafts: list[Draft] = []
    if pays:
        drafts.append(
            Draft(Account.PENALTIES, Account.DEBT, pays, Reason.REVERSAL, reverses=original.id)
        )
    if back:
        drafts.append(
            Draft(
                Account.PENALTIES,
                Account.AVAILABLE,
                back,
                Reason.REVERSAL,
                lot_expires_at=None if taken else lot_expires_at,
                gives_back=_latest_first(taken, back),
                reverses=original.id,
            )
        )
    return drafts


def _latest_first(taken: Sequence[LotUse], points: int) -> tuple[LotUse, ...]:
    """Give back to the lots that were taken last, so that the soonest-expiring stay spent."""
    uses: list[LotUse] = []
    for use in reversed(taken):
        part = min(use.points, points)
        if part:
            uses.append(LotUse(use.lot, part))
            points -= part
    return tuple(reversed(uses))


def _apply(wallet: Wallet, draft: Draft) -> Wallet:
    amounts = {
        Account.AVAILABLE: wallet.available,
        Account.HELD: wallet.held,
        Account.PENDING: wallet.pending,
        Account.DEBT: -wallet.debt,
    }
    if draft.debit in amounts:
        amounts[draft.debit] -= draft.points
    if draft.credit in amounts:
        amounts[draft.credit] += draft.points
    if min(amounts[a] for a in (Account.AVAILABLE, Account.HELD, Account.PENDING)) < 0:
        raise ValueError(draft.reason)
    if amounts[Account.DEBT] > 0:
        raise ValueError(draft.reason)
    return replace(
        wallet,
        available=amounts[Account.AVAILABLE],
        held=amounts[Account.HELD],
        pending=amounts[Account.PENDING],
        debt=-amounts[Account.DEBT],
    )
