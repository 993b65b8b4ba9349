"""What the sender may not do: multiply cards, turn them back, send twice, lose what it merges."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from rq.timeouts import JobTimeoutException

from bot.channel_configs import KF, WECOM
from bot.delivery_ends import RECORD_TRIES
from bot.platform import (
    DeliveryError,
)
from domain.deliveries import DeliveryKind, DeliveryState
from domain.ids import DeliveryId
from domain.ports import Conflict
from handlers.contract import View
from handlers.incoming import Said
from handlers.views import Cancelled
from tests.cards.examples import EXAMPLES
from tests.cards.sample_alerts import NEW, RESOLVED, TAKEN
from tests.support.office import *  # noqa: F403  a fixture
from tests.support.office import FANG, Office
from tests.support.stores import *  # noqa: F403  fixtures
from tests.support.stores import MAIN, _cluster_stops_at_the_end  # noqa: F401

TELL = EXAMPLES["tell_customer.normal"]
CALL = EXAMPLES["person_wanted_card.missed"]


def alerts(count: int) -> list[View]:
    """Make cards of new alerts."""
    numbers = range(1, count + 1)
    return [replace(NEW, number=n, ticket=f"t{n}", text=f"第{n}次渗水") for n in numbers]


def test_a_taker_who_types_is_told_each_state_once(office: Office) -> None:
    office.hears("wmWang", Said("评价 滨江一期 1 渗水三次没人管"), KF)
    office.clock.forward(timedelta(seconds=10))
    office.hears("zhangmin", Said("处理 1"))
    office.clock.forward(timedelta(seconds=10))
    office.hears("zhangmin", Said("解决 1 施工质量 上门"))

    def heads(texts: list[str]) -> list[str]:
        return [found[1] for text in texts if (found := re.match("【(.+?)[·】]", text))]

    taker = [out for out in office.phones.sent if out.channel == WECOM]
    mine = [out.message.text for out in taker if out.external_id == "zhangmin"]
    assert heads(mine) == ["差评", "处理中", "已解决"]
    changes = [c for c in office.phones.changed if c.external_id == "zhangmin"]
    assert heads([c.message.text for c in changes]) == ["处理中", "已解决"]
    assert len({c.card for c in changes}) == 2
    # Wang Fang's card could be changed once; the second change is one message.
    assert heads(office.phones.shown(FANG)) == ["差评", "已解决"]
    of_account = (
        "SELECT count(*) FROM cards WHERE subject IS NOT NULL GROUP BY channel_id, external_id"
    )
    assert set(office.all(of_account)) == {(1,)}
    assert office.all("SELECT count(*) FROM deliveries WHERE state IN ('queued', 'dead')") == [(0,)]


def changing(office: Office, *views: View, **changes: Any) -> list[DeliveryId]:
    """Queue changes of the card that is on Wang Fang's phone."""
    with office.store.reading(MAIN) as work:
        [card] = work.cards.of_subject("alert:1")
    given = {"card": card.key, "subject": "alert:1"} | changes
    return office.queues(*views, kind=DeliveryKind.UPDATE, **given)


def test_an_older_change_is_not_sent_after_a_newer_one(office: Office) -> None:
    office.sends(*office.queues(*alerts(1), subject="alert:1"))
    office.phones.fails = [DeliveryError("timeout", permanent=False)]
    older = changing(office, replace(TAKEN, is_mine=False))
    office.sends(*older)
    assert office.stored(older[0]).reason == "timeout"
    office.sends(*changing(office, RESOLVED))

    office.clock.forward(timedelta(hours=1))
    office.sweeps()

    assert [change.message.text[:5] for change in office.phones.changed] == ["【已解决·"]
    assert len(office.phones.sent) == 1
    assert office.stored(older[0]).state is DeliveryState.MERGED


def test_a_change_that_becomes_a_message_counts_and_waits_for_room(office: Office) -> None:
    office.sends(*office.queues(*alerts(1), subject="alert:1"))
    office.phones.codes.clear()
    office.clock.forward(timedelta(minutes=2))
    office.sends(*office.queues(*[Cancelled(had_something=True)] * 25, kind=DeliveryKind.REPLY))
    [change] = changing(office, replace(TAKEN, is_mine=False))

    office.sends(change)
    waiting = office.stored(change)
    assert (waiting.state, waiting.reason, waiting.attempts) == (DeliveryState.QUEUED, "rate", 0)
    assert len(office.phones.sent) == 26

    office.clock.forward(timedelta(minutes=2))
    office.sweeps()
    assert "处理中" in office.phones.shown(FANG)[-1]
    assert office.queue.sent_since(MAIN, WECOM, FANG, office.clock.now()) == 1


def test_putting_off_uses_up_no_try(office: Office) -> None:
    replies = office.queues(*[Cancelled(had_something=True)] * 26, kind=DeliveryKind.REPLY)
    office.sends(*replies)
    for _ in range(5):
        office.clock.forward(timedelta(seconds=10))
        office.sweeps()
    assert office.stored(replies[-1]).attempts == 0
    assert len(office.phones.sent) == 25

    office.phones.fails = [DeliveryError("timeout", permanent=False)]
    office.clock.forward(timedelta(seconds=20))
    office.sweeps()
    assert office.stored(replies[-1]).state is DeliveryState.QUEUED
    office.clock.forward(timedelta(minutes=1))
    office.sweeps()
    assert [out.attempt for out in office.phones.sent] == [1] * 25 + [2]


