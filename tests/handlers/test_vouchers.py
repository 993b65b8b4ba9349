"""Vouchers from the purchase to their end, without anybody using them."""

from dataclasses import replace
from datetime import date

import pytest

from domain.errors import TicketExpired, TicketNotYours, VoucherNotReturnable
from domain.redemptions import RedemptionState
from domain.rewards import RewardKind, Stock
from domain.tickets import TicketKind
from domain.vouchers import VoucherState
from handlers.contract import Context
from handlers.usecases.voucher_codes import PageVoucher, page_by_link
from handlers.usecases.voucher_ends import has_reminders, lapse, remind
from handlers.usecases.vouchers import issue, void
from handlers.views import (
    CodesReissued,
    TellCustomer,
    VoucherCodes,
    VoucherEnding,
    VoucherLine,
    VoucherList,
)
from tests.handlers.voucher_steps import (
    NAME,
    REWARD,
    VALUE,
    buy,
    code_of,
    codes_on,
    redemption,
    said,
    secret_of,
    use,
    vouchers,
)
from tests.support.chat import Chat
from tests.support.make import a_contact
from tests.support.stores import KF, MAIN

LAST_DAY = date(2026, 12, 22)


def writes(chat: Chat, *names: str) -> None:
    """Let contacts write, so that they can be told."""
    for name in names:
        chat.says(name, "帮助")


def cards(chat: Chat, who: str) -> list[VoucherCodes]:
    """Give the messages with codes on somebody's phone."""
    return [view for view in chat.phone(who) if isinstance(view, VoucherCodes)]


def page(chat: Chat, secret: str) -> list[PageVoucher]:
    with chat.store.reading(MAIN) as work:
        return page_by_link(work, secret, chat.clock.now())


def stock(chat: Chat) -> Stock:
    return chat.store.committed(MAIN).stocks[REWARD]


def test_every_unit_becomes_a_voucher_with_a_code_of_its_own(chat: Chat) -> None:
    writes(chat, "wang")
    bought = buy(chat, 2)
    one, other = vouchers(chat)
    assert (one.place, other.place) == (1, 2)
    assert {one.value, other.value} == {VALUE}
    assert one.last_day == LAST_DAY
    assert (one.name, one.number, one.customer) == (NAME, bought.number, bought.customer)
    assert code_of(chat, 1) != code_of(chat, 2)
    assert code_of(chat, 1).endswith(one.tail)
    [card] = cards(chat, "wang")
    assert codes_on(card) == [code_of(chat, 1), code_of(chat, 2)]
    assert (card.quantity, card.last_day, card.is_again) == (2, "2026-12-22", False)
    assert chat.actions() == ["vouchers_issued"]


def test_vouchers_are_issued_once_and_only_for_vouchers(chat: Chat) -> None:
    bought = buy(chat, 2)
    before = chat.state()
    again = chat.acts(lambda ctx: issue(ctx, bought))
    assert again == vouchers(chat)
    goods = replace(bought, kind=RewardKind.GOODS)
    assert chat.acts(lambda ctx: issue(ctx, goods)) == []
    chat.acts(lambda ctx: void(ctx, goods, 1))
    assert chat.state() == before


def test_a_voucher_without_an_end_has_none(chat: Chat) -> None:
    writes(chat, "wang")
    buy(chat, valid_days=None)
    [voucher] = vouchers(chat)
    assert voucher.last_day is None
    assert chat.last("wang").last_day == ""
    chat.pass_time(days=4000)
    assert said(chat, "wang", "我的券").lines == (VoucherLine(1, NAME, voucher.tail, VALUE, ""),)


def test_many_codes_stand_on_the_page_only(chat: Chat) -> None:
    writes(chat, "wang")
    buy(chat, 5)
    card = chat.last("wang")
    assert card.quantity == 5
    assert codes_on(card) == [code_of(chat, place) for place in (1, 2, 3)]
    shown = page(chat, secret_of(card))
    assert [one.voucher for one in shown] == vouchers(chat)
    assert all(one.code is not None for one in shown)


def test_codes_go_to_who_has_bought_them_else_to_all_who_may_redeem(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("gao", "C001", phone="13900000000"))
        work.customers.add_contact(a_contact("he", "C001", phone="", may_redeem=False))
        work.commit()
    chat.joins("gao", KF, "wm-gao", contact="gao")
    chat.joins("he", KF, "wm-he", contact="he")
    writes(chat, "wang", "gao", "he")
    buy(chat)
    assert isinstance(chat.last("wang"), VoucherCodes)
    assert not isinstance(chat.last("gao"), VoucherCodes)
    buy(chat, contact=None)
    assert isinstance(chat.last("gao"), VoucherCodes)
    assert chat.last("gao").number == chat.last("wang").number == 2
    assert not isinstance(chat.last("he"), VoucherCodes)


def test_who_can_not_be_reached_gets_the_codes_on_writing(chat: Chat) -> None:
    buy(chat)
    task = chat.last("sun")
    assert isinstance(task, TellCustomer)
    assert task.about_view == "voucher_codes"
    assert cards(chat, "wang") == []
    chat.says("wang", "余额")
    [card] = cards(chat, "wang")
    assert codes_on(card) == [code_of(chat)]


