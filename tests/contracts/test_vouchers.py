"""Vouchers, their codes and what was used of them, on the fake store and both engines."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.customers import BindingTries
from domain.ids import CustomerId, ProjectId, RedemptionId, RewardId, VoucherId, VoucherUseId
from domain.ports import Conflict, UnitOfWork
from domain.redemptions import RedemptionState
from domain.rewards import RewardKind
from domain.vouchers import Voucher, VoucherState, VoucherUse, expire, reissue, use, void
from storage.db import Missing
from tests.contracts.rows import ACME, BETA, BINJIANG, CHEN, LI, WANG, people
from tests.support.fakes import START
from tests.support.make import a_redemption, a_reward
from tests.support.stores import MAIN, OTHER, AnyStore

DAY = timedelta(days=1)
TODAY = date(2026, 11, 22)
PAPER = a_reward(id=RewardId("w-v"), kind=RewardKind.VOUCHER, value=50_000)
BOUGHT = a_redemption(
    id=RedemptionId("d-1"),
    customer=ACME.id,
    contact=CHEN.id,
    reward=PAPER.id,
    kind=RewardKind.VOUCHER,
    quantity=9,
    value_each=50_000,
    state=RedemptionState.PLACED,
    placed_at=START,
)


def voucher(place: int = 1, **changes: Any) -> Voucher:
    fields: dict[str, Any] = {
        "id": VoucherId(f"v-{place}"),
        "redemption": BOUGHT.id,
        "number": BOUGHT.number,
        "place": place,
        "customer": ACME.id,
        "name": "500 元抵用券",
        "value": 50_000,
        "is_partly_usable": True,
        "last_day": TODAY + 365 * DAY,
        "issued_at": START,
        "tail": "0001",
    }
    return Voucher(**(fields | changes))


def a_use(number: int = 1, **changes: Any) -> VoucherUse:
    fields: dict[str, Any] = {
        "id": VoucherUseId(f"u-{number}"),
        "number": number,
        "source": f"ticket:t-{number}",
        "voucher": VoucherId("v-1"),
        "customer": ACME.id,
        "project": BINJIANG.id,
        "amount": 20_000,
        "member": LI.id,
        "used_at": START + number * DAY,
    }
    return VoucherUse(**(fields | changes))


def begin(work: UnitOfWork, *vouchers: Voucher) -> None:
    people(work)
    work.rewards.add(PAPER)
    work.redemptions.add(BOUGHT)
    for one in vouchers:
        work.vouchers.add(one, code_of(one))


def code_of(one: Voucher) -> str:
    return f"CODE-{one.id}"


def test_a_voucher_keeps_everything_and_is_found_by_its_code(any_store: AnyStore) -> None:
    plain = voucher(2, last_day=None, is_partly_usable=False)
    with any_store.work(MAIN) as work:
        begin(work, voucher(), plain)
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.vouchers.get(VoucherId("v-1")) == voucher()
        assert work.vouchers.find_code("CODE-v-2") == plain
        assert work.vouchers.find_code("CODE-v-9") is None
        assert work.vouchers.of_redemption(BOUGHT.id) == [voucher(), plain]
        assert work.vouchers.of_redemption(RedemptionId("d-9")) == []
        with pytest.raises(Missing):
            work.vouchers.get(VoucherId("v-9"))
    with any_store.reading(OTHER) as work:
        assert work.vouchers.find_code("CODE-v-1") is None
        assert work.vouchers.of_redemption(BOUGHT.id) == []
        with pytest.raises(Missing):
            work.vouchers.get(VoucherId("v-1"))


def test_a_place_and_a_code_are_taken_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        begin(work, voucher())
        work.commit()
        for other, code in (
            (voucher(1, id=VoucherId("v-7")), "CODE-v-7"),
            (voucher(2), "CODE-v-1"),
            (voucher(1), "CODE-v-8"),
        ):
            with pytest.raises(Conflict):
                work.vouchers.add(other, code)
            work.rollback()
        assert work.vouchers.of_redemption(BOUGHT.id) == [voucher()]
        assert work.vouchers.find_code("CODE-v-7") is None


def test_a_code_is_kept_for_one_voucher_and_shown_by_nothing_else(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        begin(work, voucher(), voucher(2))
        [one, other] = work.vouchers.codes([voucher(), voucher(2)])
        assert one.place != other.place
        assert one.concealed != other.concealed
        assert "CODE-v-1" not in (one.place, one.concealed)
        with pytest.raises(Missing):
            work.vouchers.codes([voucher(9)])
        link = work.vouchers.conceal("main.secret", "link")
        assert link.place.startswith("link")
        assert link.concealed != "main.secret"


def test_a_new_version_replaces_the_one_before_and_may_bring_a_code(any_store: AnyStore) -> None:
    used = use(voucher(), 20_000, START)
    with any_store.work(MAIN) as work:
        begin(work, voucher(), voucher(2))
        work.vouchers.save(replace(used, value=1, name="changed"))
        assert work.vouchers.get(used.id) == used
        again = reissue(used, "0009", TODAY)
        work.vouchers.save(again, "CODE-new")
        work.commit()
        assert work.vouchers.find_code("CODE-new") == again
        assert work.vouchers.find_code("CODE-v-1") is None
        with pytest.raises(Conflict):
            work.vouchers.save(used)
        work.rollback()
        with pytest.raises(Conflict):
            work.vouchers.save(replace(voucher(9), version=2))
        work.rollback()
        with pytest.raises(Conflict):
            work.vouchers.save(reissue(again, "0008", TODAY), "CODE-v-2")
        work.rollback()
        assert work.vouchers.get(used.id) == again


def test_a_customers_open_vouchers_come_by_their_end(any_store: AnyStore) -> None:
    late, endless = voucher(1), voucher(2, last_day=None)
    soon = voucher(3, last_day=TODAY + DAY)
    gone, given_back = voucher(4), voucher(5)
    other = voucher(6, customer=BETA.id)
    with any_store.work(MAIN) as work:
        begin(work, late, endless, soon, gone, given_back, other)
        work.vouchers.save(use(gone, 50_000, START))
        work.vouchers.save(void(given_back, START))
        assert work.vouchers.open_of(ACME.id, 9) == [soon, late, endless]
        assert work.vouchers.open_of(ACME.id, 1) == [soon]
        assert work.vouchers.open_of(CustomerId("nobody"), 9) == []
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.vouchers.open_of(ACME.id, 9) == []


def test_vouchers_lapse_the_day_after_their_last(any_store: AnyStore) -> None:
    first, second = voucher(1, last_day=TODAY - DAY), voucher(2, last_day=TODAY)
    third = voucher(3, last_day=TODAY - 2 * DAY)
    with any_store.work(MAIN) as work:
        begin(work, first, second, third, voucher(4, last_day=None))
        more = replace(BOUGHT, id=RedemptionId("d-0"), number=2, source="more")
        work.redemptions.add(more)
        old = voucher(5, redemption=more.id, last_day=TODAY - DAY)
        work.vouchers.add(old, code_of(old))
        assert work.vouchers.lapsed(TODAY, 9) == [more.id, BOUGHT.id]
        assert work.vouchers.lapsed(TODAY, 1) == [more.id]
        for one in (first, old):
            work.vouchers.save(expire(one, START))
        assert work.vouchers.lapsed(TODAY, 9) == [BOUGHT.id]
        work.vouchers.save(expire(third, START))
        assert work.vouchers.lapsed(TODAY, 9) == []
        assert work.vouchers.get(third.id).state is VoucherState.EXPIRED
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.vouchers.lapsed(TODAY + 9 * DAY, 9) == []


def test_customers_are_reminded_once_at_each_distance(any_store: AnyStore) -> None:
    today = voucher(1, last_day=TODAY)
    tomorrow = voucher(2, last_day=TODAY + DAY)
    week = voucher(3, last_day=TODAY + 7 * DAY)
    other = voucher(4, last_day=TODAY + 8 * DAY, customer=BETA.id)
    with any_store.work(MAIN) as work:
        begin(work, today, tomorrow, week, other, voucher(5, last_day=TODAY - DAY))
        begins, near, far = TODAY, TODAY + DAY, TODAY + 7 * DAY
        assert work.vouchers.to_remind(begins, near, 1, 9) == [ACME.id]
        assert work.vouchers.to_remind(begins, TODAY + 8 * DAY, 7, 9) == [ACME.id, BETA.id]
        assert work.vouchers.to_remind(begins, TODAY + 8 * DAY, 7, 1) == [ACME.id]
        assert work.vouchers.remind(ACME.id, begins, near, 1) == [today, tomorrow]
        assert work.vouchers.remind(ACME.id, begins, near, 1) == []
        assert work.vouchers.remind(ACME.id, begins, far, 7) == [week]
        assert work.vouchers.to_remind(begins, far, 7, 9) == []
        # A week later it ends tomorrow, and was last told of at 7.
        later = TODAY + 6 * DAY
        assert work.vouchers.remind(ACME.id, later, later + DAY, 1) == [week]
        assert work.vouchers.to_remind(later, later + DAY, 1, 9) == []
        work.commit()
    with any_store.work(OTHER) as work:
        assert work.vouchers.to_remind(TODAY, TODAY + 9 * DAY, 7, 9) == []
        assert work.vouchers.remind(BETA.id, TODAY, TODAY + 9 * DAY, 7) == []


def test_wrong_codes_are_counted_for_each_member(any_store: AnyStore) -> None:
    locked = BindingTries(0, START + DAY)
    with any_store.work(MAIN) as work:
        people(work)
        assert work.vouchers.tries(LI.id) == BindingTries()
        work.vouchers.set_tries(LI.id, BindingTries(2))
        work.vouchers.set_tries(WANG.id, BindingTries(1))
        work.vouchers.set_tries(LI.id, locked)
        work.commit()
    with any_store.work(MAIN) as work:
        assert work.vouchers.tries(LI.id) == locked
        assert work.vouchers.tries(WANG.id) == BindingTries(1)
    with any_store.work(OTHER) as work:
        assert work.vouchers.tries(LI.id) == BindingTries()


def test_uses_are_numbered_and_kept_once_for_a_source(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        assert [work.voucher_uses.next_number(), work.voucher_uses.next_number()] == [1, 2]
        begin(work, voucher(), voucher(2))
        work.voucher_uses.add(a_use())
        work.voucher_uses.add(a_use(2, project=None))
        work.commit()
        again = VoucherUseId("u-1")
        for twin in (
            a_use(3, source="ticket:t-1"),
            replace(a_use(3), number=2),
            replace(a_use(3), id=again),
        ):
            with pytest.raises(Conflict):
                work.voucher_uses.add(twin)
            work.rollback()
    with any_store.reading(MAIN) as work:
        assert work.voucher_uses.find_source("ticket:t-1") == a_use()
        assert work.voucher_uses.find_source("ticket:t-9") is None
        assert work.voucher_uses.of_voucher(VoucherId("v-1")) == [a_use(), a_use(2, project=None)]
        assert work.voucher_uses.of_voucher(VoucherId("v-2")) == []
    with any_store.work(OTHER) as work:
        assert work.voucher_uses.find_source("ticket:t-1") is None
        assert work.voucher_uses.of_voucher(VoucherId("v-1")) == []
        assert work.voucher_uses.next_number() == 1


def test_deductions_wait_oldest_first_and_are_taken_once(any_store: AnyStore) -> None:
    made = [a_use(1), a_use(2, project=None), a_use(3)]
    with any_store.work(MAIN) as work:
        begin(work, voucher())
        for one in made:
            work.voucher_uses.add(one)
        assert work.voucher_uses.waiting(9) == made
        assert work.voucher_uses.waiting(1) == made[:1]
        assert work.voucher_uses.waiting_sum() == (3, 60_000)
        assert work.voucher_uses.waiting_of(BINJIANG.id) == [made[0], made[2]]
        assert work.voucher_uses.waiting_of(ProjectId("p-9")) == []
        assert work.voucher_uses.deduct(made[0].id, "HK-1") is True
        assert work.voucher_uses.deduct(made[0].id, "HK-2") is False
        assert work.voucher_uses.deduct(VoucherUseId("u-9"), "HK-2") is False
        assert work.voucher_uses.waiting(9) == made[1:]
        assert work.voucher_uses.waiting_sum() == (2, 40_000)
        assert work.voucher_uses.waiting_of(BINJIANG.id) == [made[2]]
        taken = replace(made[0], deducted_from="HK-1")
        assert work.voucher_uses.find_source("ticket:t-1") == taken
        work.commit()
    with any_store.work(OTHER) as work:
        assert work.voucher_uses.waiting(9) == []
        assert work.voucher_uses.waiting_sum() == (0, 0)
        assert work.voucher_uses.waiting_of(BINJIANG.id) == []
        assert work.voucher_uses.deduct(made[1].id, "HK-3") is False


def test_a_use_is_taken_back_once_and_never_deducted_then(any_store: AnyStore) -> None:
    first, other = a_use(1), a_use(2)
    counter = a_use(3, amount=20_000, deducted_from=f"use:{first.id}", takes_back=first.id)
    with any_store.work(MAIN) as work:
        begin(work, voucher())
        work.voucher_uses.add(first)
        work.voucher_uses.add(other)
        assert work.voucher_uses.find_counter(first.id) is None
        assert work.voucher_uses.deduct(first.id, f"use:{counter.id}") is True
        work.voucher_uses.add(counter)
        assert work.voucher_uses.waiting(9) == [other]
        assert work.voucher_uses.waiting_of(BINJIANG.id) == [other]
        assert work.voucher_uses.deduct(first.id, "HK-1") is False
        assert work.voucher_uses.deduct(counter.id, "HK-1") is False
        work.commit()
        twin = replace(counter, id=VoucherUseId("u-4"), number=4, source="ticket:t-4")
        with pytest.raises(Conflict):
            work.voucher_uses.add(twin)
        work.rollback()
    with any_store.reading(MAIN) as work:
        assert work.voucher_uses.find_counter(first.id) == counter
        assert work.voucher_uses.find_counter(other.id) is None
        assert work.voucher_uses.find_number(3) == counter
        taken = replace(first, deducted_from=f"use:{counter.id}")
        assert work.voucher_uses.find_number(1) == taken
        assert work.voucher_uses.find_number(4) is None
        assert work.voucher_uses.of_voucher(first.voucher) == [taken, other, counter]
    with any_store.reading(OTHER) as work:
        assert work.voucher_uses.find_number(1) is None
        assert work.voucher_uses.find_counter(first.id) is None
