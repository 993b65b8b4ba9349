"""The HTTP way to the app: signed robot messages, signed card clicks, encrypted events.

What a push means and when it is sent lives in `people`, `presses` and `events`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx2

from bot.emulator.dingtalk.cards import Route
from bot.emulator.dingtalk.crypto import BadEnvelopeError, EventCipher, card_sign, robot_sign
from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.pushes import Push, Road
from bot.emulator.dingtalk.world import DingtalkWorld
from bot.outward import trusted

_OK = 200
_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Callbacks:
    """Posts pushes to the app's addresses and reads the answers."""

    def __init__(
        self, world: DingtalkWorld, journal: Journal, road: Road, callback_base_url: str
    ) -> None:
        self.base_url = callback_base_url.rstrip("/")
        self._world = world
        self._journal = journal
        self._road = road
        self._client = httpx2.AsyncClient(verify=trusted(), trust_env=False)
        self._tasks: set[asyncio.Task[None]] = set()

    async def robot(self, push: Push, answered: Callable[[dict[str, Any]], None]) -> None:
        """Send a robot message; `answered` gets each reply that came in time."""

        async def send() -> None:
            stamp = str(self._now_ms())
            headers = {"timestamp": stamp, "sign": robot_sign(stamp, self._world.client_secret)}
            body = await self._post(
                push,
                f"{self.base_url}/robot",
                json.dumps(push.payload, ensure_ascii=False).encode(),
                headers,
                self._world.limits.push_deadline_http,
            )
            answer = self._object(body, "robot callback answer")
            if answer is None:
                return
            push.settle(answer)
            if answer:
                answered(answer)

        await self._road.travel("dingtalk.callback.robot", send)
        if self._world.limits.robot_redelivery is not None and not push.answered:
            self._later(self._world.limits.robot_redelivery, send)

    async def card(self, push: Push, route: Route) -> None:
        """Send a card click to its route; signed only when the route has an apiSecret."""
        headers, url = {}, route.url or f"{self.base_url}/card"
        if route.api_secret:
            stamp = str(self._now_ms())
            headers = {
                "x-ddpaas-signature-timestamp": stamp,
                "x-ddpaas-signature": card_sign(stamp, route.api_secret),
            }

        async def send() -> None:
            content = json.dumps(push.payload, ensure_ascii=False).encode()
            deadline = self._world.limits.card_deadline
            body = await self._post(push, url, content, headers, deadline)
            answer = self._object(body, "card callback answer")
            if answer is not None:
                push.settle(answer)

        await self._road.travel("dingtalk.callback.card", send)

    async def event(self, push: Push) -> None:
        """Send an encrypted event until the app answers an encrypted success, or three times."""

        async def send() -> None:
            await self.event_once(push)

        await self._road.travel("dingtalk.callback.event", send)
        for wait in self._world.limits.event_retries:
            if push.answered:
                return
            await asyncio.sleep(wait)
            await send()

    async def aclose(self) -> None:
        """Stop redeliveries and close the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    async def event_once(self, push: Push) -> None:
        """Send an event a single time, as the console's URL check does."""
        cipher = self.cipher()
        text = json.dumps(push.payload, ensure_ascii=False)
        envelope = cipher.seal(text, str(self._now_ms()))
        query = {
            "msg_signature": envelope["msg_signature"],
            "timestamp": envelope["timeStamp"],
            "nonce": envelope["nonce"],
        }
        url = httpx2.URL(f"{self.base_url}/event", params=query)
        content = json.dumps({"encrypt": envelope["encrypt"]}).encode()
        deadline = self._world.limits.push_deadline_http
        body = await self._post(push, str(url), content, {}, deadline)
        if body is None:
            return
        try:
            plain = cipher.open_answer(body)
        except BadEnvelopeError as error:
            self._journal.wrong("event callback answer", str(error))
            return
        if plain != "success":
            self._journal.wrong("event callback answer", "the decrypted answer is not success")
            return
        push.settle({"status": "SUCCESS"})

    def cipher(self) -> EventCipher:
        """Make the cipher of this app's event subscription; its owner key is the client id."""
        world = self._world
        return EventCipher(world.event_token, world.event_aes_key, world.client_id)

    async def _post(
        self, push: Push, url: str, content: bytes, headers: Mapping[str, str], deadline: float
    ) -> bytes | None:
        push.attempts += 1
        try:
            async with asyncio.timeout(deadline):
                response = await self._client.post(
                    url, content=content, headers={**_JSON, **headers}, timeout=None
                )
        except TimeoutError:
            push.refusals.append("no answer in time")
            self._journal.wrong(push.topic, f"no answer within {deadline:g} s")
            return None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            push.refusals.append(type(error).__name__)
            return None
        if response.status_code != _OK:
            push.refusals.append(f"HTTP {response.status_code}")
            return None
        return response.content

    def _object(self, body: bytes | None, where: str) -> dict[str, Any] | None:
        """Read an answer; an empty one counts as an empty object."""
        if body is None:
            return None
        try:
            answer = json.loads(body or b"{}")
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            self._journal.wrong(where, "the answer is not a JSON object")
            return None
        return answer

    def _later(self, wait: float, send: Callable[[], Awaitable[None]]) -> None:
        async def work() -> None:
            await asyncio.sleep(wait)
            await send()

        task = asyncio.get_running_loop().create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _now_ms(self) -> int:
        return int(self._journal.clock() * 1000)
