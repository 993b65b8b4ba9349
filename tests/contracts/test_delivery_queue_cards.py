"""What sending does to cards, and overtaken changes of cards: the fake store and both engines."""

from dataclasses import replace
from typing import Any

from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.ids import CardKey
from domain.repositories import Card
from tests.contracts.rows import a_delivery
from tests.contracts.test_delivery_queue import LEASE, NOW, SECOND, queued, sent, stored, taken
from tests.support.fakes import START
from tests.support.stores import APP, DING, MAIN, OTHER, AnyStore


def a_change(number: int, card: str = "k-1", **changes: Any) -> Delivery:
    """Make a queued change of a card."""
    fields = {"kind": DeliveryKind.UPDATE, "card": CardKey(card), "subject": "alert:1"}
    return a_delivery(number, **(fields | changes))


def test_a_change_that_a_younger_one_has_overtaken_is_never_sent(any_store: AnyStore) -> None:
    older = a_change(1, next_at=NOW + 60 * SECOND)
    queued(any_store, [older, a_change(2), a_change(3, "k-2", next_at=NOW + SECOND)])

    younger = taken(any_store, a_change(2))
    found = stored(any_store, older)
    assert (found.state, found.reason) == (DeliveryState.MERGED, "overtaken")
    any_store.queue.finish(MAIN, younger, DeliveryState.SENT, sent(younger))

    later = NOW + 120 * SECOND
    assert any_store.queue.claim(MAIN, older.id, later, later + SECOND) is None
    assert taken(any_store, a_change(3), later).card == "k-2"


def test_an_overtaken_change_does_not_keep_the_younger_one_waiting(any_store: AnyStore) -> None:
    queued(any_store, [a_change(1), a_change(2)])
    assert taken(any_store, a_change(2)).attempts == 1
    assert stored(any_store, a_change(1)).state is DeliveryState.MERGED


def test_a_change_that_comes_after_a_younger_one_was_sent_is_dropped(any_store: AnyStore) -> None:
    in_band = a_change(2, state=DeliveryState.IN_BAND)
    queued(any_store, [a_change(1), in_band])
    assert any_store.queue.claim(MAIN, a_change(1).id, NOW, LEASE) is None
    assert stored(any_store, a_change(1)).state is DeliveryState.MERGED


def test_a_change_being_sent_is_not_overtaken_before_its_lease_lapses(any_store: AnyStore) -> None:
    queued(any_store, [a_change(1)])
    older = taken(any_store, a_change(1))
    queued(any_store, [a_change(2)])

    assert any_store.queue.claim(MAIN, a_change(2).id, NOW, LEASE) is None
    assert stored(any_store, a_change(1)) == older
    assert any_store.queue.claim(MAIN, a_change(2).id, LEASE, LEASE + SECOND) is not None
    assert stored(any_store, a_change(1)).state is DeliveryState.MERGED


def a_card(key: str, **changes: Any) -> Card:
    """Make a card of the alert on the account's phone."""
    fields: dict[str, Any] = {"subject": "alert:1", "view": "alert", "sent_at": START}
    return Card(CardKey(key), APP, "zhangsan", **(fields | changes))


def standing(store: AnyStore, *cards: Card) -> None:
    """Put cards on phones."""
    with store.work(MAIN) as work:
        for card in cards:
            work.cards.save(card)
        work.commit()


def of_alert(store: AnyStore) -> list[Card]:
    """List the cards that stand for the alert."""
    with store.reading(MAIN) as work:
        return work.cards.of_subject("alert:1")


def test_a_new_card_takes_the_subject_over_from_the_accounts_older_ones(
    any_store: AnyStore,
) -> None:
    others = [
        replace(a_card("k-lisi"), external_id="lisi"),
        replace(a_card("k-ding"), channel=DING),
        a_card("k-other", subject="alert:2"),
    ]
    standing(any_store, a_card("k-1"), *others)
    queued(any_store, [a_delivery(1, subject="alert:1")])
    new = a_card("d-001", sent_at=NOW, response_code="c", response_code_at=NOW)

    claimed = taken(any_store, a_delivery(1))
    any_store.queue.finish(MAIN, claimed, DeliveryState.SENT, sent(claimed), card=new)

    assert {card.key for card in of_alert(any_store)} == {"k-lisi", "k-ding", "d-001"}
    with any_store.reading(MAIN) as work:
        assert work.cards.find(CardKey("k-1")) == a_card("k-1", subject=None)
        assert work.cards.find(CardKey("k-other")) == others[2]


