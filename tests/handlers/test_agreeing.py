"""What one person alone can't have: another contact, somebody of the firm, or both."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.approvals import ApprovalState
from domain.errors import ErrorCode, RedemptionClosed, UnknownRedemption
from domain.holds import HoldState
from domain.ids import ContactId, CustomerId
from domain.members import Role
from domain.redemptions import RedemptionState
from domain.rewards import Stock
from handlers.contract import ContactActor, Context
from handlers.usecases.agreeing import agree_to, confirm_reserved
from handlers.usecases.decisions import take_back
from handlers.usecases.redeeming import Order, reserve
from handlers.usecases.redemption_ends import expire_overdue
from handlers.views import ApprovalCard, HandOverCard, RedemptionCard
from tests.handlers.approval_steps import (
    acting_as,
    card_of,
    expire_old,
    stored as stored_approval,
)
from tests.handlers.expiring import at, sign
from tests.handlers.mall_steps import (
    buys,
    colleague,
    holds,
    on_offer,
    points,
    preview_of,
    stock,
    stored,
)
from tests.support.chat import Chat
from tests.support.make import a_contact, a_member
from tests.support.stores import MAIN


@pytest.fixture(autouse=True)
def _there_are_points(chat: Chat) -> None:
    for who in ("wang", "chen"):
        chat.says(who, "帮助")
    colleague(chat)
    sign(chat, 500)


def asked(chat: Chat, who: str = "zhou-qiang") -> RedemptionCard:
    """Give the newest card about a redemption on somebody's phone."""
    return [view for view in chat.phone(who) if isinstance(view, RedemptionCard)][-1]


def test_another_contact_agrees_and_only_then_it_is_bought(chat: Chat) -> None:
    on_offer(chat, stock=1, needs_contact=True)
    shown = preview_of(chat)
    assert (shown.asks, shown.needs_approver, shown.agree_days) == (("zhou-qiang",), False, 3)
    receipt = chat.presses("wang", shown, "confirm")
    assert isinstance(receipt, RedemptionCard)
    assert (receipt.state, receipt.waits_for_contact) == ("held", True)
    assert (receipt.choices, receipt.expires_at) == (("cancel",), "2026-11-25T02:00:00+00:00")
    assert (points(chat), stock(chat), holds(chat)) == ((400, 100), Stock(0, 1), [HoldState.OPEN])
    assert chat.phone("sun") == []
    card = asked(chat)
    assert (list(card.choices), card.contact) == (["agree", "decline"], "wang")
    assert not card.is_mine
    bought = chat.presses("zhou-qiang", card, "agree")
    assert isinstance(bought, RedemptionCard)
    assert (bought.state, bought.number) == ("placed", receipt.number)
    assert (points(chat), holds(chat)) == ((400, 0), [HoldState.SETTLED])
    assert stored(chat).agreed_by == "zhou-qiang"
    assert asked(chat, "wang").state == "placed"
    assert isinstance(chat.last("sun"), HandOverCard)


def test_agreeing_twice_gives_the_same(chat: Chat) -> None:
    on_offer(chat, needs_contact=True)
    buys(chat)
    card = asked(chat)
    first = chat.presses("zhou-qiang", card, "agree")
    before = chat.state()
    second = chat.presses("zhou-qiang", card, "agree")
    assert second == replace(first, ticket=second.ticket)  # type: ignore[attr-defined, type-var]
    assert replace(chat.state(), tickets={}) == replace(before, tickets={})


def test_no_says_no_and_gives_everything_back(chat: Chat) -> None:
    on_offer(chat, stock=1, needs_contact=True)
    buys(chat)
    card = asked(chat)
    answer = chat.presses("zhou-qiang", card, "decline")
    assert isinstance(answer, RedemptionCard)
    assert (answer.state, answer.choices, answer.ticket) == ("declined", (), "")
    assert (points(chat), stock(chat)) == ((500, 0), Stock(1))
    assert holds(chat) == [HoldState.RELEASED]
    assert asked(chat, "wang").state == "declined"
    before = chat.state()
    assert chat.presses("zhou-qiang", card, "decline") == answer
    assert chat.state() == before


