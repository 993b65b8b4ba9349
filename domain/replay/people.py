"""Everything one course of history keeps of a customer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.counting import Standing
from domain.ids import CustomerId, EntryId, EventId, LotId
from domain.lots import LotUse
from domain.outcomes import Outcome
from domain.posting import Book, Move
from domain.refunding import Spent


@dataclass(frozen=True, slots=True)
class Unpaid:
    """Recorded points that this course's wallet did not have: a redemption, a deduction by hand."""

    customer: CustomerId
    at: datetime
    reason: str
    points: int
    """What was recorded."""
    missing: int


@dataclass(slots=True)
class Person:
    """All state of one customer."""

    book: Book
    earned: dict[int, int] = field(default_factory=dict)
    gifts: set[str] = field(default_factory=set)
    """Rules of the tiers' gifts that have been given."""
    pending: list[tuple[datetime, LotId]] = field(default_factory=list)
    lapsed: dict[LotId, int] = field(default_factory=dict)
    """Points of lots that are expired for good."""
    expiries: dict[EntryId, Move] = field(default_factory=dict)
    """Those that were not reinstated."""
    holds: dict[EntryId, tuple[LotUse, ...]] = field(default_factory=dict)
    """What is set aside, by the recorded entry that did."""
    spent: dict[EntryId, Spent] = field(default_factory=dict)
    """What is still spent of settled holds, by the recorded entry that spent it."""
    undoable: dict[EventId, tuple[Sequence[Move], Sequence[Outcome]]] = field(default_factory=dict)
    """What the events did that will be undone."""
    month: int = 0
    """The month in which something was last done, by its number; the liability stands till then."""
    month_ends: datetime | None = None
    """The end of that month; None before anything was done."""
    standing: Standing = field(init=False)

    def __post_init__(self) -> None:
        """Let events be counted for what is kept here."""
        self.standing = Standing(self.book, self.earned, self.gifts.__contains__)
