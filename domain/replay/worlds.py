"""One course of history with its full state, played by the same functions that post.

A wallet's book stays open for the whole run; caps, earned months, holds and what an undo needs are
kept beside it. New lots and entries take the recorded ids while there are any, so that lots of one
end are spent in the recorded order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heappop, heappush

from typing_extensions import override

from domain.calendar import business_date
from domain.caps import NOTHING, Counters, Used
from domain.counting import TIER_RULE, Standing, Told, cause_of, count
from domain.ids import CustomerId, EntryId, EventId, LotId
from domain.ledger import Account, Cause, Reason, Wallet
from domain.lots import LotUse
from domain.outcomes import Outcome
from domain.posting import Book, Move, lot_end, month_text
from domain.refunding import Spent
from domain.replay.assembling import is_tick
from domain.replay.drafts import Rulebook
from domain.replay.recorded import (
    Happened,
    Own,
    RecordedEvent,
    RecordedLot,
    RecordedMove,
    Step,
    Undone,
)
from domain.starter import POINTS_LIVE_MONTHS
from domain.tiers import month_of, tier_at
from domain.undoing import Reversible, reverse
from domain.values import value_type

# Reading a member of an enumeration takes longer than calling a function.
_EXPIRY = Reason.EXPIRY


@dataclass(frozen=True, slots=True)
class Unpaid:
    """Recorded points that this course's wallet did not have: a redemption, a deduction by hand."""

    customer: CustomerId
    at: datetime
    reason: str
    points: int
    """What was recorded."""
    missing: int


@value_type
class Played:
    """What a step has done in this course."""

    moves: Sequence[Move]
    outcomes: Sequence[Outcome] | None = None
    """Of the event that happened or was undone."""
    unpaid: Unpaid | None = None


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
        elif isinstance(step, Own) and not is_tick(step.moves[0]):
            unpaid = self._move(person, step)
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

    def _move(self, person: Person, step: Own) -> Unpaid | None:
        """Do what the ledger did without an event, as far as the wallet allows it here."""
        first = step.moves[0]
        points = sum(move.points for move in step.moves if not is_tick(move))
        cause = self._cause_like(first)
        if first.reason == Reason.HOLD:
            return _hold(person, first, cause, points)
        if first.debit == Account.HELD:
            _end_hold(person, step, cause, points)
            return None
        if first.debit == Account.REDEEMED:
            _refund(person, first, cause, points)
            return None
        if first.debit == Account.EXPIRED:
            _reinstate(person, step, cause)
            return None
        if first.debit.startswith("firm."):
            _give(person, step, cause, points)
            return None
        return _take(person, step, cause, points)

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


def _hold(person: Person, first: RecordedMove, cause: Cause, points: int) -> Unpaid | None:
    """Set points aside; a redemption that can't be paid does not happen here."""
    book = person.book
    if book.available < points:
        missing = points - book.available
        return Unpaid(book.customer, first.recorded_at, first.reason, points, missing)
    book.hold(points, cause)
    person.holds[first.id] = book.moves[-1].takes
    return None


def _end_hold(person: Person, step: Own, cause: Cause, points: int) -> None:
    taken = None if step.held_by is None else person.holds.pop(step.held_by, None)
    if taken is None:
        return
    first, book = step.moves[0], person.book
    if first.reason == Reason.REDEMPTION:
        book.settle(points, cause)
        person.spent[first.id] = Spent(book.moves[-1].id, points, taken)
    else:
        book.release(taken, cause)


def _refund(person: Person, first: RecordedMove, cause: Cause, points: int) -> None:
    """Give settled points back; none where they were not spent here."""
    settled = EntryId(first.reverses or "")
    spent, book = person.spent.get(settled), person.book
    if spent is not None:
        person.spent[settled] = book.refund(spent, points, cause)


def _give(person: Person, step: Own, cause: Cause, points: int) -> None:
    first = step.moves[0]
    lot = next((move.opens for move in step.moves if move.opens is not None), None)
    reason = next((m.reason for m in step.moves if m.reason != Reason.DEBT_PAID), Reason.ADJUSTMENT)
    person.book.award(
        points,
        cause,
        expires_at=_end(cause, lot),
        matures_at=None if lot is None else lot.matures_at,
        reason=Reason(reason),
        source=Account(first.debit),
        qualifies=first.qualifying > 0,
    )


def _take(person: Person, step: Own, cause: Cause, points: int) -> Unpaid | None:
    """Take points by hand; where that made no debt it makes none here."""
    first, book = step.moves[0], person.book
    owes = any(move.debit == Account.DEBT for move in step.moves)
    done = book.deduct(
        points,
        cause,
        debt_max=None if owes else 0,
        reason=Reason(first.reason),
        to=Account(first.credit),
    )
    if done == points:
        return None
    return Unpaid(book.customer, first.recorded_at, first.reason, points, points - done)


def _reinstate(person: Person, step: Own, cause: Cause) -> None:
    """Give expired points back: those of the recorded expiry, here maybe of the last one."""
    book, first = person.book, step.moves[0]
    lot = next((move.opens for move in step.moves if move.opens is not None), None)
    if not person.expiries:
        return
    last = next(reversed(person.expiries.values()))
    original = person.expiries.get(EntryId(first.reverses or ""), last)
    del person.expiries[original.id]
    for use in original.takes:
        person.lapsed[use.lot] -= use.points
    paid = min(book.debt, original.points)
    if paid:
        legs = (Account.EXPIRED, Account.DEBT)
        book.write(legs, paid, Reason.REINSTATEMENT, cause, reverses=original.id)
    if original.points > paid:
        rest = original.points - paid
        opened = book.open_lot(rest, cause.effective_at, _end(cause, lot), None)
        legs = (Account.EXPIRED, Account.AVAILABLE)
        book.write(legs, rest, Reason.REINSTATEMENT, cause, opens=opened, reverses=original.id)


def _end(cause: Cause, lot: RecordedLot | None) -> datetime:
    """Give the end of points given by hand: as recorded, where something opened a lot."""
    return lot_end(cause.effective_at, POINTS_LIVE_MONTHS) if lot is None else lot.expires_at


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