def test_the_list_shows_what_can_be_used_without_codes(chat: Chat) -> None:
    writes(chat, "wang")
    buy(chat, valid_days=60)
    buy(chat, 2, valid_days=1)
    buy(chat, valid_days=None)
    use(chat, "2000 滨江一期")
    tails = [voucher.tail for voucher in vouchers(chat)]
    view = chat.says("wang", "我的券")
    assert view == VoucherList(
        customer="滨江置业",
        lines=(
            VoucherLine(2, NAME, tails[1], VALUE, "2026-11-23"),
            VoucherLine(2, NAME, tails[2], VALUE, "2026-11-23"),
            VoucherLine(1, NAME, tails[0], VALUE - 200_000, "2027-01-21"),
            VoucherLine(3, NAME, tails[3], VALUE, ""),
        ),
        may_reissue=True,
        as_of="2026-11-22T02:00:00+00:00",
    )
    chat.pass_time(days=2)
    # Nobody has noted yet that two have lapsed.
    assert [line.number for line in said(chat, "wang", "券").lines] == [1, 3]
    assert said(chat, "chen", "我的券").lines == ()


def test_who_may_not_redeem_is_not_told_how_to_replace_a_code(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("he", "C001", phone="", may_redeem=False))
        work.customers.add_contact(
            a_contact("ye", "C001", phone="", may_see=False, may_redeem=False)
        )
        work.commit()
    for name in ("he", "ye"):
        chat.joins(name, KF, f"wm-{name}", contact=name)
    buy(chat)
    assert said(chat, "he", "我的券").may_reissue is False
    for who, words in (("ye", "我的券"), ("he", "补发券码 1"), ("li", "补发券码 1")):
        refusal = chat.refused(who, lambda who=who, words=words: chat.says(who, words))  # type: ignore[misc]
        assert refusal.code == ("not_permitted" if who == "li" else "right_missing")


def test_a_lost_code_is_replaced_and_the_old_one_finds_nothing(chat: Chat) -> None:
    writes(chat, "wang")
    buy(chat, 2)
    old = [code_of(chat, 1), code_of(chat, 2)]
    use(chat, "5000 滨江一期", place=2)
    link = secret_of(cards(chat, "wang")[-1])
    card = chat.says("wang", "补发券码 #1")
    assert isinstance(card, VoucherCodes)
    assert (card.is_again, card.quantity) == (True, 1)
    assert codes_on(card) == [code_of(chat, 1)]
    assert code_of(chat, 1) not in old
    assert vouchers(chat)[0].tail == code_of(chat, 1)[-4:]
    assert said(chat, "zhou", f"核销 {old[0]}").code == "voucher_unknown"
    assert "voucher_codes_replaced" in chat.actions()
    # The old link shows the new code to nobody, the new one only what can be used.
    assert [one.code for one in page(chat, link)] == [None, None]
    assert [one.code is None for one in page(chat, secret_of(card))] == [False, True]


def test_a_member_replaces_codes_without_seeing_them(chat: Chat) -> None:
    writes(chat, "wang")
    buy(chat)
    for who in ("fang", "zhou", "qian"):
        view = chat.says(who, "补发券码 1")
        assert view == CodesReissued(1, NAME, "滨江置业", 1, ("wang",))
        assert codes_on(chat.last("wang")) == [code_of(chat)]
        assert chat.last("wang").is_again is True
    refusal = chat.refused("fang", lambda: chat.says("fang", "补发券码 1"))
    assert refusal.code == "reissue_limit"
    assert refusal.details == {"number": 1, "limit": 3}
    chat.pass_time(days=1)
    writes(chat, "wang")
    assert isinstance(chat.says("wang", "补发券码 1"), VoucherCodes)


def test_nobody_replaces_the_codes_of_others_or_of_what_is_over(chat: Chat) -> None:
    writes(chat, "wang")
    buy(chat)
    for who, number in (("chen", "1"), ("wang", "9"), ("wang", "x"), ("fang", "9")):
        refusal = chat.refused(who, lambda who=who, n=number: chat.says(who, f"补发券码 {n}"))  # type: ignore[misc]
        assert (refusal.code, refusal.details) == ("unknown_redemption", {"asked": number})
    chat.pass_time(days=31)
    refusal = chat.refused("wang", lambda: chat.says("wang", "补发券码 1"))
    assert (refusal.code, refusal.details["reward"]) == ("no_code_to_replace", NAME)


