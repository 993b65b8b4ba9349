"""WeCom's callback envelope: SHA-1 signature and AES-256-CBC (docs 91144, 96466).

A separate implementation on purpose: nothing here is shared with the bot's side, so that a mistake
there cannot cancel itself out here.
"""

import base64
import binascii
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_KEY_BYTES = 32
_PAD_BLOCK = 32
_RANDOM_BYTES = 16
_LENGTH_BYTES = 4


class SealBrokenError(ValueError):
    """An envelope does not decrypt to what the protocol prescribes."""


class Seal:
    """The signing and encryption of one app's callbacks."""

    def __init__(self, token: str, aes_key43: str, receive_id: str) -> None:
        key = base64.b64decode(aes_key43 + "=", validate=True)
        if len(key) != _KEY_BYTES:
            msg = "EncodingAESKey must be 43 base64 characters for 32 bytes"
            raise ValueError(msg)
        self._token = token
        self._receive_id = receive_id.encode()
        self._cipher = Cipher(AES(key), CBC(key[:16]))

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """Sign the four parts in sorted order."""
        parts = sorted((self._token, timestamp, nonce, encrypted))
        return hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()

    def encrypt(self, message: bytes, *, filler: bytes | None = None) -> str:
        """Encrypt a message; `filler` replaces the 16 random bytes, for test vectors."""
        head = secrets.token_bytes(_RANDOM_BYTES) if filler is None else filler
        framed = head + len(message).to_bytes(_LENGTH_BYTES, "big") + message + self._receive_id
        missing = _PAD_BLOCK - len(framed) % _PAD_BLOCK
        box = self._cipher.encryptor()
        sealed = box.update(framed + bytes((missing,)) * missing) + box.finalize()
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """Decrypt and check padding, length and receive id.

        Raises:
            SealBrokenError: anything about the envelope is wrong.
        """
        framed = self._unpad(encrypted)
        start = _RANDOM_BYTES + _LENGTH_BYTES
        if len(framed) < start:
            msg = "plaintext too short"
            raise SealBrokenError(msg)
        end = start + int.from_bytes(framed[_RANDOM_BYTES:start], "big")
        if framed[end:] != self._receive_id:
            msg = "wrong length or receive id"
            raise SealBrokenError(msg)
        return framed[start:end]

    def _unpad(self, encrypted: str) -> bytes:
        try:
            sealed = base64.b64decode(encrypted, validate=True)
            box = self._cipher.decryptor()
            padded = box.update(sealed) + box.finalize()
        except (binascii.Error, ValueError) as error:
            msg = "not base64 of whole cipher blocks"
            raise SealBrokenError(msg) from error
        pad = padded[-1] if padded else 0
        if not 1 <= pad <= _PAD_BLOCK or len(padded) % _PAD_BLOCK:
            msg = "padding not to a multiple of 32"
            raise SealBrokenError(msg)
        if padded[-pad:] != bytes((pad,)) * pad:
            msg = "padding bytes differ"
            raise SealBrokenError(msg)
        return padded[:-pad]
