"""为什么: one entry explained, with what went into it and what comes next."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from domain.events import EventType
from domain.ids import CustomerId, EventId, HoldId
from domain.outcomes import Ending
from domain.programme import Programme
from domain.repositories import Publication
from domain.rules.model import Cap, PerUnit, Scope, Window
from domain.tiers import Tier, TierPolicy
from handlers.usecases.holds import hold_points, refund_hold, settle_hold
from handlers.usecases.points import book, undo
from handlers.views import ExpiringLot, Refusal, Why, WhyLimit
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import a_rule, an_event
from tests.support.stores import MAIN

TIERS = TierPolicy((Tier("silver", "银卡", 40), Tier("gold", "金卡", 120)), window_months=12)
NOVEMBER_2028 = "2028-11-30"
C001 = CustomerId("C001")


def says(chat: Chat, text: str = "为什么") -> Why:
    view = chat.says("wang", text)
    assert isinstance(view, Why), view
    return view


def happens(chat: Chat, **changes: object) -> None:
    event = an_event(**changes)
    chat.acts(lambda ctx: book(ctx, event, tells=False))


def publish(chat: Chat, **changes: object) -> None:
    with chat.store.work(MAIN) as work:
        work.rules.add(a_rule("signed", **changes), Publication(START))
        work.commit()


def test_a_wallet_without_entries_has_nothing_to_explain(chat: Chat) -> None:
    view = chat.says("wang", "为什么")

    assert isinstance(view, Refusal)
    assert (view.code, view.details) == ("unknown_entry", {"seq": 0, "last": 0})


@pytest.mark.parametrize("words", ["为什么", "为什么?", "为什么 1", "为什么 #1", "怎么算的 第1笔"])
def test_the_newest_entry_or_the_named_one_is_explained(chat: Chat, words: str) -> None:
    happens(chat)

    view = says(chat, words)

    assert (view.seq, view.points, view.subject) == (1, 50, "滨江一期 主体")
    assert (view.rule, view.rule_version, view.requested) == ("milestone-on-time", 1, 50)
    assert (view.event, view.days_late, view.ending) == ("milestone_accepted", 0, "applied")
    assert (view.spendable_until, view.next_day, view.next_points) == (
        NOVEMBER_2028,
        NOVEMBER_2028,
        50,
    )
    assert (view.tier, view.next_tier, view.tier_ends_on) == ("", "", "")


@pytest.mark.parametrize(
    ("words", "code"), [("为什么 9", "unknown_entry"), ("为什么 昨天", "usage")]
)
def test_what_is_not_there_is_refused(chat: Chat, words: str, code: str) -> None:
    happens(chat)
    before = dict(chat.state().booked)

    view = chat.says("wang", words)

    assert isinstance(view, Refusal)
    assert view.code == code
    assert chat.state().booked == before


def test_a_cap_is_named_with_what_was_used(chat: Chat) -> None:
    cap = Cap(Scope.CUSTOMER, Window.MONTH, points=30)
    publish(
        chat, trigger=EventType.PAYMENT_RECEIVED, formula=PerUnit("amount", 100, 1), caps=(cap,)
    )
    for number, amount in enumerate((1_000, 5_000)):
        happens(
            chat,
            id=EventId(f"paid-{number}"),
            source_id=f"paid-{number}",
            type=EventType.PAYMENT_RECEIVED,
            project=None,
            data={"amount": amount},
        )

    view = says(chat)

    assert (view.requested, view.points, view.ending) == (50, 20, Ending.CAPPED)
    assert view.limits == (WhyLimit("customer", "month", 30, None, 10, 1),)
    assert (view.amount_fen, view.subject) == (5_000, "")


def test_a_penalty_names_the_lots_it_took_and_what_became_debt(chat: Chat) -> None:
    happens(chat)
    for number in range(3):
        happens(
            chat,
            id=EventId(f"late-{number}"),
            source_id=f"late-{number}",
            data={"milestone": "竣工", "planned_on": "2026-11-20", "accepted_on": "2026-11-22"},
        )

    took, owes = says(chat, "为什么 4"), says(chat, "为什么 5")

    assert took.taken == (ExpiringLot(10, NOVEMBER_2028),)
    assert (took.points, took.owed, took.requested, took.days_late) == (-10, 10, 20, 2)
    assert (owes.points, owes.taken, owes.debt, owes.next_points) == (-10, (), 10, 0)


def test_an_undo_is_explained_by_the_rule_it_takes_back(chat: Chat) -> None:
    event = an_event()
    happens(chat)
    chat.acts(lambda ctx: undo(ctx, event, tells=False))

    undone, undo_entry = says(chat, "为什么 1"), says(chat, "为什么 2")

    assert undone.is_undone
    assert (undo_entry.reason, undo_entry.rule, undo_entry.points) == (
        "reversal",
        "milestone-on-time",
        -50,
    )


def test_what_lapsed_has_no_event(chat: Chat) -> None:
    happens(chat, occurred_at=datetime(2020, 1, 1, tzinfo=UTC))

    view = says(chat)

    assert (view.reason, view.event, view.rule, view.ending) == ("expiry", "", "", "")
    assert (view.points, view.taken) == (-50, (ExpiringLot(50, "2022-01-31"),))


def test_a_redemption_says_what_came_back_and_a_refund_to_which_points(chat: Chat) -> None:
    happens(chat)
    hold = HoldId("h-1")
    until = chat.clock.now() + timedelta(days=1)
    chat.acts(
        lambda ctx: hold_points(ctx, hold, C001, 30, purpose="redemption:1", expires_at=until)
    )
    chat.acts(lambda ctx: settle_hold(ctx, hold))
    for part, points in (("1", 5), ("2", 7)):
        chat.acts(partial(refund_hold, hold=hold, points=points, part=part))

    redeemed, refund = says(chat, "为什么 3"), says(chat, "为什么 5")

    assert (redeemed.reason, redeemed.refunded, redeemed.is_undone) == ("redemption", 12, False)
    assert (refund.reason, refund.points, refund.taken) == ("refund", 7, ())
    assert refund.given_back == (ExpiringLot(7, NOVEMBER_2028),)


def test_pending_points_say_from_when_they_can_be_spent(chat: Chat) -> None:
    publish(chat, trigger=EventType.CHECK_IN, matures_after_days=5)
    happens(chat, type=EventType.CHECK_IN, project=None, data={})

    view = says(chat)

    assert (view.pending_until, view.spendable_until, view.available) == ("2026-11-27", "", 0)


def test_the_next_tier_and_the_day_this_one_is_lost_are_told(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.rules.add_programme(Programme(1, START, tiers=TIERS), Publication(START))
        work.commit()
    happens(chat)

    view = says(chat)

    assert (view.tier, view.next_tier, view.missing) == ("银卡", "金卡", 70)
    assert view.tier_ends_on == "2027-11-01"


def test_nobody_sees_another_customers_wallet(chat: Chat) -> None:
    happens(chat)

    view = chat.says("chen", "为什么 1")

    assert isinstance(view, Refusal)
    assert chat.acts(lambda ctx: ctx.work.wallets.read(CustomerId("C002"))).seq == 0
