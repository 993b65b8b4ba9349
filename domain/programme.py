"""The programme: what holds for all rules together, as typed versions like the rules themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.rules.model import Cap
from domain.tiers import TierPolicy


@dataclass(frozen=True, slots=True)
class Programme:
    """One version, valid for events from `effective_from` until the next version begins."""

    version: int
    effective_from: datetime
    caps: tuple[Cap, ...] = ()
    """Caps over the points of all rules."""
    tiers: TierPolicy | None = None
    point_fen: int = 100
    """What one point costs the firm, for liability and back-tests; in fen."""


DEFAULT = Programme(0, datetime(2000, 1, 1, tzinfo=UTC))
"""Holds before any version: no caps, no tiers, a point is worth a yuan."""


class Programmes:
    """All published versions."""

    __slots__ = ("_versions",)

    def __init__(self, versions: Iterable[Programme]) -> None:
        """Sort the versions, newest first."""
        self._versions = sorted(versions, key=lambda one: -one.version)

    @property
    def versions(self) -> list[Programme]:
        """List all versions, newest first."""
        return list(self._versions)

    def at(self, at: datetime) -> Programme:
        """Give the version an event of an instant meets: the highest that has begun."""
        for one in self._versions:
            if one.effective_from <= at:
                return one
        return DEFAULT
