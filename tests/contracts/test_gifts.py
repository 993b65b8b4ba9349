"""Gifts between customers, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.gifts import Gift, GiftState, ended
from domain.ids import GiftId
from domain.ports import Conflict
from storage.db import Missing
from tests.contracts.rows import ACME, BETA, CHEN, people
from tests.contracts.test_approvals import one as an_approval
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

LATER = START + timedelta(hours=1)


def one(number: int = 1, **changes: Any) -> Gift:
    """Make a gift of Acme's to Beta that waits for an approval."""
    fields: dict[str, Any] = {
        "id": GiftId(f"g-{number}"),
        "number": number,
        "giver": ACME.id,
        "contact": CHEN.id,
        "receiver": BETA.id,
        "points": 1_200,
        "month": "2026-11",
        "asked_at": START,
        "state": GiftState.PENDING,
        "approval": an_approval().id,
    }
    return Gift(**(fields | changes))


GIVEN = one(2, state=GiftState.GIVEN, approval=None, ended_at=START, points=80)


def furnish(any_store: AnyStore, *gifts: Gift) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.approvals.add(an_approval())
        for gift in gifts:
            work.gifts.add(gift)
        work.commit()


def test_a_gift_comes_back_as_it_was_stored(any_store: AnyStore) -> None:
    furnish(any_store, one(), GIVEN)
    with any_store.reading(MAIN) as work:
        assert work.gifts.find(GiftId("g-1")) == one()
        assert work.gifts.get(GiftId("g-2")) == GIVEN
        assert work.gifts.find(GiftId("g-3")) is None
        with pytest.raises(Missing):
            work.gifts.get(GiftId("g-3"))
    with any_store.reading(OTHER) as work:
        assert work.gifts.find(GiftId("g-1")) is None


def test_gift_numbers_count_up_and_are_used_once(any_store: AnyStore) -> None:
    furnish(any_store, one())
    with any_store.work(MAIN) as work:
        assert [work.gifts.next_number() for _ in range(2)] == [1, 2]
        with pytest.raises(Conflict):
            work.gifts.add(one(1, id=GiftId("g-other")))
        work.rollback()
        with pytest.raises(Conflict):
            work.gifts.add(one(7, id=GiftId("g-1")))


def test_a_month_counts_what_was_given_and_what_may_still_be(any_store: AnyStore) -> None:
    declined = one(3, points=5, state=GiftState.DECLINED, ended_at=START)
    other = one(4, points=7, month="2026-12")
    back = replace(GIVEN, id=GiftId("g-5"), number=5, giver=BETA.id, receiver=ACME.id)
    furnish(any_store, one(), GIVEN, declined, other, back)
    with any_store.reading(MAIN) as work:
        assert work.gifts.given_in(ACME.id, "2026-11") == 1_280
        assert work.gifts.given_in(ACME.id, "2026-12") == 7
        assert work.gifts.given_in(BETA.id, "2026-11") == 80
        assert work.gifts.given_in(BETA.id, "2026-12") == 0
    with any_store.reading(OTHER) as work:
        assert work.gifts.given_in(ACME.id, "2026-11") == 0


@pytest.mark.parametrize("state", [s for s in GiftState if s is not GiftState.PENDING])
def test_a_pending_gift_ends_once(any_store: AnyStore, state: GiftState) -> None:
    furnish(any_store, one())
    with any_store.work(MAIN) as work:
        work.gifts.save(ended(one(), state, LATER))
        work.commit()
        assert work.gifts.get(GiftId("g-1")) == replace(one(), state=state, ended_at=LATER)
        with pytest.raises(Conflict):
            work.gifts.save(ended(one(), GiftState.EXPIRED, LATER))
        work.rollback()
        with pytest.raises(Conflict):
            work.gifts.save(ended(one(9), GiftState.EXPIRED, LATER))
    with any_store.work(OTHER) as work, pytest.raises(Conflict):
        work.gifts.save(ended(one(), GiftState.EXPIRED, LATER))
