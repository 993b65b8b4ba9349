"""核销: a voucher's code becomes money off the next payment, once, seen by everybody concerned."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.ids import VoucherUseId
from domain.redemptions import RedemptionState
from domain.rewards import Stock
from domain.vouchers import VoucherState, VoucherUse
from handlers.usecases.voucher_uses import WAITING_MAX
from handlers.usecases.vouchers import void
from handlers.views import (
    DeductionLine,
    DeductionList,
    Refusal,
    VoucherDone,
    VoucherDropped,
    VoucherNotice,
    VoucherPreview,
)
from tests.handlers.voucher_steps import (
    NAME,
    REWARD,
    VALUE,
    buy,
    code_of,
    preview,
    redemption,
    said,
    use,
    vouchers,
)
from tests.support.chat import Chat
from tests.support.make import a_contact, a_customer, a_project
from tests.support.stores import KF, MAIN

NOON = "2026-11-22T02:00:00+00:00"


def uses(chat: Chat) -> list[VoucherUse]:
    return list(chat.store.committed(MAIN).voucher_uses.values())


def refused(chat: Chat, who: str, words: str) -> Refusal:
    return chat.refused(who, lambda: chat.says(who, words))


def test_a_preview_shows_what_will_be_taken_off_what(chat: Chat) -> None:
    buy(chat)
    tail = vouchers(chat)[0].tail
    card = preview(chat)
    assert card == VoucherPreview(
        ticket=card.ticket,
        customer="滨江置业",
        number=1,
        name=NAME,
        tail=tail,
        left=VALUE,
        amount=VALUE,
        left_after=0,
        last_day="2026-12-22",
        projects=("滨江一期", "滨江二期"),
    )
    assert code_of(chat) not in f"{chat.store.committed(MAIN).tickets}"
    part = preview(chat, "2,000.50元 滨江二期")
    assert (part.amount, part.left_after, part.projects) == (
        200_050,
        VALUE - 200_050,
        ("滨江二期",),
    )
    assert preview(chat, "2000 元 P001").projects == ("滨江一期",)
    assert preview(chat, "一千 滨江").projects == ("滨江一期", "滨江二期")
    assert preview(chat, "滨江一期").amount == VALUE
    assert uses(chat) == []


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code.lower(),
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: code.replace("0", "O", 1).replace("0", "o", 1),
        lambda code: code.replace("1", "l"),
        lambda code: "".join(chr(ord(c) + 0xFEE0) for c in code),
        lambda code: code.replace("-", "—"),
    ],
)
def test_a_code_is_read_as_people_type_it(chat: Chat, typed: Callable[[str], str]) -> None:
    buy(chat)
    card = chat.says("zhou", f"核销 {typed(code_of(chat))} 2000 滨江一期")
    assert isinstance(card, VoucherPreview)
    assert (card.amount, card.projects) == (200_000, ("滨江一期",))


def test_a_press_uses_it_and_everybody_learns_of_it(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(
            a_contact("ye", "C001", phone="", may_see=False, may_redeem=False)
        )
        work.commit()
    chat.joins("ye", KF, "wm-ye", contact="ye")
    chat.says("wang", "帮助")
    chat.says("ye", "帮助")
    bought = buy(chat)
    tail = vouchers(chat)[0].tail
    done = chat.presses("zhou", preview(chat), "use2")
    assert done == VoucherDone(
        use=1,
        customer="滨江置业",
        name=NAME,
        tail=tail,
        amount=VALUE,
        left=0,
        project="滨江二期",
        used_by="zhou",
        used_at=NOON,
        notice="pushed",
    )
    assert chat.last("wang") == VoucherNotice(
        customer="滨江置业",
        name=NAME,
        tail=tail,
        amount=VALUE,
        left=0,
        project="滨江二期",
        last_day="2026-12-22",
        use=1,
        used_at=NOON,
    )
    assert not isinstance(chat.last("ye"), VoucherNotice)
    [made] = uses(chat)
    assert (made.voucher, made.project, made.amount) == (vouchers(chat)[0].id, "P002", VALUE)
    assert (made.member, made.deducted_from) == ("zhou", "")
    assert vouchers(chat)[0].state is VoucherState.USED_UP
    assert redemption(chat).state is RedemptionState.FULFILLED
    assert redemption(chat).fulfilled == 1
    stock = chat.store.committed(MAIN).stocks[REWARD]
    assert stock == Stock(0, 0, 1)
    assert chat.actions()[-2:] == ["redemption_fulfilled", "voucher_used"]
    assert bought.state is RedemptionState.PLACED


def test_the_same_press_again_gives_the_same_receipt(chat: Chat) -> None:
    buy(chat)
    card = preview(chat, "2000")
    first = chat.presses("zhou", card, "use1")
    before = chat.state()
    assert chat.presses("zhou", card, "use1") == first
    # Another button of the same card is not another use.
    assert chat.presses("zhou", card, "use2") == first
    assert chat.state() == before
    assert len(uses(chat)) == 1


def test_part_after_part_until_nothing_is_left(chat: Chat) -> None:
    buy(chat)
    assert use(chat, "2000 滨江一期").left == 300_000
    assert use(chat, "1000 滨江二期", "fang").left == 200_000
    assert redemption(chat).state is RedemptionState.PLACED
    refusal = refused(chat, "zhou", f"核销 {code_of(chat)} 2000.01")
    assert refusal.code == "value_exceeded"
    assert refusal.details == {"tail": vouchers(chat)[0].tail, "left": 200_000, "asked": 200_001}
    last = use(chat, "滨江一期", "qian")
    assert (last.amount, last.left) == (200_000, 0)
    assert [one.amount for one in uses(chat)] == [200_000, 100_000, 200_000]
    assert redemption(chat).state is RedemptionState.FULFILLED
    refusal = refused(chat, "fang", f"核销 {code_of(chat)}")
    assert refusal.code == "voucher_used_up"
    assert refusal.details == {
        "tail": vouchers(chat)[0].tail,
        "used_at": NOON,
        "used_by": "qian",
    }


def test_a_voucher_that_is_used_as_a_whole_is_not_cut(chat: Chat) -> None:
    buy(chat, is_partly_usable=False)
    refusal = refused(chat, "zhou", f"核销 {code_of(chat)} 2000")
    assert refusal.code == "not_partly_usable"
    assert refusal.details == {"tail": vouchers(chat)[0].tail, "value": VALUE, "asked": 200_000}
    assert use(chat, "5000 滨江一期").left == 0


def test_two_members_at_once_use_it_once(chat: Chat) -> None:
    buy(chat)
    one, other = preview(chat, "滨江一期"), preview(chat, "滨江一期", "fang")
    chat.presses("zhou", one, "use1")
    refusal = chat.refused("fang", lambda: chat.presses("fang", other, "use1"))
    assert (refusal.code, refusal.details["used_by"]) == ("voucher_used_up", "zhou")
    assert len(uses(chat)) == 1


def test_what_was_shown_is_used_or_nothing(chat: Chat) -> None:
    buy(chat)
    all_of_it, part = preview(chat, "滨江一期"), preview(chat, "4000 滨江一期")
    use(chat, "2000 滨江一期", "fang")
    for card in (all_of_it, part):
        refusal = chat.refused("zhou", lambda card=card: chat.presses("zhou", card, "use1"))  # type: ignore[misc]
        assert (refusal.code, refusal.details["left"]) == ("value_exceeded", 300_000)
    assert len(uses(chat)) == 1


def test_a_given_back_or_lapsed_voucher_is_not_used_by_an_old_card(chat: Chat) -> None:
    bought = buy(chat, 2)
    one, other = preview(chat, "滨江一期"), preview(chat, "滨江一期", place=2)
    chat.acts(lambda ctx: void(ctx, bought, 1))
    refusal = chat.refused("zhou", lambda: chat.presses("zhou", other, "use1"))
    assert refusal.code == "voucher_void"
    chat.pass_time(minutes=30)
    refusal = chat.refused("zhou", lambda: chat.presses("zhou", one, "use1"))
    assert refusal.code == "ticket_expired"
    chat.clock.at = chat.clock.at.replace(month=12, day=22, hour=15, minute=50)
    late = preview(chat, "滨江一期")
    chat.pass_time(minutes=10)
    refusal = chat.refused("zhou", lambda: chat.presses("zhou", late, "use1"))
    assert refusal.code == "voucher_expired"
    assert uses(chat) == []


def test_a_code_that_was_replaced_is_not_used_by_an_old_card(chat: Chat) -> None:
    buy(chat)
    card = preview(chat, "滨江一期")
    chat.says("wang", "补发券码 1")
    refusal = chat.refused("zhou", lambda: chat.presses("zhou", card, "use1"))
    assert (refusal.code, refusal.details) == ("voucher_unknown", {"tries_left": 5})
    assert (uses(chat), vouchers(chat)[0].left) == ([], VALUE)
    # What was used before stays done, whatever code the voucher has since.
    other = preview(chat, "2000 滨江一期")
    chat.presses("zhou", other, "use1")
    chat.says("wang", "补发券码 1")
    before = chat.state()
    assert isinstance(chat.presses("zhou", other, "use1"), VoucherDone)
    assert chat.state() == before


def test_a_dropped_preview_uses_nothing(chat: Chat) -> None:
    buy(chat)
    card = preview(chat)
    assert chat.presses("zhou", card, "cancel") == VoucherDropped(NAME, vouchers(chat)[0].tail)
    refusal = chat.refused("zhou", lambda: chat.presses("zhou", card, "use1"))
    assert refusal.code == "ticket_used"
    assert vouchers(chat)[0].left == VALUE


def test_a_project_that_was_not_offered_is_refused(chat: Chat) -> None:
    buy(chat)
    card = preview(chat)
    for choice in ("use3", "use5"):
        refusal = chat.refused(
            "zhou",
            lambda choice=choice: chat.presses("zhou", card, choice),  # type: ignore[misc]
        )
        assert refusal.details["problem"] == "project_missing"
    assert chat.refused("zhou", lambda: chat.presses("zhou", card, "use9")).code == (
        "ticket_not_yours"
    )
    assert uses(chat) == []


def test_a_project_must_be_the_customers(chat: Chat) -> None:
    buy(chat)
    refusal = refused(chat, "zhou", f"核销 {code_of(chat)} 2000 火星基地")
    assert refusal.code == "unknown_project"
    assert refusal.details == {"asked": "火星基地", "guesses": ["滨江一期", "滨江二期"]}
    assert refused(chat, "zhou", f"核销 {code_of(chat)} 城南广场").code == "unknown_project"
    with chat.store.work(MAIN) as work:
        for number in range(4, 8):
            work.projects.add(a_project(f"P00{number}", "月湖花园", "C001", "li"))
        work.commit()
    refusal = refused(chat, "zhou", f"核销 {code_of(chat)}")
    assert (refusal.code, len(refusal.details["candidates"])) == ("ambiguous", 6)  # type: ignore[arg-type]
    names = preview(chat, "月湖花园").projects
    assert names == tuple(f"月湖花园 P00{number}" for number in range(4, 8))


def test_a_customer_without_projects_uses_it_all_the_same(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C009", "孤岛置业"))
        work.commit()
    buy(chat, customer="C009", contact=None)
    card = preview(chat)
    assert card.projects == ()
    done = chat.presses("zhou", card, "use1")
    assert isinstance(done, VoucherDone)
    assert (done.project, done.notice) == ("", "nobody")
    assert uses(chat)[0].project is None
    assert said(chat, "zhou", "抵扣").lines[0].project == ""


@pytest.mark.parametrize("amount", ["0", "-5", "1.001", "99999999999999"])
def test_an_amount_that_can_not_be_one_is_refused(chat: Chat, amount: str) -> None:
    buy(chat)
    refusal = refused(chat, "zhou", f"核销 {code_of(chat)} {amount}")
    assert refusal.details == {"command": "use_voucher", "problem": "amount_refused"}


def test_only_finance_service_and_admins_take_vouchers(chat: Chat) -> None:
    chat.says("wang", "帮助")
    buy(chat)
    for who in ("li", "sun", "zhang", "wang"):
        assert refused(chat, who, f"核销 {code_of(chat)}").code == "not_permitted"
        assert refused(chat, who, "抵扣").code == "not_permitted"
    assert uses(chat) == []
    for who in ("zhou", "fang", "qian"):
        assert isinstance(chat.says(who, f"核销 {code_of(chat)}"), VoucherPreview)
        refusal: Any = chat.says(who, f"核销 {code_of(chat)}", group=True)
        assert refusal.code == "private_only"


def test_slips_of_the_finger_are_told_from_codes_that_do_not_exist(chat: Chat) -> None:
    buy(chat)
    code = code_of(chat)
    for wrong in (code[:-1], code + "7", code[:-1] + "7", "V", "", "券码", code[1:] + code[0]):
        assert refused(chat, "zhou", f"核销 {wrong or '一下'}").code == "voucher_mistyped"
    assert chat.store.committed(MAIN).voucher_tries == {}


def test_wrong_codes_lock_the_member_and_nobody_else(chat: Chat) -> None:
    """T58: whoever guesses is stopped, and learns nothing of which codes there are."""
    buy(chat, 2)
    other = code_of(chat, 2)
    chat.says("wang", "帮助")
    # Replaced, so it is a well-formed code that no voucher has any more.
    gone = code_of(chat, 1)
    chat.says("wang", "补发券码 1")
    for left in (4, 3):
        view = said(chat, "zhou", f"核销 {gone}")
        assert (view.code, view.details) == ("voucher_unknown", {"tries_left": left})
    assert isinstance(preview(chat), VoucherPreview)
    for left in (4, 3, 2, 1):
        assert said(chat, "zhou", f"核销 {gone}").details == {"tries_left": left}
    locked = said(chat, "zhou", f"核销 {other}")
    assert locked.code == "voucher_locked"
    assert locked.details == {"until": "2026-11-22T02:30:00+00:00"}
    assert chat.actions()[-1] == "voucher_codes_locked"
    # Right or wrong makes no difference while it lasts, and others go on.
    assert refused(chat, "zhou", f"核销 {code_of(chat)}").code == "voucher_locked"
    assert isinstance(preview(chat, who="fang"), VoucherPreview)
    chat.pass_time(minutes=30)
    assert isinstance(preview(chat), VoucherPreview)
    assert said(chat, "zhou", f"核销 {gone}").details == {"tries_left": 4}


def test_finance_sees_what_the_next_payment_is_lower_by(chat: Chat) -> None:
    buy(chat)
    use(chat, "2000 滨江一期")
    use(chat, "500 滨江二期", "fang")
    use(chat, "1000 滨江一期")
    tail = [
        DeductionLine(1, "滨江置业", "滨江一期", NAME, 200_000, "zhou", NOON),
        DeductionLine(2, "滨江置业", "滨江二期", NAME, 50_000, "fang", NOON),
        DeductionLine(3, "滨江置业", "滨江一期", NAME, 100_000, "zhou", NOON),
    ]
    assert chat.says("zhou", "抵扣") == DeductionList("", tuple(tail), 3, 350_000, NOON)
    one = chat.says("zhou", "抵扣 滨江一期")
    assert one == DeductionList("滨江一期", (tail[0], tail[2]), 2, 300_000, NOON)
    with chat.store.work(MAIN) as work:
        assert work.voucher_uses.deduct(uses(chat)[0].id, "HK-1")
        work.commit()
    assert said(chat, "qian", "抵扣 P001").lines == (tail[2],)
    assert said(chat, "qian", "抵扣 城南广场").lines == ()
    refusal = refused(chat, "zhou", "抵扣 滨江")
    assert (refusal.code, sorted(refusal.details["guesses"])) == (  # type: ignore[arg-type]
        "unknown_project",
        ["滨江一期", "滨江二期"],
    )
    assert refused(chat, "zhou", "抵扣 火星基地").details["guesses"] == []


def test_what_is_not_listed_is_counted_and_summed(chat: Chat) -> None:
    buy(chat)
    use(chat, "100 滨江一期")
    [made] = uses(chat)
    with chat.store.work(MAIN) as work:
        for number in range(2, WAITING_MAX + 3):
            another = {"id": VoucherUseId(f"use-{number}"), "source": f"test-{number}"}
            work.voucher_uses.add(replace(made, number=number, **another))  # type: ignore[arg-type]
        work.commit()
    card = said(chat, "zhou", "抵扣")
    assert (len(card.lines), card.count) == (WAITING_MAX, WAITING_MAX + 2)
    assert card.amount == (WAITING_MAX + 2) * 10_000


def test_the_card_says_how_the_customer_learns_of_it(chat: Chat) -> None:
    buy(chat)
    assert use(chat, "100 滨江一期").notice == "by_hand"
    chat.says("wang", "帮助")
    assert use(chat, "100 滨江一期").notice == "pushed"
