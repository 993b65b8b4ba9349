"""One access token per platform account, shared by threads and processes and renewed once.

Lives here: who may fetch, who waits, where the token is kept. How a token is fetched is the
adapter's business. Redis holds a copy only; without Redis every process fetches for itself.
"""

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock
from typing import Any

import structlog
from redis import Redis, RedisError

from bot.platform import DeliveryError

log = structlog.get_logger(__name__)

SAFETY_SECONDS = 300
"""A token is given up this long before the platform does."""
POLL_SECONDS = 0.05
REFUSED_FOR_GOOD_SECONDS = 60.0
"""How long nobody asks again after "wrong secret": repeated asking bans the address."""
REFUSED_FOR_NOW_SECONDS = 2.0
QUIET_MAX = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the platform gave."""

    token: str = field(repr=False)
    expires_in: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A token and the monotonic instant until which it is used."""

    token: str = field(repr=False)
    until: float


def token_key(platform: str, account: str, secret: str) -> str:
    """Name a token's place in Redis without revealing the secret it belongs to."""
    digest = hashlib.sha256(f"{account}\0{secret}".encode()).hexdigest()
    return f"zhufen:token:{platform}:{digest[:32]}"


class SharedToken:
    """The current token of one account.

    `fetch` asks the platform and raises DeliveryError when it gets none; such a refusal is
    remembered for a while, here and in Redis, and given to everybody who asks meanwhile. `redis`
    should have time-outs well under a second: its failure only means fetching without it.
    """

    def __init__(
        self,
        redis: Redis | None,
        key: str,
        fetch: Callable[[], Fetched],
        lock_seconds: float = 10,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._key = key
        self._fetch = fetch
        self._lock_seconds = lock_seconds
        self._monotonic = monotonic
        self._gate = Lock()
        self._held: _Held | None = None
        self._refusal: tuple[DeliveryError, float] | None = None

    def get(self) -> str:
        """Give a token that should be good.

        Raises:
            DeliveryError: the platform gives none.
        """
        held = self._usable(None)
        return held.token if held is not None else self._renew(None)

    def replace(self, bad: str) -> str:
        """Give a token other than `bad`, which the platform has just refused.

        Whoever presents the same bad token, in whatever thread or process, causes one fetch.

        Raises:
            DeliveryError: the platform gives none.
        """
        return self._renew(bad)

    def _usable(self, bad: str | None) -> _Held | None:
        held = self._held
        if held is None or held.token == bad or self._monotonic() >= held.until:
            return None
        return held

    def _renew(self, bad: str | None) -> str:
        with self._gate:
            held = self._usable(bad) or self._settled(bad) or self._take_turns(bad)
            return held.token

    def _take_turns(self, bad: str | None) -> _Held:
        """Fetch while holding the lock of all processes, or adopt what its holder fetched."""
        if self._redis is None:
            return self._fetch_and_keep()
        lock = self._redis.lock(f"{self._key}:lock", timeout=self._lock_seconds)
        deadline = self._monotonic() + self._lock_seconds
        while self._monotonic() < deadline:
            try:
                is_ours = lock.acquire(blocking=False)
            except RedisError:
                break
            if is_ours:
                try:
                    return self._settled(bad) or self._fetch_and_keep()
                finally:
                    # A lock that has timed out meanwhile is somebody else's by now.
                    with suppress(RedisError):
                        lock.release()
            time.sleep(POLL_SECONDS)
            held = self._settled(bad)
            if held is not None:
                return held
        return self._fetch_and_keep()

    def _settled(self, bad: str | None) -> _Held | None:
        """Give what another process or thread has found out: a token, or (raised) a refusal."""
        held = self._adopt(bad)
        if held is None:
            self._raise_refusal()
        return held

    def _fetch_and_keep(self) -> _Held:
        try:
            fetched = self._fetch()
        except DeliveryError as error:
            self._remember_refusal(error)
            raise
        # A token of a few minutes must not be given up before it was used.
        seconds = max(fetched.expires_in - SAFETY_SECONDS, fetched.expires_in / 2)
        self._held = _Held(fetched.token, self._monotonic() + seconds)
        self._refusal = None
        self._write(self._key, fetched.token, seconds)
        self._forget(f"{self._key}:refused")
        log.info("token_fetched", key=self._key)
        return self._held

    def _adopt(self, bad: str | None) -> _Held | None:
        """Take over the token another process has left in Redis, unless it is the bad one."""
        token, seconds = self._read(self._key)
        if token is None or token == bad:
            return None
        self._held = _Held(token, self._monotonic() + seconds)
        return self._held

    def _raise_refusal(self) -> None:
        if self._refusal is not None:
            error, until = self._refusal
            if self._monotonic() < until:
                # Each caller gets an exception of its own: a shared one collects tracebacks.
                raise replace(error)
        told, _ = self._read(f"{self._key}:refused")
        if told is not None:
            facts: dict[str, Any] = json.loads(told)
            raise DeliveryError(**facts)

    def _remember_refusal(self, error: DeliveryError) -> None:
        usual = REFUSED_FOR_GOOD_SECONDS if error.permanent else REFUSED_FOR_NOW_SECONDS
        asked = min(error.retry_after or timedelta(0), QUIET_MAX)
        seconds = max(usual, asked.total_seconds())
        self._refusal = (replace(error), self._monotonic() + seconds)
        facts = {
            "code": error.code,
            "permanent": error.permanent,
            "is_operator_matter": error.is_operator_matter,
        }
        self._write(f"{self._key}:refused", json.dumps(facts), seconds)

    def _read(self, key: str) -> tuple[str | None, float]:
        """Give a value and the seconds it still lives; nothing when Redis does not answer."""
        if self._redis is None:
            return None, 0.0
        try:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.get(key)
                pipe.pttl(key)
                value, milliseconds = pipe.execute()
        except RedisError:
            log.warning("token_store_unreachable", key=self._key)
            return None, 0.0
        if value is None or milliseconds <= 0:
            return None, 0.0
        return value.decode() if isinstance(value, bytes) else value, milliseconds / 1000

    def _write(self, key: str, value: str, seconds: float) -> None:
        if self._redis is None or seconds <= 0:
            return
        try:
            self._redis.set(key, value, px=max(int(seconds * 1000), 1))
        except RedisError:
            log.warning("token_store_unreachable", key=self._key)

    def _forget(self, key: str) -> None:
        if self._redis is not None:
            # It dies by itself soon; only the wait would be longer than needed.
            with suppress(RedisError):
                self._redis.delete(key)
