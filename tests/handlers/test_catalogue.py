"""兑换品, 上架, 下架, 补货: the catalogue from the chat, asked before anything is done."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.ids import RewardId
from domain.rewards import RewardKind, Stock
from handlers.usecases.rewards import change_reward
from handlers.views import Refusal, ShelfDone, ShelfLine, ShelfList, ShelfPreview
from tests.handlers.reward_steps import does, put, rewards, stock
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import a_reward

KEPT = a_reward(cost=60_000, has_stock=True)


def look(chat: Chat, words: str, who: str = "fang") -> ShelfPreview:
    card = chat.says(who, words)
    assert isinstance(card, ShelfPreview), card
    return card


def test_the_list_shows_stock_and_what_is_low_first(chat: Chat) -> None:
    day = timedelta(days=1)
    changes: list[tuple[str, dict[str, Any], int]] = [
        ("抵用券", {"kind": RewardKind.VOUCHER, "value": 60_000}, 0),
        ("旧礼品", {"is_active": False, "has_stock": True}, 0),
        ("席位", {"has_stock": True}, 10),
        ("过期的", {"closes_at": START}, 0),
        ("没到的", {"opens_at": START + day, "has_stock": True}, 0),
        ("快没的", {"has_stock": True, "opens_at": START - day, "closes_at": START + day}, 0),
    ]
    for number, (name, more, count) in enumerate(changes, start=1):
        reward = a_reward(id=RewardId(f"reward-{number}"), number=number, name=name, cost=60_000)
        put(chat, replace(reward, **more), count)
    assert chat.says("fang", "兑换品") == ShelfList(
        lines=(
            ShelfLine(5, "没到的", 800, "soon", 0, is_low=True),
            ShelfLine(6, "快没的", 800, "on", 0, is_low=True),
            ShelfLine(1, "抵用券", 800, "on", None, is_low=False),
            ShelfLine(3, "席位", 800, "on", 10, is_low=False),
            ShelfLine(2, "旧礼品", 800, "off", 0, is_low=False),
            ShelfLine(4, "过期的", 800, "over", None, is_low=False),
        ),
        count=6,
        on_count=3,
        low_count=2,
    )


def test_a_reward_is_taken_off_and_put_on_with_a_tap_each(chat: Chat) -> None:
    put(chat, replace(KEPT, closes_at=START + timedelta(days=9)), 4)
    card = look(chat, "下架 1")
    assert (card.what, card.number, card.name, card.points) == ("take_off", 1, "空调保养", 800)
    assert (card.left, card.held, card.coming) == (4, 0, 0)
    assert card.closes_at == "2026-12-01T02:00:00+00:00"
    assert rewards(chat)[0].is_active
    assert chat.presses("fang", card, "confirm") == ShelfDone("take_off", 1, "空调保养", 4, 0)
    assert not rewards(chat)[0].is_active
    card = look(chat, "上架 空调保养")
    assert chat.presses("fang", card, "confirm") == ShelfDone("put_on", 1, "空调保养", 4, 0)
    assert rewards(chat)[0].is_active


def test_a_tap_counts_once(chat: Chat) -> None:
    put(chat, KEPT)
    card = look(chat, "补货 1 20")
    assert (card.what, card.left, card.coming) == ("restock", 0, 20)
    assert stock(chat) == Stock()
    assert chat.presses("fang", card, "confirm") == ShelfDone("restock", 1, "空调保养", 20, 20)
    again = chat.refused("fang", lambda: chat.presses("fang", card, "confirm"))
    assert again.code == "ticket_used"
    assert stock(chat) == Stock(20)


def test_cancelling_changes_nothing_and_ends_it(chat: Chat) -> None:
    put(chat, KEPT, 3)
    card = look(chat, "补货 空调保养 1.5万")
    assert card.coming == 15_000
    assert chat.presses("fang", card, "cancel") == ShelfDone("dropped", 1, "空调保养", 3, 0)
    chat.refused("fang", lambda: chat.presses("fang", card, "confirm"))
    assert (stock(chat), rewards(chat)) == (Stock(3), [KEPT])


def test_what_was_changed_meanwhile_is_not_put_on_unseen_but_may_be_taken_off(chat: Chat) -> None:
    put(chat, replace(KEPT, is_active=False))
    on, off = look(chat, "上架 1"), look(chat, "下架 1")
    does(chat, lambda ctx: change_reward(ctx, 1, None, {"points": 900, "is_active": True}))
    refusal = chat.refused("fang", lambda: chat.presses("fang", on, "confirm"))
    assert refusal.code == "reward_changed"
    assert isinstance(chat.presses("fang", off, "confirm"), ShelfDone)
    assert not rewards(chat)[0].is_active


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("上架", "usage"),
        ("补货", "usage"),
        ("补货 1", "usage"),
        ("补货 1 -2", "usage"),
        ("补货 1 很多", "usage"),
        ("补货 1 0.5", "usage"),
        ("补货 1 1000001", "stock_refused"),
        ("补货 2 5", "stock_not_kept"),
        ("下架 9", "unknown_reward"),
    ],
)
def test_what_cannot_be_done_says_why(chat: Chat, words: str, code: str) -> None:
    put(chat, KEPT)
    put(chat, a_reward(id=RewardId("reward-2"), number=2, name="席位"))
    assert chat.refused("fang", lambda: chat.says("fang", words)).code == code


@pytest.mark.parametrize("who", ["wang", "li", "sun"])
def test_nobody_else_keeps_the_catalogue(chat: Chat, who: str) -> None:
    put(chat, KEPT, 3)
    for words in ("兑换品", "上架 1", "下架 1", "补货 1 5"):
        before = chat.state()
        shown = chat.says(who, words)
        assert not isinstance(shown, ShelfList | ShelfPreview)
        assert not isinstance(shown, Refusal) or shown.code == "not_permitted"
        assert (rewards(chat), stock(chat)) == ([KEPT], Stock(3))
        assert chat.state().tickets == before.tickets


def test_rights_that_are_gone_when_it_is_pressed_count(chat: Chat) -> None:
    put(chat, KEPT)
    card = look(chat, "补货 1 5")
    other = chat.says("zhou", "兑换品")
    assert isinstance(other, ShelfList)
    refusal = chat.refused("zhou", lambda: chat.presses("zhou", card, "confirm"))
    assert refusal.code == "ticket_not_yours"
    assert stock(chat) == Stock()
