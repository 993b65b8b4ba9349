"""Counting events on plain values: a ledger with rules, caps and tiers and no store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from typing_extensions import override

from domain.calendar import business_date
from domain.caps import Counters, Used
from domain.counting import Standing, Told, cause_of, count
from domain.events import BusinessEvent, Counted, content_hash, facts_of
from domain.ids import EventId
from domain.outcomes import Outcome, outcomes_of, outcomes_text
from domain.programme import DEFAULT, Programme
from domain.rules.evaluation import RuleSet
from domain.rules.model import RuleVersion
from domain.tiers import month_of
from tests.support.book import Ledger


class PlainCounters(Counters):
    """Counters in a dictionary that note in which order they are taken."""

    def __init__(self) -> None:
        self.used: dict[str, Used] = {}
        self.taken: list[list[str]] = []

    @override
    def take(self, keys: Sequence[str]) -> Mapping[str, Used]:
        self.taken.append(list(keys))
        return {key: self.used.setdefault(key, Used()) for key in keys}

    @override
    def add(self, key: str, points: int, times: int) -> None:
        used = self.used[key]
        self.used[key] = Used(used.points + points, used.times + times)


@dataclass
class Kept:
    """One counted event as it is kept."""

    counted: Counted
    outcomes: list[Outcome]
    entries: list[Any] = field(default_factory=list)
    is_undone: bool = False


class CountedLedger(Ledger):
    """A ledger that is told events."""

    def __init__(self, *rules: RuleVersion, programme: Programme = DEFAULT) -> None:
        self.rules = RuleSet(rules)
        self.programme = programme
        self.counters = PlainCounters()
        self.earned: dict[int, int] = {}
        self.told: list[Kept] = []
        self.first_open_month = ""
        self.facts: dict[str, Any] = {}
        super().__init__()

    def tells(self, event: BusinessEvent) -> list[Outcome]:
        """Count one event as the use case does."""
        event = replace(event, id=EventId(f"event-{len(self.told) + 1}"), recorded_at=self.now)
        book = self.open()
        standing = Standing(book, dict(self.earned), self.has_gift)
        outcomes = count(self._told(event), standing, self.counters)
        text = outcomes_text(outcomes)
        one = Kept(Counted(event, content_hash(event), "{}", text), outcomes)
        self.told.append(one)
        one.entries = [w for w in self.store(book) if w.entry.cause.event == event.id]
        self._earn(one, 1)
        return outcomes

    def takes_back(self, number: int) -> None:
        """Undo the event of this number, from 1, as the use case does."""
        one = self.told[number - 1]
        book = self.open()
        about = self._told(one.counted.event)
        for written in reversed(one.entries):
            cause = cause_of(about, f"undo:{written.entry.id}")
            self.reverse(book, written, replace(cause, recorded_at=self.now))
        self.store(book)
        one.is_undone = True
        for outcome in outcomes_of(one.counted.outcomes):
            for meter in outcome.meters:
                self.counters.add(meter.key, -meter.points, -meter.times)
        self._earn(one, -1)

    def has_gift(self, rule: str) -> bool:
        """Tell whether a tier's gift has been given and not undone."""
        undone = {entry.reverses for entry in self.entries}
        return any(
            e.cause.rule == rule and e.cause.key.startswith("gift:") and e.id not in undone
            for e in self.entries
        )

    @override
    def seals(self) -> dict[EventId, str]:
        return {one.counted.event.id: one.counted.seal for one in self.told}

    def _told(self, event: BusinessEvent) -> Told:
        return Told(
            event=event,
            on=business_date(event.occurred_at),
            facts=facts_of(event) | self.facts,
            rules=self.rules,
            programme=self.programme,
            actor="member:li",
            first_open_month=self.first_open_month,
        )

    def _earn(self, one: Kept, sign: int) -> None:
        month = month_of(business_date(one.counted.event.occurred_at))
        points = sum(outcome.applied for outcome in one.outcomes if outcome.qualifies)
        self.earned[month] = self.earned.get(month, 0) + sign * points
