"""Imports: many facts from a file, counted in parts, each once; and taking a whole import back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import lru_cache

from domain.calendar import BUSINESS_ZONE, business_date
from domain.errors import EventConflict, MilestoneRecorded
from domain.events import BusinessEvent, EventType, EventValue, content_hash
from domain.ids import BatchId, ContactId, CustomerId, EventId, MilestoneId, ProjectId
from domain.repositories import Batch
from handlers.audit import write_note
from handlers.contract import Context
from handlers.usecases.counting import Counting, Repeated, Tally
from handlers.usecases.points import Booked, book_all, preview_undo, undo

SOURCE = "import"
BATCHES_MAX = 200
"""So many imports are listed, and looked through for an unfinished one of the same file."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What one row says."""

    type: EventType
    customer: CustomerId
    project: ProjectId | None
    contact: ContactId | None
    on: date
    data: dict[str, EventValue]
    source_id: str
    """The row's own number, or one made of what it says."""
    evidence: str
    """Where the row stands, and its note."""
    milestone: MilestoneId | None = None
    """The project's milestone that is accepted by this."""


class State(StrEnum):
    """What became of a fact."""

    COUNTED = "counted"
    REPEATED = "repeated"
    """It had been counted before, by this import or another."""
    UNDONE = "undone"
    """It had been counted before and that was undone."""
    REFUSED = "refused"
    """Its number was used before for something else."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one fact."""

    state: State
    points: int = 0
    """The signed change, debt included."""
    entries: tuple[int, ...] = ()
    """The entries it made, by their numbers in the customer's wallet."""
    refusal: EventConflict | MilestoneRecorded | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """How many events were undone, and the signed points that were moved by it."""

    events: int
    points: int

    def __add__(self, other: "Undone") -> "Undone":
        """Add up two parts."""
        return Undone(self.events + other.events, self.points + other.points)


@dataclass(slots=True)
class Forecast:
    """What importing facts would do now."""

    states: Counter[State] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    """Signed points per rule."""
    by_customer: Counter[CustomerId] = field(default_factory=Counter)
    """Signed points per customer, debt included."""


class Foreseer:
    """Foresees an import part by part, each part as if those before had been counted."""

    def __init__(self, ctx: Context) -> None:
        """Begin with nothing foreseen; locks and changes nothing."""
        self._ctx = ctx
        self._tally = Tally(ctx, is_locking=False)
        self._gate = _Gate(ctx)
        self.forecast = Forecast()

    def foresee(self, facts: Sequence[Fact], *, again: bool = False) -> list[Result]:
        """Foresee what becomes of the next facts."""
        names = _names(self._ctx, facts, again=again)
        refused = self._gate.refused(facts, names)
        events = _events(self._ctx, facts, names, refused)
        counted = map(self._foreseen, self._tally.count(events))
        results = _merged(self._ctx, events, refused, counted)
        self.forecast.states.update(one.state for one in results)
        return results

    def _foreseen(self, one: Counting) -> tuple[EventId, Result]:
        if isinstance(one, EventConflict):
            return EventId(""), Result(State.REFUSED, refusal=one)
        if isinstance(one, Repeated):
            return one.counted.event.id, Result(State.REPEATED)
        for outcome in one.outcomes:
            self.forecast.by_rule[outcome.rule] += outcome.net
        event = one.counted.event
        self.forecast.by_customer[event.customer] += one.points
        return event.id, Result(State.COUNTED, one.points)


def start_import(ctx: Context, name: str, file_hash: str, row_count: int) -> Batch:
    """Begin an import, or go on with the one of the same file that is not undone."""
    for batch in ctx.work.batches.latest(BATCHES_MAX):
        if batch.file_hash == file_hash and batch.undone_at is None:
            return batch
    batch = Batch(BatchId(ctx.ids.new()), name, file_hash, row_count, ctx.now, None)
    ctx.work.batches.add(batch)
    _note(ctx, "import_started", batch, {"rows": row_count})
    return batch


