"""Counting many events one after the other, as if each had been booked before the next.

What events have in common is read once: rules, customers, projects, wallets, caps. Nothing is
stored here; points.book_all stores what came out, a check throws it away.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from domain.caps import meters_for
from domain.counting import Standing, Told, count, is_gift
from domain.errors import EventConflict
from domain.events import BusinessEvent, Counted, content_hash
from domain.ids import CustomerId, EventId
from domain.outcomes import Outcome, outcomes_text
from domain.posting import Book
from domain.programme import Programme
from domain.rules.evaluation import holds
from domain.rules.fields import TIER
from domain.rules.model import Direction, RuleVersion
from domain.tiers import month_of
from handlers.contract import Context
from handlers.usecases.books import (
    KeptCounters,
    open_book,
    peek_book,
    standing,
    terms,
)
from handlers.usecases.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Entered:
    """A new event as it was counted: its movements are `book.moves[first:end]`."""

    counted: Counted
    outcomes: tuple[Outcome, ...]
    book: Book
    first: int
    end: int

    @property
    def points(self) -> int:
        """Give the signed change, debt included; without what lapsed or matured meanwhile."""
        moves = self.book.moves[self.first : self.end]
        return sum(move.net for move in moves if move.cause.event is not None)


@dataclass(frozen=True, slots=True)
class Repeated:
    """An event that has been counted before."""

    counted: Counted


Counting = Entered | Repeated | EventConflict


class Tally:
    """A row of events that are counted in one transaction.

    `is_locking` locks each wallet before anything is counted for it, wallets in the order of
    their customers, then the caps' counters in the order of their keys.
    """

    def __init__(self, ctx: Context, *, is_locking: bool) -> None:
        """Read what all events have in common."""
        self._ctx = ctx
        # What is around an event is read under the lock, and refuses who was merged.
        opens = partial(open_book, may_be_merged=True)
        self._open: Callable[[Context, CustomerId], Book] = opens if is_locking else peek_book
        stored = ctx.work.counters
        self.counters = KeptCounters(stored.take if is_locking else stored.read)
        self.standings: dict[CustomerId, Standing] = {}
        self.earned: dict[tuple[CustomerId, int], int] = {}
        """Qualifying points of the new events per customer and month."""
        self._terms = terms(ctx)
        self._around = Surroundings(ctx)
        self._known: dict[tuple[str, str], Counted] = {}
        self._gifts: dict[CustomerId, set[str]] = {}

    def programme_at(self, at: datetime) -> Programme:
        """Give the programme that holds at an instant."""
        return self._terms.programmes.at(at)

    def count(self, events: Sequence[BusinessEvent]) -> list[Counting]:
        """Count events in their order; those that came before are found by source and source id."""
        for customer in sorted({event.customer for event in events}):
            if customer not in self.standings:
                self._stand(customer)
        self._learn(events)
        new = {
            event.id: self._terms.told(event, self._around.of(event)[0])
            for event in events
            if not self._knows(event)
        }
        self.counters.take(sorted({key for told in new.values() for key in _meter_keys(told)}))
        return [self._count(event, new) for event in events]

    def _stand(self, customer: CustomerId) -> None:
        stands = standing(self._ctx, self._open(self._ctx, customer))
        gifts, was_given = set[str](), stands.has_gift
        stands.has_gift = lambda rule: rule in gifts or was_given(rule)
        self.standings[customer] = stands
        self._gifts[customer] = gifts

    def _learn(self, events: Sequence[BusinessEvent]) -> None:
        """Find out which of the events have been counted before."""
        asked: dict[str, list[str]] = {}
        for event in events:
            if not self._knows(event):
                asked.setdefault(event.source, []).append(event.source_id)
        for source, source_ids in asked.items():
            found = self._ctx.work.events.find_all(source, source_ids)
            self._known |= {(source, source_id): one for source_id, one in found.items()}

    def _knows(self, event: BusinessEvent) -> bool:
        return (event.source, event.source_id) in self._known

    def _count(self, event: BusinessEvent, new: Mapping[EventId, Told]) -> Counting:
        said = content_hash(event)
        found = self._known.get((event.source, event.source_id))
        if found is not None:
            # Compared as hashed today: an event from before may have been hashed otherwise.
            if content_hash(found.event) != said and not self._is_of_double(event, found.event):
                return EventConflict(event.source, event.source_id)
            return Repeated(found)
        told, stands = new[event.id], self.standings[event.customer]
        first = len(stands.book.moves)
        outcomes = count(told, stands, self.counters)
        _, facts = self._around.of(event)
        counted = Counted(event, said, facts, outcomes_text(outcomes))
        self._known[event.source, event.source_id] = counted
        self._remember(told, outcomes)
        return Entered(counted, tuple(outcomes), stands.book, first, len(stands.book.moves))

    def _is_of_double(self, event: BusinessEvent, known: BusinessEvent) -> bool:
        """Tell whether both are the same but for a customer record that was merged."""
        one, other = event.customer, known.customer
        same = content_hash(replace(event, customer=other)) == content_hash(known)
        return one != other and same and self._ctx.work.merges.were_one(one, other)

    def _remember(self, told: Told, outcomes: Sequence[Outcome]) -> None:
        customer = told.event.customer
        self._gifts[customer] |= {one.rule for one in outcomes if is_gift(one)}
        if earned := sum(one.applied for one in outcomes if one.qualifies):
            key = (customer, month_of(told.on))
            self.earned[key] = self.earned.get(key, 0) + earned


def _meter_keys(told: Told) -> Iterator[str]:
    """Name the caps' counters that an event may meet, whatever tier the customer will have."""
    event, general = told.event, told.programme.caps
    for rule in told.rules.in_force(event.type, event.occurred_at):
        if rule.direction is Direction.EARN and (rule.caps or general) and _may_fire(rule, told):
            for meter in meters_for(rule, general, told.facts, event.customer, told.on):
                yield meter.key


def _may_fire(rule: RuleVersion, told: Told) -> bool:
    asked = (one for one in rule.conditions if one.field != TIER)
    return all(holds(one, told.facts.get(one.field)) for one in asked)
