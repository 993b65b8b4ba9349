"""The record of a lottery, and the firm's check of all of it: nothing that was changed passes."""

from dataclasses import replace
from typing import Any

import pytest

from domain.draws import DrawFault, FoundFault
from domain.errors import (
    UnknownLottery,
)
from domain.holds import HoldState
from domain.ids import CustomerId, RewardId
from domain.lotteries import PrizeKind
from handlers.usecases.lottery_record import record_of, verify_lottery
from handlers.usecases.redeeming import give_prize
from tests.handlers.approval_steps import earn
from tests.handlers.lottery_steps import (
    NOTHING,
    POINTS,
    TEA,
    closed,
    draw,
    draws,
    opened,
    stocked,
    stored,
)
from tests.handlers.test_lottery_staff import refused
from tests.support.chat import Chat
from tests.support.stores import MAIN


def test_the_record_says_all_but_who(chat: Chat) -> None:
    earn(chat, 200)
    opened(chat, prizes=(POINTS, NOTHING))
    for _ in range(3):
        draw(chat)
    record: Any = chat.acts(lambda ctx: record_of(ctx.work, stored(chat)))
    assert (record["seed"], record["drawn"], len(record["draws"])) == (None, 3, 3)
    assert [one["number"] for one in record["draws"]] == [1, 2, 3]
    assert record["head"] == record["draws"][-1]["hash"]
    text = repr(record)
    assert not any(name in text for name in ("C001", "wang", "滨江置业"))
    ended = closed(chat)
    record = chat.acts(lambda ctx: record_of(ctx.work, stored(chat)))
    assert record["seed"] == ended.seed


@pytest.fixture
def played(chat: Chat) -> Chat:
    """Play a lottery with all kinds of prizes to its end."""
    earn(chat, 200)
    stocked(chat)
    opened(chat)
    for _ in range(10):
        draw(chat)
    return chat


def faults(chat: Chat) -> list[FoundFault]:
    found: list[FoundFault] = chat.acts(lambda ctx: verify_lottery(ctx, 1)[1])
    return found


def test_an_honest_lottery_verifies_before_and_after_closing(played: Chat) -> None:
    assert faults(played) == []
    closed(played)
    assert faults(played) == []
    refused(played, UnknownLottery, lambda ctx: verify_lottery(ctx, 2))


def of_kind(chat: Chat, kind: PrizeKind) -> Any:
    """Give the first draw of a kind of prize."""
    places = {prize.place for prize in stored(chat).prizes if prize.kind is kind}
    return next(one for one in draws(chat) if one.prize in places)


def test_points_that_were_not_taken_are_found(played: Chat) -> None:
    rows = played.store.committed(MAIN)
    first, second, third = draws(played)[:3]
    rows.holds[first.id] = replace(rows.holds[first.id], points=19)
    rows.holds[second.id] = replace(rows.holds[second.id], state=HoldState.RELEASED)
    del rows.holds[third.id]
    assert faults(played) == [FoundFault(DrawFault.POINTS, number) for number in (1, 2, 3)]


def test_points_that_were_not_given_are_found(played: Chat) -> None:
    won = of_kind(played, PrizeKind.POINTS)
    rows = played.store.committed(MAIN)
    [entry] = [key for key, one in rows.booked.items() if one.entry.cause.key == won.purpose]
    one = rows.booked[entry]
    rows.booked[entry] = replace(one, entry=replace(one.entry, points=99))
    assert faults(played) == [FoundFault(DrawFault.GIVEN, won.number)]
    del rows.booked[entry]
    assert faults(played) == [FoundFault(DrawFault.GIVEN, won.number)]


def test_a_reward_that_was_not_given_or_given_to_another_is_found(played: Chat) -> None:
    won = of_kind(played, PrizeKind.REWARD)
    rows = played.store.committed(MAIN)
    [key] = [k for k, one in rows.redemptions.items() if one.source == won.purpose]
    honest = rows.redemptions[key]
    for changed in (
        replace(honest, customer=CustomerId("C002")),
        replace(honest, reward=RewardId("care")),
        replace(honest, source="else"),
    ):
        rows.redemptions[key] = changed
        assert faults(played) == [FoundFault(DrawFault.GIVEN, won.number)]


def test_a_prize_given_for_a_blank_is_found(played: Chat) -> None:
    blank = of_kind(played, PrizeKind.NOTHING)
    played.acts(lambda ctx: give_prize(ctx, TEA, 1, CustomerId("C001"), blank.purpose))
    assert faults(played) == [FoundFault(DrawFault.GIVEN, blank.number)]


def test_a_prize_that_is_not_in_the_urn_is_found(played: Chat) -> None:
    rows = played.store.committed(MAIN)
    last = draws(played)[-1]
    rows.draws[last.id] = replace(last, prize=9)
    found = faults(played)
    assert FoundFault(DrawFault.PRIZE, 10) in found
    assert FoundFault(DrawFault.GIVEN, 10) in found
