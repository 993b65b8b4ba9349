"""Many at once on one voucher: never more than it is worth, and every use on the record."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import pytest

from bot.clock import SystemIds
from domain.approvals import Verdict
from domain.errors import DomainError, TicketUsed, ValueExceeded, VoucherUsedUp
from domain.ids import ApprovalId, ContactId, CustomerId, RedemptionId, TicketId
from domain.members import Role
from domain.ports import Conflict
from domain.redemptions import RedemptionState
from domain.tickets import Ticket
from domain.vouchers import Voucher, VoucherState
from handlers.contract import Context
from handlers.usecases.decisions import decide
from handlers.usecases.voucher_codes import reissue_codes
from handlers.usecases.voucher_ends import lapse
from handlers.usecases.voucher_take_back import ask_take_back
from handlers.usecases.voucher_uses import offer_use, plan_use, use_voucher
from handlers.usecases.vouchers import void
from storage.db import reading
from storage.work import SqlStore
from tests.handlers.approval_steps import acting_as
from tests.handlers.voucher_steps import REWARD, VALUE, place
from tests.storage.test_concurrency import at_once, machine_context
from tests.support.make import a_contact, a_customer, a_member, a_project
from tests.support.stores import MAIN

T = TypeVar("T")

IDS = SystemIds()
THREADS = 8
TRIES = 200
PURCHASE = RedemptionId("redemption-1")


@pytest.fixture
def shop(store: SqlStore) -> SqlStore:
    """Give a firm whose customer has one voucher of 5,000 yuan, on each engine."""

    def begin(ctx: Context) -> None:
        for name in "abcdefgh":
            ctx.work.members.add(a_member(name, Role.FINANCE))
        for name in "xy":
            ctx.work.members.add(a_member(name, Role.SUPERVISOR))
        ctx.work.customers.add(a_customer("C001", "滨江置业"))
        ctx.work.customers.add_contact(a_contact("wang", "C001"))
        ctx.work.projects.add(a_project("P001", "滨江一期", "C001"))
        place(ctx, 1, customer=CustomerId("C001"), contact=ContactId("wang"))

    does(store, begin)
    return store


def does(store: SqlStore, act: Callable[[Context], T]) -> T:
    """Do something in a transaction, again while it meets conflicts, as the runtime does."""
    for _ in range(TRIES):
        try:
            with store.work(MAIN) as work:
                done = act(replace(machine_context(work), ids=IDS))
                work.commit()
        except Conflict:
            continue
        return done
    raise AssertionError


def the_voucher(store: SqlStore) -> Voucher:
    with store.reading(MAIN) as work:
        [voucher] = work.vouchers.of_redemption(PURCHASE)
    return voucher


def offered(store: SqlStore, who: str, amount: int) -> TicketId:
    """Let a member have a preview."""

    def offer(ctx: Context) -> TicketId:
        mine = acting_as(ctx, who)
        return offer_use(mine, plan_use(mine, the_voucher(store), amount, ""))

    return does(store, offer)


def tickets_of(store: SqlStore, *tickets: TicketId) -> list[Ticket]:
    with store.reading(MAIN) as work:
        found = [work.tickets.find(ticket) for ticket in tickets]
    return [ticket for ticket in found if ticket is not None]


def presses(store: SqlStore, who: str, ticket: Ticket) -> str:
    """Let a member press the button; give what came of it."""
    try:
        done = does(store, lambda ctx: use_voucher(acting_as(ctx, who), ticket, "use1"))
    except DomainError as refusal:
        return type(refusal).__name__
    return f"used {done.use.number}"


def sums(store: SqlStore) -> tuple[int, int, int]:
    """Give what is gone of the voucher, what all uses add up to, and how many there are."""
    with reading(store.database, MAIN) as db:
        [(gone,)] = db.all("SELECT used FROM vouchers WHERE tenant_id = :tenant")
        [(uses, count)] = db.all(
            "SELECT COALESCE(SUM(CASE WHEN takes_back IS NULL THEN amount ELSE -amount END), 0),"
            " COUNT(*) FROM voucher_uses WHERE tenant_id = :tenant"
        )
    return gone, int(uses), count


def agrees(store: SqlStore) -> bool:
    with store.reading(MAIN) as work:
        return work.reconciliation.findings(9) == []


def test_eight_at_once_never_use_more_than_it_is_worth(shop: SqlStore) -> None:
    """Eight members each want a fifth of it at the same moment."""
    names = "abcdefgh"
    tickets = tickets_of(shop, *(offered(shop, name, VALUE // 5) for name in names))
    jobs = [
        partial(presses, shop, name, ticket) for name, ticket in zip(names, tickets, strict=True)
    ]
    outcomes = Counter("used" if said.startswith("used") else said for said in at_once(*jobs))
    assert outcomes == {"used": 5, VoucherUsedUp.__name__: 3}
    assert sums(shop) == (VALUE, VALUE, 5)
    with shop.reading(MAIN) as work:
        [bought] = work.redemptions.of_customer(CustomerId("C001"), 9)
        assert (bought.state, bought.fulfilled) == (RedemptionState.FULFILLED, 1)
        assert work.stocks.of(REWARD).gone == 1
    assert agrees(shop)


def test_what_does_not_fit_any_more_is_refused_with_what_is_left(shop: SqlStore) -> None:
    names = "abcdefgh"
    tickets = tickets_of(shop, *(offered(shop, name, 150_000) for name in names))
    jobs = [
        partial(presses, shop, name, ticket) for name, ticket in zip(names, tickets, strict=True)
    ]
    outcomes = Counter("used" if said.startswith("used") else said for said in at_once(*jobs))
    assert outcomes == {"used": 3, ValueExceeded.__name__: 5}
    assert sums(shop) == (450_000, 450_000, 3)
    assert agrees(shop)


def test_one_button_pressed_eight_times_at_once_uses_it_once(shop: SqlStore) -> None:
    [ticket] = tickets_of(shop, offered(shop, "a", 100_000))
    outcomes = at_once(*[partial(presses, shop, "a", ticket) for _ in range(THREADS)])
    assert set(outcomes) == {"used 1"}
    assert sums(shop) == (100_000, 100_000, 1)
    assert TicketUsed.__name__ not in outcomes


def test_using_and_giving_back_at_once_do_not_both_happen(shop: SqlStore) -> None:
    [ticket] = tickets_of(shop, offered(shop, "a", VALUE))

    def give_back(ctx: Context) -> None:
        bought = ctx.work.redemptions.find(PURCHASE)
        assert bought is not None
        void(ctx, bought, 1)

    def gives_back() -> str:
        try:
            does(shop, give_back)
        except DomainError as refusal:
            return type(refusal).__name__
        return "void"

    outcomes = at_once(partial(presses, shop, "a", ticket), gives_back)
    gone, uses, _ = sums(shop)
    assert gone == uses
    if outcomes[1] == "void":
        assert (the_voucher(shop).state, gone) == (VoucherState.VOID, 0)
        assert outcomes[0] == "VoucherVoid"
    else:
        assert outcomes == ["used 1", "VoucherNotReturnable"]
        assert the_voucher(shop).state is VoucherState.USED_UP


def test_of_codes_replaced_at_once_one_is_left(shop: SqlStore) -> None:
    def replaces(who: str) -> str:
        try:
            does(shop, lambda ctx: reissue_codes(acting_as(ctx, who), "1"))
        except DomainError as refusal:
            return type(refusal).__name__
        return "replaced"

    outcomes = Counter(at_once(*[partial(replaces, name) for name in "abcd"]))
    assert outcomes == {"replaced": 3, "ReissueLimit": 1}
    with shop.reading(MAIN) as work:
        [kept] = work.vouchers.codes([the_voucher(shop)])
    with reading(shop.database, MAIN) as db:
        [(count,)] = db.all("SELECT COUNT(*) FROM vouchers WHERE tenant_id = :tenant")
    assert (count, kept.place.startswith("voucher:main/")) == (1, True)


def test_two_schedulers_end_a_voucher_once(shop: SqlStore) -> None:
    last = the_voucher(shop).last_day
    assert last is not None

    def ends() -> None:
        def late(ctx: Context) -> None:
            lapse(replace(ctx, today=last.replace(year=last.year + 1)), PURCHASE)

        does(shop, late)

    at_once(ends, ends)
    assert the_voucher(shop).state is VoucherState.EXPIRED
    with shop.reading(MAIN) as work:
        found = work.redemptions.find_number(1)
        assert found is not None
        assert (found.state, found.fulfilled) == (RedemptionState.FULFILLED, 1)
    assert agrees(shop)


def asked_back(store: SqlStore, number: int) -> ApprovalId:
    """Let a member ask for a use to be taken back."""
    return does(store, lambda ctx: ask_take_back(acting_as(ctx, "a"), str(number), "选错了").id)


def approves(store: SqlStore, who: str, approval: ApprovalId) -> str:
    """Let a supervisor approve it; give what came of it."""
    try:
        does(store, lambda ctx: decide(acting_as(ctx, who), approval, Verdict.APPROVE, ""))
    except DomainError as refusal:
        return type(refusal).__name__
    return "back"


def used_up(store: SqlStore) -> RedemptionState:
    """Use all of the voucher; give how its purchase stands."""
    [ticket] = tickets_of(store, offered(store, "a", VALUE))
    assert presses(store, "a", ticket) == "used 1"
    return bought(store)[0]


def bought(store: SqlStore) -> tuple[RedemptionState, int, int]:
    """Give how the purchase stands, what of it is done with, and what stock is gone."""
    with store.reading(MAIN) as work:
        found = work.redemptions.find_number(1)
        assert found is not None
        return found.state, found.fulfilled, work.stocks.of(REWARD).gone


def test_two_who_approve_at_once_take_a_use_back_once(shop: SqlStore) -> None:
    assert used_up(shop) is RedemptionState.FULFILLED
    approval = asked_back(shop, 1)
    jobs = [partial(approves, shop, who, approval) for who in "xyxy"]
    assert Counter(at_once(*jobs)) == {"back": 1, "ApprovalClosed": 3}
    assert sums(shop) == (0, 0, 2)
    assert the_voucher(shop).state is VoucherState.OPEN
    assert bought(shop) == (RedemptionState.PLACED, 0, 0)
    assert agrees(shop)


def test_taking_back_while_it_is_used_again_loses_neither(shop: SqlStore) -> None:
    first, second = tickets_of(
        shop, offered(shop, "a", 200_000), offered(shop, "b", VALUE - 200_000)
    )
    assert presses(shop, "a", first) == "used 1"
    approval = asked_back(shop, 1)
    outcomes = at_once(partial(approves, shop, "x", approval), partial(presses, shop, "b", second))
    assert (outcomes[0], outcomes[1].startswith("used")) == ("back", True)
    assert sums(shop) == (VALUE - 200_000, VALUE - 200_000, 3)
    assert the_voucher(shop).state is VoucherState.OPEN
    assert bought(shop) == (RedemptionState.PLACED, 0, 0)
    assert agrees(shop)


def test_a_use_is_taken_back_or_deducted_and_never_both(shop: SqlStore) -> None:
    used_up(shop)
    approval = asked_back(shop, 1)

    def deduct(ctx: Context) -> bool:
        use = ctx.work.voucher_uses.find_number(1)
        assert use is not None
        return ctx.work.voucher_uses.deduct(use.id, "HK-1")

    outcomes = at_once(partial(approves, shop, "x", approval), lambda: str(does(shop, deduct)))
    assert outcomes in (["back", "False"], ["UseDeducted", "True"])
    is_back = outcomes[0] == "back"
    assert sums(shop) == ((0, 0, 2) if is_back else (VALUE, VALUE, 1))
    assert agrees(shop)
