"""赠送: points from one customer to another, previewed, confirmed once, told to both sides."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import ErrorCode
from domain.gifts import GIFT_MAX, MONTH_MAX, GiftState, ended
from domain.ids import GiftId
from domain.ledger import Account, Reason
from handlers.usecases.gifts import receipt_of
from handlers.views import (
    ExpiringLot,
    GiftDropped,
    Refusal,
    Statement,
    Why,
)
from tests.handlers.approval_steps import NOON
from tests.handlers.expiring import at, entries, purse, sign
from tests.handlers.gift_steps import ends, gives, is_empty, moved, notices, owe, preview, refused
from tests.support.chat import Chat, without_presses
from tests.support.make import a_customer
from tests.support.stores import MAIN


@pytest.fixture
def chat(two_phones: Chat) -> Chat:
    """Let 滨江置业 have two contacts."""
    return two_phones


def test_a_preview_says_what_would_happen_and_changes_nothing(chat: Chat) -> None:
    sign(chat, 30, on="2025-03-10")
    sign(chat, 100)
    before = (purse(chat), purse(chat, "C002"))
    view = preview(chat)
    assert (view.receiver, view.points) == ("城南建设", 80)
    assert (view.available_before, view.available_after) == (130, 50)
    assert view.taken == (ExpiringLot(30, "2027-03-31"), ExpiringLot(50, "2028-11-30"))
    assert (view.month_left, view.month_most) == (MONTH_MAX - 80, MONTH_MAX)
    assert (view.needs_approval, view.expires_at) == (False, "2026-11-22T02:10:00+00:00")
    assert (purse(chat), purse(chat, "C002")) == before


def test_a_confirmed_gift_moves_the_points_with_their_ends_and_tells_both_sides(
    chat: Chat,
) -> None:
    sign(chat, 30, on="2025-03-10")
    sign(chat, 100)
    done = gives(chat)
    assert (done.number, done.state, done.points, done.available_after) == (1, "given", 80, 50)
    assert (done.receiver, done.given_by, done.ticket) == ("城南建设", "wang", "")
    assert (done.given_at, done.expires_at) == (NOON, "")
    assert moved(chat, "C001")[-1] == (Account.AVAILABLE, Account.GIFTS, 80, Reason.GIVEN)
    assert moved(chat, "C002") == [
        (Account.GIFTS, Account.AVAILABLE, 30, Reason.RECEIVED),
        (Account.GIFTS, Account.AVAILABLE, 50, Reason.RECEIVED),
    ]
    assert {e.qualifying for e in entries(chat, "C002")} == {0}
    assert is_empty(chat)
    assert ends(chat, "C002") == {
        "2027-03-31T16:00:00+00:00": 30,
        "2028-11-30T16:00:00+00:00": 50,
    }
    [theirs], [ours] = notices(chat, "chen"), notices(chat, "lin")
    assert (theirs.is_receiver, theirs.other, theirs.points) == (True, "滨江置业", 80)
    assert (theirs.customer, theirs.available_after, theirs.first_end) == (
        "城南建设",
        80,
        "2027-03-31",
    )
    assert (ours.is_receiver, ours.state, ours.other, ours.given_by) == (
        False,
        "given",
        "城南建设",
        "wang",
    )
    assert (ours.available_after, ours.first_end) == (50, "")
    assert notices(chat, "wang") == []


def test_a_second_tap_gives_the_same_receipt_and_no_second_gift(chat: Chat) -> None:
    sign(chat, 100)
    view = preview(chat)
    done = chat.presses("wang", view, "confirm")
    sign(chat, 10)
    before = chat.state()
    assert chat.presses("wang", view, "confirm") == done
    chat.clock.forward(timedelta(days=2))
    assert chat.presses("wang", view, "confirm") == done
    assert chat.state() == before


def test_a_dropped_preview_gives_nothing(chat: Chat) -> None:
    sign(chat, 100)
    view = preview(chat)
    wallets = (purse(chat), purse(chat, "C002"))
    dropped = chat.presses("wang", view, "cancel")
    assert dropped == GiftDropped("城南建设")
    again = chat.presses("wang", view, "confirm")
    assert isinstance(again, Refusal)
    assert again.code == ErrorCode.TICKET_USED
    assert (purse(chat), purse(chat, "C002")) == wallets


def test_a_preview_lives_ten_minutes(chat: Chat) -> None:
    sign(chat, 100)
    view = preview(chat)
    chat.clock.forward(timedelta(minutes=10))
    before = chat.state()
    late = chat.presses("wang", view, "confirm")
    assert isinstance(late, Refusal)
    assert late.code == ErrorCode.TICKET_EXPIRED
    assert chat.state() == before


@pytest.mark.parametrize("who", ["lin", "chen", "zhang"])
def test_a_forwarded_card_is_nobody_elses(chat: Chat, who: str) -> None:
    sign(chat, 100)
    view = preview(chat)
    before = chat.state()
    answer = chat.presses(who, view.ticket, "confirm")
    assert isinstance(answer, Refusal)
    assert answer.code == ErrorCode.TICKET_NOT_YOURS
    assert without_presses(chat.state()) == before


@pytest.mark.parametrize(
    "words",
    [
        "赠送 城南建设 1000",
        "赠送 城南建设 １，０００",
        "赠送 城南建设 1,000分",
        "赠送 城南建设 一千",
        "赠送 城南建设 1000 积分",
        "赠送 c002 1k",
        "赠送 Ｃ００２ 1千",
        "赠送 城南建设一千分",
        "赠送 1000分给城南建设",
        "赠送 壹仟分給城南建设",
        "赠送 1千 给 城南建设",
        "赠送 给城南建设 1000",
        "转赠 城南 建设。 1000",
    ],
)
def test_amounts_and_names_in_every_usual_form(chat: Chat, words: str) -> None:
    sign(chat, 2_000)
    view = preview(chat, words)
    assert (view.receiver, view.points) == ("城南建设", 1_000)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("-100", "gift_not_positive"),
        ("- 100", "gift_not_positive"),
        ("−100", "gift_not_positive"),
        ("0", "gift_not_positive"),
        ("1.5", "gift_not_whole"),
        ("1e3", "gift_missing"),
        ("²", "gift_missing"),
        ("10^18", "gift_missing"),
        ("十百", "gift_missing"),
        ("", "gift_missing"),
    ],
)
def test_amounts_that_cannot_be_given_are_refused_with_the_reason(
    chat: Chat, typed: str, problem: str
) -> None:
    sign(chat, 2_000)
    view = refused(chat, f"赠送 城南建设 {typed}")
    assert (view.code, view.details["problem"]) == (ErrorCode.USAGE, problem)


@pytest.mark.parametrize("typed", [str(10**18), "9" * 30, "2000000000"])
def test_numbers_beyond_all_bounds_are_too_large(chat: Chat, typed: str) -> None:
    view = refused(chat, f"赠送 城南建设 {typed}")
    assert (view.code, view.details) == ("gift_too_large", {"asked": 0, "most": GIFT_MAX})


def test_who_is_not_named_exactly_is_not_found_and_nothing_is_told(chat: Chat) -> None:
    sign(chat, 100)
    answers = [
        refused(chat, f"赠送 {name} 80")
        for name in ("城南", "城南建", "成南建设", "C00", "没有这家", "城南建设有限公司", "？")
    ]
    assert {answer.code for answer in answers} == {"unknown_receiver"}
    assert all(answer.details == {} for answer in answers)


def test_a_name_that_two_have_finds_neither_and_the_code_finds_one(chat: Chat) -> None:
    sign(chat, 100)
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "城南建设"))
        work.commit()
    assert refused(chat, "赠送 城南建设 80").code == "unknown_receiver"
    assert preview(chat, "赠送 C003 80").receiver == "城南建设"


def test_points_are_not_given_to_the_own_unit(chat: Chat) -> None:
    sign(chat, 100)
    assert refused(chat, "赠送 滨江置业 80").code == "gift_to_own_unit"
    assert refused(chat, "赠送 C001 80").code == "gift_to_own_unit"


def test_more_than_there_is_is_refused_with_what_is_possible(chat: Chat) -> None:
    sign(chat, 50)
    view = refused(chat, "赠送 城南建设 80")
    assert (view.code, view.details) == ("gift_short", {"asked": 80, "available": 50, "debt": 0})


def test_points_spent_between_preview_and_confirm_are_found_missing(chat: Chat) -> None:
    sign(chat, 100)
    first, second = preview(chat), preview(chat, who="lin")
    chat.presses("lin", second, "confirm")
    before = chat.state()
    late = chat.presses("wang", first, "confirm")
    assert isinstance(late, Refusal)
    assert (late.code, late.details) == ("gift_short", {"asked": 80, "available": 20, "debt": 0})
    assert chat.state() == before


def test_one_gift_and_one_month_have_a_limit(chat: Chat) -> None:
    sign(chat, 30_000)
    view = refused(chat, f"赠送 城南建设 {GIFT_MAX + 1}")
    assert view.details == {"asked": GIFT_MAX + 1, "most": GIFT_MAX}
    for _ in range(9):
        gives(chat, "赠送 城南建设 1000")
    gives(chat, "赠送 城南建设 900")
    left = refused(chat, "赠送 城南建设 101")
    assert (left.code, left.details) == (
        "gift_limit_reached",
        {"asked": 101, "left": 100, "most": MONTH_MAX},
    )
    first, second = preview(chat, "赠送 城南建设 100"), preview(chat, "赠送 城南建设 100", "lin")
    chat.presses("lin", second, "confirm")
    raced = chat.presses("wang", first, "confirm")
    assert isinstance(raced, Refusal)
    assert raced.details == {"asked": 100, "left": 0, "most": MONTH_MAX}
    chat.clock.at = at("2026-12-01", "00:00")
    assert preview(chat, "赠送 城南建设 101").month_left == MONTH_MAX - 101


def test_a_receivers_debt_is_paid_first_by_what_ends_first(chat: Chat) -> None:
    sign(chat, 30, on="2025-03-10")
    sign(chat, 100)
    owe(chat, "C002")
    gives(chat)
    wallet = purse(chat, "C002")
    assert (wallet.available, wallet.debt) == (30, 0)
    assert moved(chat, "C002")[1:] == [
        (Account.GIFTS, Account.DEBT, 30, Reason.RECEIVED),
        (Account.GIFTS, Account.DEBT, 20, Reason.RECEIVED),
        (Account.GIFTS, Account.AVAILABLE, 30, Reason.RECEIVED),
    ]
    assert notices(chat, "chen")[0].first_end == "2028-11-30"
    assert is_empty(chat)


def test_a_gift_that_only_pays_a_debt_has_no_end_to_tell(chat: Chat) -> None:
    sign(chat, 100)
    owe(chat, "C002")
    gives(chat, "赠送 城南建设 40")
    [notice] = notices(chat, "chen")
    assert (notice.first_end, notice.available_after, notice.debt_after) == ("", 0, 10)


def test_who_owes_has_nothing_to_give(chat: Chat) -> None:
    owe(chat, "C001")
    view = refused(chat, "赠送 城南建设 1")
    assert view.details == {"asked": 1, "available": 0, "debt": 50}


def test_a_gift_stands_in_both_statements_and_is_explained(chat: Chat) -> None:
    sign(chat, 100)
    gives(chat)
    ours, theirs = chat.says("wang", "明细"), chat.says("chen", "明细")
    assert isinstance(ours, Statement)
    assert isinstance(theirs, Statement)
    assert (ours.lines[0].reason, ours.lines[0].subject, ours.lines[0].points) == (
        "given",
        "城南建设",
        -80,
    )
    assert (theirs.lines[0].reason, theirs.lines[0].subject) == ("received", "滨江置业")
    why = chat.says("chen", "为什么")
    assert isinstance(why, Why)
    assert (why.reason, why.subject, why.points) == ("received", "滨江置业", 80)
    assert why.spendable_until == "2028-11-30"


def test_a_strangers_and_a_members_gift_is_not_permitted(chat: Chat) -> None:
    assert refused(chat, "赠送 城南建设 80", "zhang").code == ErrorCode.NOT_PERMITTED


def test_a_gift_is_not_shown_to_a_group(chat: Chat) -> None:
    sign(chat, 100)
    before = chat.state()
    view = chat.says("wang", "赠送 城南建设 80", group=True)
    assert isinstance(view, Refusal)
    assert view.code == ErrorCode.PRIVATE_ONLY
    assert chat.state() == before


def test_a_gift_that_has_ended_never_ends_again(chat: Chat) -> None:
    sign(chat, 100)
    gives(chat)
    [gift] = chat.store.committed(MAIN).gifts.values()
    with pytest.raises(ValueError, match="1"):
        ended(gift, GiftState.EXPIRED, chat.clock.now())


def test_a_gift_without_entries_has_no_receipt(chat: Chat) -> None:
    sign(chat, 100)
    gives(chat)
    [gift] = chat.store.committed(MAIN).gifts.values()
    with pytest.raises(LookupError):
        chat.acts(lambda ctx: receipt_of(ctx, replace(gift, id=GiftId("other"))))