def test_what_is_out_is_recorded_after_conflicts_and_not_sent_again(office: Office) -> None:
    [reply] = office.queues(Cancelled(had_something=True), kind=DeliveryKind.REPLY)
    office.queue.obstacles = [Conflict("busy")] * (RECORD_TRIES - 1)
    office.sends(reply)
    assert office.stored(reply).state is DeliveryState.SENT
    assert len(office.phones.sent) == 1


@pytest.mark.parametrize("make", [lambda: Conflict("busy"), lambda: ValueError("broken")])
def test_what_can_not_be_recorded_is_no_failed_send(
    office: Office, make: Callable[[], Exception]
) -> None:
    [reply] = office.queues(Cancelled(had_something=True), kind=DeliveryKind.REPLY)
    office.queue.obstacles = [make() for _ in range(RECORD_TRIES)]

    office.sends(reply)

    # The lease decides, not the pause after a failure.
    assert office.stored(reply).state is DeliveryState.SENDING
    assert office.all("SELECT count(*) FROM delivery_attempts") == [(0,)]
    office.clock.forward(timedelta(seconds=20))
    office.sweeps()
    assert len(office.phones.sent) == 1


@pytest.mark.parametrize("place", ["send", "record"])
def test_the_end_of_a_job_is_not_taken_for_a_failed_send(office: Office, place: str) -> None:
    [reply] = office.queues(Cancelled(had_something=True), kind=DeliveryKind.REPLY)
    end: list[Exception] = [JobTimeoutException()]
    if place == "send":
        office.phones.fails = end
    else:
        office.queue.obstacles = end

    with pytest.raises(JobTimeoutException):
        office.sender.deliver(MAIN, reply)

    assert office.stored(reply).state is DeliveryState.SENDING
    assert office.all("SELECT count(*) FROM delivery_attempts") == [(0,)]


def minutes_pass(office: Office, count: int) -> list[tuple[datetime, int]]:
    """Let time pass in steps of two seconds; give how many messages went at each."""
    went = [(office.clock.now(), len(office.phones.sent))]
    for _ in range(count * 30):
        before = len(office.phones.sent)
        now = office.clock.forward(timedelta(seconds=2))
        office.sweeps()
        went.append((now, len(office.phones.sent) - before))
    return went


def test_what_does_not_fit_into_one_message_comes_in_the_next(office: Office) -> None:
    office.sends(*office.queues(*alerts(60)))
    went = minutes_pass(office, 2)

    told = "\n".join(office.phones.shown(FANG))
    assert [n for n in range(1, 61) if f"「接手 {n}」" not in told] == []
    assert [n for n in range(1, 61) if f"第{n}次渗水" not in told] == []
    assert all(len(text.encode()) < 2048 for text in office.phones.shown(FANG))
    for at, _ in went:
        window = sum(n for when, n in went if at <= when < at + timedelta(minutes=1))
        assert window <= 25
    assert office.all("SELECT DISTINCT state FROM deliveries ORDER BY 1") == [
        ("merged",),
        ("sent",),
    ]


@pytest.mark.parametrize("pace", [0.3, 0.5])
def test_a_slow_machine_gathers_as_well(office: Office, pace: float) -> None:
    office.clock.pace = timedelta(seconds=pace)
    office.sends(*office.queues(*alerts(40)))
    minutes_pass(office, 3)

    told = "\n".join(office.phones.shown(FANG))
    assert [n for n in range(1, 41) if f"「接手 {n}」" not in told] == []
    assert len(office.phones.sent) == 15 + 3


def test_what_asks_to_tell_a_customer_is_never_merged(office: Office) -> None:
    tasks = [replace(TELL, ticket=f"tell{n}") for n in range(1, 21)]  # type: ignore[type-var]
    mixed = [view for pair in zip(alerts(20), tasks, strict=True) for view in pair]
    office.sends(*office.queues(*mixed))
    went = minutes_pass(office, 4)

    cards = [str(out.message.card) for out in office.phones.sent]
    assert [n for n in range(1, 21) if not any(f"tell{n}:told" in card for card in cards)] == []
    told = "\n".join(office.phones.shown(FANG))
    assert [n for n in range(1, 21) if f"「接手 {n}」" not in told] == []
    for at, _ in went:
        assert sum(n for when, n in went if at <= when < at + timedelta(minutes=1)) <= 25
    states = "SELECT count(*) FROM deliveries WHERE view = 'tell_customer' AND state <> 'sent'"
    assert office.all(states) == [(0,)]


def test_a_call_to_a_customer_keeps_its_phone_and_its_talk_however_much_comes(
    office: Office,
) -> None:
    calls = [replace(CALL, contact=f"王{n}") for n in range(1, 7)]  # type: ignore[type-var]
    office.sends(*office.queues(*alerts(20), *calls))
    minutes_pass(office, 2)

    cards = [str(out.message.card) for out in office.phones.sent]
    for n in range(1, 7):
        [card] = [card for card in cards if f"请接手：滨江置业 王{n}" in card]
        assert "13800138000" in card
        assert "三栋那个水管又漏了" in card


def test_a_digest_that_fails_keeps_everything_for_the_next_try(office: Office) -> None:
    office.sends(*office.queues(*[Cancelled(had_something=True)] * 15, kind=DeliveryKind.REPLY))
    office.sends(*office.queues(*alerts(4)))
    office.phones.fails = [DeliveryError("timeout", permanent=False)]
    minutes_pass(office, 1)

    assert office.phones.fails == []
    told = "\n".join(office.phones.shown(FANG))
    assert [told.count(f"「接手 {n}」") for n in range(1, 5)] == [1] * 4
    assert office.all("SELECT max(attempts) FROM deliveries") == [(2,)]
