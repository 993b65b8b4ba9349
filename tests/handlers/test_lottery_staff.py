"""Lotteries from the firm's side: written down, opened by a second person, closed, verified."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.approvals import ApprovalKind, ApprovalState, Verdict
from domain.draws import commitment_of
from domain.errors import (
    ApprovalPending,
    LotteryOver,
    LotteryStands,
    NotPermitted,
    OwnApproval,
    PrizeShort,
    PrizeTooDear,
    SoldOut,
    UnknownApproval,
    UnknownLottery,
    UnknownReward,
)
from domain.ids import CustomerId, LotteryId, RewardId
from domain.lotteries import LotteryState, PrizeKind
from domain.programme import Programme
from domain.repositories import Publication
from domain.rewards import RewardKind, Stock
from handlers.contract import Context
from handlers.usecases.decisions import decide
from handlers.usecases.lotteries import add_lottery, ask_opening, close_lottery, close_overdue
from handlers.usecases.lottery_openings import approve_opening
from handlers.usecases.lottery_record import verify_lottery
from handlers.usecases.redeeming import give_prize
from handlers.views import ApprovalCard, LotteryWanted, PrizeWanted
from tests.handlers.approval_steps import acting_as, card_of, earn
from tests.handlers.lottery_steps import (
    BOX,
    CARE,
    NOTHING,
    POINTS,
    TEA,
    TERMS,
    closed,
    drafted,
    draw,
    opened,
    stocked,
    stored,
)
from tests.support.chat import Chat
from tests.support.stores import MAIN


def refused(chat: Chat, kind: type[Exception], act: Callable[[Context], Any]) -> Any:
    """Let something be refused by a use case; nothing may have changed."""
    before = chat.state()
    with pytest.raises(kind) as caught:
        chat.acts(act)
    assert chat.state() == before
    return caught.value


def test_a_draft_says_what_was_written_down(chat: Chat) -> None:
    stocked(chat)
    made = drafted(chat, per_day=3, per_customer=9)
    found = stored(chat)
    assert found == made
    assert (found.number, found.name, found.price, found.state) == (1, "新年抽奖", 20, "draft")
    assert (found.per_day, found.per_customer) == (3, 9)
    assert (found.commitment, found.seed, found.published_at) == ("", None, None)
    assert [(p.place, p.kind, p.count, p.left, p.reward, p.worth) for p in found.prizes] == [
        (1, PrizeKind.REWARD, 2, 2, "tea", 20_000),
        (2, PrizeKind.POINTS, 3, 3, None, 0),
        (3, PrizeKind.NOTHING, 5, 5, None, 0),
    ]
    assert chat.actions()[-1] == "lottery_added"
    assert chat.store.committed(MAIN).seeds == {}


@pytest.mark.parametrize("who", ["li", "sun", "fang"])
def test_who_makes_no_rules_makes_no_lottery(chat: Chat, who: str) -> None:
    opened(chat, prizes=(NOTHING,))
    drafted(chat, prizes=(NOTHING,))
    for act in (
        lambda ctx: add_lottery(acting_as(ctx, who), replace(TERMS, prizes=(NOTHING,))),
        lambda ctx: ask_opening(acting_as(ctx, who), 2),
        lambda ctx: close_lottery(acting_as(ctx, who), 1),
    ):
        refused(chat, NotPermitted, act)


def test_an_unknown_reward_is_no_prize(chat: Chat) -> None:
    terms = replace(TERMS, prizes=(BOX,))
    error = refused(chat, UnknownReward, lambda ctx: add_lottery(acting_as(ctx, "zhou"), terms))
    assert error.asked == "7"


@pytest.mark.parametrize(
    ("prize", "worth"),
    [
        (replace(NOTHING, worth=5_000_001), 5_000_001),
        (replace(POINTS, points=50_001), 5_000_100),
        (replace(BOX, reward=9), 5_000_002),
        (replace(BOX, reward=10), 5_000_003),
        (replace(BOX, reward=9, worth=6_000_000), 6_000_000),
    ],
)
def test_no_prize_is_worth_more_than_the_law_lets_be_drawn(
    chat: Chat, prize: Any, worth: int
) -> None:
    dear = replace(TEA, id=RewardId("dear"), number=9, cost=5_000_002)
    voucher = replace(
        CARE, id=RewardId("money"), number=10, kind=RewardKind.VOUCHER, value=5_000_003
    )
    stocked(chat, dear)
    stocked(chat, voucher)
    terms = replace(TERMS, prizes=(prize,))
    error = refused(chat, PrizeTooDear, lambda ctx: add_lottery(acting_as(ctx, "zhou"), terms))
    assert (error.worth, error.most) == (worth, 5_000_000)


def test_a_prize_of_exactly_the_limit_is_allowed(chat: Chat) -> None:
    made = drafted(chat, prizes=(replace(POINTS, points=50_000),))
    assert made.prizes[0].points == 50_000


def test_points_that_have_become_dearer_keep_a_lottery_shut(chat: Chat) -> None:
    drafted(chat, prizes=(replace(POINTS, points=50_000),))
    drafted(chat, prizes=(replace(POINTS, points=50_000),))
    approval = chat.acts(lambda ctx: ask_opening(acting_as(ctx, "zhou"), 1))
    programme = Programme(1, chat.clock.now(), point_fen=101)
    chat.acts(lambda ctx: ctx.work.rules.add_programme(programme, Publication(ctx.now)))
    refused(chat, PrizeTooDear, lambda ctx: ask_opening(acting_as(ctx, "zhou"), 2))
    refused(
        chat,
        PrizeTooDear,
        lambda ctx: decide(acting_as(ctx, "zhang"), approval.id, Verdict.APPROVE, ""),
    )
    assert stored(chat).state is LotteryState.DRAFT


def test_the_second_person_reads_what_is_asked_for(chat: Chat) -> None:
    stocked(chat)
    lottery = drafted(chat, per_day=3)
    chat.acts(lambda ctx: ask_opening(acting_as(ctx, "zhou"), 1))
    card = card_of(chat, "zhang@app")
    assert (card.kind, card.name) == (ApprovalKind.LOTTERY, "新年抽奖")
    assert card.lottery is not None
    assert LotteryWanted(**dict_of(card)) == LotteryWanted(
        price=20,
        opens_at="2026-11-22T02:00:00+00:00",
        closes_at="2026-12-31T16:00:00+00:00",
        per_day=3,
        per_customer=0,
        prizes=(
            PrizeWanted("茶叶", 2, 0),
            PrizeWanted("100 分", 3, 100),
            PrizeWanted("谢谢参与", 5, 0),
        ),
    )
    error = refused(
        chat, ApprovalPending, lambda ctx: ask_opening(acting_as(ctx, "zhou"), lottery.number)
    )
    assert error.number == 1
    shown = chat.says("zhang", "批准 1")
    assert isinstance(shown, ApprovalCard)
    assert stored(chat).state is LotteryState.OPEN


def dict_of(card: ApprovalCard) -> dict[str, Any]:
    """Give a card's lottery, which has come through a delivery's JSON or not."""
    found: Any = card.lottery
    data = found if isinstance(found, dict) else {n: getattr(found, n) for n in found.__slots__}
    prizes = [
        p if isinstance(p, dict) else {n: getattr(p, n) for n in p.__slots__}
        for p in data["prizes"]
    ]
    return data | {"prizes": tuple(PrizeWanted(**prize) for prize in prizes)}


def test_opening_commits_to_a_seed_and_sets_the_prizes_aside(chat: Chat) -> None:
    stocked(chat)
    lottery = opened(chat)
    rows = chat.store.committed(MAIN)
    seed = rows.seeds[lottery.id]
    assert len(seed) == 43
    assert lottery.commitment == commitment_of(seed, lottery.terms())
    assert (lottery.published_at, lottery.seed) == (chat.clock.now(), None)
    assert rows.stocks["tea"] == Stock(available=3, held=2)
    [_, move] = rows.stock_moves.values()
    assert (move.move, move.quantity, move.note) == ("hold", 2, f"lottery:{lottery.id}")
    assert seed not in repr(rows.audit)
    assert seed not in repr(rows.approvals)
    assert chat.actions().count("lottery_opened") == 1


def test_who_asks_does_not_open(chat: Chat) -> None:
    drafted(chat, who="zhang", prizes=(NOTHING,))
    chat.acts(lambda ctx: ask_opening(acting_as(ctx, "zhang"), 1))
    refused(chat, OwnApproval, lambda ctx: approve_opening(acting_as(ctx, "zhang"), 1))
    assert chat.acts(lambda ctx: approve_opening(acting_as(ctx, "zhao"), 1)).state == "open"


def test_what_nobody_asked_for_is_not_approved(chat: Chat) -> None:
    drafted(chat, prizes=(NOTHING,))
    refused(chat, UnknownApproval, lambda ctx: approve_opening(acting_as(ctx, "zhang"), 1))
    refused(chat, UnknownLottery, lambda ctx: approve_opening(acting_as(ctx, "zhang"), 2))


def test_a_declined_one_stays_a_draft_and_can_be_asked_for_again(chat: Chat) -> None:
    drafted(chat, prizes=(NOTHING,))
    chat.acts(lambda ctx: ask_opening(acting_as(ctx, "zhou"), 1))
    chat.says("zhang", "驳回 1 奖品太少")
    assert stored(chat).state is LotteryState.DRAFT
    assert chat.store.committed(MAIN).seeds == {}
    again = chat.acts(lambda ctx: ask_opening(acting_as(ctx, "zhou"), 1))
    assert again.state is ApprovalState.PENDING


@pytest.mark.parametrize("quantity", [0, 1])
def test_prizes_that_are_not_in_stock_are_not_promised(chat: Chat, quantity: int) -> None:
    stocked(chat, quantity=quantity)
    drafted(chat)
    error = refused(chat, PrizeShort, lambda ctx: ask_opening(acting_as(ctx, "zhou"), 1))
    assert (error.reward, error.left, error.wanted) == ("茶叶礼盒", quantity, 2)


def test_stock_that_has_gone_meanwhile_keeps_it_shut(chat: Chat) -> None:
    stocked(chat, quantity=2)
    drafted(chat)
    approval = chat.acts(lambda ctx: ask_opening(acting_as(ctx, "zhou"), 1))
    chat.acts(lambda ctx: give_prize(ctx, TEA, 1, CustomerId("C002"), "else"))
    error = refused(
        chat,
        PrizeShort,
        lambda ctx: decide(acting_as(ctx, "zhang"), approval.id, Verdict.APPROVE, ""),
    )
    assert (error.left, error.wanted) == (1, 2)


def test_the_same_reward_in_two_prizes_needs_stock_for_both(chat: Chat) -> None:
    stocked(chat, quantity=3)
    drafted(chat, prizes=(BOX, replace(BOX, name="茶叶二等")))
    error = refused(chat, PrizeShort, lambda ctx: ask_opening(acting_as(ctx, "zhou"), 1))
    assert error.wanted == 4


def test_a_lottery_whose_time_is_over_is_not_opened(chat: Chat) -> None:
    for _ in range(2):
        drafted(chat, prizes=(NOTHING,), closes_at=chat.clock.now() + timedelta(days=3))
    approval = chat.acts(lambda ctx: ask_opening(acting_as(ctx, "zhou"), 1))
    chat.pass_time(days=3)
    refused(chat, LotteryOver, lambda ctx: ask_opening(acting_as(ctx, "zhou"), 2))
    refused(
        chat,
        LotteryOver,
        lambda ctx: decide(acting_as(ctx, "zhang"), approval.id, Verdict.APPROVE, ""),
    )


def test_only_drafts_are_opened_and_only_open_ones_closed(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,))
    drafted(chat, prizes=(NOTHING,))
    error = refused(chat, LotteryStands, lambda ctx: ask_opening(acting_as(ctx, "zhou"), 1))
    assert (error.number, error.state) == (1, "open")
    refused(chat, LotteryStands, lambda ctx: close_lottery(acting_as(ctx, "zhou"), 2))
    refused(chat, LotteryStands, lambda ctx: verify_lottery(ctx, 2))
    closed(chat)
    refused(chat, LotteryStands, lambda ctx: close_lottery(acting_as(ctx, "zhou"), 1))
    refused(chat, UnknownLottery, lambda ctx: close_lottery(acting_as(ctx, "zhou"), 3))


def test_closing_tells_the_seed_and_frees_what_nobody_drew(chat: Chat) -> None:
    earn(chat, 200)
    stocked(chat)
    lottery = opened(chat, prizes=(BOX,))
    secret = chat.store.committed(MAIN).seeds[lottery.id]
    draw(chat)
    ended = closed(chat)
    assert ended == stored(chat)
    assert (ended.state, ended.seed, ended.closed_at) == ("closed", secret, chat.clock.now())
    assert ended.commitment == commitment_of(secret, ended.terms())
    # One box is the customer's, four can be bought again.
    assert chat.store.committed(MAIN).stocks["tea"] == Stock(available=4, held=1)


def test_closing_when_all_is_drawn_frees_nothing(chat: Chat) -> None:
    earn(chat, 200)
    stocked(chat)
    opened(chat, prizes=(replace(BOX, count=1),))
    draw(chat)
    closed(chat)
    assert chat.store.committed(MAIN).stocks["tea"] == Stock(available=4, held=1)


def test_one_whose_time_is_over_is_closed_once(chat: Chat) -> None:
    lottery = opened(chat, prizes=(NOTHING,))
    assert chat.acts(lambda ctx: close_overdue(ctx, lottery.id)) is True
    before = chat.state()
    assert chat.acts(lambda ctx: close_overdue(ctx, lottery.id)) is False
    assert chat.state() == before


def test_a_prize_is_given_once_and_only_while_there_is_one(chat: Chat) -> None:
    stocked(chat, quantity=1)
    first = chat.acts(lambda ctx: give_prize(ctx, TEA, 1, CustomerId("C001"), "draw:x"))
    assert chat.acts(lambda ctx: give_prize(ctx, TEA, 1, CustomerId("C001"), "draw:x")) == first
    error = refused(
        chat, SoldOut, lambda ctx: give_prize(ctx, TEA, 1, CustomerId("C001"), "draw:y")
    )
    assert (error.left, error.wanted) == (0, 1)


def test_a_lottery_that_is_not_there_is_a_bug(chat: Chat) -> None:
    with pytest.raises(LookupError):
        chat.acts(lambda ctx: close_overdue(ctx, LotteryId("none")))
