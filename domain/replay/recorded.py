"""What was recorded, as steps: whatever was done to a wallet in one go.

Rows are read by the million, so these are plain slots without the enumerations of the ledger; an
enumeration equals its text.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.events import BusinessEvent, FactValue
from domain.ids import CustomerId, EntryId, EventId, LotId
from domain.lots import LotUse


@dataclass(slots=True)
class RecordedLot:
    """The lot that an entry opened, as it was opened."""

    id: LotId
    points: int
    earned_at: datetime
    expires_at: datetime
    matures_at: datetime | None


@dataclass(slots=True)
class RecordedMove:
    """An entry without its hashes, with what it did to lots."""

    id: EntryId
    customer: CustomerId
    seq: int
    debit: str
    credit: str
    points: int
    reason: str
    event: EventId | None
    rule: str | None
    rule_version: int | None
    effective_at: datetime
    recorded_at: datetime
    key: str
    reverses: EntryId | None
    reversal_part: int | None
    available: int
    held: int
    pending: int
    debt: int
    qualifying: int
    period: str
    corrects: str | None
    note: str | None
    form: int
    opens: RecordedLot | None = None
    takes: tuple[LotUse, ...] = ()
    gives_back: tuple[LotUse, ...] = ()
    matures: LotUse | None = None


@dataclass(slots=True)
class RecordedEvent:
    """An event with what rules were told and what they made of it."""

    event: BusinessEvent
    on: date
    """The business day it happened on."""
    facts: dict[str, FactValue]
    """Everything rules can ask, but for the tier."""
    outcomes: str
    """As JSON, exactly as it is stored."""
    is_sealed: bool
    """Events from before sealing have no outcomes to compare with and count for no tier."""
    undone_at: datetime | None = None


@dataclass(slots=True)
class RecordedHold:
    """A hold that has ended."""

    entry: EntryId
    """The entry that set the points aside."""
    customer: CustomerId
    points: int
    closed_at: datetime


@dataclass(slots=True)
class RecordedJoin:
    """Months of earning that a merge, or its undo, has moved to a customer or away."""

    customer: CustomerId
    at: datetime
    key: str
    months: dict[int, int]
    """Signed."""


@dataclass(slots=True)
class Step:
    """Something that was done to a wallet; its entries by seq, maybe none."""

    at: datetime
    key: str
    """Settles the order among steps of one instant."""
    customer: CustomerId
    moves: list[RecordedMove] = field(default_factory=list)


@dataclass(slots=True)
class Happened(Step):
    """An event was counted."""

    recorded: RecordedEvent = field(kw_only=True)


@dataclass(slots=True)
class Undone(Step):
    """An event was undone."""

    recorded: RecordedEvent = field(kw_only=True)


@dataclass(slots=True)
class Own(Step):
    """The ledger moved points without an event: expiry, a hold, an adjustment."""

    held_by: EntryId | None = None
    """The entry of the hold that ends here."""


@dataclass(slots=True)
class Joined(Step):
    """Months of earning came to a customer, or went, by a merge or its undo."""

    months: dict[int, int] = field(kw_only=True)
    """Signed."""
