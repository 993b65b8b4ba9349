"""Fake repositories of events, rules, counters, closed months and imports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from typing_extensions import override

from domain.caps import NOTHING, Used
from domain.events import BusinessEvent, Counted, EventType, twin_key
from domain.ids import BatchId, CustomerId, EventId, MemberId
from domain.programme import Programme, Programmes
from domain.repositories import (
    Batch,
    Batches,
    CapCounters,
    EarnedMonths,
    Events,
    Months,
    Publication,
    Published,
    Rules,
)
from domain.rules.codec import canonical, content_hash
from domain.rules.evaluation import RuleSet
from domain.rules.model import RuleVersion
from storage.db import StatementFailed
from storage.events import LATEST_MAX
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import as_json, first, get


class FakeEvents(FakeRepository, Events):
    @override
    def add(self, counted: Sequence[Counted]) -> set[EventId]:
        added = set()
        for one in counted:
            event = one.event
            if self.find(event.source, event.source_id) is None:
                stored = replace(one, event=replace(event, data=as_json(event.data)))
                self._transaction.insert(self._state.events, event.id, stored)
                added.add(event.id)
        return added

    @override
    def has_any(self) -> bool:
        return bool(self._state.events)

    @override
    def get(self, event: EventId) -> Counted:
        return get(self._state.events, event)

    @override
    def find(self, source: str, source_id: str) -> Counted | None:
        return first(
            stored
            for stored in self._state.events.values()
            if (stored.event.source, stored.event.source_id) == (source, source_id)
        )

    @override
    def behind(self, customer: CustomerId, first: int, last: int) -> list[BusinessEvent]:
        causes = {
            booked.entry.cause.event
            for booked in self._state.booked.values()
            if booked.entry.customer == customer and first <= booked.entry.seq <= last
        }
        return [one.event for id_, one in sorted(self._state.events.items()) if id_ in causes]

    @override
    def find_all(self, source: str, source_ids: Iterable[str]) -> dict[str, Counted]:
        wanted = set(source_ids)
        return {
            stored.event.source_id: stored
            for stored in self._state.events.values()
            if stored.event.source == source and stored.event.source_id in wanted
        }

    @override
    def latest_by(self, member: MemberId, event_type: EventType) -> list[BusinessEvent]:
        found = [
            stored.event
            for stored in self._state.events.values()
            if stored.event.recorded_by == member and stored.event.type is event_type
        ]
        found.sort(key=lambda event: (event.recorded_at, event.id), reverse=True)
        return found[:LATEST_MAX]

    @override
    def times_of(
        self, customer: CustomerId, event_type: EventType, since: datetime
    ) -> list[datetime]:
        return sorted(
            stored.event.occurred_at
            for stored in self._state.events.values()
            if (stored.event.customer, stored.event.type) == (customer, event_type)
            and stored.event.occurred_at >= since
            and not self.is_undone(stored.event.id)
        )

    @override
    def twins(self, event: BusinessEvent) -> list[BusinessEvent]:
        near = timedelta(days=2)
        found = [
            other.event
            for other in self._state.events.values()
            if twin_key(other.event) == twin_key(event)
            and abs(other.event.occurred_at - event.occurred_at) <= near
            and (other.event.source, other.event.source_id) != (event.source, event.source_id)
            and not self.is_undone(other.event.id)
        ]
        return sorted(found, key=lambda other: (other.recorded_at, other.id))

    @override
    def of_batch(self, batch: BatchId) -> list[EventId]:
        found = [
            stored.event
            for stored in self._state.events.values()
            if stored.event.batch == batch and not self.is_undone(stored.event.id)
        ]
        return [event.id for event in sorted(found, key=lambda e: (e.recorded_at, e.id))]

    @override
    def undo(self, event: EventId, at: datetime, actor: str) -> bool:
        if self.is_undone(event):
            return False
        self._state.undone[event] = (at, actor)
        return True

    @override
    def is_undone(self, event: EventId) -> bool:
        return event in self._state.undone


class FakeRules(FakeRepository, Rules):
    @override
    def in_use(self) -> RuleSet:
        return RuleSet(one.rule for one in self.published() if one.withdrawn_at is None)

    @override
    def published(self) -> list[Published]:
        return [published for _, published in sorted(self._state.rules.items())]

    @override
    def add(self, rule: RuleVersion, publication: Publication) -> None:
        published = Published(rule, content_hash(canonical(rule)), publication)
        self._transaction.insert(self._state.rules, (rule.code, rule.version), published)

    @override
    def withdraw(self, code: str, version: int, at: datetime) -> bool:
        found = self._state.rules.get((code, version))
        if found is None or found.withdrawn_at is not None:
            return False
        self._state.rules[code, version] = replace(found, withdrawn_at=at)
        return True

    @override
    def programmes(self) -> Programmes:
        return Programmes(self._state.programmes.values())

    @override
    def add_programme(self, programme: Programme, publication: Publication) -> None:
        self._transaction.insert(self._state.programmes, programme.version, programme)
        self._state.programme_issues[programme.version] = publication.at


class FakeCapCounters(FakeRepository, CapCounters):
    @override
    def take(self, keys: Sequence[str]) -> Mapping[str, Used]:
        return {key: self._state.cap_counters.setdefault(key, NOTHING) for key in keys}

    @override
    def add(self, key: str, points: int, times: int) -> None:
        used = self._state.cap_counters.get(key)
        if used is None:
            raise self._transaction.conflict("cap")
        moved = Used(used.points + points, used.times + times)
        if min(moved.points, moved.times) < 0:
            self._transaction.has_failed = True
            raise StatementFailed("cap_counters")
        self._state.cap_counters[key] = moved

    @override
    def add_all(self, moved: Mapping[str, Used]) -> None:
        for key, used in sorted(moved.items()):
            self.add(key, used.points, used.times)

    @override
    def read(self, keys: Sequence[str]) -> Mapping[str, Used]:
        return {key: self._state.cap_counters.get(key, NOTHING) for key in keys}


class FakeEarnedMonths(FakeRepository, EarnedMonths):
    @override
    def of(self, customer: CustomerId) -> dict[int, int]:
        return {
            month: points
            for (owner, month), points in self._state.earned.items()
            if owner == customer and points
        }

    @override
    def customers(self, after: str, limit: int) -> list[CustomerId]:
        found = {CustomerId(owner) for owner, _ in self._state.earned if owner > after}
        return sorted(found)[:limit]

    @override
    def add(self, customer: CustomerId, month: int, points: int) -> None:
        earned = self._state.earned.get((customer, month), 0) + points
        if earned < 0:
            self._transaction.has_failed = True
            raise StatementFailed("earned_months")
        self._state.earned[customer, month] = earned

    @override
    def add_all(self, earned: Mapping[tuple[CustomerId, int], int]) -> None:
        for (customer, month), points in sorted(earned.items()):
            self.add(customer, month, points)


class FakeMonths(FakeRepository, Months):
    @override
    def last_closed(self) -> str | None:
        return max(self._state.months, default=None)

    @override
    def close(self, month: str, at: datetime, by: MemberId | None) -> bool:
        del by
        if month in self._state.months:
            return False
        self._state.months[month] = at
        return True


class FakeBatches(FakeRepository, Batches):
    @override
    def add(self, batch: Batch) -> None:
        self._transaction.insert(self._state.batches, batch.id, batch)

    @override
    def get(self, batch: BatchId) -> Batch | None:
        return self._state.batches.get(batch)

    @override
    def latest(self, limit: int) -> list[Batch]:
        found = sorted(
            self._state.batches.values(), key=lambda b: (b.created_at, b.id), reverse=True
        )
        return found[:limit]

    @override
    def set_undone(self, batch: BatchId, at: datetime) -> None:
        self._state.batches[batch] = replace(get(self._state.batches, batch), undone_at=at)
