"""Inbox, deliveries and audit as use cases see them, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.deliveries import DeliveryKind, DeliveryState
from domain.ids import CardKey, DeliveryId, InboxId
from domain.inbox import InboxState
from domain.repositories import AuditNote
from tests.contracts.rows import a_delivery, an_item
from tests.support.fakes import START
from tests.support.stores import APP, DING, MAIN, OTHER, AnyStore

SECOND = timedelta(seconds=1)


def test_a_callback_is_received_once(any_store: AnyStore) -> None:
    item = an_item(1)
    with any_store.work(MAIN) as work:
        assert work.inbox.receive(item) is None
        work.commit()
        assert work.inbox.receive(replace(item, id=InboxId("i-other"), payload={})) == item
        assert work.inbox.receive(an_item(2)) is None
        assert work.inbox.receive(replace(item, id=InboxId("i-ding"), channel=DING)) is None


def test_a_source_id_of_another_tenant_is_new(any_store: AnyStore) -> None:
    for tenant in (MAIN, OTHER):
        with any_store.work(tenant) as work:
            assert work.inbox.receive(an_item(1)) is None
            work.commit()


def test_a_repeat_gets_the_answer_of_the_first(any_store: AnyStore) -> None:
    answer = {"view": "balance", "data": {"points": 50}, "replaces": False}
    with any_store.work(MAIN) as work:
        work.inbox.receive(an_item(1))
        work.inbox.finish(an_item(1).id, InboxState.DONE, now=START, answer=answer)
        repeated = work.inbox.receive(an_item(1))
        assert repeated == replace(an_item(1), state=InboxState.DONE, answer=answer)


def test_an_item_is_locked_for_handling(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.inbox.receive(an_item(1))
        assert work.inbox.lock(an_item(1).id) == an_item(1)
        assert work.inbox.lock(InboxId("x")) is None


def test_failed_tries_are_counted(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.inbox.receive(an_item(1))
        later = START + timedelta(minutes=1)
        assert work.inbox.count_attempt(an_item(1).id, next_at=later) == 1
        assert work.inbox.count_attempt(an_item(1).id, next_at=later) == 2
        assert work.inbox.due(later - SECOND, 10) == []
        assert work.inbox.due(later, 10) == [an_item(1).id]


def test_items_are_due_five_seconds_after_they_came_oldest_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        for number in (2, 1, 3, 4):
            work.inbox.receive(an_item(number))
        work.inbox.finish(an_item(3).id, InboxState.DONE, now=START)
        assert work.inbox.due(START + 5 * SECOND, 10) == []
        assert work.inbox.due(START + 7 * SECOND, 10) == ["i-001", "i-002"]
        assert work.inbox.due(START + 7 * SECOND, 1) == ["i-001"]
        assert work.inbox.due(START + 60 * SECOND, 10) == ["i-001", "i-002", "i-004"]


def test_parked_items_wait_for_their_sender(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        for number in (2, 1):
            work.inbox.receive(an_item(number))
            work.inbox.finish(an_item(number).id, InboxState.PARKED, now=START)
        parked = [replace(an_item(number), state=InboxState.PARKED) for number in (1, 2)]
        assert work.inbox.parked(APP, "zhangsan") == parked
        assert work.inbox.parked(APP, "lisi") == []
        assert work.inbox.due(START + 60 * SECOND, 10) == []

        work.inbox.reopen(an_item(1).id)
        assert work.inbox.parked(APP, "zhangsan") == parked[1:]
        assert work.inbox.lock(an_item(1).id) == an_item(1)
        assert work.inbox.due(START + 60 * SECOND, 10) == [an_item(1).id]


def test_only_a_parked_item_is_reopened(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.inbox.receive(an_item(1))
        work.inbox.finish(an_item(1).id, InboxState.FAILED, now=START, reference="E-1")
        work.inbox.reopen(an_item(1).id)
        assert work.inbox.lock(an_item(1).id) == replace(an_item(1), state=InboxState.FAILED)


def test_finishing_what_was_never_received_is_an_error(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work, pytest.raises(LookupError):
        work.inbox.finish(InboxId("x"), InboxState.DONE, now=START)


def test_a_delivery_comes_back_as_it_was_added(any_store: AnyStore) -> None:
    reply = a_delivery(
        1,
        kind=DeliveryKind.REPLY,
        state=DeliveryState.HELD,
        subject="alert:1",
        card=CardKey("k-1"),
        inbox=InboxId("i-001"),
        reply_handle={"url": "https://x", "until": 1},
        attempts=2,
        next_at=START + SECOND,
        reason="window_closed",
    )
    with any_store.work(MAIN) as work:
        assert work.deliveries.add(reply) is True
        work.commit()

    with any_store.reading(MAIN) as work:
        assert work.deliveries.get(reply.id) == reply
        assert work.deliveries.find(reply.id) == reply
        assert work.deliveries.find(DeliveryId("x")) is None


def test_one_delivery_per_account_and_dedupe_key(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        assert work.deliveries.add(a_delivery(1)) is True
        assert work.deliveries.add(a_delivery(2, dedupe_key="alert:1")) is False
        assert work.deliveries.find(a_delivery(2).id) is None
        elsewhere = a_delivery(3, dedupe_key="alert:1", external_id="lisi")
        assert work.deliveries.add(elsewhere) is True
        assert work.deliveries.add(a_delivery(4, dedupe_key="alert:1", channel=DING)) is True


def test_the_reply_that_went_back_in_band_is_found(any_store: AnyStore) -> None:
    item = an_item(1).id
    with any_store.work(MAIN) as work:
        assert work.deliveries.in_band_of(item) is None
        work.deliveries.add(a_delivery(1, inbox=item))
        work.deliveries.add(a_delivery(2, inbox=item, state=DeliveryState.IN_BAND))
        assert work.deliveries.in_band_of(item) == a_delivery(2).id


def test_messages_about_a_subject_are_on_the_way_until_they_are_sent(any_store: AnyStore) -> None:
    queued = a_delivery(2, subject="alert:1")
    sending = a_delivery(1, subject="alert:1", external_id="lisi")
    with any_store.work(MAIN) as work:
        for delivery in (
            queued,
            sending,
            a_delivery(3, subject="alert:2"),
            a_delivery(4, subject="alert:1", kind=DeliveryKind.UPDATE),
            a_delivery(5, subject="alert:1", state=DeliveryState.SENT),
        ):
            work.deliveries.add(delivery)
        work.commit()
    any_store.queue.claim(MAIN, sending.id, START + SECOND, START + 30 * SECOND)
    with any_store.reading(MAIN) as work:
        found = [delivery.id for delivery in work.deliveries.on_the_way("alert:1")]
    assert found == [sending.id, queued.id]


def test_a_held_delivery_is_queued_with_all_its_tries(any_store: AnyStore) -> None:
    held = a_delivery(1, state=DeliveryState.HELD, reason="window_closed", attempts=3)
    with any_store.work(MAIN) as work:
        work.deliveries.add(held)
        work.deliveries.set_state(held.id, DeliveryState.QUEUED, reason=None, now=START + SECOND)
        assert work.deliveries.get(held.id) == replace(
            held,
            state=DeliveryState.QUEUED,
            reason=None,
            attempts=0,
            next_at=START + SECOND,
        )


def test_a_delivery_told_by_hand_is_not_sent(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.deliveries.add(a_delivery(1, next_at=START))
        work.deliveries.set_state(a_delivery(1).id, DeliveryState.BY_HAND, reason="told", now=START)
        work.commit()
        found = work.deliveries.get(a_delivery(1).id)
        assert (found.state, found.reason, found.next_at) == (DeliveryState.BY_HAND, "told", None)
        with pytest.raises(LookupError):
            work.deliveries.set_state(DeliveryId("x"), DeliveryState.DEAD, reason=None, now=START)

    assert any_store.queue.due(START + timedelta(days=1), 10) == []


def test_audit_notes_are_written_with_the_change(any_store: AnyStore) -> None:
    note = AuditNote(
        START, "member:m-li", APP, "take", "alert:a-1", {"state": "new"}, {"state": "taken"}
    )
    with any_store.work(MAIN) as work:
        work.audit.write(note)
        work.audit.write(replace(note, before=None, after=None, channel=None))
        work.commit()
