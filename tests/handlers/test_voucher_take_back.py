"""撤销核销: a wrong use is taken back by two people, and everything is as it was before."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from domain.approvals import ApprovalState
from domain.errors import UsageError
from domain.redemptions import RedemptionState
from domain.rewards import Stock
from domain.vouchers import VoucherState, VoucherUse
from handlers.contract import Context
from handlers.usecases.voucher_ends import lapse
from handlers.usecases.voucher_take_back import ask_take_back
from handlers.views import ApprovalCard, Refusal, UseWanted, VoucherBack, VoucherDone
from tests.handlers.approval_steps import acting_as, ask, card_of, expire_old, stored
from tests.handlers.voucher_steps import (
    NAME,
    REWARD,
    VALUE,
    buy,
    preview,
    redemption,
    said,
    use,
    vouchers,
)
from tests.support.chat import Chat
from tests.support.make import a_contact, a_customer
from tests.support.stores import KF, MAIN

NOON = "2026-11-22T02:00:00+00:00"
WORDS = "撤销核销 1 项目选错了"


def uses(chat: Chat) -> list[VoucherUse]:
    found = chat.store.committed(MAIN).voucher_uses.values()
    return sorted(found, key=lambda one: one.number)


def stock(chat: Chat) -> Stock:
    return chat.store.committed(MAIN).stocks[REWARD]


def refused(chat: Chat, who: str, words: str) -> Refusal:
    return chat.refused(who, lambda: chat.says(who, words))


def pays(chat: Chat, number: int = 1) -> None:
    """Let a payment be lower by a use."""
    with chat.store.work(MAIN) as work:
        assert work.voucher_uses.deduct(uses(chat)[number - 1].id, "HK-1")
        work.commit()


def last_told(chat: Chat, who: str = "wang") -> VoucherBack:
    return [view for view in chat.phone(who) if isinstance(view, VoucherBack)][-1]


def test_it_is_asked_for_with_all_that_the_other_person_has_to_know(chat: Chat) -> None:
    buy(chat)
    use(chat, "2000 滨江一期")
    tail = vouchers(chat)[0].tail
    card = ask(chat, WORDS)
    wanted = UseWanted(1, tail, 200_000, "滨江一期", "zhou", NOON, "2026-12-22", is_over=False)
    assert (card.kind, card.name, card.grounds) == ("voucher_use", NAME, "项目选错了")
    assert (card.use, card.is_mine, card.customer) == (wanted, True, "滨江置业")
    # Nobody can approve it when it could no longer be asked for.
    assert card.expires_at == "2026-11-29T02:00:00+00:00"
    sent: Any = card_of(chat, "zhao").use
    assert sent == asdict(wanted)
    assert (vouchers(chat)[0].used, uses(chat)[0].deducted_from) == (200_000, "")


def test_two_people_put_everything_back_and_the_customer_learns_why(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(
            a_contact("ye", "C001", phone="", may_see=False, may_redeem=False)
        )
        work.commit()
    chat.joins("ye", KF, "wm-ye", contact="ye")
    chat.says("wang", "帮助")
    chat.says("ye", "帮助")
    buy(chat)
    before, had = vouchers(chat)[0], stock(chat)
    card = preview(chat)
    assert isinstance(chat.presses("zhou", card, "use1"), VoucherDone)
    assert (redemption(chat).state, stock(chat)) == (RedemptionState.FULFILLED, Stock(0, 0, 1))
    ask(chat, WORDS)
    chat.presses("zhao", card_of(chat, "zhao"), "approve")

    [after] = vouchers(chat)
    assert (after.used, after.state, after.ended_at) == (0, VoucherState.OPEN, None)
    assert (after.tail, after.last_day) == (before.tail, before.last_day)
    bought = redemption(chat)
    assert (bought.state, bought.fulfilled, bought.ended_at) == (RedemptionState.PLACED, 0, None)
    assert stock(chat) == had == Stock(0, 1, 0)
    first, counter = uses(chat)
    assert (counter.number, counter.takes_back, counter.amount) == (2, first.id, VALUE)
    assert (counter.member, counter.source) == ("zhao", f"approval:{stored(chat).id}")
    assert first.deducted_from == f"use:{counter.id}"
    assert counter.deducted_from == f"use:{first.id}"
    assert said(chat, "zhou", "抵扣").lines == ()
    assert said(chat, "zhou", "抵扣 滨江一期").amount == 0
    assert "voucher_use_taken_back" in chat.actions()
    assert last_told(chat) == VoucherBack(
        customer="滨江置业",
        name=NAME,
        tail=before.tail,
        amount=VALUE,
        left=VALUE,
        project="滨江一期",
        last_day="2026-12-22",
        is_over=False,
        use=1,
        grounds="项目选错了",
    )
    assert not [view for view in chat.phone("ye") if isinstance(view, VoucherBack)]
    # The card it was used by says so, and the voucher is used anew by its code.
    again = chat.refused("zhou", lambda: chat.presses("zhou", card, "use1"))
    assert again.code == "use_taken_back"
    assert use(chat, "滨江二期").use == 3
    assert (vouchers(chat)[0].state, redemption(chat).fulfilled) == (VoucherState.USED_UP, 1)
    assert [line.use for line in said(chat, "zhou", "抵扣").lines] == [3]


def test_one_use_of_several_is_taken_back_and_the_others_stand(chat: Chat) -> None:
    buy(chat)
    use(chat, "2000 滨江一期")
    use(chat, "1000 滨江二期")
    ask(chat, WORDS, "fang")
    chat.says("zhang", "批准 1")
    [after] = vouchers(chat)
    assert (after.used, after.state) == (100_000, VoucherState.OPEN)
    assert (redemption(chat).fulfilled, stock(chat)) == (0, Stock(0, 1, 0))
    assert [line.use for line in said(chat, "zhou", "抵扣").lines] == [2]


def test_a_voucher_whose_last_day_is_over_meanwhile_ends_at_once(chat: Chat) -> None:
    buy(chat, valid_days=1)
    use(chat)
    chat.pass_time(days=2)
    chat.says("wang", "帮助")
    card = ask(chat, WORDS)
    assert card.use is not None
    assert (card.use.last_day, card.use.is_over) == ("2026-11-23", True)
    chat.says("zhang", "批准 1")
    [after] = vouchers(chat)
    assert (after.used, after.state) == (0, VoucherState.EXPIRED)
    assert after.ended_at is not None
    # To the purchase it is done with, used up or lapsed.
    bought = redemption(chat)
    assert (bought.state, bought.fulfilled) == (RedemptionState.FULFILLED, 1)
    assert stock(chat) == Stock(0, 0, 1)
    assert said(chat, "zhou", "抵扣").lines == ()
    assert (last_told(chat).left, last_told(chat).is_over) == (VALUE, True)


def test_one_that_has_ended_with_some_left_stays_ended(chat: Chat) -> None:
    bought = buy(chat, valid_days=1)
    use(chat, "2000 滨江一期")
    chat.pass_time(days=2)
    chat.acts(lambda ctx: lapse(ctx, bought.id))
    [lapsed] = vouchers(chat)
    ask(chat, WORDS)
    chat.says("zhang", "批准 1")
    [after] = vouchers(chat)
    assert (after.used, after.state, after.ended_at) == (0, VoucherState.EXPIRED, lapsed.ended_at)
    assert (redemption(chat).fulfilled, stock(chat)) == (1, Stock(0, 0, 1))


def test_a_voucher_without_end_or_project_is_taken_back_all_the_same(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C009", "孤岛置业"))
        work.commit()
    buy(chat, valid_days=None, customer="C009", contact=None)
    chat.presses("zhou", preview(chat), "use1")
    card = ask(chat, WORDS)
    assert card.use is not None
    assert (card.use.last_day, card.use.is_over, card.use.project) == ("", False, "")
    chat.says("zhang", "批准 1")
    assert vouchers(chat)[0].state is VoucherState.OPEN


def test_declined_or_out_of_time_changes_nothing(chat: Chat) -> None:
    buy(chat)
    use(chat)
    ask(chat, WORDS)
    chat.says("zhang", "驳回 1 客户确认过")
    assert (vouchers(chat)[0].state, len(uses(chat))) == (VoucherState.USED_UP, 1)
    ask(chat, WORDS)
    chat.pass_time(days=7)
    chat.acts(expire_old)
    assert stored(chat, 2).state is ApprovalState.EXPIRED
    assert (vouchers(chat)[0].state, len(uses(chat))) == (VoucherState.USED_UP, 1)
    assert uses(chat)[0].deducted_from == ""


def test_who_asks_does_not_approve(chat: Chat) -> None:
    buy(chat)
    use(chat, who="qian")
    ask(chat, WORDS, "qian")
    assert refused(chat, "qian", "批准 1").code == "own_approval"
    chat.says("zhang", "批准 1")
    assert len(uses(chat)) == 2


def test_only_who_takes_vouchers_asks_and_in_private(chat: Chat) -> None:
    chat.says("wang", "帮助")
    buy(chat)
    use(chat)
    for who in ("li", "sun", "zhang", "wang"):
        assert refused(chat, who, WORDS).code == "not_permitted"
    view: Any = chat.says("zhou", WORDS, group=True)
    assert view.code == "private_only"
    assert chat.store.committed(MAIN).approvals == {}


@pytest.mark.parametrize(
    ("words", "details"),
    [
        ("撤销核销", {"command": "take_back_use", "problem": "use_number_missing"}),
        ("撤销核销 1", {"command": "take_back_use", "problem": "reason_missing"}),
        ("撤销核销 9 选错了", {"asked": "9"}),
        ("撤销核销 那张 选错了", {"asked": "那张"}),
    ],
)
def test_what_is_not_said_right_is_refused(
    chat: Chat, words: str, details: dict[str, object]
) -> None:
    buy(chat)
    use(chat)
    refusal = refused(chat, "zhou", words)
    assert refusal.code == ("usage" if "problem" in details else "unknown_use")
    assert refusal.details == details


def test_a_reason_of_blanks_is_none(chat: Chat) -> None:
    buy(chat)
    use(chat)
    before = chat.state()

    def act(ctx: Context) -> None:
        ask_take_back(acting_as(ctx, "zhou"), "1", "  ")

    with pytest.raises(UsageError):
        chat.acts(act)
    assert chat.state() == before


def test_after_seven_days_it_is_too_late(chat: Chat) -> None:
    buy(chat)
    use(chat)
    chat.pass_time(days=7)
    refusal = refused(chat, "zhou", WORDS)
    assert refusal.code == "take_back_over"
    assert refusal.details == {
        "number": 1,
        "used_at": NOON,
        "until": "2026-11-29T02:00:00+00:00",
    }


def test_until_the_last_moment_it_is_not(chat: Chat) -> None:
    buy(chat)
    use(chat)
    chat.pass_time(seconds=timedelta(days=7).total_seconds() - 1)
    assert isinstance(chat.says("zhou", WORDS), ApprovalCard)


def test_what_a_payment_was_lower_by_stays(chat: Chat) -> None:
    buy(chat)
    use(chat)
    pays(chat)
    refusal = refused(chat, "zhou", WORDS)
    assert refusal.code == "use_deducted"
    assert refusal.details == {"number": 1, "deducted_from": "HK-1"}


def test_a_payment_between_asking_and_approving_is_seen(chat: Chat) -> None:
    buy(chat)
    use(chat)
    ask(chat, WORDS)
    pays(chat)
    assert refused(chat, "zhang", "批准 1").code == "use_deducted"
    assert stored(chat).state is ApprovalState.PENDING
    assert vouchers(chat)[0].state is VoucherState.USED_UP


def test_it_is_asked_for_and_taken_back_once(chat: Chat) -> None:
    buy(chat)
    use(chat)
    ask(chat, WORDS)
    assert refused(chat, "fang", WORDS).code == "approval_pending"
    chat.says("zhang", "批准 1")
    refusal = refused(chat, "fang", WORDS)
    assert refusal.code == "use_taken_back"
    assert refusal.details == {"number": 1, "taken_back_at": NOON, "taken_back_by": "zhang"}
    # What takes a use back can't be taken back itself.
    assert refused(chat, "fang", "撤销核销 2 弄反了").code == "unknown_use"