def foresee_refusals(
    ctx: Context, facts: Sequence[Fact], *, again: bool = False
) -> list[EventConflict | MilestoneRecorded | None]:
    """Tell which facts would be refused, without counting anything; changes nothing."""
    names = _names(ctx, facts, again=again)
    refused = _Gate(ctx).refused(facts, names)
    known = ctx.work.events.find_all(SOURCE, names)
    found: list[EventConflict | MilestoneRecorded | None] = list(refused)
    for place, (fact, name) in enumerate(zip(facts, names, strict=True)):
        stored = known.get(name)
        if stored is not None and stored.content_hash != content_hash(_event(ctx, fact, name)):
            found[place] = EventConflict(SOURCE, name)
    return found


def import_part(
    ctx: Context, batch: BatchId, facts: Sequence[Fact], *, again: bool = False
) -> list[Result]:
    """Count facts in their order, each once; tells nobody.

    `again` counts anew what had been counted and was undone. Locks the milestones in the order of
    their ids, then what book_all locks.

    Raises:
        Conflict: one of them is being stored by somebody else.
    """
    names = _names(ctx, facts, again=again)
    refused = _Gate(ctx).refused(facts, names)
    events = _events(ctx, facts, names, refused, batch)
    booked = map(_result, book_all(ctx, events, tells=False))
    results = _merged(ctx, events, refused, booked)
    for fact, result in zip(facts, results, strict=True):
        if fact.milestone is not None and result.state is State.COUNTED:
            ctx.work.projects.set_accepted(fact.milestone, fact.on)
    return results


def undo_part(ctx: Context, events: Sequence[EventId]) -> Undone:
    """Undo events of an import in the order given.

    What has been undone meanwhile is left alone; tells nobody. Locks the wallets in the order of
    their customers, then the caps' counters event by event.
    """
    found = [ctx.work.events.get(one).event for one in events]
    for customer in sorted({event.customer for event in found}):
        ctx.work.wallets.lock(customer)
    undone = Undone(0, 0)
    for event in found:
        if not ctx.work.events.is_undone(event.id):
            undone += Undone(1, undo(ctx, event, tells=False).points)
            _leave_milestone(ctx, event)
    return undone


def foresee_undo(ctx: Context, events: Iterable[EventId]) -> int:
    """Give the signed points that undoing events would move now; changes nothing."""
    return sum(preview_undo(ctx, ctx.work.events.get(one).event) for one in events)


def finish_undo(ctx: Context, batch_id: BatchId) -> bool:
    """Note that an import is undone once nothing of it is left; False before, and when it was."""
    batch = ctx.work.batches.get(batch_id)
    if batch is None or batch.undone_at is not None or ctx.work.events.of_batch(batch_id):
        return False
    ctx.work.batches.set_undone(batch_id, ctx.now)
    _note(ctx, "import_undone", batch, {})
    return True


def _events(
    ctx: Context,
    facts: Sequence[Fact],
    names: Sequence[str],
    refused: Sequence[object | None],
    batch: BatchId | None = None,
) -> list[BusinessEvent]:
    """Make the events of the facts that are not refused."""
    return [
        _event(ctx, fact, name, batch)
        for fact, name, refusal in zip(facts, names, refused, strict=True)
        if refusal is None
    ]


def _event(ctx: Context, fact: Fact, name: str, batch: BatchId | None = None) -> BusinessEvent:
    return BusinessEvent(
        id=EventId(ctx.ids.new()),
        source=SOURCE,
        source_id=name,
        type=fact.type,
        customer=fact.customer,
        project=fact.project,
        occurred_at=_noon(fact.on),
        recorded_at=ctx.now,
        recorded_by=None,
        data=fact.data,
        evidence=fact.evidence,
        contact=fact.contact,
        batch=batch,
    )


@lru_cache(maxsize=4096)
def _noon(day: date) -> datetime:
    # Noon in the firm's zone: the day stays the same day in every zone people read it in.
    return datetime.combine(day, time(12), BUSINESS_ZONE).astimezone(UTC)


