"""Who draws at all, and what a prize is whatever has changed since it was promised."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from domain.errors import ErrorCode, RightMissing
from domain.ids import ContactId, TicketId
from handlers.cards.lotteries import press_draw
from handlers.contract import ContactActor, Press
from handlers.usecases.contacts import set_rights
from tests.handlers.approval_steps import earn
from tests.handlers.lottery_steps import BOX, CARE, NOTHING, draw, opened, previewed, stocked
from tests.support.chat import Chat
from tests.support.make import a_contact
from tests.support.stores import MAIN


@pytest.fixture(autouse=True)
def _has_points(chat: Chat) -> None:
    earn(chat, 200)


def test_who_may_only_look_sees_the_odds_and_does_not_draw(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,))
    card, preview = chat.says("wang", "抽奖"), previewed(chat)
    looking = replace(a_contact("wang"), may_redeem=False)
    chat.acts(lambda ctx: ctx.work.customers.change_contact(looking))
    shown: Any = chat.says("wang", "抽奖")
    assert (shown.ticket, shown.prizes[0].left) == ("", 5)
    for pressed, choice in ((card, "draw"), (preview, "confirm")):
        refused = chat.refused("wang", partial(chat.presses, "wang", pressed, choice))
        assert refused.code == ErrorCode.RIGHT_MISSING


def test_a_right_taken_a_moment_ago_is_missed_at_the_draw(chat: Chat) -> None:
    opened(chat, prizes=(NOTHING,))
    ticket_id = TicketId(previewed(chat).ticket)
    with chat.store.reading(MAIN) as work:
        known = work.customers.contact(ContactId("wang"))
        actor = ContactActor(known, work.customers.get(known.customer))
        ticket = work.tickets.find(ticket_id)
    assert ticket is not None
    chat.acts(lambda ctx: set_rights(ctx, known.id, redeem=False))
    before = chat.state()
    with pytest.raises(RightMissing):
        chat.acts(lambda ctx: press_draw(Press(ticket, "confirm", {}), replace(ctx, actor=actor)))
    assert chat.state() == before


def test_a_reward_is_given_without_stock_when_stock_is_only_kept_since(chat: Chat) -> None:
    stocked(chat, CARE)
    opened(chat, prizes=(replace(BOX, reward=8),))
    counted = replace(CARE, has_stock=True, version=2)
    chat.acts(lambda ctx: ctx.work.rewards.save(counted))
    assert draw(chat).redemption == 1
    [given] = chat.store.committed(MAIN).redemptions.values()
    assert not given.has_stock
    assert chat.store.committed(MAIN).stock_moves == {}
