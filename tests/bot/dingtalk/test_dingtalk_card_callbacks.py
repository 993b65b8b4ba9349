"""Presses of a card's buttons over HTTP."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.signing import card_sign
from bot.platform import Rejected
from domain.ids import CardKey
from handlers.incoming import Pressed, Unsupported
from tests.bot.dingtalk.stage import CONFIG, NOW, body_of, fixture

TICKET = "ABCDEFGHJKMNPQRSTVWXYZ0123"
CARD = CardKey("01JD0000000000000000000001")


def signed(seconds: float = 0, secret: str = CONFIG.card_secret) -> dict[str, str]:
    timestamp = str(int((NOW + timedelta(seconds=seconds)).timestamp() * 1000))
    return {
        "X-Ddpaas-Signature-Timestamp": timestamp,
        "X-Ddpaas-Signature": card_sign(timestamp, secret),
    }


def press(private: object) -> dict[str, Any]:
    return fixture("card_press", content=json.dumps({"cardPrivateData": private}))


def test_a_signed_press_is_read(callbacks: DingtalkCallbacks) -> None:
    incoming = callbacks.read_card(signed(), body_of(fixture("card_press")))

    assert incoming.sender == "0412337"
    assert incoming.source_id.startswith("card:")
    assert incoming.content == Pressed(f"{TICKET}:confirm", card=CARD)


def test_a_form_brings_its_choices(callbacks: DingtalkCallbacks) -> None:
    content = callbacks.card_incoming(fixture("card_form"), "1").content

    assert content == Pressed(
        f"{TICKET}:close", card=CARD, form={"cause": "delay", "measure": "visit"}
    )


def test_the_other_pages_name_for_the_content_is_read_too(callbacks: DingtalkCallbacks) -> None:
    content = callbacks.card_incoming(fixture("card_press_in_value"), "1").content

    assert content == Pressed(f"{TICKET}:later", card=CARD)


def test_content_goes_before_value(callbacks: DingtalkCallbacks) -> None:
    data = fixture("card_press", value='{"cardPrivateData":{"actionIds":["other:no"]}}')

    content = callbacks.card_incoming(data, "1").content

    assert isinstance(content, Pressed)
    assert content.action == f"{TICKET}:confirm"


@pytest.mark.parametrize(
    ("params", "form"),
    [
        ({"form": {"cause": "delay"}}, {"cause": "delay"}),
        ({"form": '{"cause":{"index":0,"value":"delay"}}'}, {"cause": "delay"}),
        ({"form": {"cause": {"value": ""}, "x": None, "y": 3, "z": ["a"]}}, {}),
        ({"form": []}, {}),
        ({"form": ""}, {}),
        ({"points": "1000000"}, {}),
    ],
)
def test_t35_only_chosen_options_of_a_form_are_taken_from_params(
    callbacks: DingtalkCallbacks, params: dict[str, Any], form: dict[str, str]
) -> None:
    data = press({"actionIds": [f"{TICKET}:close"], "params": params})

    assert callbacks.card_incoming(data, "1").content == Pressed(
        f"{TICKET}:close", card=CARD, form=form
    )


@pytest.mark.parametrize("private", [{}, {"actionIds": []}, {"actionIds": [5], "params": []}, []])
def test_a_press_that_names_no_action_is_unsupported(
    callbacks: DingtalkCallbacks, private: object
) -> None:
    content = callbacks.card_incoming(press(private), "1").content

    assert content == Unsupported("card_without_action", is_message=False)


def test_an_action_that_is_not_ours_is_passed_on_to_be_refused(
    callbacks: DingtalkCallbacks,
) -> None:
    content = callbacks.card_incoming(press({"actionIds": ["x" * 5000]}), "1").content

    assert content == Pressed("x" * 100, card=CARD)


@pytest.mark.parametrize(
    "headers", [{}, signed(secret="other"), {**signed(), "X-Ddpaas-Signature": ""}]
)
def test_t01_a_press_with_a_wrong_signature_is_refused(
    callbacks: DingtalkCallbacks, headers: dict[str, str]
) -> None:
    with pytest.raises(Rejected) as refusal:
        callbacks.read_card(headers, b"[" * 60_000)

    assert (refusal.value.status, refusal.value.reason) == (401, "signature")


def test_t01_a_robot_signature_signs_no_press(callbacks: DingtalkCallbacks) -> None:
    headers = signed(secret=CONFIG.client_secret.get_secret_value())

    with pytest.raises(Rejected) as refusal:
        callbacks.read_card(headers, body_of(fixture("card_press")))

    assert refusal.value.status == 401


def test_t02_a_stale_press_is_refused(callbacks: DingtalkCallbacks) -> None:
    with pytest.raises(Rejected) as refusal:
        callbacks.read_card(signed(-301), body_of(fixture("card_press")))

    assert (refusal.value.status, refusal.value.reason) == (401, "stale")


def test_t03_the_same_request_is_the_same_press_another_is_not(
    callbacks: DingtalkCallbacks,
) -> None:
    body = body_of(fixture("card_press"))
    first, repeat = callbacks.read_card(signed(), body), callbacks.read_card(signed(), body)
    later = callbacks.read_card(signed(0.001), body)
    forged = callbacks.read_card(signed(), body_of(fixture("card_press", userId="0412338")))

    assert first.source_id == repeat.source_id
    assert len({first.source_id, later.source_id, forged.source_id}) == 3


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"corpId": "dingother"}, (403, "foreign_corp")),
        ({"corpId": None}, (403, "foreign_corp")),
        ({"userIdType": 2}, (403, "foreign_user_id")),
        ({"userId": None}, (400, "no_userId")),
        ({"outTrackId": None}, (400, "no_outTrackId")),
        ({"content": None}, (400, "no_content")),
        ({"content": "{"}, (400, "json")),
        ({"content": "[]"}, (400, "json_kind")),
        ({"content": '{"a":NaN}'}, (400, "json")),
    ],
)
def test_t17_a_press_of_another_company_or_without_its_parts_is_refused(
    callbacks: DingtalkCallbacks, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    with pytest.raises(Rejected) as refusal:
        callbacks.card_incoming(fixture("card_press", **changes), "1")

    assert (refusal.value.status, refusal.value.reason) == expected


def test_t16_another_kind_of_card_callback_is_unsupported(callbacks: DingtalkCallbacks) -> None:
    content = callbacks.card_incoming(fixture("card_press", type="future"), "1").content

    assert content == Unsupported("card_callback", is_message=False)
