"""A rule that has gone live: the version, who let it, and whether it was taken back."""

from dataclasses import dataclass
from datetime import datetime

from domain.ids import MemberId
from domain.rules.model import RuleVersion


@dataclass(frozen=True, slots=True)
class Publication:
    """Who let a version go live, and when."""

    at: datetime
    by: MemberId | None = None
    """None for what a new tenant starts with."""
    approved_by: MemberId | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A published version of a rule."""

    rule: RuleVersion
    content_hash: str
    publication: Publication
    withdrawn_at: datetime | None = None
