"""What has happened and what it is worth: events, rules, programme, counters, closed months."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.caps import Counters, Used
from domain.events import BusinessEvent, Counted, EventType
from domain.ids import BatchId, CustomerId, EventId, MemberId
from domain.programme import Programme, Programmes
from domain.rules.evaluation import RuleSet
from domain.rules.model import RuleVersion
from domain.rules.publishing import Publication, Published


class Events(Protocol):
    """Business events, unique on (source, source id); append-only in the database too."""

    def add(self, counted: Sequence[Counted]) -> set[EventId]:
        """Store new events; give the ids of those whose (source, source id) was not there yet."""
        ...

    def has_any(self) -> bool:
        """Tell whether anything has ever been recorded."""
        ...

    def get(self, event: EventId) -> Counted:
        """Read one by its id; a missing one is a bug."""
        ...

    def find(self, source: str, source_id: str) -> Counted | None:
        """Find an event."""
        ...

    def behind(self, customer: CustomerId, first: int, last: int) -> list[BusinessEvent]:
        """List the events that a customer's entries from seq `first` to `last` are booked for."""
        ...

    def find_all(self, source: str, source_ids: Iterable[str]) -> dict[str, Counted]:
        """Find events of one source, by source id; those that are not there are left out."""
        ...

    def latest_by(self, member: MemberId, event_type: EventType) -> list[BusinessEvent]:
        """List the member's last 20 events of a type, newest first."""
        ...

    def times_of(
        self, customer: CustomerId, event_type: EventType, since: datetime
    ) -> list[datetime]:
        """List when a customer's events of a type happened since an instant, undone ones not."""
        ...

    def twins(self, event: BusinessEvent) -> list[BusinessEvent]:
        """List events that tell the same fact under another source id and are not undone."""
        ...

    def of_batch(self, batch: BatchId) -> list[EventId]:
        """List the events of an import in the order they were counted, undone ones left out."""
        ...

    def undo(self, event: EventId, at: datetime, actor: str) -> bool:
        """Note that an event is undone; False when it was before."""
        ...

    def is_undone(self, event: EventId) -> bool:
        """Tell whether an event has been undone."""
        ...


class Rules(Protocol):
    """Published versions of rules and of the programme; they never change."""

    def in_use(self) -> RuleSet:
        """Give all versions that were not withdrawn, ready to be asked."""
        ...

    def published(self) -> list[Published]:
        """List every version by code and number, withdrawn ones too."""
        ...

    def add(self, rule: RuleVersion, publication: Publication) -> None:
        """Store a new one.

        Raises:
            Conflict: there is one of this code and version.
        """
        ...

    def withdraw(self, code: str, version: int, at: datetime) -> bool:
        """Take a version back; False when it isn't there or was taken back before."""
        ...

    def programmes(self) -> Programmes:
        """Give all versions of the programme."""
        ...

    def add_programme(self, programme: Programme, publication: Publication) -> None:
        """Store a new version of the programme.

        Raises:
            Conflict: there is one of this number.
        """
        ...


class CapCounters(Counters, Protocol):
    """The counters caps go by."""

    def read(self, keys: Sequence[str]) -> Mapping[str, Used]:
        """Read counters without locking them."""
        ...

    def add_all(self, moved: Mapping[str, Used]) -> None:
        """Move counters that were taken, each by so much; may be negative for an undo.

        Raises:
            Conflict: one of them does not exist.
        """
        ...


class EarnedMonths(Protocol):
    """Qualifying points per customer and month, as tiers go by."""

    def of(self, customer: CustomerId) -> dict[int, int]:
        """Read a customer's months; what was earned in none is left out."""
        ...

    def customers(self, after: str, limit: int) -> list[CustomerId]:
        """List customers after one, by id, who have ever earned."""
        ...

    def add(self, customer: CustomerId, month: int, points: int) -> None:
        """Add to a month; negative for an undo."""
        ...

    def add_all(self, earned: Mapping[tuple[CustomerId, int], int]) -> None:
        """Add positive points to customers' months."""
        ...


class Months(Protocol):
    """Months that finance has closed; append-only."""

    def last_closed(self) -> str | None:
        """Give the latest closed month ("2026-10")."""
        ...

    def close(self, month: str, at: datetime, by: MemberId | None) -> bool:
        """Close a month; False when it was before."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that came in together from a file."""

    id: BatchId
    name: str
    file_hash: str
    row_count: int
    created_at: datetime
    created_by: MemberId | None
    undone_at: datetime | None = None


class Batches(Protocol):
    """Imports."""

    def add(self, batch: Batch) -> None:
        """Store a new one."""
        ...

    def get(self, batch: BatchId) -> Batch | None:
        """Read and lock one."""
        ...

    def latest(self, limit: int) -> list[Batch]:
        """List imports, newest first."""
        ...

    def set_undone(self, batch: BatchId, at: datetime) -> None:
        """Note that all of it has been undone."""
        ...
