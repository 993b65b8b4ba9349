"""A rest for everything a channel sends, shared by its threads and, through Redis, by processes.

The platform bans an address for five minutes; whoever calls meanwhile prolongs it (doc 0012).
"""

import threading
from datetime import datetime, timedelta

import structlog
from redis import Redis, RedisError

from bot.platform import Clockwork

log = structlog.get_logger(__name__)


class ChannelPause:
    """Until when a channel keeps still. Without Redis every process learns it by itself."""

    def __init__(self, redis: Redis | None, key: str, clock: Clockwork) -> None:
        self._redis = redis
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._until: datetime | None = None

    def begin(self, length: timedelta) -> None:
        """Keep still from now on for so long; a longer rest under way stays."""
        until = self._clock.now() + length
        with self._lock:
            self._until = max(until, self._until or until)
        log.warning("dingtalk_channel_paused", seconds=round(length.total_seconds()))
        if self._redis is not None:
            try:
                self._redis.set(self._key, "1", px=int(length.total_seconds() * 1000))
            except RedisError:
                log.warning("dingtalk_pause_not_shared")

    def remaining(self) -> timedelta | None:
        """Give what is left of the rest; None when there is none."""
        with self._lock:
            until = self._until
        left = until - self._clock.now() if until is not None else timedelta(0)
        left = max(left, self._shared())
        return left if left > timedelta(0) else None

    def _shared(self) -> timedelta:
        if self._redis is None:
            return timedelta(0)
        try:
            milliseconds = self._redis.pttl(self._key)
        except RedisError:
            return timedelta(0)
        return timedelta(milliseconds=max(int(milliseconds), 0))
