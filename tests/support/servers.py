"""ASGI applications on free loopback ports, each served by uvicorn in a thread of its own."""

import asyncio
import socket
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

T = TypeVar("T")

ENDS_WITHIN = 15.0


class LoopThread:
    """An event loop in a thread; coroutines are handed over from the test's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run_soon(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T], within: float = 30.0) -> T:
        return self.run_soon(work).result(within)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ENDS_WITHIN)
        self._loop.close()


class _Server(uvicorn.Server):
    """Looks for its end a hundred times a second instead of ten."""

    @override
    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter // 10):
            counter += 1
            await asyncio.sleep(0.01)


class Listener:
    """A port that is held before anything serves on it, so that addresses are known beforehand."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server: uvicorn.Server | None = None
        self._serving: Future[None] | None = None

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def serve(self, app: ASGIApp, loop: LoopThread, *, lifespan: str = "on") -> None:
        """Serve an application until `close`."""
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            lifespan="on" if lifespan == "on" else "off",
            timeout_graceful_shutdown=10,
        )
        self._server = _Server(config)
        self._serving = loop.run_soon(self._server.serve(sockets=[self._socket]))
        deadline = time.monotonic() + ENDS_WITHIN
        while not self._server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.002)

    def stop(self) -> None:
        """Ask the server to end; `close` waits for it."""
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        self.stop()
        if self._serving is not None:
            self._serving.result(ENDS_WITHIN)
        self._socket.close()
