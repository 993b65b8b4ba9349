"""Switches that make the emulated platforms misbehave on request.

Each fault is armed for one place ("wecom.message.send", "dingtalk.card.create", "wecom.callback")
or for a whole prefix ("wecom"), optionally for a limited number of uses. Endpoints ask `take` once
per call and kind of fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What can go wrong between us and a platform."""

    DROP = "drop"
    """Answer success but let nothing arrive (outgoing), or never call back (incoming)."""
    DELAY = "delay"
    """Wait `value` seconds first."""
    DUPLICATE = "duplicate"
    """Deliver the same thing twice, `value` times in parallel when given."""
    REORDER = "reorder"
    """Hold this one back until the next has gone."""
    HTTP_STATUS = "http_status"
    """Answer with HTTP status `value`."""
    HTML_BODY = "html_body"
    """Answer HTTP 200 with an HTML page, as DingTalk's IP ban does."""
    ERRCODE = "errcode"
    """Answer with the platform's error code `value`."""
    EXPIRED_TOKEN = "expired_token"
    """Treat the presented access token as expired."""
    QUOTA_FULL = "quota_full"
    """Behave as if the monthly or per-minute allowance were used up."""
    HANG_AFTER_ACCEPT = "hang_after_accept"
    """Accept and deliver, but do not answer for `value` seconds."""
    DELIVERY_FAILED = "delivery_failed"
    """Answer success, deliver nothing and report it afterwards by an event with reason `value`."""


@dataclass(frozen=True)
class Fault:
    """One armed fault as an endpoint sees it."""

    kind: FaultKind
    value: float | str | None = None


@dataclass
class _Armed:
    where: str
    fault: Fault
    left: int | None


class Faults:
    """The set of armed faults; used from one event loop, so it needs no lock."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def arm(
        self,
        where: str,
        kind: FaultKind,
        *,
        value: float | str | None = None,
        times: int | None = None,
    ) -> None:
        """Arm a fault for a place or prefix, for `times` uses or until cleared."""
        self._armed.append(_Armed(where, Fault(kind, value), times))

    def clear(self, where: str | None = None) -> None:
        """Disarm everything, or everything armed for exactly this place."""
        self._armed = [a for a in self._armed if where is not None and a.where != where]

    def take(self, where: str, *kinds: FaultKind) -> Fault | None:
        """Use up one armed fault for this place (of these kinds, when given), oldest first."""
        for armed in self._matching(where):
            if kinds and armed.fault.kind not in kinds:
                continue
            if armed.left is not None:
                armed.left -= 1
                if armed.left <= 0:
                    self._armed.remove(armed)
            return armed.fault
        return None

    def listing(self) -> list[dict[str, str | float | int | None]]:
        """Show what is armed, for the demo page."""
        return [
            {"where": a.where, "kind": a.fault.kind, "value": a.fault.value, "left": a.left}
            for a in self._armed
        ]

    def _matching(self, where: str) -> Iterator[_Armed]:
        for armed in list(self._armed):
            if where == armed.where or where.startswith(armed.where + "."):
                yield armed