def _names(ctx: Context, facts: Sequence[Fact], *, again: bool) -> list[str]:
    """Give the source ids; `again` gives what was undone the next free one: X, X~2, X~3."""
    names = [fact.source_id for fact in facts]
    if not again:
        return names
    now = {name: name for name in names}
    tries = dict.fromkeys(names, 1)
    asked = set(names)
    while asked:
        known = ctx.work.events.find_all(SOURCE, sorted(now[one] for one in asked))
        asked = {
            one
            for one in asked
            if now[one] in known and ctx.work.events.is_undone(known[now[one]].event.id)
        }
        for one in asked:
            tries[one] += 1
            now[one] = f"{one}~{tries[one]}"
    return [now[name] for name in names]


class _Gate:
    """Keeps out facts about a milestone that has been accepted by another fact."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._accepted: dict[MilestoneId, date] = {}
        self._passed: set[str] = set()
        """Source ids that are counted, or will be."""

    def refused(
        self, facts: Sequence[Fact], names: Sequence[str]
    ) -> list[MilestoneRecorded | None]:
        """Say of each fact why it is not to be counted, None where it is; locks the milestones."""
        about = {fact.milestone for fact in facts if fact.milestone is not None}
        for milestone in sorted(about - self._accepted.keys()):
            on = self._ctx.work.projects.milestone(milestone).accepted_on
            if on is not None:
                self._accepted[milestone] = on
        asked = [name for fact, name in zip(facts, names, strict=True) if fact.milestone]
        self._passed |= self._ctx.work.events.find_all(SOURCE, asked).keys()
        return list(map(self._refusal, facts, names))

    def _refusal(self, fact: Fact, name: str) -> MilestoneRecorded | None:
        if fact.milestone is None or name in self._passed:
            return None
        on = self._accepted.get(fact.milestone)
        if on is None:
            self._accepted[fact.milestone] = fact.on
            self._passed.add(name)
            return None
        project = "" if fact.project is None else self._ctx.work.projects.get(fact.project).name
        return MilestoneRecorded(project, str(fact.data["milestone"]), on)


def _merged(
    ctx: Context,
    events: Sequence[BusinessEvent],
    refused: Sequence[MilestoneRecorded | None],
    found: Iterator[tuple[EventId, Result]],
) -> list[Result]:
    """Give a result for each fact, in their order."""
    left = iter(events)
    return [
        _settled(ctx, next(left), *next(found))
        if refusal is None
        else Result(State.REFUSED, refusal=refusal)
        for refusal in refused
    ]


def _settled(ctx: Context, event: BusinessEvent, stored: EventId, result: Result) -> Result:
    """Tell an event that was counted now from one that had been."""
    if result.state is State.COUNTED and stored != event.id:
        result = replace(result, state=State.REPEATED)
    if result.state is State.REPEATED and ctx.work.events.is_undone(stored):
        return Result(State.UNDONE)
    return result


def _result(booked: Booked | EventConflict) -> tuple[EventId, Result]:
    if isinstance(booked, EventConflict):
        return EventId(""), Result(State.REFUSED, refusal=booked)
    entries = tuple(entry.seq for entry in booked.entries)
    return booked.event.id, Result(State.COUNTED, booked.points, entries)


def _leave_milestone(ctx: Context, event: BusinessEvent) -> None:
    """Let the milestone an event has accepted be open again."""
    if event.project is None or event.type is not EventType.MILESTONE_ACCEPTED:
        return
    on = business_date(event.occurred_at)
    for milestone in ctx.work.projects.milestones(event.project):
        if milestone.name == event.data.get("milestone") and milestone.accepted_on == on:
            ctx.work.projects.set_accepted(milestone.id, None)


def _note(ctx: Context, action: str, batch: Batch, after: dict[str, object]) -> None:
    write_note(ctx, action, f"batch:{batch.id}", after=after)
