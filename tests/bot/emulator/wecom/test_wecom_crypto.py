"""The emulator's envelope agrees with the published recipe and with wechatpy."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.work.crypto import WeChatCrypto

from bot.emulator.wecom.crypto import Seal, SealBrokenError

TOKEN, KEY, CORP = "QDG6eK", bytes(range(100, 132)), "wx5823bf96d3bd56c7"
KEY43 = base64.b64encode(KEY).decode().rstrip("=")
SEAL = Seal(TOKEN, KEY43, CORP)


def by_hand(plain: bytes) -> str:
    box = Cipher(algorithms.AES(KEY), modes.CBC(KEY[:16])).encryptor()
    return base64.b64encode(box.update(plain) + box.finalize()).decode()


def test_encryption_follows_the_recipe_step_by_step() -> None:
    # 16 filler + 4 length + 5 message + 18 corp id = 43 bytes, so 21 bytes of padding to 64.
    plain = b"0123456789abcdef" + b"\0\0\0\x05" + b"hello" + CORP.encode() + b"\x15" * 21
    assert len(plain) == 64
    assert SEAL.encrypt(b"hello", filler=b"0123456789abcdef") == by_hand(plain)
    assert SEAL.decrypt(by_hand(plain)) == b"hello"


def test_a_full_block_of_padding_is_added_to_whole_blocks() -> None:
    message = b"x" * (64 - 20 - len(CORP))
    sealed = base64.b64decode(SEAL.encrypt(message))
    assert len(sealed) == 96
    assert SEAL.decrypt(base64.b64encode(sealed).decode()) == message


def test_the_signature_sorts_its_four_parts() -> None:
    parts = b"1409659813" + b"QDG6eK" + b"RypEvHKD8QQKFhvQ6QleEB4J58ti" + b"zz"
    expected = hashlib.sha1(parts, usedforsecurity=False)
    assert SEAL.sign("1409659813", "RypEvHKD8QQKFhvQ6QleEB4J58ti", "zz") == expected.hexdigest()


@pytest.mark.parametrize("size", [0, 1, 11, 26, 27, 43, 2048])
def test_wechatpy_opens_what_the_emulator_seals_and_the_other_way_round(size: int) -> None:
    text = "分" * size
    oracle = WeChatCrypto(TOKEN, KEY43, CORP)
    encrypted = SEAL.encrypt(text.encode())
    signature = SEAL.sign("1", "2", encrypted)
    envelope = f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
    assert oracle.decrypt_message(envelope, signature, "1", "2") == text
    answer = oracle.encrypt_message(text, "n", "3")
    inner = answer.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    assert SEAL.decrypt(inner) == text.encode()
    assert SEAL.sign("3", "n", inner) in answer


def test_broken_envelopes_are_refused() -> None:
    good = b"0123456789abcdef" + b"\0\0\0\x05" + b"hello" + CORP.encode()
    for broken in (
        "no base64!",
        "",
        base64.b64encode(b"short").decode(),
        by_hand(good + b"\x15" * 20 + b"\x14"),
        by_hand(good + b"\x00" * 21),
        by_hand(good + b"\x05" * 5),
        by_hand(b"0123456789abcdef\0\0\0\xff" + good[20:] + b"\x15" * 21),
        Seal(TOKEN, KEY43, "wxSomebodyElse").encrypt(b"hello"),
    ):
        with pytest.raises(SealBrokenError):
            SEAL.decrypt(broken)


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        Seal(TOKEN, KEY43[:-4], CORP)
