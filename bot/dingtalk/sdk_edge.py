"""The one module that imports dingtalk-sdk: its callback crypto, behind our checks.

`import dingtalk` runs 110 000 generated lines for an API host the vendor no longer documents
(28 MB and 0.2 s, three times that the first time), of which only the 300 of `dingtalk.crypto` are
used. They are loaded when the first encrypted event arrives, without the rest.

The SDK's client is not used: it retries a rejected token without bound, waits without limit and
logs secrets (see docs/adr). `client` has its place.
"""

import base64
import binascii
import importlib.util
import json
import secrets
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.machinery import ModuleSpec
from typing import Any

from bot.dingtalk.signing import event_sign, require_signature
from bot.platform import Rejected

BLOCK_BYTES = 32
"""DingTalk pads to multiples of 32. Source: DingTalk doc E/0004."""
_LOADING = threading.Lock()


class EventCrypto:
    """Opens and seals the envelopes of one app's event subscription.

    Their owner is the app's client id; the SDK's own client would put the corp id there and refuse
    every event of an app configured in the console.
    """

    def __init__(self, token: str, aes_key: str, owner: str) -> None:
        self._token = token
        self._aes_key = aes_key
        self._owner = owner

    def open(self, *, signature: str, timestamp: str, nonce: str, encrypted: str) -> str:
        """Verify and decrypt an envelope.

        Raises:
            Rejected: 401 for whatever is wrong with it, so that nobody learns what.
        """
        require_signature(signature, event_sign(self._token, timestamp, nonce, encrypted))
        crypto, foreign = self._crypto()
        try:
            self._require_padding(crypto, encrypted)
            text: str = crypto.decrypt_encrypt_str(signature, timestamp, nonce, encrypted)
        except foreign:
            raise Rejected(401, "foreign_owner") from None
        except (ValueError, IndexError, KeyError, TypeError, struct.error):
            raise Rejected(401, "ciphertext") from None
        return text

    def seal(self, text: str, *, timestamp: str) -> bytes:
        """Encrypt and sign an answer, giving the response's body."""
        crypto, _ = self._crypto()
        # The SDK's own nonce comes from a predictable generator.
        envelope: dict[str, str] = crypto.encrypt_message(text, secrets.token_hex(8), timestamp)
        return json.dumps(envelope).encode()

    def _crypto(self) -> tuple[Any, type[Exception]]:
        made, foreign, _ = _sdk()
        return made(self._token, self._aes_key, self._owner), foreign

    def _require_padding(self, crypto: Any, encrypted: str) -> None:
        """Check what the SDK takes on trust: length and every byte of the padding."""
        try:
            ciphertext = base64.b64decode(encrypted, validate=True)
        except binascii.Error:
            raise ValueError from None
        if not ciphertext or len(ciphertext) % BLOCK_BYTES:
            raise ValueError
        _, _, cipher = _sdk()
        padded: bytes = cipher(crypto.key).cipher.decrypt(ciphertext)
        count = padded[-1]
        if not 1 <= count <= BLOCK_BYTES or not padded.endswith(bytes([count]) * count):
            raise ValueError


@cache
def _sdk() -> tuple[Any, type[Exception], Any]:
    """Load the crypto: its class, its "not yours" exception and its cipher."""
    with _LOADING, _without_init("dingtalk"):
        # lazy: only who subscribes to events over HTTP needs it
        from dingtalk.core.exceptions import InvalidCorpIdOrSuiteKeyException

        # lazy: as above
        from dingtalk.crypto import DingTalkCrypto, PrpCrypto
    return DingTalkCrypto, InvalidCorpIdOrSuiteKeyException, PrpCrypto


@contextmanager
def _without_init(package: str) -> Iterator[None]:
    """Let submodules of a package be imported without running its __init__.

    Afterwards the package is as if never imported, so that a full import still works.
    """
    found = importlib.util.find_spec(package)
    if package in sys.modules or found is None:
        yield
        return
    bare = ModuleSpec(package, loader=None, is_package=True)
    bare.submodule_search_locations = found.submodule_search_locations
    sys.modules[package] = importlib.util.module_from_spec(bare)
    try:
        yield
    finally:
        del sys.modules[package]
