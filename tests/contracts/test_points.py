"""Events, rules and the programme, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.events import EventType
from domain.ids import BatchId, EventId
from domain.ports import Conflict
from domain.programme import Programme
from domain.repositories import Batch, Publication, Published
from domain.rules.codec import canonical, content_hash
from domain.rules.model import Cap, Direction, Scope, Window
from domain.starter import starter_rules
from domain.tiers import Tier, TierPolicy
from storage.db import Missing
from tests.contracts.booking import counted, tell
from tests.contracts.rows import BETA, CHEN, LI, WANG, an_event, people
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

DAY = timedelta(days=1)
LATER = START + 700 * DAY
BATCH = Batch(BatchId("b-1"), "十月.xlsx", "f" * 64, 2, START, LI.id)


def test_an_event_is_stored_once_per_source_id_with_what_was_made_of_it(
    any_store: AnyStore,
) -> None:
    event = an_event(1, contact=CHEN.id, batch=BATCH.id, evidence="inbox-1")
    first = counted(event, facts='{"customer.code":"K001"}', outcomes="[ ]")
    same = counted(an_event(2, source_id="s-1", data={}))
    with any_store.work(MAIN) as work:
        people(work)
        work.batches.add(BATCH)
        assert work.events.add([first]) == {event.id}
        assert work.events.add([same, counted(3)]) == {an_event(3).id}
        assert work.events.find("chat", "s-1") == first
        assert work.events.get(event.id).seal == first.seal
        assert work.events.find("api", "s-1") is None
        assert work.events.get(event.id) == first
        with pytest.raises(Missing):
            work.events.get(EventId("e-2"))
        work.commit()

    with any_store.work(OTHER) as work:
        assert work.events.find("chat", "s-1") is None
        with pytest.raises(Missing):
            work.events.get(event.id)


def test_a_source_id_twice_in_one_go_is_stored_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        twice = [counted(1), counted(an_event(2, source_id="s-1"))]
        assert work.events.add(twice) == {an_event(1).id}
        assert work.events.find("chat", "s-1") == counted(1)


@pytest.mark.parametrize("amount", [10**15, -1, 0])
def test_data_come_back_exactly(any_store: AnyStore, amount: int) -> None:
    data: dict[str, Any] = {"z": '封顶 \\ " 😀', "a": amount, "m": False}
    with any_store.work(MAIN) as work:
        people(work)
        tell(work, an_event(1, data=data))
        work.commit()
    with any_store.reading(MAIN) as work:
        found = work.events.get(an_event(1).id)
        assert found.event.data == data
        assert found.seal == counted(an_event(1, data=data)).seal


def test_a_members_latest_events_come_newest_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        tell(work, *range(1, 24))
        tell(work, an_event(30, recorded_by=WANG.id), an_event(31, type=EventType.CHECK_IN))
        latest = work.events.latest_by(LI.id, EventType.MILESTONE_ACCEPTED)
        assert [event.source_id for event in latest] == [f"s-{n}" for n in range(23, 3, -1)]


def test_twins_tell_the_same_fact_under_another_source_id(any_store: AnyStore) -> None:
    asked = an_event(1)
    with any_store.work(MAIN) as work:
        people(work)
        tell(
            work,
            1,
            3,
            2,
            an_event(4, occurred_at=START - 3 * DAY),
            an_event(5, data={"amount": 7}),
            an_event(6, customer=BETA.id, project=None),
            an_event(7, project=None),
            an_event(8, type=EventType.CHECK_IN),
            an_event(9, contact=CHEN.id),
            10,
        )
        assert work.events.undo(an_event(10).id, START, "member:m-li")
        assert [event.id for event in work.events.twins(asked)] == ["e-2", "e-3"]
        assert work.events.twins(replace(asked, source="erp"))[0].id == "e-1"
        assert work.events.twins(an_event(11, data={"amount": 8})) == []
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.events.twins(asked) == []


def test_an_event_is_undone_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        tell(work, 1, 2)
        one, two = an_event(1).id, an_event(2).id
        assert work.events.is_undone(one) is False
        assert work.events.undo(one, START, "member:m-li") is True
        assert work.events.undo(one, START + DAY, "member:m-wang") is False
        assert (work.events.is_undone(one), work.events.is_undone(two)) == (True, False)
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.events.is_undone(one) is False


def test_the_events_of_an_import_come_as_they_were_counted_without_undone_ones(
    any_store: AnyStore,
) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.batches.add(BATCH)
        for number in (3, 1, 2):
            tell(work, an_event(number, batch=BATCH.id))
        tell(work, 4)
        work.events.undo(an_event(2).id, START, "system")
        assert work.events.of_batch(BATCH.id) == ["e-1", "e-3"]
        assert work.events.of_batch(BatchId("b-2")) == []


def test_rules_come_back_as_they_were_published(any_store: AnyStore) -> None:
    rules = starter_rules(START)
    second = replace(rules[0], version=2, effective_from=LATER, effective_to=LATER + DAY, name="新")
    approved = Publication(START, LI.id, WANG.id)
    with any_store.work(MAIN) as work:
        people(work)
        for rule in (*rules, second):
            work.rules.add(rule, approved if rule is second else Publication(START))
        published = work.rules.published()
        expected = sorted([*rules, second], key=lambda rule: (rule.code, rule.version))
        assert [one.rule for one in published] == expected
        assert {one.rule.direction for one in published} == set(Direction)
        [found] = [one for one in published if one.rule == second]
        assert found == Published(second, content_hash(canonical(second)), approved)
        with pytest.raises(Conflict):
            work.rules.add(second, Publication(START))


def test_a_withdrawn_version_is_no_longer_in_use_and_stays_listed(any_store: AnyStore) -> None:
    first = starter_rules(START)[0]
    second = replace(first, version=2)
    with any_store.work(MAIN) as work:
        work.rules.add(first, Publication(START))
        work.rules.add(second, Publication(START))
        in_use = work.rules.in_use()
        assert in_use.in_force(first.trigger, START) == [second]
        assert work.rules.withdraw(first.code, 2, START + DAY) is True
        assert work.rules.withdraw(first.code, 2, START + 2 * DAY) is False
        assert work.rules.withdraw(first.code, 3, START) is False
        assert work.rules.in_use().in_force(first.trigger, START) == [first]
        assert in_use.in_force(first.trigger, START) == [second]
        assert [one.withdrawn_at for one in work.rules.published()] == [None, START + DAY]
        work.commit()
    with any_store.work(OTHER) as work:
        assert work.rules.in_use().in_force(first.trigger, START) == []
        assert work.rules.withdraw(first.code, 1, START) is False


def test_programmes_come_back_as_they_were_published(any_store: AnyStore) -> None:
    tiers = TierPolicy((Tier("silver", "银卡", 100, 120, 30, ("优先排期",)),), 6, 2, 3)
    cap = Cap(Scope.TENANT, Window.YEAR, points=1000, times=5)
    one = Programme(1, START, (cap,), tiers, 80)
    two = Programme(2, LATER)
    with any_store.work(MAIN) as work:
        people(work)
        assert work.rules.programmes().at(START).version == 0
        work.rules.add_programme(one, Publication(START))
        assert work.rules.programmes().at(START) == one
        work.rules.add_programme(two, Publication(START, LI.id, WANG.id))
        assert work.rules.programmes().at(LATER) == two
        with pytest.raises(Conflict):
            work.rules.add_programme(replace(one, point_fen=1), Publication(START))
        work.rollback()
        people(work)
        work.rules.add_programme(one, Publication(START))
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.rules.programmes().at(LATER).version == 0
