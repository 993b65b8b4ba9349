"""Health: whether the process lives, and whether the whole installation can do its work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.stream_state import StreamState
from domain.ids import TenantId
from domain.ports import Clock

log = structlog.get_logger(__name__)

BEAT_MAX = timedelta(seconds=15)
OLDEST_DUE_SECONDS_MAX = 120.0
"""A delivery that should have gone this long ago means that nobody sends."""
STREAM_GONE_MAX = timedelta(seconds=60)
"""A configured Stream connection that has not stood for longer means that nobody listens."""


@dataclass(frozen=True, slots=True)
class Probes:
    """What readiness looks at; each may raise, which counts as not ready."""

    database: Callable[[], bool]
    migrations: Callable[[], bool]
    queue: Callable[[], bool]
    oldest_due_seconds: Callable[[datetime], float]
    oldest_backtest_seconds: Callable[[datetime], float]
    last_beat: Callable[[], datetime | None]
    streams: Callable[[datetime], Mapping[TenantId, StreamState]] = lambda _: {}
    """Every tenant whose DingTalk comes over Stream."""


def readiness(probes: Probes, clock: Clock) -> tuple[bool, dict[str, Any]]:
    """Look at everything and give what was found; every probe is tried, whatever the others say."""
    now = clock.now()
    checks: dict[str, Any] = {
        "database": _ask(probes.database),
        "migrations": _ask(probes.migrations),
        "queue": _ask(probes.queue),
    }
    age = _ask(lambda: probes.oldest_due_seconds(now))
    beat = _ask(probes.last_beat)
    is_beating = isinstance(beat, datetime) and now - beat <= BEAT_MAX
    is_sending = isinstance(age, float | int) and age <= OLDEST_DUE_SECONDS_MAX
    is_ready = (
        all(checks[name] is True for name in ("database", "migrations", "queue"))
        and is_beating
        and is_sending
    )
    checks["oldest_delivery_seconds"] = age
    # Only shown: messages don't wait for whoever runs back-tests.
    checks["oldest_backtest_seconds"] = _ask(lambda: probes.oldest_backtest_seconds(now))
    checks["scheduler_beat"] = beat.isoformat() if isinstance(beat, datetime) else beat
    streams = _ask(lambda: probes.streams(now))
    if streams:
        is_listening, checks["stream"] = _listening(streams, now)
        is_ready = is_ready and is_listening
    return is_ready, checks


def _listening(streams: Any, now: datetime) -> tuple[bool, Any]:
    """Tell whether every Stream connection stands or has only just gone, and show each."""
    if not isinstance(streams, Mapping):
        return False, streams
    ages = {
        tenant: None if state.connected_at is None else now - state.connected_at
        for tenant, state in streams.items()
    }
    shown = {
        tenant: {
            "connected": state.is_connected,
            "age_seconds": None if (age := ages[tenant]) is None else age.total_seconds(),
        }
        for tenant, state in streams.items()
    }
    return all(age is not None and age <= STREAM_GONE_MAX for age in ages.values()), shown


def _ask(probe: Callable[[], Any]) -> Any:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001  a probe that breaks is a finding, not a crash
        log.warning("probe_failed", exc=error)
        return "failed"
