"""What an account has said lately and how it was answered, on the fake store and both engines."""

from datetime import timedelta
from typing import Any

from domain.deliveries import DeliveryKind, DeliveryState
from domain.ids import InboxId
from domain.inbox import Exchange, InboxState, ReplyPart, reply_key
from domain.ports import Work
from tests.contracts.rows import a_delivery, an_item
from tests.support.fakes import START
from tests.support.stores import APP, DING, MAIN, OTHER, AnyStore

SECOND = timedelta(seconds=1)
LONG_AGO = START - timedelta(days=1)


def said(
    work: Work, number: int, state: InboxState | None = InboxState.DONE, **changes: Any
) -> None:
    """Store an item that came a second after the one before, and how it ended; None for not yet."""
    item = an_item(number, **changes)
    work.inbox.receive(item)
    if state is not None:
        work.inbox.finish(item.id, state, now=item.received_at)


def replied(
    work: Work, number: int, view: str, part: ReplyPart = ReplyPart.ANSWER, **changes: Any
) -> None:
    """Store a reply to an item."""
    item = an_item(number).id
    fields: dict[str, Any] = {
        "kind": DeliveryKind.REPLY,
        "view": view,
        "dedupe_key": reply_key(item, part),
        "inbox": item,
    }
    work.deliveries.add(a_delivery(number, **(fields | changes)))


def exchange(number: int, view: str | None = None) -> Exchange:
    item = an_item(number)
    data = None if view is None else {"number": number, "text": "预警"}
    return Exchange(item.id, item.payload, item.received_at, view, data)


def recent(work: Work, *, limit: int = 10, since: Any = LONG_AGO) -> list[Exchange]:
    return work.inbox.recent(APP, "zhangsan", since=since, limit=limit)


def last_of(work: Work, *views: str, who: str = "zhangsan", since: Any = LONG_AGO) -> str | None:
    one, other = (*views, "none")[:2]
    return work.inbox.last_of(APP, who, (one, other), since=since)


def test_what_was_said_comes_with_its_answer_oldest_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        for number in (2, 1, 3):
            said(work, number)
            replied(work, number, f"view-{number}")
        work.commit()
    with any_store.reading(MAIN) as work:
        assert recent(work) == [exchange(n, f"view-{n}") for n in (1, 2, 3)]


def test_only_the_newest_after_an_instant_are_listed(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        for number in (1, 2, 3, 4):
            said(work, number)
            replied(work, number, "balance")
        assert recent(work, limit=2) == [exchange(n, "balance") for n in (3, 4)]
        since = an_item(3).received_at
        assert recent(work, since=since) == [exchange(4, "balance")]
        assert recent(work, since=since + SECOND) == []


def test_of_one_instant_the_later_id_is_the_newer(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        for number in (2, 1):
            said(work, number, received_at=START)
            replied(work, number, "balance")
        assert [one.item for one in recent(work)] == ["i-001", "i-002"]
        assert [one.item for one in recent(work, limit=1)] == ["i-002"]


def test_an_answer_counts_whether_or_not_it_has_arrived(any_store: AnyStore) -> None:
    states = [DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.IN_BAND, DeliveryState.DEAD]
    with any_store.work(MAIN) as work:
        for number, state in enumerate(states, start=1):
            said(work, number)
            replied(work, number, state, state=state)
        # A card that was changed instead is an answer, too.
        said(work, 5)
        replied(work, 5, "record_done", kind=DeliveryKind.UPDATE)
        shown = [one.view for one in recent(work)]
    assert shown == [*states, "record_done"]


def test_what_waits_is_listed_and_what_needed_no_answer_is_not(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        said(work, 1, None)
        for number, state in ((2, InboxState.DONE), (3, InboxState.STALE)):
            said(work, number, state)
        said(work, 4, InboxState.PARKED)
        replied(work, 4, "bind_ask", ReplyPart.PARKED)
        said(work, 5, InboxState.FAILED)
        replied(work, 5, "failure", ReplyPart.FAILURE)
        assert recent(work) == [exchange(1), exchange(5, "failure")]


def test_what_was_parked_is_listed_once_when_it_is_answered(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        said(work, 1)
        replied(work, 1, "bind_ask", ReplyPart.PARKED)
        replied(work, 1, "balance", id=a_delivery(2).id)
        assert recent(work) == [exchange(1, "balance")]
        assert last_of(work, "bind_ask") is None


def test_what_else_an_item_led_to_is_no_answer(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        said(work, 1)
        work.deliveries.add(a_delivery(1, inbox=an_item(1).id, view="points_notice"))
        assert recent(work) == []
        assert last_of(work, "points_notice") is None


def test_each_account_has_its_own_talk(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        said(work, 1)
        replied(work, 1, "balance")
        said(work, 2, sender="lisi")
        replied(work, 2, "help_menu", external_id="lisi")
        said(work, 3, channel=DING)
        replied(work, 3, "statement", channel=DING)
        assert recent(work) == [exchange(1, "balance")]
        assert last_of(work, "help_menu", "statement") is None
        assert last_of(work, "help_menu", who="lisi") == "help_menu"


def test_each_tenant_has_its_own_talk(any_store: AnyStore) -> None:
    with any_store.work(OTHER) as work:
        said(work, 1)
        replied(work, 1, "balance")
        said(work, 2, None)
        work.commit()
    with any_store.work(MAIN) as work:
        # The same ids here: their answers are not to be had across.
        said(work, 1)
        assert recent(work) == []
        assert last_of(work, "balance") is None


def test_an_answer_is_found_from_when_its_question_came(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        said(work, 1)
        replied(work, 1, "person_coming")
        said(work, 2)
        replied(work, 2, "balance")
        came = an_item(1).received_at
        assert last_of(work, "person_coming", since=came - SECOND) == "person_coming"
        assert last_of(work, "person_coming", since=came) is None
        assert last_of(work, "did_you_mean") is None


def test_of_two_answers_the_later_one_counts_whatever_was_asked_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        said(work, 1)
        said(work, 2)
        replied(work, 2, "bound_customer", created_at=START)
        replied(work, 1, "person_coming", created_at=START + SECOND)
        assert last_of(work, "bound_customer", "person_coming") == "person_coming"
        # Of one instant the later id is the later one.
        said(work, 3)
        replied(work, 3, "bound_customer", created_at=START + SECOND)
        assert last_of(work, "person_coming", "bound_customer") == "bound_customer"
        assert last_of(work, "person_coming") == "person_coming"


def test_the_last_answer_is_the_one_to_the_newest_item_that_has_one(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        assert work.inbox.last_answer(APP, "zhangsan", since=LONG_AGO) is None
        for number in (2, 1):
            said(work, number)
            replied(work, number, f"view-{number}")
        for number in (3, 4, 5):
            said(work, number, None)
        said(work, 6)
        assert work.inbox.last_answer(APP, "zhangsan", since=LONG_AGO) == "view-2"
        assert work.inbox.last_answer(APP, "zhangsan", since=an_item(2).received_at) is None
        assert work.inbox.last_answer(APP, "lisi", since=LONG_AGO) is None
        work.inbox.finish(an_item(3).id, InboxState.FAILED, now=START)
        replied(work, 3, "failure", ReplyPart.FAILURE)
        assert work.inbox.last_answer(APP, "zhangsan", since=LONG_AGO) == "failure"


def test_a_reply_has_one_key_per_part() -> None:
    keys = [reply_key(InboxId("i-001"), part) for part in ReplyPart]
    assert keys == ["reply:i-001:answer", "reply:i-001:parked", "reply:i-001:failure"]
