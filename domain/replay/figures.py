"""What a course of history has given, taken and cost: by rule, by month, by customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.calendar import business_date
from domain.ids import CustomerId
from domain.ledger import Reason
from domain.outcomes import Outcome
from domain.posting import Move, end_of_month, month_text_on
from domain.replay.drafts import Period
from domain.replay.people import Person, Unpaid
from domain.replay.recorded import Happened, RecordedEvent, Step, Undone
from domain.replay.worlds import Played
from domain.rules.model import Direction
from domain.tiers import month_of

# Reading a member of an enumeration takes longer than calling a function.
_EARN = Direction.EARN
_ENDS = frozenset({Reason.EXPIRY, Reason.REDEMPTION, Reason.REFUND})


@dataclass(slots=True)
class Sums:
    """Points by what became of them; what was undone is taken off again."""

    events: int = 0
    """Events that a rule fired for."""
    given: int = 0
    taken: int = 0
    capped: int = 0
    """Asked for and not given because of a cap."""
    waived: int = 0
    """To be deducted and not taken: the wallet was short."""
    expired: int = 0
    redeemed: int = 0
    """Without what was refunded; negative where more was refunded than redeemed."""

    @property
    def net(self) -> int:
        """Give what rules gave less what they took."""
        return self.given - self.taken

    def add(self, other: "Sums") -> None:
        """Add other sums to these."""
        self.events += other.events
        self.given += other.given
        self.taken += other.taken
        self.capped += other.capped
        self.waived += other.waived
        self.expired += other.expired
        self.redeemed += other.redeemed


@dataclass(slots=True)
class Liability:
    """What the firm owed all customers at a month's end."""

    points: int = 0
    """Spendable, held and pending; without what had expired."""
    debt: int = 0


@dataclass(slots=True)
class Ending:
    """How a customer stood at the end."""

    available: int = 0
    held: int = 0
    pending: int = 0
    debt: int = 0
    tier: str = ""


@dataclass(slots=True)
class Figures:
    """The figures of one course; those of separate customers can be added up."""

    period: Period
    rules: dict[str, Sums] = field(default_factory=dict)
    months: dict[str, Sums] = field(default_factory=dict)
    customers: dict[str, Sums] = field(default_factory=dict)
    liability: dict[int, Liability] = field(default_factory=dict)
    """By the month's number."""
    endings: dict[str, Ending] = field(default_factory=dict)
    unpaid: list[Unpaid] = field(default_factory=list)

    def note(self, step: Step, played: Played) -> None:
        """Count what a step has done."""
        if isinstance(step, Happened):
            self._count(step.recorded, played.outcomes, 1)
        elif isinstance(step, Undone):
            self._count(step.recorded, played.outcomes, -1)
        if played.unpaid is not None:
            self.unpaid.append(played.unpaid)
        self.note_moves(played.moves, step.customer)

    def note_moves(self, moves: Sequence[Move], customer: CustomerId) -> None:
        """Count what has expired, what was redeemed and what was refunded."""
        for move in moves:
            if move.reason in _ENDS:
                self._move(move, customer)

    def settle(self, person: Person, at: datetime) -> None:
        """Add a customer to the liability of the months that have ended since the last time."""
        if person.month_ends is not None and at < person.month_ends:
            return
        month = month_at(at)
        if person.month_ends is not None:
            shelf = person.book.shelf
            for ended in range(person.month, month):
                self._owe(ended, person, shelf.ended(end_of_month(ended)))
        person.month, person.month_ends = month, end_of_month(month)

    def close(self, person: Person, at: datetime, tier: str) -> None:
        """Note how a customer stands at the end, where the last month is still running."""
        book = person.book
        self.settle(person, at)
        self._owe(month_at(at), person, 0)
        self.endings[book.customer] = Ending(
            book.available, book.held, book.pending, book.debt, tier
        )

    def _owe(self, month: int, person: Person, lapsed: int) -> None:
        book, found = person.book, self.liability.get(month)
        if found is None:
            found = self.liability[month] = Liability()
        found.points += book.available - lapsed + book.held + book.pending
        found.debt += book.debt

    def add(self, other: "Figures") -> None:
        """Add the figures of other customers to these."""
        _add_all(self.rules, other.rules)
        _add_all(self.months, other.months)
        _add_all(self.customers, other.customers)
        for month, more in other.liability.items():
            found = self.liability.setdefault(month, Liability())
            found.points += more.points
            found.debt += more.debt
        self.endings |= other.endings
        self.unpaid += other.unpaid

    def _count(
        self, recorded: RecordedEvent, outcomes: Sequence[Outcome] | None, sign: int
    ) -> None:
        if not outcomes or recorded.on not in self.period:
            return
        of_month = _sums(self.months, month_text_on(recorded.on))
        of_customer = _sums(self.customers, recorded.event.customer)
        of_month.events += sign
        of_customer.events += sign
        for outcome in outcomes:
            of_rule = _sums(self.rules, outcome.rule)
            of_rule.events += sign
            applied = sign * outcome.applied
            short = sign * outcome.requested - applied
            is_earned = outcome.direction is _EARN
            for found in (of_rule, of_month, of_customer):
                if is_earned:
                    found.given += applied
                    found.capped += short
                else:
                    found.taken += applied
                    found.waived += short

    def _move(self, move: Move, customer: CustomerId) -> None:
        on = business_date(move.cause.recorded_at)
        if self.period.first is not None and on < self.period.first:
            return
        for sums in (_sums(self.months, month_text_on(on)), _sums(self.customers, customer)):
            if move.reason is Reason.EXPIRY:
                sums.expired += move.points
            elif move.reason is Reason.REFUND:
                sums.redeemed -= move.points
            else:
                sums.redeemed += move.points


def _sums(by_name: dict[str, Sums], name: str) -> Sums:
    found = by_name.get(name)
    if found is None:
        found = by_name[name] = Sums()
    return found


def _add_all(mine: dict[str, Sums], theirs: Mapping[str, Sums]) -> None:
    for name, sums in theirs.items():
        _sums(mine, name).add(sums)


def month_at(at: datetime) -> int:
    """Give the number of the month that an instant belongs to for the firm."""
    return month_of(business_date(at))


def month_name(month: int) -> str:
    """Name a month by its number."""
    return month_text_on(date(month // 12, month % 12 + 1, 1))
