"""Encryption of single columns: phone numbers, secrets, voucher codes, what people said."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from os import urandom
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = "v1."
_NONCE_BYTES = 12


class Undecipherable(Exception):
    """The stored text was not encrypted with this key for this place."""


class Cipher(Protocol):
    """Encrypts texts for storage.

    `place` says where the text stands ("contact:<tenant>/<id>"): a text that was moved to another
    row does not decrypt there.
    """

    def encrypt(self, text: str, place: str) -> str:
        """Encrypt a text; the same text gives another result each time."""
        ...

    def decrypt(self, encrypted: str, place: str) -> str:
        """Decrypt what `encrypt` gave.

        Raises:
            Undecipherable: wrong key, wrong place or not our text.
        """
        ...

    def fingerprint(self, text: str, place: str) -> str:
        """Give what a text can be found by: the same each time, and nothing without the key."""
        ...


class AesGcmCipher:
    """AES-256-GCM with a random nonce in front, as URL-safe text behind a version."""

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)
        # A key of its own: no key is used for two things.
        self._finding_key = hmac.digest(key, b"zhufen fingerprint", "sha256")

    def encrypt(self, text: str, place: str) -> str:
        """Encrypt a text for one place."""
        nonce = urandom(_NONCE_BYTES)
        sealed = nonce + self._aes.encrypt(nonce, text.encode(), place.encode())
        return _VERSION + urlsafe_b64encode(sealed).decode()

    def decrypt(self, encrypted: str, place: str) -> str:
        """Decrypt a text of one place.

        Raises:
            Undecipherable: wrong key, wrong place or not our text.
        """
        if not encrypted.startswith(_VERSION):
            raise Undecipherable(place)
        try:
            sealed = urlsafe_b64decode(encrypted[len(_VERSION) :])
            text = self._aes.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise Undecipherable(place) from error
        return text.decode()

    def reveal(self, place: str, concealed: str) -> str:
        """Decrypt what views carry, for who makes a message of them.

        Raises:
            LookupError: it can't be read here.
        """
        try:
            return self.decrypt(concealed, place)
        except Undecipherable as error:
            raise LookupError(place) from error

    def fingerprint(self, text: str, place: str) -> str:
        """Give the keyed hash of a text for one place (HMAC-SHA-256)."""
        return hmac.digest(self._finding_key, f"{place}\n{text}".encode(), "sha256").hex()
