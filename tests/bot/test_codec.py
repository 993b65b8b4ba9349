"""Views and incoming messages survive JSON unchanged."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from bot.codec import (
    UnknownView,
    incoming_from_json,
    incoming_to_json,
    view_from_json,
    view_to_json,
)
from domain.ids import ChannelId
from handlers.contract import View
from handlers.incoming import Content, Incoming, Pressed, ReplyHandle, Said
from handlers.views import (
    VIEWS,
    DeliveryLine,
    NoticeText,
    Refusal,
    Silence,
    TalkLine,
    TellCustomer,
)
from tests.cards.examples import EXAMPLES

INSTANTS = st.datetimes(timezones=st.just(UTC))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
HANDLES = st.none() | st.builds(ReplyHandle, st.text(), INSTANTS)
CONTENTS = st.one_of(*(st.from_type(kind) for kind in get_args(Content)))


DATA = st.dictionaries(st.text(), JSON)
# What a view tells of another view is anything that JSON can say.
st.register_type_strategy(TellCustomer, st.builds(TellCustomer, about_data=DATA))
st.register_type_strategy(NoticeText, st.builds(NoticeText, data=DATA))
st.register_type_strategy(DeliveryLine, st.builds(DeliveryLine, about_data=DATA))
st.register_type_strategy(TalkLine, st.builds(TalkLine, answer_data=st.none() | DATA))


def through_text(data: dict[str, Any]) -> dict[str, Any]:
    again: dict[str, Any] = json.loads(json.dumps(data))
    assert again == data
    return again


@given(st.one_of(*(st.from_type(kind) for kind in (*VIEWS, Silence))))
def test_any_view_survives_json(view: View) -> None:
    assert view_from_json(view.view_name, through_text(view_to_json(view))) == view


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_survives_json(name: str) -> None:
    view = EXAMPLES[name]
    assert view_from_json(view.view_name, through_text(view_to_json(view))) == view


@given(
    st.builds(Incoming, sent_at=INSTANTS, content=CONTENTS, reply_handle=HANDLES),
)
def test_any_incoming_survives_json(incoming: Incoming) -> None:
    again = incoming_from_json(through_text(incoming_to_json(incoming)))
    assert again == incoming
    assert type(again.content) is type(incoming.content)


def test_unknown_view_is_refused_by_name() -> None:
    with pytest.raises(UnknownView) as refused:
        view_from_json("no_such_view", {})
    assert isinstance(refused.value, KeyError)
    assert refused.value.args == ("no_such_view",)


def test_missing_field_is_refused() -> None:
    data = view_to_json(EXAMPLES["balance.normal"])
    del data["available"]
    with pytest.raises(ValidationError):
        view_from_json("balance", data)


def test_field_of_another_version_is_left_out() -> None:
    view = EXAMPLES["balance.normal"]
    assert view_from_json("balance", {**view_to_json(view), "not_ours": 1}) == view


def test_digits_in_a_refusals_text_stay_text() -> None:
    view = Refusal("invalid_stars", {"asked": "6", "tries_left": 6, "guesses": ["6"]})
    again = view_from_json("refusal", through_text(view_to_json(view)))
    assert isinstance(again, Refusal)
    assert again.details == {"asked": "6", "tries_left": 6, "guesses": ["6"]}
    assert [type(value) for value in again.details.values()] == [str, int, list]


def test_content_is_told_apart_by_its_kind() -> None:
    usual = Incoming(
        ChannelId("c"), "1", "u", datetime(2026, 11, 21, 2, 30, tzinfo=UTC), Said("余额")
    )
    pressed = dataclasses.replace(usual, content=Pressed("T:confirm", form={"cause": "other"}))
    assert incoming_to_json(usual)["content"] == {"text": "余额", "menu_id": None, "kind": "said"}
    assert incoming_from_json(through_text(incoming_to_json(pressed))) == pressed
    wrong = incoming_to_json(usual)
    wrong["content"]["kind"] = "pressed"
    with pytest.raises(ValidationError):
        incoming_from_json(wrong)
