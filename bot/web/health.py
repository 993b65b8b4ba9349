"""Health: whether the process lives, and whether the whole installation can do its work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from domain.ports import Clock

log = structlog.get_logger(__name__)

BEAT_MAX = timedelta(seconds=15)
OLDEST_DUE_SECONDS_MAX = 120.0
"""A delivery that should have gone this long ago means that nobody sends."""


@dataclass(frozen=True, slots=True)
class Probes:
    """What readiness looks at; each may raise, which counts as not ready."""

    database: Callable[[], bool]
    migrations: Callable[[], bool]
    queue: Callable[[], bool]
    oldest_due_seconds: Callable[[datetime], float]
    last_beat: Callable[[], datetime | None]


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
    checks["scheduler_beat"] = beat.isoformat() if isinstance(beat, datetime) else beat
    return is_ready, checks


def _ask(probe: Callable[[], Any]) -> Any:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001  a probe that breaks is a finding, not a crash
        log.warning("probe_failed", exc=error)
        return "failed"