def test_of_three_the_first_answer_counts(chat: Chat) -> None:
    colleague(chat, "lin", phone="13700137000")
    on_offer(chat, needs_contact=True, needs_approver=True)
    buys(chat)
    first, second = asked(chat, "lin"), asked(chat)
    chat.presses("lin", first, "agree")
    assert asked(chat).waits_for_contact is False
    for choice in ("agree", "decline"):
        refused = chat.refused(
            "zhou-qiang",
            lambda choice=choice: chat.presses("zhou-qiang", second, choice),  # type: ignore[misc]
        )
        assert refused.code == ErrorCode.REDEMPTION_CLOSED


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "13800138000"},
        {"phone": "+86 138-0013-8000"},
        {"may_redeem": False},
        {"is_active": False},
    ],
)
def test_who_is_no_second_person_is_not_asked(chat: Chat, changes: dict[str, object]) -> None:
    state = chat.store.committed(MAIN)
    fields = {"phone": "13900139000", "may_redeem": True} | changes
    state.contacts[ContactId("zhou-qiang")] = a_contact("zhou-qiang", "C001", **fields)
    on_offer(chat, needs_contact=True)
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 1"))
    assert (refused.code, refused.details["is_inside"]) == (ErrorCode.NOBODY_TO_AGREE, False)


def test_who_cannot_be_asked_is_no_second_person(chat: Chat) -> None:
    state = chat.store.committed(MAIN)
    state.identities = {
        key: one for key, one in state.identities.items() if one.external_id != "wm-zhou-qiang"
    }
    on_offer(chat, needs_contact=True)
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 1"))
    assert refused.code == ErrorCode.NOBODY_TO_AGREE


def test_t40_the_same_person_by_another_record_is_refused(chat: Chat) -> None:
    on_offer(chat, needs_contact=True)
    buys(chat)
    card = asked(chat)
    state = chat.store.committed(MAIN)
    state.contacts[ContactId("zhou-qiang")] = a_contact(
        "zhou-qiang", "C001", phone="+86 13800138000"
    )
    refused = chat.refused("zhou-qiang", lambda: chat.presses("zhou-qiang", card, "agree"))
    assert refused.code == ErrorCode.SAME_PERSON


def test_t40_who_has_asked_has_no_button_to_agree(chat: Chat) -> None:
    on_offer(chat, needs_contact=True)
    receipt = buys(chat)
    refused = chat.refused("wang", lambda: chat.presses("wang", receipt, "agree"))
    assert refused.code == ErrorCode.SAME_PERSON


def test_agreeing_is_for_the_own_unit(chat: Chat) -> None:
    on_offer(chat, needs_contact=True)
    buys(chat)

    def as_chen(ctx: Context) -> None:
        contact = ctx.work.customers.contact(ContactId("chen"))
        customer = ctx.work.customers.get(CustomerId("C002"))
        acting = replace(ctx, actor=ContactActor(contact, customer))
        with pytest.raises(UnknownRedemption):
            agree_to(acting, stored(chat).id)

    before = chat.state()
    chat.acts(as_chen)
    assert chat.state() == before


def test_somebody_of_the_firm_approves(chat: Chat) -> None:
    on_offer(chat, 200, stock=1, needs_approver=True)
    assert preview_of(chat).needs_approver
    receipt = buys(chat)
    assert (receipt.state, receipt.waits_for_approver) == ("held", True)
    card = card_of(chat, "zhao")
    assert (card.kind, card.name, card.points) == ("redemption", "空调保养", -200)
    assert (card.customer, card.asked_by, card.cost) == ("滨江置业", "wang", 20_000)
    assert card.available == 300
    chat.presses("zhao", card, "approve")
    assert (stored(chat).state, stored(chat).approved_by) == (RedemptionState.PLACED, "zhao")
    assert asked(chat, "wang").state == "placed"
    assert (points(chat), holds(chat)) == ((300, 0), [HoldState.SETTLED])


def test_the_firm_declines_with_a_reason(chat: Chat) -> None:
    on_offer(chat, stock=1, needs_approver=True)
    buys(chat)
    chat.says("zhang", "驳回 1 本月预算用完")
    told = asked(chat, "wang")
    assert (told.state, told.note) == ("declined", "本月预算用完")
    assert (points(chat), stock(chat)) == ((500, 0), Stock(1))


@pytest.mark.parametrize("order", ["contact_first", "firm_first"])
def test_both_have_to_agree(chat: Chat, order: str) -> None:
    on_offer(chat, needs_contact=True, needs_approver=True)
    buys(chat)
    card, approval = asked(chat), card_of(chat, "zhao")
    steps: list[Callable[[], object]] = [
        lambda: chat.presses("zhou-qiang", card, "agree"),
        lambda: chat.presses("zhao", approval, "approve"),
    ]
    for step in steps if order == "contact_first" else reversed(steps):
        assert stored(chat).state is RedemptionState.HELD
        step()
    assert stored(chat).state is RedemptionState.PLACED
    assert holds(chat) == [HoldState.SETTLED]


