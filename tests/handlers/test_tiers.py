"""Tiers in chat: the balance says where one stands, and a promotion is told at once."""

from datetime import UTC, datetime

import pytest

from domain.facts import TierChanged
from domain.ids import CustomerId
from domain.programme import Programme
from domain.repositories import Publication
from domain.tiers import Tier, TierPolicy
from handlers.contract import Context
from handlers.usecases.points import undo
from handlers.views import Balance, TierNotice
from tests.handlers.approval_steps import earn
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.stores import MAIN

SILVER = Tier("silver", "银卡", 100)
GOLD = Tier("gold", "金卡", 300, percent=120, gift=50, privileges=("专属经理",))


@pytest.fixture
def tiered(chat: Chat) -> Chat:
    """Give the firm two tiers."""
    programme = Programme(
        1, datetime(2001, 1, 1, tzinfo=UTC), tiers=TierPolicy((SILVER, GOLD), window_months=12)
    )
    with chat.store.work(MAIN) as work:
        work.rules.add_programme(programme, Publication(START))
        work.commit()
    return chat


def notices(chat: Chat) -> list[TierNotice]:
    return [view for view in chat.phone("wang") if isinstance(view, TierNotice)]


def test_without_tiers_the_balance_says_nothing_of_them(chat: Chat) -> None:
    earn(chat, 150)
    shown = chat.says("wang", "余额")
    assert isinstance(shown, Balance)
    assert (shown.tier, shown.next_tier, shown.missing) == ("", "", 0)
    assert notices(chat) == []


def test_the_balance_says_the_tier_and_the_way_to_the_next(tiered: Chat) -> None:
    before = tiered.says("wang", "余额")
    assert isinstance(before, Balance)
    assert (before.tier, before.next_tier, before.missing) == ("", "银卡", 100)
    earn(tiered, 150)
    shown = tiered.says("wang", "余额")
    assert isinstance(shown, Balance)
    assert (shown.tier, shown.next_tier, shown.missing) == ("银卡", "金卡", 150)
    assert shown.tier_ends_on == "2027-11-01"


def test_the_top_has_nothing_above(tiered: Chat) -> None:
    earn(tiered, 300)
    shown = tiered.says("wang", "余额")
    assert isinstance(shown, Balance)
    assert (shown.tier, shown.next_tier) == ("金卡", "")


def test_a_promotion_is_told_at_once_with_what_it_brings(tiered: Chat) -> None:
    tiered.says("wang", "余额")
    earn(tiered, 150)
    earn(tiered, 10)
    earn(tiered, 200)
    assert notices(tiered) == [
        TierNotice("滨江置业", True, "银卡", "", 100, 0, [], "金卡", 150),  # type: ignore[arg-type]
        TierNotice("滨江置业", True, "金卡", "银卡", 120, 50, ["专属经理"], "", 0),  # type: ignore[arg-type]
    ]


def test_an_undo_tells_nothing(tiered: Chat) -> None:
    tiered.says("wang", "余额")
    earn(tiered, 150)
    [counted] = tiered.store.committed(MAIN).events.values()
    tiered.acts(lambda ctx: undo(ctx, counted.event))
    assert len(notices(tiered)) == 1


def test_a_tier_that_is_lost_is_told_too(tiered: Chat) -> None:
    tiered.says("wang", "余额")

    def lose(ctx: Context) -> None:
        ctx.work.emit(TierChanged(CustomerId("C001"), SILVER, None, 0, "2027-11"))

    tiered.acts(lose)
    [notice] = notices(tiered)
    assert (notice.is_promotion, notice.tier, notice.before) == (False, "", "银卡")


def test_without_tiers_any_more_nothing_is_above(chat: Chat) -> None:
    chat.says("wang", "余额")
    change = TierChanged(CustomerId("C001"), GOLD, None, 0, "2027-11")
    chat.acts(lambda ctx: ctx.work.emit(change))
    [notice] = notices(chat)
    assert (notice.next_tier, notice.missing) == ("", 0)
