"""Whether an account can be pushed to: 微信客服 allows five messages in 48 hours."""

from datetime import timedelta
from typing import Any

import pytest

from domain.channels import ChannelKind, Reach, SessionState, Unreachable, reach
from domain.ids import ContactId, MemberId
from tests.support.fakes import START
from tests.support.make import an_identity

WINDOW = timedelta(hours=48)
UNTIL = START + WINDOW


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ({}, Reach(None, UNTIL, 5)),
        ({"sends_since_inbound": 4}, Reach(None, UNTIL, 1)),
        ({"sends_since_inbound": 5}, Reach(Unreachable.ALLOWANCE_USED, UNTIL, 0)),
        ({"sends_since_inbound": 6}, Reach(Unreachable.ALLOWANCE_USED, UNTIL, 0)),
        ({"last_inbound_at": None}, Reach(Unreachable.NEVER_WROTE)),
        ({"session": SessionState.HUMAN}, Reach(Unreachable.WITH_A_PERSON)),
        ({"session": SessionState.ENDED}, Reach(Unreachable.SESSION_ENDED)),
        ({"blocked_reason": "refuses"}, Reach(Unreachable.BLOCKED)),
        ({"kind": ChannelKind.DINGTALK, "blocked_reason": "left"}, Reach(Unreachable.BLOCKED)),
        ({"kind": ChannelKind.DINGTALK, "last_inbound_at": None}, Reach(None)),
        ({"kind": ChannelKind.WECOM_APP, "sends_since_inbound": 99}, Reach(None)),
        ({"kind": ChannelKind.WECOM_GROUP, "last_inbound_at": None}, Reach(None)),
    ],
)
def test_reach(identity: dict[str, Any], expected: Reach) -> None:
    found = reach(an_identity(**identity), START)
    assert found == expected
    assert found.is_open is (expected.obstacle is None)


@pytest.mark.parametrize(
    ("sends", "promised", "expected"),
    [
        (0, 4, Reach(None, UNTIL, 1)),
        (0, 5, Reach(Unreachable.ALLOWANCE_USED, UNTIL, 0)),
        (3, 1, Reach(None, UNTIL, 1)),
        (3, 2, Reach(Unreachable.ALLOWANCE_USED, UNTIL, 0)),
    ],
)
def test_what_is_promised_to_others_is_not_to_be_had(
    sends: int, promised: int, expected: Reach
) -> None:
    assert reach(an_identity(sends_since_inbound=sends), START, promised=promised) == expected
    elsewhere = an_identity(kind=ChannelKind.DINGTALK)
    assert reach(elsewhere, START, promised=promised) == Reach(None)


@pytest.mark.parametrize(
    ("at", "obstacle"),
    [
        (UNTIL - timedelta(microseconds=1), None),
        (UNTIL, Unreachable.WINDOW_CLOSED),
        (UNTIL + timedelta(days=9), Unreachable.WINDOW_CLOSED),
    ],
)
def test_the_window_ends_48_hours_after_the_customers_last_message(
    at: Any, obstacle: Unreachable | None
) -> None:
    found = reach(an_identity(), at)
    assert (found.obstacle, found.window_until) == (obstacle, UNTIL)


@pytest.mark.parametrize(
    ("member", "contact", "bound"),
    [("li", None, True), (None, "wang", True), (None, None, False)],
)
def test_an_account_is_bound_to_a_member_or_a_contact(
    member: str | None, contact: str | None, *, bound: bool
) -> None:
    identity = an_identity(
        member=MemberId(member) if member else None,
        contact=ContactId(contact) if contact else None,
    )
    assert identity.is_bound is bound
