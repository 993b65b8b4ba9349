"""The sender's side of deliveries, on the fake store and both engines."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.ids import CardKey, DeliveryId
from domain.ports import PUT_OFF, Attempt
from domain.repositories import Card
from tests.contracts.rows import a_delivery
from tests.support.fakes import START
from tests.support.stores import APP, DING, KF, MAIN, OTHER, AnyStore

NOW = START + timedelta(minutes=1)
LEASE = NOW + timedelta(seconds=30)
SECOND = timedelta(seconds=1)


def queued(store: AnyStore, deliveries: Iterable[Delivery]) -> None:
    """Commit deliveries."""
    with store.work(MAIN) as work:
        for delivery in deliveries:
            assert work.deliveries.add(delivery)
        work.commit()


def stored(store: AnyStore, delivery: Delivery) -> Delivery:
    """Read a delivery as it is now."""
    with store.reading(MAIN) as work:
        return work.deliveries.get(delivery.id)


def taken(store: AnyStore, delivery: Delivery, at: datetime = NOW) -> Delivery:
    """Claim a delivery."""
    claimed = store.queue.claim(MAIN, delivery.id, at, at + 30 * SECOND)
    assert claimed is not None
    return claimed


def sent(delivery: Delivery, at: datetime = NOW) -> Attempt:
    """Make the attempt of a send that went well."""
    return Attempt(delivery.id, at, "sent")


def test_a_due_delivery_is_claimed_once(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1)])

    claimed = any_store.queue.claim(MAIN, a_delivery(1).id, NOW, LEASE)
    assert claimed == replace(a_delivery(1), state=DeliveryState.SENDING, attempts=1)
    assert any_store.queue.claim(MAIN, a_delivery(1).id, NOW, LEASE) is None
    assert stored(any_store, a_delivery(1)) == claimed


def test_a_delivery_of_another_tenant_is_not_claimed(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1)])

    assert any_store.queue.claim(OTHER, a_delivery(1).id, NOW, LEASE) is None
    assert stored(any_store, a_delivery(1)) == a_delivery(1)


def test_what_is_not_due_or_not_there_is_not_claimed(any_store: AnyStore) -> None:
    later = a_delivery(1, next_at=NOW + SECOND)
    held = a_delivery(2, state=DeliveryState.HELD)
    queued(any_store, [later, held])

    for delivery in (later, held, a_delivery(3)):
        assert any_store.queue.claim(MAIN, delivery.id, NOW, LEASE) is None
    assert stored(any_store, later) == later
    assert any_store.queue.claim(MAIN, later.id, NOW + SECOND, LEASE) is not None


def test_a_lapsed_lease_is_claimed_again(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1)])
    any_store.queue.claim(MAIN, a_delivery(1).id, NOW, LEASE)

    assert any_store.queue.claim(MAIN, a_delivery(1).id, LEASE - SECOND, LEASE) is None
    again = any_store.queue.claim(MAIN, a_delivery(1).id, LEASE, LEASE + 30 * SECOND)
    assert again is not None
    assert again.attempts == 2


def test_an_older_delivery_of_the_account_goes_first(any_store: AnyStore) -> None:
    first, second, elsewhere = a_delivery(1), a_delivery(2), a_delivery(3, external_id="lisi")
    queued(any_store, [second, first, elsewhere])

    assert any_store.queue.claim(MAIN, second.id, NOW, LEASE) is None
    assert any_store.queue.claim(MAIN, elsewhere.id, NOW, LEASE) is not None
    claimed = taken(any_store, first)
    assert any_store.queue.claim(MAIN, second.id, NOW, LEASE) is None
    any_store.queue.finish(MAIN, claimed, DeliveryState.SENT, sent(first))
    assert any_store.queue.claim(MAIN, second.id, NOW, LEASE) is not None


def test_a_delivery_that_waits_for_its_next_try_lets_newer_ones_pass(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1, next_at=NOW + SECOND), a_delivery(2)])

    assert any_store.queue.claim(MAIN, a_delivery(2).id, NOW, LEASE) is not None


def test_deliveries_of_one_instant_go_by_id(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(2, created_at=START), a_delivery(1, created_at=START)])

    assert any_store.queue.claim(MAIN, a_delivery(2).id, NOW, LEASE) is None
    assert any_store.queue.claim(MAIN, a_delivery(1).id, NOW, LEASE) is not None


def test_queued_pushes_of_an_account_are_taken_together(any_store: AnyStore) -> None:
    pushes = [a_delivery(1), a_delivery(2)]
    others = [
        a_delivery(3, kind=DeliveryKind.REPLY),
        a_delivery(4, external_id="lisi"),
        a_delivery(5, channel=DING),
        a_delivery(6, next_at=NOW + SECOND),
        a_delivery(7, state=DeliveryState.HELD),
    ]
    queued(any_store, [*reversed(pushes), *others])

    taken = any_store.queue.claim_queued_of(MAIN, APP, "zhangsan", NOW, LEASE, limit=9)
    assert taken == [replace(p, state=DeliveryState.SENDING, attempts=1) for p in pushes]
    assert [stored(any_store, other) for other in others] == others
    assert any_store.queue.claim_queued_of(MAIN, APP, "zhangsan", NOW, LEASE, limit=9) == []


def test_a_sent_delivery_is_finished_with_its_card(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1, channel=KF, external_id="wm1")])
    with any_store.work(MAIN) as work:
        work.identities.heard_from(KF, "wm1", START)
        work.commit()
    card = Card(CardKey("k-1"), KF, "wm1", "alert:1", "alert", NOW)
    claimed = taken(any_store, a_delivery(1))

    any_store.queue.finish(
        MAIN,
        claimed,
        DeliveryState.SENT,
        sent(a_delivery(1)),
        card=card,
        counts=True,
        platform_ref="msg-1",
    )

    found = stored(any_store, a_delivery(1))
    assert (found.state, found.reason, found.next_at) == (DeliveryState.SENT, None, None)
    with any_store.reading(MAIN) as work:
        assert work.cards.find(card.key) == card
        identity = work.identities.find(KF, "wm1")
        assert identity is not None
        assert identity.sends_since_inbound == 1


def test_a_failed_try_waits_for_the_next(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1)])
    claimed = taken(any_store, a_delivery(1))

    any_store.queue.finish(
        MAIN,
        claimed,
        DeliveryState.QUEUED,
        Attempt(a_delivery(1).id, NOW, "retry", "45009"),
        next_at=NOW + SECOND,
    )

    found = stored(any_store, a_delivery(1))
    assert (found.state, found.reason, found.attempts) == (DeliveryState.QUEUED, "45009", 1)
    assert any_store.queue.claim(MAIN, a_delivery(1).id, NOW, LEASE) is None
    assert any_store.queue.claim(MAIN, a_delivery(1).id, NOW + SECOND, LEASE) is not None


def test_a_claim_that_is_put_off_uses_up_no_try(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1)])
    claimed = taken(any_store, a_delivery(1))
    put_off = Attempt(claimed.id, NOW, PUT_OFF, "rate")

    any_store.queue.finish(MAIN, claimed, DeliveryState.QUEUED, put_off, next_at=NOW + SECOND)

    found = stored(any_store, a_delivery(1))
    assert (found.state, found.reason, found.attempts) == (DeliveryState.QUEUED, "rate", 0)
    assert taken(any_store, a_delivery(1), NOW + SECOND).attempts == 1


def test_who_lost_the_lease_does_not_put_a_sent_delivery_back(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1)])
    loser = taken(any_store, a_delivery(1))
    holder = taken(any_store, a_delivery(1), LEASE)
    any_store.queue.finish(MAIN, holder, DeliveryState.SENT, sent(holder))

    retry = Attempt(loser.id, LEASE, "retry", "timeout")
    any_store.queue.finish(MAIN, loser, DeliveryState.QUEUED, retry, next_at=LEASE)

    assert stored(any_store, a_delivery(1)).state is DeliveryState.SENT
    assert any_store.queue.due(LEASE + 60 * SECOND, 10) == []


def test_who_lost_the_lease_does_not_free_what_another_is_sending(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1)])
    loser = taken(any_store, a_delivery(1))
    holder = taken(any_store, a_delivery(1), LEASE)

    for outcome, state in (
        ("retry", DeliveryState.QUEUED),
        (PUT_OFF, DeliveryState.QUEUED),
        ("dead", DeliveryState.DEAD),
    ):
        any_store.queue.finish(MAIN, loser, state, Attempt(loser.id, LEASE, outcome, "timeout"))
        assert stored(any_store, a_delivery(1)) == holder
        assert any_store.queue.claim(MAIN, loser.id, LEASE, LEASE + 60 * SECOND) is None


def test_only_so_many_pushes_are_taken_together_the_oldest_first(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(3), a_delivery(1), a_delivery(2)])

    pushes = any_store.queue.claim_queued_of(MAIN, APP, "zhangsan", NOW, LEASE, limit=2)

    assert [push.id for push in pushes] == ["d-001", "d-002"]
    assert stored(any_store, a_delivery(3)) == a_delivery(3)


def test_only_own_messages_count_as_sent(any_store: AnyStore) -> None:
    deliveries = [a_delivery(1), a_delivery(2), a_delivery(3, kind=DeliveryKind.UPDATE)]
    queued(any_store, deliveries)
    states = (DeliveryState.SENT, DeliveryState.MERGED, DeliveryState.SENT)
    for delivery, state in zip(deliveries, states, strict=True):
        claimed = taken(any_store, delivery)
        any_store.queue.finish(MAIN, claimed, state, sent(delivery))

    assert any_store.queue.sent_since(MAIN, APP, "zhangsan", NOW) == 1
    assert any_store.queue.sent_since(MAIN, APP, "zhangsan", NOW + SECOND) == 0
    assert any_store.queue.sent_since(MAIN, APP, "lisi", START) == 0
    assert any_store.queue.sent_since(OTHER, APP, "zhangsan", START) == 0


def test_answers_still_to_be_sent_are_counted(any_store: AnyStore) -> None:
    reply = DeliveryKind.REPLY
    under_way = a_delivery(1, kind=reply)
    queued(
        any_store,
        [
            under_way,
            a_delivery(2, kind=reply),
            a_delivery(3, kind=reply, next_at=NOW + SECOND),
            a_delivery(4),
            a_delivery(5, kind=DeliveryKind.UPDATE),
            a_delivery(6, kind=reply, state=DeliveryState.SENT),
            a_delivery(7, kind=reply, state=DeliveryState.DEAD),
            a_delivery(8, kind=reply, channel=DING),
        ],
    )
    taken(any_store, under_way)

    assert any_store.queue.answers_waiting(MAIN, APP, "zhangsan") == 3
    assert any_store.queue.answers_waiting(MAIN, APP, "lisi") == 0
    assert any_store.queue.answers_waiting(OTHER, APP, "zhangsan") == 0


def test_the_accounts_next_delivery_is_its_oldest_due_one(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(1, next_at=NOW + SECOND), a_delivery(3), a_delivery(2)])

    assert any_store.queue.next_of(MAIN, APP, "zhangsan", NOW) == a_delivery(2).id
    assert any_store.queue.next_of(MAIN, APP, "zhangsan", NOW + SECOND) == a_delivery(1).id
    assert any_store.queue.next_of(MAIN, APP, "lisi", NOW) is None
    assert any_store.queue.next_of(OTHER, APP, "zhangsan", NOW) is None


def test_due_deliveries_of_all_tenants_are_listed_oldest_first(any_store: AnyStore) -> None:
    queued(any_store, [a_delivery(3), a_delivery(1), a_delivery(4, next_at=NOW + SECOND)])
    with any_store.work(OTHER) as work:
        work.deliveries.add(a_delivery(2))
        work.deliveries.add(a_delivery(5, state=DeliveryState.HELD))
        work.commit()
    any_store.queue.claim(MAIN, a_delivery(1).id, NOW, LEASE)

    expected = [(OTHER, DeliveryId("d-002")), (MAIN, DeliveryId("d-003"))]
    assert any_store.queue.due(NOW, 10) == expected
    assert any_store.queue.due(NOW, 1) == expected[:1]
    assert any_store.queue.due(LEASE, 1) == [(MAIN, DeliveryId("d-001"))]


def test_the_age_of_the_oldest_due_delivery_is_told(any_store: AnyStore) -> None:
    assert any_store.queue.oldest_due_seconds(NOW) == 0.0
    queued(any_store, [a_delivery(1, next_at=NOW + SECOND), a_delivery(2)])

    assert any_store.queue.oldest_due_seconds(NOW) == 58.0
    any_store.queue.claim(MAIN, a_delivery(2).id, NOW, LEASE)
    assert any_store.queue.oldest_due_seconds(NOW) == 0.0
    assert any_store.queue.oldest_due_seconds(LEASE + SECOND) == 30.0
