"""WeCom's callback envelope by hand: what the tests seal callbacks and open replies with.

It shares nothing with the code under test; the published vectors hold it to the platform.
"""

import base64
import hashlib
import os
import re
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


@dataclass(frozen=True)
class Posted:
    """A callback as it arrives: query and body."""

    query: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Envelope:
    """One corp's token and key."""

    token: str
    aes_key: str
    receive_id: str

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.aes_key + "=")

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted([self.token, timestamp, nonce, encrypted])
        return hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()

    def frame(self, plain: bytes, receive_id: str | None = None) -> bytes:
        tail = (self.receive_id if receive_id is None else receive_id).encode()
        return os.urandom(16) + struct.pack(">I", len(plain)) + plain + tail

    def encrypt(self, framed: bytes, padding: bytes | None = None) -> str:
        if padding is None:
            size = 32 - len(framed) % 32
            padding = bytes([size]) * size
        encryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).encryptor()
        return base64.b64encode(encryptor.update(framed + padding) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        decryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).decryptor()
        padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        size = padded[-1]
        assert 1 <= size <= 32
        assert padded[-size:] == bytes([size]) * size
        assert len(padded) % 32 == 0
        framed = padded[:-size]
        (length,) = struct.unpack(">I", framed[16:20])
        assert framed[20 + length :] == self.receive_id.encode()
        return framed[20 : 20 + length].decode()

    def post(
        self, xml: str | bytes, at: float, *, nonce: str = "nonce-1", encrypted: str | None = None
    ) -> Posted:
        """Seal a callback, or post a given ciphertext under a good signature."""
        if encrypted is None:
            encrypted = self.encrypt(self.frame(xml.encode() if isinstance(xml, str) else xml))
        timestamp = str(int(at))
        body = (
            f"<xml><ToUserName><![CDATA[{self.receive_id}]]></ToUserName>"
            f"<AgentID>1000002</AgentID><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        )
        query = {
            "msg_signature": self.signature(timestamp, nonce, encrypted),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        return Posted(query, body.encode())

    def open_reply(self, body: bytes) -> str:
        """Check and decrypt a passive reply."""
        found = {
            name: re.search(
                rf"<{name}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</{name}>", body.decode(), re.DOTALL
            )
            for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")
        }
        values = {name: match.group(1) for name, match in found.items() if match}
        signature = self.signature(values["TimeStamp"], values["Nonce"], values["Encrypt"])
        assert signature == values["MsgSignature"]
        return self.decrypt(values["Encrypt"])
