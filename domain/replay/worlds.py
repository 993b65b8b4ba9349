"""One course of history with its full state, played by the same functions that post.

A wallet's book stays open for the whole run; caps, earned months, holds and what an undo needs are
kept beside it. New lots and entries take the recorded ids while there are any, so that lots of one
end are spent in the recorded order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import heappop, heappush

from typing_extensions import override

from domain.calendar import business_date
from domain.caps import NOTHING, Counters, Used
from domain.counting import TIER_RULE, Told, cause_of, count
from domain.ids import CustomerId
from domain.ledger import Cause, Reason, Wallet
from domain.outcomes import Outcome
from domain.posting import Book, Move, lot_end, month_text
from domain.replay.assembling import is_tick
from domain.replay.drafts import Rulebook
from domain.replay.own import move_own
from domain.replay.people import Person, Unpaid
from domain.replay.recorded import Happened, Joined, Own, RecordedEvent, RecordedMove, Step, Undone
from domain.starter import POINTS_LIVE_MONTHS
from domain.tiers import month_of, tier_at
from domain.undoing import Reversible, reverse
from domain.values import value_type

# Reading a member of an enumeration takes longer than calling a function.
_EXPIRY = Reason.EXPIRY


@value_type
class Played:
    """What a step has done in this course."""

    moves: Sequence[Move]
    outcomes: Sequence[Outcome] | None = None
    """Of the event that happened or was undone."""
    unpaid: Unpaid | None = None


class World:
    """Plays steps and keeps everybody's state."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Begin before anything has happened."""
        self.rulebook = rulebook
        self.people: dict[CustomerId, Person] = {}
        self._counters = _Counters()
        self._ids = _Ids()

    def person(self, customer: CustomerId) -> Person:
        """Give a customer's state; a new one has nothing."""
        found = self.people.get(customer)
        if found is None:
            book = Book(Wallet(customer), (), self._ids.new)
            found = self.people[customer] = Person(book)
        return found

    def play(self, step: Step, person: Person) -> Played:
        """Play one step of a customer."""
        self._ids.follow(step)
        outcomes: Sequence[Outcome] | None = None
        unpaid: Unpaid | None = None
        self.let_time_pass(person, step.at)
        if isinstance(step, Happened):
            outcomes = self._happen(person, step.recorded)
        elif isinstance(step, Undone):
            outcomes = self._undo(person, step.recorded, step.at)
        elif isinstance(step, Joined):
            for month, points in step.months.items():
                person.earned[month] = person.earned.get(month, 0) + points
        elif isinstance(step, Own) and not is_tick(step.moves[0]):
            unpaid = move_own(person, step, self._cause_like(step.moves[0]))
        moves = person.book.drain()
        _remember(person, moves)
        if isinstance(step, Happened) and outcomes is not None:
            _note_gifts(person, outcomes)
            if step.recorded.undone_at is not None:
                person.undoable[step.recorded.event.id] = (moves, outcomes)
        return Played(moves, outcomes, unpaid)

    def let_time_pass(self, person: Person, at: datetime) -> None:
        """Book what has matured and expired by an instant, as opening a wallet does."""
        book = person.book
        while person.pending and person.pending[0][0] <= at:
            matures_at, lot = heappop(person.pending)
            book.mature(book.shelf[lot], self._cause(f"maturity:{lot}", matures_at, at))
        if book.shelf.has_ended(at):
            book.lapse(self._cause("expiry", at, at))

    def close(self, person: Person, at: datetime) -> Played:
        """Book what has matured and expired by the end of the run."""
        self._ids.follow(Step(at, f"end:{person.book.customer}", person.book.customer))
        self.let_time_pass(person, at)
        return Played(person.book.drain())

    def tier(self, person: Person, at: datetime) -> str:
        """Name the code of the tier a customer has at an instant; empty below the first."""
        on = business_date(at)
        _, programmes = self.rulebook.laws(on, at)
        found = tier_at(programmes.at(at).tiers, person.earned, month_of(on))
        return "" if found is None else found.code

    def _happen(self, person: Person, recorded: RecordedEvent) -> list[Outcome]:
        standing = person.standing if recorded.is_sealed else replace(person.standing, earned={})
        told = self._told(recorded, recorded.event.recorded_at)
        return count(told, standing, self._counters)

    def _undo(self, person: Person, recorded: RecordedEvent, at: datetime) -> Sequence[Outcome]:
        event = recorded.event
        moves, outcomes = person.undoable.pop(event.id, ((), ()))
        told = self._told(recorded, at)
        for move in reversed(moves):
            if move.cause.event == event.id:
                lot = None if move.opens is None else move.opens.id
                lapsed = 0 if lot is None else person.lapsed.get(lot, 0)
                cause = replace(cause_of(told, f"undo:{move.id}"), recorded_at=at)
                original = Reversible(move, lot, move.takes, lapsed)
                reverse(person.book, original, cause, expires_at=lot_end(at, POINTS_LIVE_MONTHS))
        for outcome in outcomes:
            for meter in outcome.meters:
                self._counters.add(meter.key, -meter.points, -meter.times)
            if outcome.rule.startswith(TIER_RULE) and not outcome.percent:
                person.gifts.discard(outcome.rule)
        earned = sum(one.applied for one in outcomes if one.qualifies)
        if earned and recorded.is_sealed:
            person.earned[month_of(told.on)] -= earned
        return outcomes

    def _told(self, recorded: RecordedEvent, at: datetime) -> Told:
        event = recorded.event
        on = recorded.on
        rules, programmes = self.rulebook.laws(on, at)
        programme, actor = programmes.at(event.occurred_at), ""
        first_open_month = self.rulebook.first_open_month(at)
        return Told(event, on, recorded.facts, rules, programme, actor, first_open_month)

    def _cause(self, key: str, effective_at: datetime, recorded_at: datetime) -> Cause:
        own = month_text(effective_at)
        period = max(own, self.rulebook.first_open_month(recorded_at))
        return Cause(
            actor="",
            effective_at=effective_at,
            recorded_at=recorded_at,
            key=key,
            period=period,
            corrects=own if own != period else None,
        )

    def _cause_like(self, move: RecordedMove) -> Cause:
        cause = self._cause(move.key, move.effective_at, move.recorded_at)
        return replace(cause, rule=move.rule, rule_version=move.rule_version, note=move.note)


