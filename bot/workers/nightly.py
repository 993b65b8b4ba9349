"""Checking the whole ledger every night, a little at each tick, in the scheduler.

A check is begun anew when the scheduler is; several schedulers check several times.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import structlog

from domain.calendar import BUSINESS_ZONE, business_date
from domain.ids import TenantId
from domain.ports import Clock
from domain.verification import Checked, Finding

log = structlog.get_logger(__name__)

FROM_HOUR = 3
"""Of the business night; what ends or matures at midnight has been booked by then."""
WORK_SECONDS = 1.0
"""How long one tick works: deliveries and the beat must not wait for long."""

Step = Callable[[], tuple[Checked, list[Finding]]]
"""A part of a check that takes about a second."""


class Noted(Protocol):
    """What the last check has left."""

    @property
    def detail(self) -> dict[str, Any]:
        """Give the night and what was looked at."""
        ...


class Notes(Protocol):
    """Where the result of a night is kept."""

    def beat(self, name: str, at: datetime, detail: dict[str, Any] | None = None) -> None:
        """Keep it."""
        ...

    def last_beat(self, name: str) -> Noted | None:
        """Read it."""
        ...


@dataclass
class _Night:
    """A check that is under way."""

    date: str
    steps: Iterator[Step]
    checked: Checked = field(default_factory=Checked)
    findings: list[Finding] = field(default_factory=list)


class NightlyVerify:
    """Checks each tenant's ledger once a night, from 03:00 on."""

    def __init__(
        self,
        *,
        steps: Callable[[TenantId], Iterator[Step]],
        notes: Notes,
        clock: Clock,
        warn: Callable[[TenantId, Sequence[Finding]], None],
    ) -> None:
        """Keep what every night needs; `warn` is called once for a night that has findings."""
        self._steps = steps
        self._notes = notes
        self._clock = clock
        self._warn = warn
        self._nights: dict[TenantId, _Night] = {}

    def __call__(self, tenant: TenantId) -> bool:
        """Go on for about a second; True when there is more to do."""
        now = self._clock.now()
        tonight = business_date(now).isoformat()
        night = self._nights.get(tenant)
        if night is None or night.date != tonight:
            if now.astimezone(BUSINESS_ZONE).hour < FROM_HOUR or self._is_done(tenant, tonight):
                return False
            night = self._nights[tenant] = _Night(tonight, self._steps(tenant))
        until = time.monotonic() + WORK_SECONDS
        for step in night.steps:
            checked, findings = step()
            night.checked += checked
            night.findings += findings
            if time.monotonic() >= until:
                return True
        self._end(tenant, night, now)
        return False

    def _is_done(self, tenant: TenantId, night: str) -> bool:
        last = self._notes.last_beat(note_of(tenant))
        return last is not None and last.detail.get("night") == night

    def _end(self, tenant: TenantId, night: _Night, now: datetime) -> None:
        """Warn before the night is noted: who falls down in between warns again."""
        del self._nights[tenant]
        checked = night.checked
        detail = {
            "night": night.date,
            "wallets": checked.wallets,
            "entries": checked.entries,
            "events": checked.events,
            "findings": len(night.findings),
        }
        log.info("ledger_verified", tenant=tenant, **detail)
        if night.findings:
            self._warn(tenant, night.findings)
        self._notes.beat(note_of(tenant), now, detail)


def note_of(tenant: TenantId) -> str:
    """Name the note of a tenant's last check."""
    return f"verify:{tenant}"
