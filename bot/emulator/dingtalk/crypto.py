"""DingTalk's signatures and event encryption, written from the vendor's description alone.

Not shared with the production client on purpose: a mistake there must not be mirrored here.
"""

import base64
import hashlib
import hmac
import json
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_HEAD = 20


class BadEnvelopeError(ValueError):
    """An encrypted envelope does not verify or does not open."""


def robot_sign(timestamp: str, secret: str) -> str:
    """Sign a robot callback, or check a custom robot's webhook call (doc 0699, 0702)."""
    return _mac(secret, f"{timestamp}\n{secret}")


def card_sign(timestamp: str, api_secret: str) -> str:
    """Sign a card callback over HTTP: only the time stamp is covered (doc 0786)."""
    return _mac(api_secret, timestamp)


def _mac(key: str, message: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), "sha256")).decode()


class EventCipher:
    """Seals and opens the envelopes of the HTTP event subscription."""

    def __init__(self, token: str, aes_key: str, owner_key: str) -> None:
        self._token = token
        self._owner = owner_key.encode()
        self._key = base64.b64decode(aes_key + "=")
        if len(self._key) != _BLOCK:
            raise ValueError("the AES key must be 43 characters of base64")

    def signature(self, timestamp: str, nonce: str, encrypt: str) -> str:
        """Sign an envelope."""
        parts = "".join(sorted([self._token, timestamp, nonce, encrypt]))
        return hashlib.sha1(parts.encode(), usedforsecurity=False).hexdigest()

    def encrypt(self, text: str) -> str:
        """Encrypt one text for this owner."""
        content = text.encode()
        plain = secrets.token_bytes(16) + struct.pack(">I", len(content)) + content + self._owner
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypt: str) -> str:
        """Open one encrypted text; raises BadEnvelopeError when anything in it is off."""
        try:
            sealed = base64.b64decode(encrypt, validate=True)
            decryptor = self._cipher().decryptor()
            padded = decryptor.update(sealed) + decryptor.finalize()
            plain = _unpad(padded)
            (length,) = struct.unpack(">I", plain[16:_HEAD])
            content, owner = plain[_HEAD : _HEAD + length], plain[_HEAD + length :]
            if len(content) != length or not hmac.compare_digest(owner, self._owner):
                raise BadEnvelopeError("wrong length or owner key")
            return content.decode()
        except (ValueError, struct.error) as error:
            raise BadEnvelopeError(str(error)) from error

    def seal(self, text: str, timestamp: str) -> dict[str, str]:
        """Make a whole signed envelope with the answer's field names."""
        nonce = secrets.token_hex(4)
        encrypt = self.encrypt(text)
        return {
            "msg_signature": self.signature(timestamp, nonce, encrypt),
            "timeStamp": timestamp,
            "nonce": nonce,
            "encrypt": encrypt,
        }

    def open_answer(self, body: bytes) -> str:
        """Verify and open the app's answer to an event."""
        try:
            answer = json.loads(body)
            stamp, nonce = str(answer["timeStamp"]), str(answer["nonce"])
            encrypt, given = str(answer["encrypt"]), str(answer["msg_signature"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadEnvelopeError(
                "not JSON with msg_signature, timeStamp, nonce and encrypt"
            ) from error
        expected = self.signature(stamp, nonce, encrypt)
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise BadEnvelopeError("msg_signature does not match")
        return self.decrypt(encrypt)

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def _unpad(padded: bytes) -> bytes:
    pad = padded[-1] if padded else 0
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise BadEnvelopeError("bad padding")
    return padded[:-pad]
