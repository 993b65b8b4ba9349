"""Calling the bot: URL check, encrypted callbacks with retries, replies (docs 96466, 91144)."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx2

from bot.emulator.faults import FaultKind
from bot.emulator.wecom import xml
from bot.emulator.wecom.core import Core, Posted
from bot.emulator.wecom.crypto import Seal, SealBrokenError
from bot.emulator.wecom.errors import UrlRefusedError
from bot.emulator.wecom.world import WecomApp
from bot.outward import trusted

_RETRIES = 3
_SHOWN_SIGNATURE, _SHOWN_ENCRYPTED = 10, 64
_OK = 200


@dataclass(frozen=True)
class Attempt:
    """One POST of a callback."""

    status: int | None
    """None when no answer came in time."""
    seconds: float
    body: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """What became of one callback."""

    attempts: tuple[Attempt, ...] = ()
    """All POSTs, those of duplicated deliveries included."""
    accepted: bool = False
    """True when some attempt was answered with 200 in time."""
    held: bool = False
    """True when a fault keeps it back until the next callback has gone."""
    replies: tuple[xml.Node, ...] = ()
    """The opened passive replies, one per answered attempt that had one."""


@dataclass(frozen=True)
class Parcel:
    """One callback ready to go."""

    app: WecomApp
    what: str
    """For records: msgtype or event."""
    plaintext: bytes
    envelope_agent: str
    on_reply: Callable[[xml.Node], None]
    """Shows the first opened reply; called at most once."""


class CallbackLine:
    """The connection from the platform to the bot."""

    PLACE = "wecom.callback"

    def __init__(self, core: Core, url: str, http: httpx2.AsyncClient | None) -> None:
        self._core = core
        self.url = url
        self._http = http
        self._waiting: list[Parcel] = []

    async def aclose(self) -> None:
        """Close the connections to the bot."""
        if self._http is not None:
            await self._http.aclose()

    async def check_url(self, app: WecomApp) -> None:
        """Do the GET that WeCom does when an administrator saves the callback address.

        Raises:
            UrlRefusedError: the answer is late or not exactly the decrypted echostr.
        """
        seal = self._seal(app)
        secret = str(self._core.next_number())
        echostr = seal.encrypt(secret.encode())
        query = {**self._signed(seal, echostr), "echostr": echostr}
        limit = self._core.world.timings.url_check_timeout
        try:
            async with asyncio.timeout(limit):
                answer = await self._client().get(self._address(app), params=query)
        except (TimeoutError, httpx2.HTTPError) as error:
            msg = f"no answer within {limit} s: {type(error).__name__}"
            raise UrlRefusedError(msg) from error
        if answer.status_code != _OK or answer.content != secret.encode():
            msg = f"HTTP {answer.status_code}, body {answer.content[:80]!r} is not the plaintext"
            raise UrlRefusedError(msg)

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Send one callback with the faults armed for callbacks; then those held back before it."""
        faults = self._core.faults
        if faults.take(self.PLACE, FaultKind.DROP):
            return Outcome()
        delay = faults.take(self.PLACE, FaultKind.DELAY)
        if delay:
            await asyncio.sleep(float(delay.value or 0))
        if faults.take(self.PLACE, FaultKind.REORDER):
            self._waiting.append(parcel)
            return Outcome(held=True)
        waiting, self._waiting = self._waiting, []
        double = faults.take(self.PLACE, FaultKind.DUPLICATE)
        outcome = await self._post_all(parcel, int(double.value or 2) if double else 1)
        for late in waiting:
            await self._post_all(late, 1)
        return outcome

    async def _post_all(self, parcel: Parcel, copies: int) -> Outcome:
        seal = self._seal(parcel.app)
        encrypted = seal.encrypt(parcel.plaintext)
        query = self._signed(seal, encrypted)
        runs = [self._with_retries(parcel, encrypted, query) for _ in range(copies)]
        attempts = [attempt for run in await asyncio.gather(*runs) for attempt in run]
        replies = self._open_replies(parcel, attempts)
        accepted = any(attempt.status == _OK for attempt in attempts)
        if not accepted:
            self._core.records.undelivered.append(parcel.what)
        if replies:
            parcel.on_reply(replies[0])
        return Outcome(tuple(attempts), accepted=accepted, replies=tuple(replies))

    async def _with_retries(
        self, parcel: Parcel, encrypted: str, query: dict[str, str]
    ) -> list[Attempt]:
        timings, attempts = self._core.world.timings, list[Attempt]()
        for number in range(1 + _RETRIES):
            if number:
                await asyncio.sleep(timings.retry_interval)
                if timings.resign_retries:
                    query = self._signed(self._seal(parcel.app), encrypted)
            attempts.append(await self._post_recorded(parcel, encrypted, query))
            if attempts[-1].status == _OK:
                break
        return attempts

    async def _post_recorded(
        self, parcel: Parcel, encrypted: str, query: dict[str, str]
    ) -> Attempt:
        fields: list[tuple[str, xml.Value]] = [
            ("ToUserName", self._core.world.corp_id),
            ("AgentID", parcel.envelope_agent),
            ("Encrypt", encrypted),
        ]
        body, at = xml.write("xml", fields).encode(), self._core.clock()
        attempt = await self._post(parcel, body, query)
        posted = Posted(
            name=parcel.what,
            at=at,
            seconds=attempt.seconds,
            status=attempt.status,
            size=len(body),
            signature=query["msg_signature"][:_SHOWN_SIGNATURE],
            encrypted=encrypted[:_SHOWN_ENCRYPTED],
        )
        self._core.records.posted.append(posted)
        return attempt

    async def _post(self, parcel: Parcel, body: bytes, query: dict[str, str]) -> Attempt:
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._core.world.timings.callback_timeout):
                answer = await self._client().post(
                    self._address(parcel.app),
                    params=query,
                    content=body,
                    headers={"content-type": "text/xml"},
                )
        except (TimeoutError, httpx2.HTTPError):
            return Attempt(None, time.monotonic() - started)
        return Attempt(answer.status_code, time.monotonic() - started, answer.content)

    def _open_replies(self, parcel: Parcel, attempts: list[Attempt]) -> list[xml.Node]:
        replies = []
        for attempt in attempts:
            if attempt.status != _OK or not attempt.body:
                continue
            try:
                replies.append(self._open(parcel.app, attempt.body))
            except (xml.XmlError, SealBrokenError) as error:
                self._core.records.complain(f"passive reply to {parcel.what}", str(error))
        return replies

    def _open(self, app: WecomApp, body: bytes) -> xml.Node:
        seal, envelope = self._seal(app), xml.read(body)
        encrypted = envelope.one("Encrypt")
        names = {child.name for child in envelope.children}
        if envelope.name != "xml" or names != {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}:
            msg = f"envelope <{envelope.name}> with {sorted(names)}"
            raise xml.XmlError(msg)
        expected = seal.sign(envelope.one("TimeStamp"), envelope.one("Nonce"), encrypted)
        if envelope.one("MsgSignature") != expected:
            msg = "reply signature wrong"
            raise SealBrokenError(msg)
        return xml.read(seal.decrypt(encrypted))

    def _signed(self, seal: Seal, encrypted: str) -> dict[str, str]:
        timestamp, nonce = str(int(self._core.clock())), str(secrets.randbelow(10**10))
        signature = seal.sign(timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def _seal(self, app: WecomApp) -> Seal:
        return Seal(app.token, app.aes_key43, self._core.world.corp_id)

    def _address(self, app: WecomApp) -> str:
        return app.callback_url or self.url

    def _client(self) -> httpx2.AsyncClient:
        if self._http is None:
            # No proxy from the environment: the bot is on this machine.
            self._http = httpx2.AsyncClient(timeout=None, verify=trusted(), trust_env=False)
        return self._http
