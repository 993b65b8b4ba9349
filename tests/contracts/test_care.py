"""Reviews, alerts, tickets and cards, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.alerts import Alert, Cause, Measure, reopen, resolve, take
from domain.ids import AlertId, CardKey, ContactId, ReviewId, TicketId
from domain.ports import Conflict
from domain.repositories import Card
from domain.tickets import Ticket, TicketKind
from tests.contracts.rows import ACME, BAD_REVIEW, BETA, LI, WANG, an_alert, people
from tests.support.fakes import START
from tests.support.stores import APP, DING, MAIN, OTHER, AnyStore

SECOND = timedelta(seconds=1)


def test_a_review_comes_back_as_it_was_given(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.reviews.add(BAD_REVIEW)
        work.commit()

    with any_store.reading(MAIN) as work:
        assert work.reviews.get(BAD_REVIEW.id) == BAD_REVIEW


def test_a_customers_last_review_is_found(any_store: AnyStore) -> None:
    later = replace(BAD_REVIEW, id=ReviewId("r-2"), given_at=START + SECOND, stars=5)
    with any_store.work(MAIN) as work:
        people(work)
        work.reviews.add(later)
        work.reviews.add(BAD_REVIEW)
        work.commit()

    with any_store.reading(MAIN) as work:
        assert work.reviews.latest_of(ACME.id) == later
        assert work.reviews.latest_of(BETA.id) is None
    with any_store.reading(OTHER) as work:
        assert work.reviews.latest_of(ACME.id) is None


def test_alert_numbers_count_up_per_tenant(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        assert [work.alerts.next_number() for _ in range(3)] == [1, 2, 3]
        work.commit()
        assert work.alerts.next_number() == 4
        work.rollback()
        assert work.alerts.next_number() == 4


def test_alert_numbers_of_tenants_are_apart(any_store: AnyStore) -> None:
    for tenant in any_store.tenants():
        with any_store.work(tenant) as work:
            assert work.alerts.next_number() == 1
            work.commit()


def test_an_alert_lives_from_new_to_resolved_and_back(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.reviews.add(BAD_REVIEW)
        alert = an_alert(1, review=BAD_REVIEW.id)
        work.alerts.add(alert)
        for step in _life(alert):
            work.alerts.save(step)
            assert work.alerts.get(alert.id) == step
            assert work.alerts.find_number(1) == step


def test_an_alert_is_replaced_only_by_its_next_version(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        alert = an_alert(1)
        work.alerts.add(alert)
        first = take(alert, WANG.id, WANG.name, START)
        work.alerts.save(first)
        work.commit()
        with pytest.raises(Conflict):
            work.alerts.save(take(alert, LI.id, LI.name, START))
        work.rollback()
        assert work.alerts.get(alert.id) == first


def test_one_alert_is_open_per_cause(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.alerts.add(an_alert(1, dedupe_key="same"))
        work.commit()
        with pytest.raises(Conflict):
            work.alerts.add(an_alert(2, dedupe_key="same"))
        work.rollback()
        found = work.alerts.find_open("same")
        assert found is not None
        assert found.number == 1


def test_a_resolved_cause_may_open_again(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        alert = take(an_alert(1, dedupe_key="same"), LI.id, LI.name, START)
        alert = resolve(alert, LI.id, cause=Cause.OTHER, measure=Measure.OTHER, note="", now=START)
        work.alerts.add(alert)
        assert work.alerts.find_open("same") is None
        second = an_alert(2, dedupe_key="same")
        work.alerts.add(second)
        assert work.alerts.find_open("same") == second
        assert work.alerts.open() == [second]
        work.commit()
        with pytest.raises(Conflict):
            work.alerts.save(reopen(alert, START))


def test_open_alerts_are_listed_oldest_first(any_store: AnyStore) -> None:
    alerts = [an_alert(1, opened_at=START + SECOND), an_alert(2, opened_at=START), an_alert(3)]
    with any_store.work(MAIN) as work:
        people(work)
        for alert in alerts:
            work.alerts.add(alert)
        assert [alert.number for alert in work.alerts.open()] == [2, 1, 3]


def test_an_alert_number_is_used_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.alerts.add(an_alert(1))
        with pytest.raises(Conflict):
            work.alerts.add(an_alert(1, id=AlertId("a-other"), dedupe_key="other"))


def test_a_ticket_is_used_once(any_store: AnyStore) -> None:
    ticket = Ticket(
        TicketId("t-1"),
        TicketKind.ALERT,
        LI.id,
        None,
        {"alert": "a-1"},
        START,
        START + timedelta(hours=1),
    )
    with any_store.work(MAIN) as work:
        work.tickets.add(ticket)
        assert work.tickets.find(ticket.id) == ticket
        assert work.tickets.find(TicketId("t-2")) is None
        assert work.tickets.use(ticket.id, START + SECOND) is True
        assert work.tickets.use(ticket.id, START + 2 * SECOND) is False
        assert work.tickets.use(TicketId("t-2"), START) is False
        assert work.tickets.find(ticket.id) == replace(ticket, used_at=START + SECOND)


def test_a_ticket_of_a_contact_names_nobody_else(any_store: AnyStore) -> None:
    ticket = Ticket(
        TicketId("t-1"), TicketKind.UNDO, None, ContactId("k"), {}, START, START + SECOND
    )
    with any_store.work(MAIN) as work:
        work.tickets.add(ticket)
        assert work.tickets.find(ticket.id) == ticket


def test_the_open_tickets_of_a_contact_are_used_up(any_store: AnyStore) -> None:
    def of(name: str, contact: str | None, **changes: Any) -> Ticket:
        owner = ContactId(contact) if contact else None
        member = None if contact else LI.id
        until = START + SECOND
        ticket = Ticket(TicketId(name), TicketKind.PROOF, member, owner, {}, START, until)
        return replace(ticket, **changes)

    mine = of("t-1", "k")
    others = [of("t-2", "k", used_at=START), of("t-3", "k-2"), of("t-4", None)]
    with any_store.work(MAIN) as work:
        for ticket in (mine, *others):
            work.tickets.add(ticket)
        work.tickets.void(ContactId("k"), START + SECOND)
        assert work.tickets.find(mine.id) == replace(mine, used_at=START + SECOND)
        for ticket in others:
            assert work.tickets.find(ticket.id) == ticket


def test_cards_are_found_by_key_and_subject(any_store: AnyStore) -> None:
    first = Card(CardKey("k-1"), APP, "zhangsan", "alert:1", "alert", START, "code", START)
    second = Card(CardKey("k-2"), DING, "u1", "alert:1", "alert", START - SECOND)
    other = Card(CardKey("k-3"), DING, "u1", None, "balance", START)
    with any_store.work(MAIN) as work:
        for card in (first, second, other):
            work.cards.save(card)
        assert work.cards.find(first.key) == first
        assert work.cards.find(CardKey("x")) is None
        assert work.cards.of_subject("alert:1") == [second, first]

        moved = replace(second, view="alert_taken", sent_at=START)
        work.cards.save(moved)
        assert work.cards.find(second.key) == moved


def test_only_a_newer_response_code_replaces_one(any_store: AnyStore) -> None:
    card = Card(CardKey("k-1"), APP, "zhangsan", "alert:1", "alert", START)
    with any_store.work(MAIN) as work:
        work.cards.save(card)
        work.cards.set_response_code(card.key, "new", START + SECOND)
        work.cards.set_response_code(card.key, "old", START)
        assert work.cards.find(card.key) == replace(
            card, response_code="new", response_code_at=START + SECOND
        )
        work.cards.set_response_code(card.key, None, START + 2 * SECOND)
        found = work.cards.find(card.key)
        assert found is not None
        assert found.response_code is None
        work.cards.set_response_code(CardKey("x"), "new", START)
        assert work.cards.find(CardKey("x")) is None


def _life(alert: Alert) -> list[Alert]:
    again = replace(alert, occurrences=2, version=alert.version + 1)
    taken = take(again, WANG.id, WANG.name, START + SECOND)
    done = resolve(
        taken,
        WANG.id,
        cause=Cause.WORKMANSHIP,
        measure=Measure.REWORK,
        note="已返工",
        now=START + 2 * SECOND,
    )
    return [again, taken, done, reopen(done, START + 3 * SECOND)]
