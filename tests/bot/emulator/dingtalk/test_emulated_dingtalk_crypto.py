"""The emulator's signatures and event encryption against vectors and the SDK's implementation."""

import json

import pytest
from dingtalk.crypto import DingTalkCrypto

from bot.emulator.dingtalk.crypto import BadEnvelopeError, EventCipher, card_sign, robot_sign

TOKEN = "emulated-event-token"
AES_KEY = "abcdefghijabcdefghijabcdefghijabcdefghij123"
OWNER = "dingappkey0001"


@pytest.fixture
def cipher() -> EventCipher:
    return EventCipher(TOKEN, AES_KEY, OWNER)


@pytest.fixture
def oracle() -> DingTalkCrypto:
    return DingTalkCrypto(TOKEN, AES_KEY, OWNER)


def test_robot_sign_matches_the_reference_vector() -> None:
    sign = robot_sign("1577262236757", "this is a secret")

    assert sign == "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="


def test_card_sign_matches_the_reference_vector() -> None:
    sign = card_sign("1700000000000", "apisecret")

    assert sign == "XwveFfRq9dj2nNKU+l0jACbkV/L/MoEeIU1gAt8QbHI="


TEXTS = [
    "success",
    '{"EventType":"check_url"}',
    "员工离职：李四",
    "长" * 5_000,
    "x" * 130,
    "a" * 12,
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_sdk_opens_what_the_emulator_seals(
    cipher: EventCipher, oracle: DingTalkCrypto, text: str
) -> None:
    envelope = cipher.seal(text, "1795300000000")

    opened = oracle.decrypt_message(
        {"encrypt": envelope["encrypt"]},
        envelope["msg_signature"],
        envelope["timeStamp"],
        envelope["nonce"],
    )

    assert opened == text


@pytest.mark.parametrize("text", TEXTS)
def test_the_emulator_opens_what_the_sdk_seals(
    cipher: EventCipher, oracle: DingTalkCrypto, text: str
) -> None:
    answer = oracle.encrypt_message(text)

    assert cipher.open_answer(json.dumps(answer).encode()) == text


def test_an_answer_with_a_changed_field_is_refused(cipher: EventCipher) -> None:
    for name in ("msg_signature", "timeStamp", "nonce", "encrypt"):
        answer = cipher.seal("success", "1795300000000")
        answer[name] = f"0{answer[name][1:]}" if answer[name][0] != "0" else f"1{answer[name][1:]}"

        with pytest.raises(BadEnvelopeError):
            cipher.open_answer(json.dumps(answer).encode())


def test_an_answer_for_another_owner_is_refused(cipher: EventCipher) -> None:
    foreign = EventCipher(TOKEN, AES_KEY, "dingcorp0001").seal("success", "1795300000000")

    with pytest.raises(BadEnvelopeError, match="owner"):
        cipher.open_answer(json.dumps(foreign).encode())


@pytest.mark.parametrize("body", [b"", b"success", b"[]", b"{}", b'{"encrypt":"AAAA"}'])
def test_garbage_is_refused(cipher: EventCipher, body: bytes) -> None:
    with pytest.raises(BadEnvelopeError):
        cipher.open_answer(body)


@pytest.mark.parametrize("sealed", ["", "AAAA", "!!!!", "A" * 64])
def test_garbage_ciphertext_is_refused(cipher: EventCipher, sealed: str) -> None:
    with pytest.raises(BadEnvelopeError):
        cipher.decrypt(sealed)
