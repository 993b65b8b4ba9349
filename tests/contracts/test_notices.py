"""Notices for contacts and what becomes of them, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.deliveries import Delivery, DeliveryKind, DeliveryState, Notice
from domain.ids import ChannelId, ContactId, DeliveryId, MemberId
from domain.ports import Attempt
from tests.contracts.rows import CHEN, LI, a_delivery, people
from tests.support.fakes import START
from tests.support.stores import APP, DING, KF, MAIN, OTHER, AnyStore

SECOND = timedelta(seconds=1)
HELD, QUEUED, SENT = DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.SENT
NOBODY = ContactId("k-nobody")


def a_notice(number: int, **changes: Any) -> Delivery:
    fields = {
        "channel": KF,
        "external_id": "wm-chen",
        "contact": CHEN.id,
        "dedupe_key": f"points:{number}",
        "created_at": START + number * SECOND,
    }
    return a_delivery(number, **(fields | changes))


def put(any_store: AnyStore, *deliveries: Delivery) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        for delivery in deliveries:
            assert work.deliveries.add(delivery) is True
        work.commit()


def notice(any_store: AnyStore, number: int) -> Notice:
    with any_store.reading(MAIN) as work:
        found = work.deliveries.notices_of(CHEN.id, 100)
    return next(n for n in found if n.delivery.id == a_notice(number).id)


def test_a_notice_comes_back_with_whom_it_is_for(any_store: AnyStore) -> None:
    put(any_store, a_notice(1, let_go=2), a_delivery(2))
    with any_store.reading(MAIN) as work:
        assert work.deliveries.get(a_notice(1).id) == a_notice(1, let_go=2)
        assert work.deliveries.get(a_delivery(2).id).contact is None
        assert work.deliveries.notices_of(CHEN.id, 5) == [
            Notice(a_notice(1, let_go=2), START + SECOND)
        ]
    claimed = any_store.queue.claim(MAIN, a_notice(1).id, START + SECOND, START + 30 * SECOND)
    assert claimed is not None
    assert (claimed.contact, claimed.let_go) == (CHEN.id, 2)


def test_a_contact_is_told_the_same_once_by_whichever_account(any_store: AnyStore) -> None:
    put(any_store, a_notice(1))
    with any_store.work(MAIN) as work:
        again = a_notice(2, dedupe_key="points:1", channel=DING, external_id="ding-chen")
        assert work.deliveries.add(again) is False
        assert work.deliveries.find(again.id) is None
        assert work.deliveries.add(replace(again, contact=NOBODY)) is True
        assert work.deliveries.add(replace(again, id=DeliveryId("d-x"), contact=None)) is False


def test_what_is_held_for_a_contact_waits_oldest_first(any_store: AnyStore) -> None:
    elsewhere = a_notice(2, channel=ChannelId(""), external_id=CHEN.id, state=HELD)
    put(
        any_store,
        a_notice(3, state=HELD, reason="window_closed"),
        elsewhere,
        a_notice(1),
        a_notice(4, state=HELD, contact=NOBODY),
    )
    with any_store.work(MAIN) as work:
        held = work.deliveries.held_of(CHEN.id)
        assert [(n.delivery.id, n.since) for n in held] == [
            (elsewhere.id, START + 2 * SECOND),
            (a_notice(3).id, START + 3 * SECOND),
        ]
        assert work.deliveries.held_of(ContactId("k-else")) == []


def test_the_last_notices_come_newest_first(any_store: AnyStore) -> None:
    put(any_store, *[a_notice(number) for number in (2, 1, 3)], a_notice(4, contact=NOBODY))
    with any_store.reading(MAIN) as work:
        found = work.deliveries.notices_of(CHEN.id, 2)
        assert [n.delivery.id for n in found] == [a_notice(3).id, a_notice(2).id]
    with any_store.reading(OTHER) as work:
        assert work.deliveries.notices_of(CHEN.id, 2) == []
        assert work.deliveries.held_of(CHEN.id) == []


def test_who_told_it_by_hand_and_when_is_kept(any_store: AnyStore) -> None:
    put(any_store, a_notice(1, state=HELD, reason="window_closed"))
    later = START + 60 * SECOND
    with any_store.work(MAIN) as work:
        work.deliveries.set_state(
            a_notice(1).id,
            DeliveryState.BY_HAND,
            reason="window_closed",
            now=later,
            told_by=MemberId(LI.id),
        )
        work.commit()
    told = notice(any_store, 1)
    assert (told.delivery.state, told.since, told.told_by) == (DeliveryState.BY_HAND, later, LI.id)
    assert told.outcome is told
    with any_store.work(MAIN) as work:
        work.deliveries.set_state(a_notice(1).id, QUEUED, reason=None, now=later + SECOND)
        work.commit()
    assert notice(any_store, 1).told_by is None


def test_a_notice_is_moved_to_another_account_with_all_its_tries(any_store: AnyStore) -> None:
    put(any_store, a_notice(1, state=HELD, reason="never_wrote", attempts=3))
    later = START + 60 * SECOND
    with any_store.work(MAIN) as work:
        account = (DING, "ding-chen")
        work.deliveries.reroute(a_notice(1).id, account, next_at=later + 2 * SECOND, now=later)
        work.commit()
    moved = notice(any_store, 1)
    assert moved.since == later
    assert moved.delivery == a_notice(
        1,
        channel=DING,
        external_id="ding-chen",
        state=QUEUED,
        reason=None,
        attempts=0,
        next_at=later + 2 * SECOND,
        let_go=1,
    )
    queue = any_store.queue
    assert queue.next_of(MAIN, DING, "ding-chen", later) is None
    assert queue.next_of(MAIN, DING, "ding-chen", later + 2 * SECOND) == a_notice(1).id
    with any_store.work(MAIN) as work:
        assert work.deliveries.held_of(CHEN.id) == []


def test_a_notice_let_go_for_the_account_it_was_held_for_stays_there(any_store: AnyStore) -> None:
    put(any_store, a_notice(1, state=HELD, reason="window_closed"))
    with any_store.work(MAIN) as work:
        work.deliveries.reroute(a_notice(1).id, (KF, "wm-chen"), next_at=START, now=START)
        found = work.deliveries.get(a_notice(1).id)
        assert (found.channel, found.external_id, found.let_go) == (KF, "wm-chen", 1)


def test_what_has_not_left_yet_can_be_withheld(any_store: AnyStore) -> None:
    held = a_notice(2, state=HELD, reason="window_closed")
    queued, sending = a_notice(3, next_at=START + SECOND), a_notice(1)
    sent, others, unknown = a_notice(5, state=SENT), a_notice(6, contact=NOBODY), a_notice(7)
    put(any_store, queued, held, sending, sent, others, a_delivery(4))
    claimed = any_store.queue.claim(MAIN, sending.id, START + SECOND, START + 30 * SECOND)
    assert claimed is not None
    later = START + 60 * SECOND
    with any_store.work(MAIN) as work:
        assert work.deliveries.unsent_of(CHEN.id) == [held, queued]
        assert work.deliveries.withhold(held.id, "gone", later) is True
        assert work.deliveries.withhold(queued.id, "gone", later) is True
        for other in (sending, held, sent, unknown):
            assert work.deliveries.withhold(other.id, "gone", later) is False
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.deliveries.unsent_of(CHEN.id) == []
        assert work.deliveries.held_of(CHEN.id) == []
        assert work.deliveries.unsent_of(NOBODY) == [others]
        assert work.deliveries.get(sending.id) == claimed
        assert work.deliveries.get(sent.id) == sent
    for one in (held, queued):
        given_up = replace(one, state=DeliveryState.DEAD, reason="gone", next_at=None)
        assert notice(any_store, int(one.dedupe_key[-1])) == Notice(given_up, later)
    with any_store.work(OTHER) as work:
        assert work.deliveries.unsent_of(NOBODY) == []
        assert work.deliveries.withhold(others.id, "gone", later) is False


def carried(any_store: AnyStore) -> None:
    """Let the first notice carry two younger ones, and be sent."""
    put(any_store, a_notice(1), a_notice(2), a_notice(3))
    queue, until = any_store.queue, START + 60 * SECOND
    now = START + 10 * SECOND
    lead = queue.claim(MAIN, a_notice(1).id, now, until)
    assert lead is not None
    others = queue.claim_queued_of(MAIN, KF, "wm-chen", now, until, limit=5)
    assert [other.contact for other in others] == [CHEN.id, CHEN.id]
    for other in others:
        attempt = Attempt(other.id, now, "merged")
        queue.finish(MAIN, other, DeliveryState.MERGED, attempt, carried_by=lead.id)
    queue.finish(MAIN, lead, SENT, Attempt(lead.id, now + SECOND, "sent"))


def test_what_was_carried_is_known_with_what_carried_it(any_store: AnyStore) -> None:
    carried(any_store)
    second = notice(any_store, 2)
    assert (second.delivery.state, second.since) == (DeliveryState.MERGED, START + 10 * SECOND)
    assert second.outcome == notice(any_store, 1)
    assert second.outcome.delivery.state is SENT
    assert second.outcome.since == START + 11 * SECOND
    with any_store.reading(MAIN) as work:
        found = work.deliveries.carried_by(a_notice(1).id)
        assert [delivery.id for delivery in found] == [a_notice(2).id, a_notice(3).id]
        assert work.deliveries.carried_by(a_notice(2).id) == []


def test_what_is_carried_no_more_stands_for_itself(any_store: AnyStore) -> None:
    carried(any_store)
    now = START + 20 * SECOND
    with any_store.work(MAIN) as work:
        work.deliveries.set_state(a_notice(2).id, HELD, reason="blocked", now=now)
        work.deliveries.reroute(a_notice(3).id, (DING, "ding-chen"), next_at=now, now=now)
        assert work.deliveries.carried_by(a_notice(1).id) == []
        work.commit()
    for number in (2, 3):
        assert notice(any_store, number).carried_by is None


def test_answers_that_wait_are_counted_for_use_cases_as_for_the_sender(any_store: AnyStore) -> None:
    put(
        any_store,
        a_delivery(1, kind=DeliveryKind.REPLY),
        a_delivery(2, kind=DeliveryKind.REPLY, state=SENT),
        a_delivery(3),
        a_delivery(4, kind=DeliveryKind.REPLY, external_id="lisi"),
    )
    any_store.queue.claim(MAIN, a_delivery(4).id, START + 9 * SECOND, START + 60 * SECOND)
    with any_store.reading(MAIN) as work:
        for account in ("zhangsan", "lisi", "nobody"):
            counted = work.deliveries.answers_waiting(APP, account)
            assert counted == any_store.queue.answers_waiting(MAIN, APP, account)
            assert counted == (account != "nobody")
