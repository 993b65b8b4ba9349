"""The points ledger: integer double entry, append-only, chained by hashes.

A wallet has four accounts (available, held, pending, debt); the firm has the other legs. An entry
moves a positive number of points from a debit account to a credit account. What an entry may do is
decided in domain/posting; here is what entries are and how they are chained.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from domain.ids import CustomerId, EntryId, EventId
from domain.lots import Lot, LotUse
from domain.sealing import instant, sealed
from domain.values import value_type

GENESIS = "0" * 64
"""The hash before a wallet's first entry."""
FORM = 2
"""How new entries are hashed; entries keep the form they were written in."""


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
    GIFTS = "firm.gifts"
    """Where gifts between customers pass through; empty whenever nothing is under way."""


class Reason(StrEnum):
    """Why points moved."""

    AWARD = "award"
    MATURITY = "maturity"
    DEBT_PAID = "debt_paid"
    PENALTY = "penalty"
    REVERSAL = "reversal"
    HOLD = "hold"
    REDEMPTION = "redemption"
    RELEASE = "release"
    EXPIRY = "expiry"
    REINSTATEMENT = "reinstatement"
    ADJUSTMENT = "adjustment"
    GIFT = "gift"
    """From the firm, for a tier."""
    REFUND = "refund"
    GIVEN = "given"
    """To another customer."""
    RECEIVED = "received"
    """From another customer."""
    PRIZE = "prize"


@value_type
class Wallet:
    """A customer's points; `debt` is what the customer owes, as a positive number."""

    customer: CustomerId
    available: int = 0
    held: int = 0
    pending: int = 0
    debt: int = 0
    seq: int = 0
    head: str = GENESIS


@value_type
class Cause:
    """What a movement is booked for; the same for all entries of one posting."""

    actor: str
    effective_at: datetime
    recorded_at: datetime
    key: str
    """Idempotency key of the posting."""
    period: str
    """The month ("2026-11") the entry counts in."""
    corrects: str | None = None
    """The closed month it belongs to, where it is a correction."""
    event: EventId | None = None
    rule: str | None = None
    rule_version: int | None = None
    note: str | None = None
    """What else it refers to, such as "approval:<id>"."""


@value_type
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
    key: str
    """The posting's key with the entry's place in it."""
    event_seal: str | None
    """The hash of the event it is booked for, with all that was made of it."""
    reverses: EntryId | None
    reversal_part: int | None
    """Numbers the entries that reverse one together."""
    qualifying: int
    """How many of the points count for the tier (a reversal: no longer count)."""
    available_after: int
    held_after: int
    pending_after: int
    debt_after: int
    previous: str
    hash: str = ""
    form: int = FORM

    @property
    def change(self) -> int:
        """What the entry does to the points that can be spent."""
        if self.credit is Account.AVAILABLE:
            return self.points
        return -self.points if self.debit is Account.AVAILABLE else 0

    @property
    def net(self) -> int:
        """What the entry does to the customer's points, debt included."""
        into, out_of = _is_customers(self.credit), _is_customers(self.debit)
        return self.points * (into - out_of)


@value_type
class Written:
    """An entry with what it does to lots."""

    entry: Entry
    opens: Lot | None = None
    takes: tuple[LotUse, ...] = ()
    gives_back: tuple[LotUse, ...] = ()
    matures: LotUse | None = None
    """The lot that can be spent from now on, and what is left of it."""


def entry_hash(written: Written) -> str:
    """Chain an entry: SHA-256 over its framed fields, the lots it moves and the hash before it."""
    if written.entry.form == 1:
        return sealed_in_form_1(fields_of_form_1(written.entry))
    return sealed(entry_fields(written))


def entry_fields(written: Written) -> list[str | None]:
    """Give the texts that are hashed, in order."""
    entry, cause = written.entry, written.entry.cause
    return [
        str(entry.form),
        entry.previous,
        entry.id,
        entry.customer,
        str(entry.seq),
        entry.debit,
        entry.credit,
        str(entry.points),
        entry.reason,
        cause.actor,
        instant(cause.effective_at),
        instant(cause.recorded_at),
        cause.key,
        entry.key,
        cause.period,
        cause.corrects,
        cause.event,
        entry.event_seal,
        cause.rule,
        None if cause.rule_version is None else str(cause.rule_version),
        cause.note,
        entry.reverses,
        None if entry.reversal_part is None else str(entry.reversal_part),
        str(entry.qualifying),
        str(entry.available_after),
        str(entry.held_after),
        str(entry.pending_after),
        str(entry.debt_after),
        lots_text(written),
    ]


def lots_text(written: Written) -> str:
    """Write down what an entry does to lots, in one fixed order."""
    parts = []
    if (lot := written.opens) is not None:
        matures = "" if lot.matures_at is None else instant(lot.matures_at)
        ends = f"{instant(lot.earned_at)}/{instant(lot.expires_at)}/{matures}"
        parts.append(f"open {lot.id} {lot.points} {ends}")
    parts += [f"take {use.lot} {use.points}" for use in written.takes]
    parts += [f"give_back {use.lot} {use.points}" for use in written.gives_back]
    if written.matures is not None:
        parts.append(f"mature {written.matures.lot} {written.matures.points}")
    return ";".join(parts)


def sealed_in_form_1(fields: Iterable[object]) -> str:
    """Hash fields as the first release did, with another framing and without lots."""
    data = bytearray()
    for value in fields:
        field = b"\x00" if value is None else b"\x01" + str(value).encode()
        data += len(field).to_bytes(4, "big") + field
    return sha256(bytes(data)).hexdigest()


def instant_in_form_1(text: str) -> str:
    """Give an instant's text as the first release hashed it."""
    return text.replace(" ", "T") + "+00:00"


def fields_of_form_1(entry: Entry) -> tuple[object, ...]:
    """Give the values that the first release hashed, in order."""
    cause = entry.cause
    return (
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
        instant_in_form_1(instant(cause.effective_at)),
        instant_in_form_1(instant(cause.recorded_at)),
        entry.key,
        entry.reverses,
        entry.available_after,
        entry.debt_after,
    )


def _is_customers(account: Account) -> bool:
    return account.startswith("wallet.")