def _remember(person: Person, moves: Sequence[Move]) -> None:
    """Keep what later steps ask for: pending lots and what has expired."""
    for move in moves:
        lot = move.opens
        if lot is not None and lot.matures_at is not None:
            heappush(person.pending, (lot.matures_at, lot.id))
        elif move.reason is _EXPIRY:
            person.expiries[move.id] = move
            for use in move.takes:
                person.lapsed[use.lot] = person.lapsed.get(use.lot, 0) + use.points


def _note_gifts(person: Person, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.rule.startswith(TIER_RULE) and not outcome.percent:
            person.gifts.add(outcome.rule)


class _Counters(Counters):
    """The counters of caps in memory."""

    def __init__(self) -> None:
        self._used: dict[str, Used] = {}

    @override
    def take(self, keys: Sequence[str]) -> Mapping[str, Used]:
        return self._used

    @override
    def add(self, key: str, points: int, times: int) -> None:
        used = self._used.get(key, NOTHING)
        self._used[key] = Used(used.points + points, used.times + times)


class _Ids:
    """Gives the recorded ids of a step in order, then further ones that sort right after them."""

    def __init__(self) -> None:
        self._left: list[str] = []
        self._key = ""
        self._more = 0

    def follow(self, step: Step) -> None:
        """Go on with the ids of a step."""
        left: list[str] = []
        for move in step.moves:
            if move.opens is not None:
                left.append(move.opens.id)
            left.append(move.id)
        left.reverse()
        self._left, self._key, self._more = left, step.key, 0

    def new(self) -> str:
        """Give the next id."""
        if self._left:
            return self._left.pop()
        self._more += 1
        return f"{self._key}~{self._more:04d}"