def test_a_contacts_no_ends_the_firms_question_too(chat: Chat) -> None:
    on_offer(chat, needs_contact=True, needs_approver=True)
    buys(chat)
    chat.presses("zhou-qiang", asked(chat), "decline")
    assert stored_approval(chat).state is ApprovalState.WITHDRAWN
    assert card_of(chat, "zhao").ticket == ""
    refused = chat.refused("zhao", lambda: chat.says("zhao", "批准 1"))
    assert refused.code == ErrorCode.APPROVAL_CLOSED


def test_without_anybody_inside_it_is_refused_at_once(chat: Chat) -> None:
    for name in ("zhang", "zhao", "qian"):
        chat.store.committed(MAIN).members[name] = a_member(name, Role.ADMIN, is_active=False)
    on_offer(chat, needs_approver=True)
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 1"))
    assert (refused.code, refused.details["is_inside"]) == (ErrorCode.NOBODY_TO_AGREE, True)


def test_what_nobody_agrees_to_ends_by_itself(chat: Chat) -> None:
    on_offer(chat, stock=1, needs_contact=True, needs_approver=True)
    buys(chat)
    card = asked(chat)
    chat.pass_time(days=3)
    refused = chat.refused("zhou-qiang", lambda: chat.presses("zhou-qiang", card, "agree"))
    assert (refused.code, refused.details["state"]) == (ErrorCode.REDEMPTION_CLOSED, "expired")
    refused = chat.refused("zhao", lambda: chat.says("zhao", "批准 1"))
    assert refused.code == ErrorCode.APPROVAL_EXPIRED
    ended = chat.acts(lambda ctx: expire_overdue(ctx, stored(chat).id))
    assert ended.state is RedemptionState.EXPIRED
    assert (points(chat), stock(chat)) == ((500, 0), Stock(1))
    chat.says("wang", "帮助")
    assert (asked(chat).state, asked(chat, "wang").state) == ("expired", "expired")
    assert stored_approval(chat).state is ApprovalState.EXPIRED
    before = chat.state()
    assert chat.acts(lambda ctx: expire_overdue(ctx, stored(chat).id)) is None
    assert chat.state() == before


def test_what_is_not_overdue_does_not_end_by_itself(chat: Chat) -> None:
    on_offer(chat, needs_contact=True)
    buys(chat)
    before = chat.state()
    assert chat.acts(lambda ctx: expire_overdue(ctx, stored(chat).id)) is None
    assert chat.state() == before


@pytest.mark.parametrize("first", ["redemption", "approval"])
def test_the_question_and_what_it_is_about_run_out_together(chat: Chat, first: str) -> None:
    on_offer(chat, stock=1, needs_approver=True)
    buys(chat)
    assert stored_approval(chat).expires_at == stored(chat).expires_at
    chat.pass_time(days=3)
    runs: list[Callable[[Context], object]] = [
        lambda ctx: expire_overdue(ctx, stored(chat).id),
        expire_old,
    ]
    for run in runs if first == "redemption" else reversed(runs):
        chat.acts(run)
    assert stored_approval(chat).state is ApprovalState.EXPIRED
    assert stored(chat).state is RedemptionState.EXPIRED
    assert (points(chat), stock(chat)) == ((500, 0), Stock(1))


def test_what_is_approved_after_it_has_ended_stays_as_it_is(chat: Chat) -> None:
    on_offer(chat, needs_approver=True)
    buys(chat)
    kept = stored_approval(chat)
    chat.says("wang", "取消兑换 1")
    # As if the approval had been left open.
    chat.store.committed(MAIN).approvals[kept.id] = kept
    refused = chat.refused("zhao", lambda: chat.says("zhao", "批准 1"))
    assert refused.code == ErrorCode.REDEMPTION_CLOSED
    chat.says("zhao", "驳回 1 已取消")
    assert stored(chat).state is RedemptionState.CANCELLED


def test_t39_points_set_aside_before_midnight_are_spent_after_it(chat: Chat) -> None:
    sign(chat, 100, on="2024-11-22")
    on_offer(chat, 600, needs_contact=True)
    chat.clock.at = at("2026-11-30", "23:59")
    chat.says("zhou-qiang", "帮助")
    buys(chat)
    card = asked(chat)
    chat.clock.at = at("2026-12-01", "00:00")
    chat.presses("zhou-qiang", card, "agree")
    assert points(chat) == (0, 0)
    assert stored(chat).state is RedemptionState.PLACED


