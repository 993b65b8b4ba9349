"""API keys: what one looks like, who may use it, and for what."""

from dataclasses import replace

import pytest

from domain.apikeys import Scope, check_key, check_scope, hash_key, key_id_of, key_text
from domain.errors import KeyRefused, ScopeMissing
from domain.ids import ApiKeyId
from tests.support.fakes import START
from tests.support.make import an_api_key

ID = ApiKeyId("01KABCDEFGHJKMNPQRSTVWXYZ0")
SECRET = "s-_" + "a" * 40
TEXT = key_text(ID, SECRET)
KEY = an_api_key(id=ID, hash=hash_key(TEXT))


def test_a_key_names_its_id() -> None:
    assert f"zf_{ID}_{SECRET}" == TEXT
    assert key_id_of(TEXT) == ID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "zf_",
        SECRET,
        TEXT[1:],
        TEXT + " ",
        TEXT + "\n",
        TEXT.replace("zf_", "ZF_"),
        key_text(ApiKeyId(ID[1:]), SECRET),
        key_text(ID, SECRET[1:]),
        key_text(ID, "a" * 87),
        key_text(ID, "é" * 43),
        key_text(ApiKeyId(ID.lower()), SECRET),
    ],
)
def test_what_looks_like_no_key_names_none(text: str) -> None:
    assert key_id_of(text) is None


def test_the_hash_does_not_show_the_key_and_differs_for_every_text() -> None:
    assert SECRET not in hash_key(TEXT)
    assert hash_key(TEXT) != hash_key(key_text(ID, SECRET[:-1] + "b"))


def test_the_right_text_passes() -> None:
    assert check_key(KEY, TEXT) is KEY


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (None, TEXT),
        (KEY, TEXT[:-1] + "b"),
        (KEY, ""),
        (replace(KEY, revoked_at=START), TEXT),
    ],
    ids=["unknown", "wrong", "empty", "revoked"],
)
def test_everything_else_is_refused_alike(key: object, text: str) -> None:
    with pytest.raises(KeyRefused) as refusal:
        check_key(key, text)  # type: ignore[arg-type]
    assert refusal.value.details() == {}


def test_a_key_does_only_what_it_was_made_for() -> None:
    key = replace(KEY, scopes=frozenset({Scope.READ}))

    check_scope(key, Scope.READ)
    with pytest.raises(ScopeMissing) as refusal:
        check_scope(key, Scope.EVENTS_WRITE)
    assert refusal.value.details() == {"scope": "events:write"}
