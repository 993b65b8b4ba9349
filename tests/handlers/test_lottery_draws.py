"""抽奖: the customer sees the odds, confirms the price, draws; once, or with nothing taken."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from domain.errors import ErrorCode
from domain.ids import RewardId
from domain.ledger import Account, Reason, entry_hash
from domain.lotteries import LotteryState
from domain.posting import lot_end
from domain.redemptions import RedemptionState
from domain.rewards import Stock
from domain.tickets import TicketKind
from handlers.lottery_views import share
from handlers.usecases.tickets import open_ticket
from handlers.views import (
    DrawDropped,
    DrawPreview,
    DrawResult,
    LotteryCard,
    LotteryList,
    PrizeLine,
    Refusal,
)
from tests.handlers.approval_steps import earn
from tests.handlers.lottery_steps import (
    BOX,
    CARE,
    NOTHING,
    POINTS,
    TERMS,
    closed,
    drafted,
    draw,
    draws,
    opened,
    previewed,
    stocked,
    stored,
    wallet,
)
from tests.support.chat import Chat
from tests.support.stores import MAIN

ONLY_POINTS = replace(TERMS, prizes=(POINTS,))
ONLY_BOXES = replace(TERMS, prizes=(BOX,))


@pytest.fixture(autouse=True)
def _has_points(chat: Chat) -> None:
    earn(chat, 200)


def test_the_card_shows_price_odds_and_commitment(chat: Chat) -> None:
    stocked(chat)
    lottery = opened(chat, per_day=3)
    card = chat.says("wang", "抽奖")
    assert isinstance(card, LotteryCard)
    assert replace(card, ticket="") == LotteryCard(
        ticket="",
        number=1,
        name="新年抽奖",
        price=20,
        prizes=(
            PrizeLine("茶叶", 2, 10, "20"),
            PrizeLine("100 分", 3, 10, "30"),
            PrizeLine("谢谢参与", 5, 10, "50"),
        ),
        available=200,
        draws_left=3,
        opens_at="",
        closes_at="2026-12-31T16:00:00+00:00",
        is_closed=False,
        commitment=lottery.commitment[:16],
        page="/app/lottery/main.1",
    )
    assert card.ticket
    assert wallet(chat) == (200, 0, 0)


def test_the_odds_are_what_is_left_after_every_draw(chat: Chat) -> None:
    stocked(chat)
    opened(chat)
    for left in range(9, 5, -1):
        draw(chat)
        card: Any = chat.says("wang", "抽奖")
        lottery = stored(chat)
        assert [(line.left, line.total) for line in card.prizes] == [
            (prize.left, left) for prize in lottery.prizes
        ]
        assert lottery.left == left


def test_a_draw_asks_once_more_with_the_price(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,))
    preview = previewed(chat)
    assert replace(preview, ticket="") == DrawPreview("", "新年抽奖", 20, 200, 5)
    assert wallet(chat) == (200, 0, 0)
    assert draws(chat) == []


def test_a_blank_costs_the_price_and_tells_how_to_check(chat: Chat) -> None:
    lottery = opened(chat, prizes=(NOTHING,), per_customer=4)
    result = draw(chat)
    [drawn] = draws(chat)
    assert result == DrawResult(
        lottery="新年抽奖",
        lottery_number=1,
        number=1,
        kind="nothing",
        prize="谢谢参与",
        points=0,
        ends_on="",
        redemption=0,
        price=20,
        available=180,
        draws_left=3,
        drawn_at=chat.clock.now().isoformat(timespec="seconds"),
        code=drawn.hash[:16],
        commitment=lottery.commitment[:16],
        page="/app/lottery/main.1",
    )
    assert wallet(chat) == (180, 0, 0)
    hold = chat.store.committed(MAIN).holds[drawn.id]
    assert (hold.points, hold.purpose, hold.state) == (20, f"draw:{drawn.id}", "settled")
    assert chat.last("wang") == result


def test_points_are_booked_for_the_draw_and_live_as_long_as_promised(chat: Chat) -> None:
    opened(chat, ONLY_POINTS)
    result = draw(chat)
    [drawn] = draws(chat)
    assert (result.points, result.available, result.ends_on) == (100, 280, "2027-11-30")
    written = chat.store.committed(MAIN).booked.values()
    [won] = [one for one in written if one.entry.reason is Reason.PRIZE]
    entry = won.entry
    assert (entry.debit, entry.credit, entry.points) == (Account.ISSUED, Account.AVAILABLE, 100)
    assert (entry.cause.key, entry.cause.note) == (drawn.purpose, drawn.purpose)
    assert entry_hash(won) == entry.hash
    assert won.opens is not None
    assert won.opens.expires_at == lot_end(chat.clock.now(), 12)
    statement: Any = chat.says("wang", "明细")
    assert [line.reason for line in statement.lines[:1]] == ["prize"]


def test_a_reward_becomes_a_redemption_that_costs_nothing(chat: Chat) -> None:
    stocked(chat)
    opened(chat, ONLY_BOXES)
    assert chat.store.committed(MAIN).stocks["tea"] == Stock(available=3, held=2)
    result = draw(chat)
    [drawn] = draws(chat)
    [given] = chat.store.committed(MAIN).redemptions.values()
    assert (given.source, given.customer, given.reward) == (drawn.purpose, "C001", "tea")
    assert (given.state, given.points, given.quantity) == (RedemptionState.PLACED, 0, 1)
    assert (given.placed_at, given.cost_each) == (chat.clock.now(), 20_000)
    assert result.redemption == given.number == 1
    # What was set aside for the lottery is set aside for the customer now.
    assert chat.store.committed(MAIN).stocks["tea"] == Stock(available=3, held=2)
    assert stored(chat).stocked() == {RewardId("tea"): 1}


def test_a_reward_without_stock_is_given_as_well(chat: Chat) -> None:
    stocked(chat, CARE)
    opened(chat, prizes=(replace(BOX, reward=8),))
    assert draw(chat).redemption == 1
    assert chat.store.committed(MAIN).stock_moves == {}


def test_a_second_tap_and_a_replay_give_the_same_draw(chat: Chat) -> None:
    opened(chat, ONLY_POINTS)
    preview = previewed(chat)
    first = chat.presses("wang", preview, "confirm")
    before = chat.state()
    for _ in range(2):
        assert chat.presses("wang", preview, "confirm") == first
    chat.pass_time(days=2)
    assert chat.presses("wang", preview, "confirm") == first
    after = chat.state()
    assert (after.draws, after.wallets, after.booked) == (
        before.draws,
        before.wallets,
        before.booked,
    )


def test_leaving_it_takes_nothing_and_uses_the_ticket_up(chat: Chat) -> None:
    opened(chat, ONLY_POINTS)
    preview = previewed(chat)
    assert chat.presses("wang", preview, "cancel") == DrawDropped("新年抽奖")
    assert wallet(chat) == (200, 0, 0)
    refused = chat.refused("wang", lambda: chat.presses("wang", preview, "confirm"))
    assert refused.code == ErrorCode.TICKET_USED


def test_an_old_preview_draws_nothing(chat: Chat) -> None:
    opened(chat, ONLY_POINTS)
    preview = previewed(chat)
    chat.pass_time(minutes=10)
    refused = chat.refused("wang", lambda: chat.presses("wang", preview, "confirm"))
    assert refused.code == ErrorCode.TICKET_EXPIRED


def test_an_old_card_previews_nothing(chat: Chat) -> None:
    opened(chat, ONLY_POINTS)
    card = chat.says("wang", "抽奖")
    chat.pass_time(days=1)
    refused = chat.refused("wang", lambda: chat.presses("wang", card, "draw"))
    assert refused.code == ErrorCode.TICKET_EXPIRED


def test_too_few_points_are_told_with_what_is_missing(chat: Chat) -> None:
    opened(chat, price=201, prizes=(POINTS,))
    card = chat.says("wang", "抽奖")
    refused = chat.refused("wang", lambda: chat.presses("wang", card, "draw"))
    assert refused == Refusal(
        ErrorCode.SHORT_FOR_DRAW, {"lottery": "新年抽奖", "available": 200, "price": 201}
    )


def test_points_that_were_spent_meanwhile_are_missing_at_the_draw(chat: Chat) -> None:
    opened(chat, price=150, prizes=(NOTHING,))
    one, two = previewed(chat), previewed(chat)
    chat.presses("wang", one, "confirm")
    refused = chat.refused("wang", lambda: chat.presses("wang", two, "confirm"))
    assert (refused.code, refused.details["available"]) == (ErrorCode.SHORT_FOR_DRAW, 50)
    assert wallet(chat) == (50, 0, 0)


def test_the_last_ticket_goes_once(chat: Chat) -> None:
    opened(chat, prizes=(replace(POINTS, count=1),))
    one, two = previewed(chat), previewed(chat)
    chat.presses("wang", one, "confirm")
    refused = chat.refused("wang", lambda: chat.presses("wang", two, "confirm"))
    assert refused == Refusal(ErrorCode.URN_EMPTY, {"lottery": "新年抽奖"})
    card: Any = chat.says("wang", "抽奖")
    assert (card.ticket, card.prizes) == ("", (PrizeLine("100 分", 0, 0, "0"),))


def test_a_day_and_a_life_have_their_limits(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,), per_day=1, per_customer=2)
    spare = previewed(chat)
    assert draw(chat).draws_left == 0
    refused = chat.refused("wang", lambda: chat.presses("wang", spare, "confirm"))
    assert refused == Refusal(
        ErrorCode.DRAW_LIMIT,
        {"lottery": "新年抽奖", "limit": 1, "again_on": "2026-11-23", "is_daily": 1},
    )
    card: Any = chat.says("wang", "抽奖")
    assert (card.ticket, card.draws_left) == ("", 0)
    chat.pass_time(days=1)
    spare = previewed(chat)
    draw(chat)
    refused = chat.refused("wang", lambda: chat.presses("wang", spare, "confirm"))
    assert (refused.details["limit"], refused.details["again_on"]) == (2, "")


def test_a_daily_limit_on_the_last_day_gives_no_hope(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,), per_day=1, closes_at=chat.clock.now() + timedelta(hours=2))
    spare = previewed(chat)
    draw(chat)
    refused = chat.refused("wang", lambda: chat.presses("wang", spare, "confirm"))
    assert (refused.details["is_daily"], refused.details["again_on"]) == (1, "")


def test_before_it_begins_it_is_shown_and_refused(chat: Chat) -> None:
    opened(chat, opens_at=chat.clock.now() + timedelta(hours=1), prizes=(NOTHING,))
    card: Any = chat.says("wang", "抽奖")
    assert (card.ticket, card.opens_at) == ("", "2026-11-22T03:00:00+00:00")
    ticket = chat.acts(
        lambda ctx: _ticket(ctx, TicketKind.LOTTERY, stored(chat).id),
    )
    refused = chat.refused("wang", lambda: chat.presses("wang", ticket, "draw"))
    assert refused.code == ErrorCode.LOTTERY_NOT_OPEN


def test_after_its_time_nothing_is_drawn(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,), closes_at=chat.clock.now() + timedelta(minutes=5))
    card, preview = chat.says("wang", "抽奖"), previewed(chat)
    chat.pass_time(minutes=5)
    for pressed, choice in ((card, "draw"), (preview, "confirm")):
        refused = chat.refused("wang", partial(chat.presses, "wang", pressed, choice))
        assert refused.code == ErrorCode.LOTTERY_OVER
    refused = chat.refused("wang", lambda: chat.says("wang", "抽奖"))
    assert refused == Refusal(ErrorCode.NO_LOTTERY, {})
    shown: Any = chat.says("wang", "抽奖 1")
    assert (shown.ticket, shown.is_closed) == ("", True)


def test_a_closed_one_can_be_looked_at(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,))
    draw(chat)
    closed(chat)
    assert stored(chat).state is LotteryState.CLOSED
    card: Any = chat.says("wang", "抽奖 #1")
    assert (card.is_closed, card.ticket, card.prizes[0].left) == (True, "", 4)


def test_drafts_and_wrong_numbers_are_unknown_to_customers(chat: Chat) -> None:
    drafted(chat, prizes=(NOTHING,))
    chat.says("wang", "余额")
    for words in ("抽奖 1", "抽奖 2", "抽奖 茶叶"):
        refused = chat.refused("wang", partial(chat.says, "wang", words))
        assert refused.code == ErrorCode.UNKNOWN_LOTTERY
    assert chat.refused("wang", lambda: chat.says("wang", "抽奖")).code == ErrorCode.NO_LOTTERY


def test_several_are_listed_soonest_end_first(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,))
    opened(chat, name="开工抽奖", prizes=(NOTHING,), closes_at=TERMS.closes_at - timedelta(days=9))
    listed = chat.says("wang", "抽奖")
    assert isinstance(listed, LotteryList)
    assert [(line.number, line.name) for line in listed.lotteries] == [
        (2, "开工抽奖"),
        (1, "新年抽奖"),
    ]
    assert draw(chat, words="抽奖 2").lottery == "开工抽奖"


def test_members_do_not_draw(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,))
    refused = chat.refused("zhou", lambda: chat.says("zhou", "抽奖"))
    assert refused.code == ErrorCode.NOT_PERMITTED


def test_stock_that_is_not_there_is_a_bug_and_takes_nothing(chat: Chat) -> None:
    stocked(chat)
    opened(chat, ONLY_BOXES)
    preview = previewed(chat)
    rows = chat.store.committed(MAIN)
    rows.stocks["tea"] = Stock(available=5)
    before = chat.state()
    with pytest.raises(ValueError, match="tea"):
        chat.presses("wang", preview, "confirm")
    assert chat.state() == before


def _ticket(ctx: Any, kind: TicketKind, lottery: str) -> str:

    contact = ctx.work.customers.contacts("C001")[0].id
    payload = {"lottery": lottery}
    return open_ticket(ctx.work, ctx.ids, kind, payload, now=ctx.now, contact=contact)


@pytest.mark.parametrize(
    ("left", "total", "shown"),
    [
        (0, 0, "0"),
        (0, 9, "0"),
        (1, 20_000, "<0.01"),
        (1, 10_000, "0.01"),
        (1, 3, "33.33"),
        (2, 3, "66.66"),
        (1, 8, "12.5"),
        (7, 7, "100"),
    ],
)
def test_odds_are_never_shown_better_than_they_are(left: int, total: int, shown: str) -> None:
    assert share(left, total) == shown


def test_the_account_manager_is_asked_to_hand_over_what_was_won(chat: Chat) -> None:
    stocked(chat)
    opened(chat, ONLY_BOXES)
    draw(chat)
    task = chat.last("sun")
    assert (task.view_name, task.number) == ("hand_over_card", 1)