def test_a_page_is_for_as_long_as_its_contact_may_redeem(chat: Chat) -> None:
    writes(chat, "wang")
    buy(chat)
    secret = secret_of(chat.last("wang"))
    tickets = chat.store.committed(MAIN).tickets.values()
    assert all(secret not in f"{ticket}" for ticket in tickets)
    [ticket] = [one for one in tickets if one.kind is TicketKind.VOUCHER_PAGE]
    for wrong in ("", "nothing", ticket.id):
        with pytest.raises(TicketNotYours):
            page(chat, wrong)
    refusal = chat.refused("wang", lambda: chat.presses("wang", ticket.id, "use1"))
    assert refusal.code == "ticket_not_yours"
    with chat.store.work(MAIN) as work:
        wang = work.customers.contact(ticket.contact)  # type: ignore[arg-type]
        work.customers.change_contact(replace(wang, may_redeem=False))
        work.commit()
    with pytest.raises(TicketNotYours):
        page(chat, secret)
    with chat.store.work(MAIN) as work:
        work.customers.change_contact(replace(wang, is_active=False))
        work.commit()
    with pytest.raises(TicketNotYours):
        page(chat, secret)
    with chat.store.work(MAIN) as work:
        work.customers.change_contact(wang)
        work.commit()
    assert page(chat, secret)
    chat.pass_time(days=7)
    with pytest.raises(TicketExpired):
        page(chat, secret)


def test_unused_vouchers_become_void_the_last_first(chat: Chat) -> None:
    bought = buy(chat, 3)
    use(chat, "100 滨江一期", place=2)
    with pytest.raises(VoucherNotReturnable) as refused:
        chat.acts(lambda ctx: void(ctx, bought, 3))
    assert refused.value.details() == {"number": 1, "reward": NAME, "unused": 2, "asked": 3}
    assert {voucher.state for voucher in vouchers(chat)} == {VoucherState.OPEN}
    chat.acts(lambda ctx: void(ctx, bought, 1))
    states = [voucher.state for voucher in vouchers(chat)]
    assert states == [VoucherState.OPEN, VoucherState.OPEN, VoucherState.VOID]
    refusal = chat.refused("zhou", lambda: chat.says("zhou", f"核销 {code_of(chat, 3)}"))
    assert refusal.code == "voucher_void"
    assert refusal.details["since"] == "2026-11-22T02:00:00+00:00"
    assert chat.actions()[-1] == "vouchers_void"


def test_lapsed_vouchers_end_and_give_nothing_back(chat: Chat) -> None:
    bought = buy(chat, 3)
    use(chat, "5000 滨江一期", place=1)
    use(chat, "2000 滨江一期", place=2)
    assert (redemption(chat).fulfilled, stock(chat)) == (1, Stock(0, 2, 1))
    chat.clock.at = chat.clock.at.replace(day=22, month=12, hour=15, minute=59)
    chat.acts(lambda ctx: lapse(ctx, bought.id))
    assert redemption(chat).state is RedemptionState.PLACED
    chat.pass_time(minutes=1)
    chat.acts(lambda ctx: lapse(ctx, bought.id))
    states = [voucher.state for voucher in vouchers(chat)]
    assert states == [VoucherState.USED_UP, VoucherState.EXPIRED, VoucherState.EXPIRED]
    assert vouchers(chat)[1].left == VALUE - 200_000
    assert redemption(chat).state is RedemptionState.FULFILLED
    assert (redemption(chat).fulfilled, stock(chat)) == (3, Stock(0, 0, 3))
    after = chat.state()
    chat.acts(lambda ctx: lapse(ctx, bought.id))
    assert chat.state() == after
    refusal = chat.refused("zhou", lambda: chat.says("zhou", f"核销 {code_of(chat, 3)}"))
    assert refusal.details == {"tail": vouchers(chat)[2].tail, "last_day": "2026-12-22"}
    assert refusal.code == "voucher_expired"


def test_customers_are_told_a_week_and_a_day_before(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(
            a_contact("ye", "C001", phone="", may_see=False, may_redeem=False)
        )
        work.commit()
    chat.joins("ye", KF, "wm-ye", contact="ye")
    buy(chat, 2, valid_days=8)
    buy(chat, valid_days=7)
    buy(chat, customer="C002", contact="chen", valid_days=7)

    def reminded(ctx: Context) -> bool:
        return remind(ctx, 9)

    def due() -> bool:
        with chat.store.reading(MAIN) as work:
            return has_reminders(work, chat.clock.now().date())

    chat.clock.at = chat.clock.at.replace(hour=0, minute=59)
    writes(chat, "wang", "chen", "ye")
    assert due() is True
    assert chat.acts(reminded) is False
    chat.pass_time(minutes=1)
    assert chat.acts(reminded) is True
    assert chat.acts(reminded) is False
    assert due() is False
    card = chat.last("wang")
    assert isinstance(card, VoucherEnding)
    assert (card.days, card.left, len(card.lines)) == (7, VALUE, 1)
    assert isinstance(chat.last("chen"), VoucherEnding)
    assert not isinstance(chat.last("ye"), VoucherEnding)
    chat.pass_time(days=6)
    writes(chat, "wang", "chen", "ye")
    assert chat.acts(lambda ctx: remind(ctx, 1)) is True
    card = chat.last("wang")
    assert (card.days, card.left, len(card.lines)) == (1, VALUE, 1)
    while chat.acts(lambda ctx: remind(ctx, 1)):
        pass
    card = chat.last("wang")
    assert (card.days, card.left, len(card.lines)) == (7, 2 * VALUE, 2)
    assert chat.last("chen").days == 1
