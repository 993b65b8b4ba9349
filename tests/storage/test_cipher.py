"""Encryption of single columns."""

import pytest

from storage.cipher import AesGcmCipher, Undecipherable

PHONE = "13800000000"
PLACE = "contact:main/k-1"
CIPHER = AesGcmCipher(b"0123456789abcdef0123456789abcdef")


def test_a_text_comes_back_in_its_place() -> None:
    assert CIPHER.decrypt(CIPHER.encrypt("张三 😀", PLACE), PLACE) == "张三 😀"


def test_the_same_text_looks_different_each_time() -> None:
    first, second = CIPHER.encrypt(PHONE, PLACE), CIPHER.encrypt(PHONE, PLACE)

    assert first != second
    assert PHONE not in first


def test_another_place_key_or_text_is_refused() -> None:
    encrypted = CIPHER.encrypt(PHONE, PLACE)
    tampered = encrypted[:-6] + ("A" if encrypted[-6] != "A" else "B") + encrypted[-5:]

    for cipher, text, place in [
        (CIPHER, encrypted, "contact:main/k-2"),
        (AesGcmCipher(bytes(32)), encrypted, PLACE),
        (CIPHER, tampered, PLACE),
        (CIPHER, encrypted[:20], PLACE),
        (CIPHER, "v1.", PLACE),
        (CIPHER, "v1.!", PLACE),
        (CIPHER, PHONE, PLACE),
        (CIPHER, "", PLACE),
    ]:
        with pytest.raises(Undecipherable) as refused:
            cipher.decrypt(text, place)
        assert PHONE not in str(refused.value)


def test_a_fingerprint_is_the_same_each_time_and_nothing_without_key_and_place() -> None:
    found = CIPHER.fingerprint(PHONE, PLACE)

    assert CIPHER.fingerprint(PHONE, PLACE) == found
    assert len(found) == 64
    assert PHONE not in found
    others = {
        CIPHER.fingerprint(PHONE + "0", PLACE),
        CIPHER.fingerprint(PHONE, "contact:main/k-2"),
        AesGcmCipher(bytes(32)).fingerprint(PHONE, PLACE),
    }
    assert len(others | {found}) == 4
