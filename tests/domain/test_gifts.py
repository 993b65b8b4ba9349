"""How far gifts may go, and that each ends once."""

from datetime import UTC, datetime

import pytest

from domain.errors import GiftLimitReached, GiftTooLarge
from domain.gifts import (
    ALONE_MAX,
    GIFT_MAX,
    MONTH_MAX,
    Gift,
    GiftState,
    check_limits,
    ended,
    needs_approval,
)
from domain.ids import ContactId, CustomerId, GiftId

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("points", "given"),
    [(1, 0), (GIFT_MAX, 0), (1, MONTH_MAX - 1), (GIFT_MAX, MONTH_MAX - GIFT_MAX)],
)
def test_gifts_up_to_the_limits_pass(points: int, given: int) -> None:
    check_limits(points, given)


def test_one_gift_has_a_limit() -> None:
    with pytest.raises(GiftTooLarge) as refused:
        check_limits(GIFT_MAX + 1, 0)
    assert refused.value.details() == {"asked": GIFT_MAX + 1, "most": GIFT_MAX}


@pytest.mark.parametrize(("points", "given", "left"), [(1, MONTH_MAX, 0), (51, MONTH_MAX - 50, 50)])
def test_a_month_has_a_limit(points: int, given: int, left: int) -> None:
    with pytest.raises(GiftLimitReached) as refused:
        check_limits(points, given)
    assert refused.value.details() == {"asked": points, "left": left, "most": MONTH_MAX}


def test_above_what_a_contact_gives_alone_somebody_has_to_agree() -> None:
    assert not needs_approval(ALONE_MAX)
    assert needs_approval(ALONE_MAX + 1)
    assert ALONE_MAX < GIFT_MAX <= MONTH_MAX


def test_a_gift_ends_once() -> None:
    gift = Gift(
        id=GiftId("g"),
        number=7,
        giver=CustomerId("C001"),
        contact=ContactId("wang"),
        receiver=CustomerId("C002"),
        points=1_200,
        month="2026-11",
        asked_at=NOW,
        state=GiftState.PENDING,
    )
    given = ended(gift, GiftState.GIVEN, NOW)
    assert (given.state, given.ended_at) == (GiftState.GIVEN, NOW)
    with pytest.raises(ValueError, match="7"):
        ended(given, GiftState.EXPIRED, NOW)
