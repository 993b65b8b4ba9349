"""合并, 撤销合并: two records of one unit become one, asked for by one person, done by another."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.approvals import ApprovalKind, ApprovalState
from domain.customer_files import Contract, Details
from domain.errors import CustomerMerged, ErrorCode, UnknownCustomer
from domain.events import EventType
from domain.gifts import GiftState
from domain.ids import ContractId, CustomerId, EventId, HoldId
from domain.ledger import Account, Reason
from domain.tiers import month_of
from handlers.contract import Context
from handlers.usecases.adjustments import ask_adjustment
from handlers.usecases.books import machine_cause, open_book, store_books
from handlers.usecases.directory import read_customer
from handlers.usecases.holds import hold_points
from handlers.usecases.merging import ask_merge, find_merged, record_of_code
from handlers.usecases.points import Booked, book, undo
from handlers.views import ApprovalCard, Refusal
from tests.contracts.test_gifts import one as a_gift
from tests.handlers.approval_steps import acting_as, stored
from tests.support.chat import Chat
from tests.support.fake_state import TenantState
from tests.support.make import a_contact, a_customer, a_project, an_event
from tests.support.stores import MAIN

ASKED = "合并 C099 C001"
B, A = CustomerId("C099"), CustomerId("C001")


@pytest.fixture
def firm(chat: Chat) -> Chat:
    """Add the double of C001, with a contact, a project, a contract and 30 points."""

    def add(ctx: Context) -> None:
        ctx.work.customers.add(a_customer("C099", "滨江地产集团"))
        ctx.work.customers.add_contact(a_contact("double", "C099"))
        ctx.work.projects.add(a_project("P099", "滨江九期", "C099"))
        ctx.work.contracts.add(
            Contract(ContractId("HT-9"), B, "HT-9", "总包", 100, date(2026, 1, 2))
        )
        ctx.work.files.save(B, Details(full_name="滨江地产集团有限公司", aliases=("滨地",)))
        book(ctx, signed(1, B, 30))

    chat.acts(add)
    return chat


def signed(number: int, customer: CustomerId, points: int) -> Any:
    return an_event(
        id=EventId(f"signed-{number}"),
        source_id=f"S-{number}",
        type=EventType.CONTRACT_SIGNED,
        project=None,
        customer=customer,
        data={"amount": points * 100_000},
    )


def state(chat: Chat) -> TenantState:
    return chat.store.committed(MAIN)


def available(chat: Chat) -> tuple[int, int]:
    """Give what the double and the kept record can spend."""
    wallets = state(chat).wallets
    return tuple(wallets[one].available if one in wallets else 0 for one in (B, A))  # type: ignore[return-value]


def merged(chat: Chat) -> None:
    card = chat.says("sun", ASKED)
    assert isinstance(card, ApprovalCard), card
    chat.says("zhao", f"批准 {card.number}")
    assert stored(chat, card.number).state is ApprovalState.APPROVED


def parted(chat: Chat) -> ApprovalCard:
    card = chat.says("sun", "撤销合并 C099")
    assert isinstance(card, ApprovalCard), card
    return card


def refuses(chat: Chat, words: str, who: str = "sun") -> Refusal:
    return chat.refused(who, lambda: chat.says(who, words))


def test_the_card_says_what_would_become_one(firm: Chat) -> None:
    card: Any = firm.says("sun", ASKED)
    assert [
        (one.code, one.points, one.contacts, one.projects, one.contracts) for one in card.records
    ] == [
        ("C099", 30, 1, 1, 1),
        ("C001", 0, *_owned(firm, A)),
    ]
    assert stored(firm).kind is ApprovalKind.MERGE
    assert available(firm) == (30, 0)
    assert state(firm).merges == {}


def _owned(chat: Chat, customer: CustomerId) -> tuple[int, int, int]:
    every = (state(chat).contacts, state(chat).projects, state(chat).contracts)
    return tuple(sum(one.customer == customer for one in rows.values()) for rows in every)  # type: ignore[return-value]


def test_what_the_double_has_is_the_kept_records(firm: Chat) -> None:
    before = state(firm)
    [lot] = before.lots.values()
    merged(firm)
    after = state(firm)
    assert available(firm) == (0, 30)
    new = [one for one in after.lots.values() if after.lot_owners[one.id] == A]
    assert [(one.remaining, one.expires_at) for one in new] == [(30, lot.expires_at)]
    assert _owned(firm, B) == (0, 0, 0)
    month = month_of(date(2026, 11, 22))
    assert after.earned.get((B, month), 0) == 0
    assert after.earned[A, month] == before.earned[B, month]
    moved = [
        one.entry
        for one in after.booked.values()
        if one.entry.reason in {Reason.GIVEN, Reason.RECEIVED}
    ]
    assert sorted((e.customer, e.debit, e.credit) for e in moved) == [
        (A, Account.GIFTS, Account.AVAILABLE),
        (B, Account.AVAILABLE, Account.GIFTS),
    ]


def test_the_double_is_found_by_what_it_was_called_and_nowhere_listed(firm: Chat) -> None:
    merged(firm)
    for words in ("客户 滨江地产集团", "客户 C099", "客户 滨地"):
        card: Any = firm.says("sun", words)
        assert card.code == "C001"
    with firm.store.reading(MAIN) as work:
        assert "C099" not in {one.code for one in work.customers.all()}
        found = work.customers.find_by_code("C099")
        assert found is not None
        assert found.id == A
    assert firm.acts(lambda ctx: read_customer(ctx, "C099")).customer.id == A


def test_undoing_puts_everything_back(firm: Chat) -> None:
    was = state(firm)
    merged(firm)
    card = parted(firm)
    assert stored(firm, card.number).kind is ApprovalKind.UNMERGE
    firm.says("zhao", f"批准 {card.number}")
    now = state(firm)
    assert available(firm) == (30, 0)
    assert (now.contacts, now.projects, now.contracts) == (
        was.contacts,
        was.projects,
        was.contracts,
    )
    assert now.details[A].aliases == ()
    assert {key: points for key, points in now.earned.items() if points} == was.earned
    lots = [one for one in now.lots.values() if one.remaining]
    assert [(now.lot_owners[one.id], one.remaining, one.expires_at) for one in lots] == [
        (B, 30, next(iter(was.lots.values())).expires_at)
    ]
    assert firm.acts(lambda ctx: read_customer(ctx, "C099")).customer.id == B


def test_a_double_without_anything_is_merged_and_parted(firm: Chat) -> None:
    firm.acts(lambda ctx: ctx.work.customers.add(a_customer("C098", "空壳置业")))
    for words in ("合并 C098 C001", "撤销合并 空壳置业"):
        card: Any = firm.says("sun", words)
        firm.says("zhao", f"批准 {card.number}")
    [merge] = state(firm).merges.values()
    assert merge.parted is not None
    assert (merge.points, merge.parted.points) == (0, 0)


def test_merging_into_itself_is_refused(firm: Chat) -> None:
    assert refuses(firm, "合并 C099 C099").code == ErrorCode.MERGE_INTO_ITSELF


def test_two_names_are_needed(firm: Chat) -> None:
    assert refuses(firm, "合并 C099").details["problem"] == "customer_missing"
    assert refuses(firm, "合并").details["problem"] == "customer_missing"
    assert refuses(firm, "撤销合并").details["problem"] == "customer_missing"
    assert refuses(firm, "合并 完全不认识 也不认识").code == ErrorCode.UNKNOWN_CUSTOMER


def test_a_name_that_may_be_several_is_refused(firm: Chat) -> None:
    def add(ctx: Context) -> None:
        ctx.work.customers.add(a_customer("C201", "东湖城建一公司"))
        ctx.work.customers.add(a_customer("C202", "东湖城建二公司"))

    firm.acts(add)
    found = refuses(firm, "合并 东湖城建 C001")
    assert found.code == ErrorCode.AMBIGUOUS


def test_who_has_asked_does_not_approve(firm: Chat) -> None:
    card: Any = firm.says("zhao", ASKED)
    found = refuses(firm, f"批准 {card.number}", "zhao")
    assert found.code == ErrorCode.OWN_APPROVAL
    assert available(firm) == (30, 0)


def test_customers_may_not_ask(firm: Chat) -> None:
    assert isinstance(firm.says("wang", ASKED), Refusal) or not state(firm).approvals
    assert state(firm).approvals == {}


@pytest.mark.parametrize("end", ["驳回 1 不是一家"])
def test_what_is_declined_changes_nothing(firm: Chat, end: str) -> None:
    firm.says("sun", ASKED)
    firm.says("zhao", end)
    assert state(firm).merges == {}
    assert available(firm) == (30, 0)
    merged_again: Any = firm.says("sun", ASKED)
    firm.says("zhao", f"批准 {merged_again.number}")
    card = parted(firm)
    firm.says("zhao", f"驳回 {card.number} 先不分")
    assert available(firm) == (0, 30)


def test_it_is_asked_for_once(firm: Chat) -> None:
    firm.says("sun", ASKED)
    assert refuses(firm, ASKED).code == ErrorCode.APPROVAL_PENDING


def test_what_is_unfinished_is_in_the_way_with_its_figures(firm: Chat) -> None:
    def begin(ctx: Context) -> None:
        end = ctx.now + timedelta(days=9)
        hold_points(ctx, HoldId("h"), B, 10, purpose="茶叶", expires_at=end)
        acting = acting_as(ctx, "zhou")
        ask_adjustment(acting, ctx.work.customers.get(B), 5, "补")

    firm.acts(begin)
    found = refuses(firm, ASKED)
    assert found.code == ErrorCode.MERGE_BLOCKED
    assert found.details == {
        "name": "滨江地产集团",
        "held": 10,
        "pending": 0,
        "debt": 0,
        "orders": 0,
        "vouchers": 0,
        "gifts": 0,
        "approvals": 1,
    }


def test_what_comes_in_the_way_meanwhile_leaves_it_undecided(firm: Chat) -> None:
    firm.says("sun", ASKED)

    def hold(ctx: Context) -> None:
        end = ctx.now + timedelta(days=9)
        hold_points(ctx, HoldId("h"), B, 10, purpose="茶叶", expires_at=end)

    firm.acts(hold)
    assert refuses(firm, "批准 1", "zhao").code == ErrorCode.MERGE_BLOCKED
    assert stored(firm).state is ApprovalState.PENDING
    assert available(firm) == (20, 0)


def test_nothing_is_merged_twice_or_in_a_chain(firm: Chat) -> None:
    firm.acts(lambda ctx: ctx.work.customers.add(a_customer("C098", "城北建设")))
    merged(firm)
    assert refuses(firm, ASKED).code == ErrorCode.MERGE_INTO_ITSELF
    double = firm.acts(lambda ctx: record_of_code(ctx, "C099"))
    third = firm.acts(lambda ctx: record_of_code(ctx, "C098"))
    with pytest.raises(CustomerMerged):
        firm.acts(lambda ctx: ask_merge(ctx, double, third))
    with pytest.raises(CustomerMerged):
        firm.acts(lambda ctx: ask_merge(ctx, third, double))
    found = refuses(firm, "合并 C001 C098")
    assert (found.code, found.details["merged"]) == (ErrorCode.HAS_MERGED, ["滨江地产集团"])
    with pytest.raises(UnknownCustomer):
        firm.acts(lambda ctx: record_of_code(ctx, "C404"))


def test_events_of_the_double_are_the_kept_records_and_repeat(firm: Chat) -> None:
    merged(firm)
    again = firm.acts(lambda ctx: book(ctx, signed(1, A, 30)))
    assert isinstance(again, Booked)
    assert again.event.customer == B
    with pytest.raises(CustomerMerged):
        firm.acts(lambda ctx: book(ctx, signed(2, B, 10)))
    with pytest.raises(CustomerMerged):
        firm.acts(lambda ctx: undo(ctx, again.event))
    assert available(firm) == (0, 30)


def spend(chat: Chat, points: int) -> None:
    def take(ctx: Context) -> None:
        opened = open_book(ctx, A)
        opened.deduct(points, machine_cause(ctx, f"spent:{points}", ctx.now))
        store_books(ctx, [opened], {})

    chat.acts(take)


def test_what_was_spent_of_it_is_made_up_by_what_the_kept_record_has(firm: Chat) -> None:
    firm.acts(lambda ctx: book(ctx, signed(2, A, 50)))
    merged(firm)
    spend(firm, 60)
    assert available(firm) == (0, 20)
    found = refuses(firm, "撤销合并 C099")
    assert found.code == ErrorCode.MERGE_UNDO_SHORT
    assert (found.details["available"], found.details["points"]) == (20, 30)
    firm.acts(lambda ctx: book(ctx, signed(3, A, 20)))
    card = parted(firm)
    firm.says("zhao", f"批准 {card.number}")
    assert available(firm) == (30, 10)


def test_points_that_go_between_asking_and_approving_leave_it_undecided(firm: Chat) -> None:
    merged(firm)
    card = parted(firm)
    spend(firm, 10)
    assert refuses(firm, f"批准 {card.number}", "zhao").code == ErrorCode.MERGE_UNDO_SHORT
    assert available(firm) == (0, 20)


def test_what_has_ended_meanwhile_does_not_go_back(firm: Chat) -> None:
    merged(firm)
    firm.clock.forward(timedelta(days=365 * 3))
    card = parted(firm)
    firm.says("zhao", f"批准 {card.number}")
    assert available(firm) == (0, 0)
    [merge] = state(firm).merges.values()
    assert merge.parted is not None
    assert merge.parted.points == 0


def test_moved_points_pay_the_kept_records_debt(firm: Chat) -> None:
    complaint = an_event(type=EventType.COMPLAINT_CLOSED, data={"satisfied": False})
    firm.acts(lambda ctx: book(ctx, complaint))
    merged(firm)
    assert (available(firm), state(firm).wallets[A].debt) == ((0, 0), 20)
    assert refuses(firm, "撤销合并 C099").details["points"] == 30


def test_no_other_name_is_undone(firm: Chat) -> None:
    assert refuses(firm, "撤销合并 C099").code == ErrorCode.NOT_MERGED
    merged(firm)
    assert refuses(firm, "撤销合并 滨江地产集").code == ErrorCode.NOT_MERGED
    double = firm.acts(lambda ctx: find_merged(ctx, "滨江地产集团"))
    card = parted(firm)
    firm.says("zhao", f"批准 {card.number}")
    found = firm.acts(lambda ctx: ctx.work.merges.of_merged(double.id))
    assert found is None


def test_gifts_under_way_are_in_the_way(firm: Chat) -> None:
    def add(ctx: Context) -> None:
        gift = replace(a_gift(state=GiftState.PENDING), giver=A, receiver=B)
        ctx.work.gifts.add(gift)

    firm.acts(add)
    assert refuses(firm, ASKED).details["gifts"] == 1
