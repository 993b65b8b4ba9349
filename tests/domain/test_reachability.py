"""Which of a contact's accounts a notice goes by, and what goes out of what was held."""

from datetime import timedelta
from typing import Any

import pytest

from domain.channels import KF_WINDOW, ChannelKind, Identity, SessionState, Unreachable, reach
from domain.deliveries import Delivery, named_by
from domain.ids import ChannelId, DeliveryId
from domain.reachability import TOGETHER_MAX, Road, best_road, let_go, nearest_road
from tests.support.fakes import START
from tests.support.make import a_delivery

SECOND = timedelta(seconds=1)


def a_road(name: str = "kf", *, hours: float = 1, promised: int = 0, **changes: Any) -> Road:
    fields: dict[str, Any] = {
        "channel": ChannelId(name),
        "kind": ChannelKind.WECOM_KF,
        "external_id": f"at-{name}",
        "last_inbound_at": START - timedelta(hours=hours),
    }
    identity = Identity(**(fields | changes))
    return Road(identity, reach(identity, START, promised=promised))


def ding(**changes: Any) -> Road:
    return a_road("ding", kind=ChannelKind.DINGTALK, last_inbound_at=None, **changes)


def test_what_has_no_window_comes_before_what_counts_its_messages() -> None:
    kf, other = a_road(), ding()
    assert best_road([kf, other]) is best_road([other, kf]) is other
    assert best_road([kf, ding(blocked_reason="left")]) is kf


def test_of_two_windows_the_one_with_more_messages_is_taken_then_the_longer_one() -> None:
    few, many = a_road("few", sends_since_inbound=4), a_road("many", hours=47)
    assert best_road([few, many]) is many
    early, late = a_road("early", hours=2), a_road("late", hours=1)
    assert best_road([early, late]) is best_road([late, early]) is late


def test_messages_promised_to_answers_do_not_count() -> None:
    busy, free = a_road("busy", promised=3), a_road("free", hours=40)
    assert best_road([busy, free]) is free
    assert best_road([a_road(promised=5)]) is None


@pytest.mark.parametrize(
    ("since", "is_open"), [(KF_WINDOW - SECOND, True), (KF_WINDOW, False), (KF_WINDOW * 2, False)]
)
def test_a_window_is_shut_at_exactly_48_hours(since: timedelta, *, is_open: bool) -> None:
    road = a_road(last_inbound_at=START - since)
    assert (best_road([road]) is road) is is_open


def test_the_fifth_message_is_the_last() -> None:
    assert best_road([a_road(sends_since_inbound=4)]) is not None
    assert best_road([a_road(sends_since_inbound=5)]) is None


def test_what_is_likely_to_be_over_first_is_named() -> None:
    closed = [
        a_road("person", session=SessionState.HUMAN),
        a_road("used", sends_since_inbound=5),
        a_road("shut", hours=48),
        a_road("ended", session=SessionState.ENDED),
        a_road("never", last_inbound_at=None),
        a_road("blocked", blocked_reason="left"),
    ]
    obstacles = []
    while closed:
        road = nearest_road(closed[::-1])
        assert road is not None
        obstacles.append(road.reach.obstacle)
        closed.remove(road)
    assert obstacles == [
        Unreachable.WITH_A_PERSON,
        Unreachable.ALLOWANCE_USED,
        Unreachable.WINDOW_CLOSED,
        Unreachable.SESSION_ENDED,
        Unreachable.NEVER_WROTE,
        Unreachable.BLOCKED,
    ]


def test_nothing_is_in_the_way_of_an_open_account_or_without_any() -> None:
    assert nearest_road([]) is nearest_road([a_road(), ding()]) is None
    assert best_road([]) is None


KINDS: dict[str, dict[str, Any]] = {
    "n": {"ticket": ""},
    "t": {"ticket": "T"},
    "c": {"codes": [{"left": 100}]},
}


def held(kinds: str) -> list[Delivery]:
    """Make what was held: plain notices ("n"), such as ask for something ("t"), and codes ("c")."""
    return [
        a_delivery(
            id=DeliveryId(f"d-{number:02}"),
            created_at=START + number * SECOND,
            data=KINDS[kind],
        )
        for number, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("kinds", "left", "numbers"),
    [
        ("", 5, []),
        ("nnnn", 5, [0, 1, 2, 3]),
        ("nnnn", 3, [0, 1, 2, 3]),
        ("nnnn", 2, []),
        ("nn", 1, []),
        # One message of the plain ones, two of those that ask; the third waits on.
        ("ntntt", 5, [0, 2, 1, 3]),
        ("tttn", 5, [0, 1, 2]),
        ("tnt", 3, [0]),
        ("tttt", None, [0, 1, 2, 3]),
        ("ncnc", 4, [0, 2, 1]),
    ],
)
def test_what_waited_leaves_the_answer_its_message_and_one_more(
    kinds: str, left: int | None, numbers: list[int]
) -> None:
    waiting = held(kinds)
    assert let_go(waiting, left) == [waiting[number] for number in numbers]


def test_one_message_carries_so_many_and_the_rest_waits() -> None:
    waiting = held("n" * (TOGETHER_MAX + 3))
    assert let_go(waiting, 5) == waiting[:TOGETHER_MAX]
    assert let_go(waiting, None) == waiting


@pytest.mark.parametrize(("times", "key"), [(0, "01HXYZ"), (1, "01HXYZ_1"), (12, "01HXYZ_12")])
def test_a_message_is_named_anew_each_time_a_notice_is_let_go(times: int, key: str) -> None:
    assert a_delivery(id=DeliveryId("01HXYZ"), let_go=times).message_key == key
    assert named_by(key) == ("01HXYZ", times)


def test_a_name_that_is_not_ours_is_nobodys() -> None:
    assert named_by("msg_of_somebody") == ("msg", 0)
