"""Making and revoking keys of the open API, and who acts when one is used."""

from dataclasses import replace
from typing import Any

import pytest

from domain.apikeys import Scope, check_key, key_id_of
from domain.errors import KeyRefused
from domain.ids import ApiKeyId, MemberId
from handlers.contract import ApiClient, MemberActor
from handlers.usecases.api_keys import actor_of, create_key, revoke_key
from tests.support.chat import Chat
from tests.support.make import a_member, an_api_key
from tests.support.stores import MAIN

SCOPES = [Scope.EVENTS_WRITE, Scope.READ]


def created(chat: Chat, member: str | None = None) -> Any:
    def act(ctx: Any) -> Any:
        owner = ctx.work.members.get(MemberId(member)) if member else None
        return create_key(ctx, "ERP", SCOPES, owner)

    return chat.acts(act)


def test_a_key_is_kept_as_a_hash_and_its_text_given_once(chat: Chat) -> None:
    key, text = created(chat, "li")

    rows = chat.store.committed(MAIN)
    assert rows.api_keys == {key.id: key}
    assert check_key(key, text) is key
    assert key_id_of(text) == key.id
    assert (key.name, key.scopes, key.member) == ("ERP", frozenset(SCOPES), "li")
    assert (key.last, key.created_at, key.revoked_at) == (text[-4:], chat.clock.now(), None)
    assert text not in repr(rows)
    [note] = rows.audit.values()
    assert (note.actor, note.action, note.subject) == (
        "system",
        "api_key_created",
        f"apikey:{key.id}",
    )
    assert note.after == {
        "name": "ERP",
        "scopes": ["events:write", "read"],
        "member": "li",
    }


def test_a_key_is_revoked_once(chat: Chat) -> None:
    key, text = created(chat)
    assert chat.acts(lambda ctx: revoke_key(ctx, key.id)) is True
    assert chat.acts(lambda ctx: revoke_key(ctx, key.id)) is False

    stored = chat.store.committed(MAIN).api_keys[key.id]
    assert stored == replace(key, revoked_at=chat.clock.now())
    with pytest.raises(KeyRefused):
        check_key(stored, text)
    assert chat.actions() == ["api_key_created", "api_key_revoked"]


def test_revoking_what_is_not_there_changes_nothing(chat: Chat) -> None:
    before = chat.state()
    assert chat.acts(lambda ctx: revoke_key(ctx, ApiKeyId("nothing"))) is False
    assert chat.state() == before


def test_a_key_acts_for_itself_or_for_its_member(chat: Chat) -> None:
    with chat.store.reading(MAIN) as work:
        assert actor_of(work, an_api_key(id=ApiKeyId("k"))) == ApiClient(ApiKeyId("k"))
        li = work.members.get(MemberId("li"))
        assert actor_of(work, an_api_key(member=li.id)) == MemberActor(li)


def test_the_key_of_who_has_left_is_refused(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("gone", is_active=False))
        with pytest.raises(KeyRefused):
            actor_of(work, an_api_key(member=MemberId("gone")))