def test_t39_points_given_back_after_their_end_are_gone(chat: Chat) -> None:
    sign(chat, 100, on="2024-11-22")
    on_offer(chat, 600, needs_contact=True)
    chat.clock.at = at("2026-11-30", "23:59")
    chat.says("zhou-qiang", "帮助")
    buys(chat)
    card = asked(chat)
    chat.clock.at = at("2026-12-01", "00:00")
    answer = chat.presses("zhou-qiang", card, "decline")
    assert points(chat) == (500, 0)
    assert answer.available == 500  # type: ignore[attr-defined]


def reserved(chat: Chat, who: str | None = None) -> None:
    """Let another system set something aside for C001; with a key that stands for a member."""

    def act(ctx: Context) -> None:
        acting = acting_as(ctx, who) if who else ctx
        reward = ctx.work.rewards.all()[0]
        reserve(acting, Order(reward, 1, CustomerId("C001")), "apikey:1:order-7")

    chat.acts(act)


def test_another_system_sets_aside_and_confirms(chat: Chat) -> None:
    on_offer(chat, stock=1)
    reserved(chat)
    assert (stored(chat).state, stored(chat).waits_for_confirmation) == ("held", True)
    assert (points(chat), stock(chat)) == ((400, 100), Stock(0, 1))
    before = chat.state()
    reserved(chat)
    assert chat.state() == before
    chat.pass_time(minutes=9, seconds=59)
    after = chat.acts(lambda ctx: confirm_reserved(ctx, stored(chat).id))
    assert (after.state, after.contact, points(chat)) == (RedemptionState.PLACED, None, (400, 0))
    assert asked(chat, "wang").state == asked(chat).state == "placed"
    before = chat.state()
    assert chat.acts(lambda ctx: confirm_reserved(ctx, stored(chat).id)) == after
    assert chat.state() == before


def test_confirming_too_late_is_refused(chat: Chat) -> None:
    on_offer(chat)
    reserved(chat)
    chat.pass_time(minutes=10)
    before = chat.state()
    with pytest.raises(RedemptionClosed):
        chat.acts(lambda ctx: confirm_reserved(ctx, stored(chat).id))
    assert chat.state() == before


def test_others_are_asked_only_when_it_is_confirmed(chat: Chat) -> None:
    on_offer(chat, needs_contact=True, needs_approver=True)
    reserved(chat)
    assert list(asked(chat, "wang").choices) == ["cancel"]
    assert not [view for view in chat.phone("zhao") if isinstance(view, ApprovalCard)]
    chat.pass_time(minutes=9)
    after = chat.acts(lambda ctx: confirm_reserved(ctx, stored(chat).id))
    assert after.expires_at == at("2026-11-25", "10:09")
    assert list(asked(chat, "wang").choices) == ["agree", "decline"]
    assert card_of(chat, "zhao").asked_by == ""
    chat.presses("wang", asked(chat, "wang"), "agree")
    chat.presses("zhao", card_of(chat, "zhao"), "approve")
    assert stored(chat).state is RedemptionState.PLACED


def test_t40_a_member_who_placed_it_never_approves_it(chat: Chat) -> None:
    on_offer(chat, needs_approver=True)
    reserved(chat, "zhang")
    chat.acts(lambda ctx: confirm_reserved(acting_as(ctx, "zhang"), stored(chat).id))
    assert stored(chat).member == "zhang"
    refused = chat.refused("zhang", lambda: chat.says("zhang", "批准 1"))
    assert refused.code == ErrorCode.OWN_APPROVAL
    chat.says("zhao", "批准 1")
    assert stored(chat).state is RedemptionState.PLACED


def test_a_member_takes_back_what_the_own_system_has_asked_for(chat: Chat) -> None:
    on_offer(chat, stock=1, needs_approver=True)
    reserved(chat, "zhang")
    chat.acts(lambda ctx: confirm_reserved(acting_as(ctx, "zhang"), stored(chat).id))
    take_back_as = lambda ctx: take_back(acting_as(ctx, "zhang"), stored_approval(chat).id)  # noqa: E731
    chat.acts(take_back_as)
    assert stored(chat).state is RedemptionState.CANCELLED
    assert (points(chat), stock(chat)) == ((500, 0), Stock(1))
