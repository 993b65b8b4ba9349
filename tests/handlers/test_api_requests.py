"""A request is answered once: the effect and the answer are one, a refusal leaves nothing."""

from typing import Any

import pytest

from domain.errors import IdempotencyConflict, UnknownCustomer
from domain.members import Role
from domain.repositories import Answered
from handlers.usecases.api_requests import Reply, Request, answer_once
from handlers.usecases.setup import add_member
from tests.support.chat import Chat
from tests.support.make import an_api_key
from tests.support.stores import MAIN

KEY = an_api_key()
REQUEST = Request(KEY.id, "call-1", "hash-1")
OTHER_REQUEST = Request(KEY.id, "call-1", "hash-2")


def effect(ctx: Any) -> Reply:
    """Do something that can be counted."""
    member = add_member(ctx, "周", [Role.SALES])
    return Reply(201, f'{{"member":"{member.id}"}}')


def answered(chat: Chat, request: Request) -> Any:
    return chat.acts(lambda ctx: answer_once(ctx, request, effect))


def test_a_request_is_done_and_its_answer_kept(chat: Chat) -> None:
    reply = answered(chat, REQUEST)

    assert (reply.status, reply.is_replayed) == (201, False)
    assert list(chat.store.committed(MAIN).api_requests.values()) == [
        Answered(KEY.id, "call-1", "hash-1", 201, reply.body, chat.clock.now())
    ]


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(chat: Chat) -> None:
    first = answered(chat, REQUEST)
    before = chat.state()
    chat.pass_time(days=30)

    assert answered(chat, REQUEST) == Reply(201, first.body, is_replayed=True)
    assert chat.state() == before


def test_another_request_under_the_same_key_is_refused(chat: Chat) -> None:
    answered(chat, REQUEST)
    before = chat.state()

    with pytest.raises(IdempotencyConflict) as refusal:
        answered(chat, OTHER_REQUEST)
    assert refusal.value.details() == {"key": "call-1"}
    assert chat.state() == before


def test_a_refused_request_leaves_nothing_and_may_come_again(chat: Chat) -> None:
    def refuse(_: Any) -> Reply:
        raise UnknownCustomer("C9")

    before = chat.state()
    with pytest.raises(UnknownCustomer):
        chat.acts(lambda ctx: answer_once(ctx, REQUEST, refuse))
    assert chat.state() == before

    assert answered(chat, REQUEST).is_replayed is False
