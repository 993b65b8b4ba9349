"""Keys and answers of the open API, and pages of entries, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.apikeys import Scope
from domain.ids import ApiKeyId, EventId
from domain.ports import Conflict
from domain.repositories import Answered
from tests.contracts.booking import award, penalise, tell
from tests.contracts.rows import ACME, BETA, LI, people
from tests.support.fakes import START
from tests.support.make import an_api_key
from tests.support.stores import MAIN, OTHER, AnyStore

HOUR = timedelta(hours=1)
KEY = an_api_key(
    id=ApiKeyId("k-1"), member=LI.id, scopes=frozenset({Scope.READ, Scope.EVENTS_WRITE})
)
SECOND = an_api_key(id=ApiKeyId("k-2"), name="官网 😀", scopes=frozenset())
ANSWERED = Answered(KEY.id, "call-1", "hash", 201, '{"phone":"13800138000","name":"陈工"}', START)


@pytest.fixture
def furnished(any_store: AnyStore) -> AnyStore:
    with any_store.work(MAIN) as work:
        people(work)
        work.api_keys.add(KEY)
        work.api_keys.add(SECOND)
        work.commit()
    return any_store


def test_a_key_is_found_as_it_was_stored(furnished: AnyStore) -> None:
    with furnished.reading(MAIN) as work:
        assert work.api_keys.find(KEY.id) == KEY
        assert work.api_keys.find(SECOND.id) == SECOND
        assert work.api_keys.find(ApiKeyId("k-3")) is None
        assert work.api_keys.all() == [KEY, SECOND]


def test_a_key_is_found_across_tenants_with_its_tenant(furnished: AnyStore) -> None:
    theirs = replace(SECOND, id=ApiKeyId("k-theirs"))
    with furnished.work(OTHER) as work:
        assert work.api_keys.find(KEY.id) is None
        assert work.api_keys.all() == []
        work.api_keys.add(theirs)
        work.commit()

    assert furnished.find_api_key(KEY.id) == (MAIN, KEY)
    assert furnished.find_api_key(theirs.id) == (OTHER, theirs)
    assert furnished.find_api_key(ApiKeyId("k-3")) is None


def test_a_key_is_revoked_once_in_its_own_tenant(furnished: AnyStore) -> None:
    with furnished.work(OTHER) as work:
        assert work.api_keys.revoke(KEY.id, START) is False
        work.commit()
    with furnished.work(MAIN) as work:
        assert work.api_keys.revoke(KEY.id, START + HOUR) is True
        assert work.api_keys.revoke(KEY.id, START + 2 * HOUR) is False
        assert work.api_keys.revoke(ApiKeyId("k-3"), START) is False
        work.commit()

    with furnished.reading(MAIN) as work:
        assert work.api_keys.all() == [replace(KEY, revoked_at=START + HOUR), SECOND]


def test_an_id_is_given_once(furnished: AnyStore) -> None:
    with furnished.work(MAIN) as work, pytest.raises(Conflict):
        work.api_keys.add(replace(SECOND, id=KEY.id))

    with furnished.reading(MAIN) as work:
        assert work.api_keys.find(KEY.id) == KEY


def test_an_answer_is_found_by_key_and_idempotency_key(furnished: AnyStore) -> None:
    with furnished.work(MAIN) as work:
        work.api_requests.add(ANSWERED)
        work.api_requests.add(replace(ANSWERED, key=SECOND.id, body="[]", status=200))
        work.commit()

    with furnished.reading(MAIN) as work:
        assert work.api_requests.find(KEY.id, "call-1") == ANSWERED
        second = work.api_requests.find(SECOND.id, "call-1")
        assert second == replace(ANSWERED, key=SECOND.id, body="[]", status=200)
        assert work.api_requests.find(KEY.id, "call-2") is None
    with furnished.reading(OTHER) as work:
        assert work.api_requests.find(KEY.id, "call-1") is None


def test_a_request_is_answered_once(furnished: AnyStore) -> None:
    with furnished.work(MAIN) as work:
        work.api_requests.add(ANSWERED)
        work.commit()
    with furnished.work(MAIN) as work, pytest.raises(Conflict):
        work.api_requests.add(replace(ANSWERED, body="other"))

    with furnished.reading(MAIN) as work:
        assert work.api_requests.find(KEY.id, "call-1") == ANSWERED


@pytest.fixture
def booked(any_store: AnyStore) -> AnyStore:
    """Book five entries: two events of one customer, and what no event stands behind."""
    with any_store.work(MAIN) as work:
        people(work)
        tell(work, 1, 2)
        award(work, 50, "one", event=1)
        award(work, 30, "two", event=2)
        award(work, 20, "three")
        penalise(work, 10, "four")
        award(work, 5, "five", event=1)
        work.commit()
    return any_store


def test_older_entries_are_listed_newest_first(booked: AnyStore) -> None:
    with booked.reading(MAIN) as work:
        assert [e.seq for e in work.wallets.latest(ACME.id, 2, before=5)] == [4, 3]
        assert [e.seq for e in work.wallets.latest(ACME.id, 9, before=3)] == [2, 1]
        assert [e.seq for e in work.wallets.latest(ACME.id, 1, before=2**63 - 1)] == [5]
        assert work.wallets.latest(ACME.id, 9, before=3) == work.wallets.latest(ACME.id, 5)[3:]
        assert work.wallets.latest(ACME.id, 9, before=1) == []
        assert work.wallets.latest(BETA.id, 9, before=9) == []
    with booked.reading(OTHER) as work:
        assert work.wallets.latest(ACME.id, 9, before=9) == []


def test_lots_are_found_by_the_entries_that_opened_them(booked: AnyStore) -> None:
    with booked.reading(MAIN) as work:
        entries = {entry.seq: entry.id for entry in work.wallets.latest(ACME.id, 9)}
        found = work.wallets.opened_by_entries(ACME.id, 2, 5)
        assert [lot.entry for lot in found] == [entries[2], entries[3], entries[5]]
        assert found[0] == work.wallets.lot(found[0].id)
        assert work.wallets.opened_by_entries(ACME.id, 4, 4) == []
        assert work.wallets.opened_by_entries(BETA.id, 1, 9) == []
    with booked.reading(OTHER) as work:
        assert work.wallets.opened_by_entries(ACME.id, 1, 9) == []


def test_events_are_found_by_the_entries_they_caused(booked: AnyStore) -> None:
    with booked.reading(MAIN) as work:
        behind = work.events.behind(ACME.id, 1, 5)
        assert [event.id for event in behind] == ["e-1", "e-2"]
        assert behind[0] == work.events.get(EventId("e-1")).event
        assert [event.id for event in work.events.behind(ACME.id, 3, 5)] == ["e-1"]
        assert work.events.behind(ACME.id, 3, 4) == []
        assert work.events.behind(BETA.id, 1, 9) == []
    with booked.reading(OTHER) as work:
        assert work.events.behind(ACME.id, 1, 9) == []
