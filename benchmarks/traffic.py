"""WeCom's side of the wire: sealed text callbacks as HTTP requests, and our replies opened again.

The envelope is the emulator's, an implementation that shares nothing with the measured one.
"""

import secrets
import time
from collections.abc import Iterable, Sequence

from benchmarks.firm import Credentials, Guest, guest
from bot.emulator.wecom import xml
from bot.emulator.wecom.crypto import Seal

BALANCE = "余额"
CALLBACK = "/callback/main/wecom"
ECHO = "/echo"


class WrongAnswer(Exception):
    """An answer is not the reply it should be."""


class Traffic:
    """Makes callbacks of one corp; message ids never repeat within a run."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._seal = Seal(credentials.token, credentials.aes_key, credentials.corp_id)
        self._message = secrets.randbelow(10**12) * 10**6

    def callbacks(self, count: int) -> tuple[list[bytes], list[Guest]]:
        """Make requests in which one guest after the other asks for the balance.

        They are good for five minutes: the callback's guard looks at the signed time.
        """
        guests = [guest(number % self._credentials.guests) for number in range(count)]
        return [self._request(CALLBACK, who) for who in guests], guests

    def echoes(self, count: int, kinds: int = 200) -> list[bytes]:
        """Make the same requests for the echo; only a few differ, it remembers nothing."""
        made = [self._request(ECHO, guest(number)) for number in range(kinds)]
        return [made[number % kinds] for number in range(count)]

    def plain(self, who: Guest) -> str:
        """Write the XML of one text message."""
        self._message += 1
        return xml.write(
            "xml",
            [
                ("ToUserName", self._credentials.corp_id),
                ("FromUserName", who.account),
                ("CreateTime", int(time.time())),
                ("MsgType", "text"),
                ("Content", BALANCE),
                ("MsgId", self._message),
                ("AgentID", self._credentials.agent_id),
            ],
        )

    def sealed(self, who: Guest) -> tuple[dict[str, str], bytes]:
        """Make the query and body of one callback."""
        encrypted = self._seal.encrypt(self.plain(who).encode())
        timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
        query = {
            "msg_signature": self._seal.sign(timestamp, nonce, encrypted),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        fields: list[tuple[str, xml.Value]] = [
            ("ToUserName", self._credentials.corp_id),
            ("AgentID", str(self._credentials.agent_id)),
            ("Encrypt", encrypted),
        ]
        return query, xml.write("xml", fields).encode()

    def check(self, statuses: Iterable[int], bodies: Sequence[bytes], asked: list[Guest]) -> None:
        """Open every reply: signed, sealed, for who asked, with their customer's points.

        Raises:
            WrongAnswer: one isn't.
        """
        for status, body, who in zip(statuses, bodies, asked, strict=True):
            if status != 200 or not body:
                raise WrongAnswer(f"status {status}, {len(body)} bytes")
            envelope = xml.read(body)
            encrypted = envelope.one("Encrypt")
            signature = self._seal.sign(envelope.one("TimeStamp"), envelope.one("Nonce"), encrypted)
            if envelope.one("MsgSignature") != signature:
                raise WrongAnswer("signature")
            reply = xml.read(self._seal.decrypt(encrypted))
            shown = reply.one("Content")
            if reply.one("ToUserName") != who.account or not (
                shown.startswith(f"{who.points:,} ") and who.customer in shown
            ):
                raise WrongAnswer(f"reply of {len(shown)} characters")

    def _request(self, path: str, who: Guest) -> bytes:
        query, body = self.sealed(who)
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        head = (
            f"POST {path}?{asked} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            f"content-type: text/xml\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body
