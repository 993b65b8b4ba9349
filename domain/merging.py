"""Two records of one unit: what moves when the double is merged into the other, and back.

The double's entries stay in its own wallet. What it can spend goes through the firm's account for
gifts, lots keeping their ends; its months count for the kept record's tier.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.giving import Part, parts_of
from domain.ids import ApprovalId, ContactId, ContractId, CustomerId, LotId, ProjectId
from domain.ledger import Account, Cause, Reason
from domain.lots import LotUse
from domain.posting import Book

NOTE = "merge:"
"""What entries of a merge and of its undo name it by."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """What belongs to a customer beside its points, by id."""

    contacts: tuple[ContactId, ...] = ()
    """Those who have left, too."""
    projects: tuple[ProjectId, ...] = ()
    contracts: tuple[ContractId, ...] = ()


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What has to end before a customer can be merged, counted."""

    orders: int = 0
    vouchers: int = 0
    gifts: int = 0
    approvals: int = 0


@dataclass(frozen=True, slots=True)
class Parted:
    """How a merge was undone."""

    at: datetime
    key: str
    """Settles the order among what is recorded at that instant."""
    points: int
    """What went back: all that was moved but for what has ended meanwhile."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A double that was merged into another record; only its end is written later, once."""

    id: ApprovalId
    """Of the approval that did it."""
    merged: CustomerId
    kept: CustomerId
    points: int
    """What was moved."""
    at: datetime
    key: str
    """Settles the order among what is recorded at that instant."""
    belongings: Belongings = Belongings()
    months: Mapping[int, int] = field(default_factory=dict)
    """Qualifying points by month that were moved."""
    aliases: tuple[str, ...] = ()
    """What the kept record is called besides since then."""
    parted: Parted | None = None


def give_again(book: Book, points: int, wanted: Iterable[LotUse], cause: Cause) -> tuple[Part, ...]:
    """Give points away, from wanted lots as far as they have some, the rest soonest end first.

    There must be as many points. The wanted lots must have been learned.
    """
    taken: dict[LotId, int] = {}
    for use in wanted:
        part = min(use.points, book.shelf.left[use.lot], points - sum(taken.values()))
        if part:
            book.shelf.move(use.lot, -part)
            taken[use.lot] = taken.get(use.lot, 0) + part
    for use in book.take(points - sum(taken.values())):
        taken[use.lot] = taken.get(use.lot, 0) + use.points
    takes = tuple(LotUse(lot, count) for lot, count in taken.items())
    book.write((Account.AVAILABLE, Account.GIFTS), points, Reason.GIVEN, cause, takes=takes)
    return parts_of(book, takes)