def test_a_changed_card_keeps_its_subject_and_its_age(any_store: AnyStore) -> None:
    known = a_card("k-1", response_code="old", response_code_at=START)
    left = a_card("k-0", subject=None)
    standing(any_store, known, left)
    for number, card in ((1, known), (2, left)):
        queued(any_store, [a_change(number, card.key)])
        claimed = taken(any_store, a_change(number))
        new = a_card(card.key, view="other", sent_at=NOW, response_code_at=NOW)
        any_store.queue.finish(MAIN, claimed, DeliveryState.SENT, sent(claimed), card=new)

    with any_store.reading(MAIN) as work:
        for card in (known, left):
            expected = replace(card, view="other", response_code=None, response_code_at=NOW)
            assert work.cards.find(card.key) == expected
    assert any_store.queue.sent_since(MAIN, APP, "zhangsan", START) == 0


def test_a_right_got_by_a_press_during_a_change_is_kept(any_store: AnyStore) -> None:
    pressed = NOW + SECOND
    standing(any_store, a_card("k-1", response_code="pressed", response_code_at=pressed))
    queued(any_store, [a_change(1)])
    claimed = taken(any_store, a_change(1))

    new = a_card("k-1", response_code_at=NOW)
    any_store.queue.finish(MAIN, claimed, DeliveryState.SENT, sent(claimed), card=new)

    [card] = of_alert(any_store)
    assert (card.response_code, card.response_code_at) == ("pressed", pressed)


def test_a_change_that_became_a_message_replaces_its_card(any_store: AnyStore) -> None:
    standing(any_store, a_card("k-1"))
    with any_store.work(MAIN) as work:
        work.identities.heard_from(APP, "zhangsan", START)
        work.commit()
    queued(any_store, [a_change(2)])
    claimed = taken(any_store, a_change(2))
    queued(any_store, [a_change(1, next_at=NOW), a_change(3), a_change(4, "k-2")])

    any_store.queue.finish(
        MAIN,
        claimed,
        DeliveryState.SENT,
        sent(claimed),
        card=a_card("d-002", sent_at=NOW),
        replaces=CardKey("k-1"),
        counts=True,
    )

    assert [card.key for card in of_alert(any_store)] == ["d-002"]
    assert stored(any_store, claimed).kind is DeliveryKind.PUSH
    assert any_store.queue.sent_since(MAIN, APP, "zhangsan", NOW) == 1
    with any_store.reading(MAIN) as work:
        identity = work.identities.find(APP, "zhangsan")
    assert identity is not None
    assert identity.sends_since_inbound == 1
    # The younger change follows to the new card, the older one has been overtaken.
    assert taken(any_store, a_change(3)).card == "d-002"
    assert stored(any_store, a_change(1)).state is DeliveryState.MERGED
    assert stored(any_store, a_change(4)).card == "k-2"


def test_a_change_is_told_by_a_message_as_new_about_the_same_subject(any_store: AnyStore) -> None:
    change = a_change(5)
    told = {"subject": "alert:1", "created_at": change.created_at}
    not_telling = [
        a_delivery(1, subject="alert:1"),
        a_delivery(6, **(told | {"subject": "alert:2"})),
        a_delivery(7, **told, external_id="lisi"),
        a_delivery(8, **told, state=DeliveryState.DEAD),
        a_change(9),
    ]
    queued(any_store, [change, *not_telling])

    assert not any_store.queue.is_told(MAIN, change)
    assert not any_store.queue.is_told(MAIN, replace(change, subject=None))
    queued(any_store, [a_delivery(10, **told, state=DeliveryState.SENT)])
    assert any_store.queue.is_told(MAIN, change)
    assert not any_store.queue.is_told(OTHER, change)
