"""Views for when something is refused, broken, too much or silent."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Digest:
    """Several messages in one, because the platform takes only so many a minute."""

    view_name: ClassVar[str] = "digest"
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliveryTrouble:
    """Tells an admin that messages can't be delivered, and what to do."""

    view_name: ClassVar[str] = "delivery_trouble"
    channel: str
    code: str
    recipient: str
    count: int


@dataclass(frozen=True, slots=True)
class QuotaNotice:
    """The platform's monthly allowance is used up; what was said could not be read."""

    view_name: ClassVar[str] = "quota_notice"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule said no: worded by templates/refusals/<code>.txt.j2 from the error's fields."""

    view_name: ClassVar[str] = "refusal"
    code: str
    details: dict[str, str | int | list[str]]


@dataclass(frozen=True, slots=True)
class Failure:
    """Something broke on our side; the reference number finds it in the log."""

    view_name: ClassVar[str] = "failure"
    reference: str


@dataclass(frozen=True, slots=True)
class StaleNotice:
    """What a customer said was read too late to be acted on: they are asked to say it again."""

    view_name: ClassVar[str] = "stale_notice"


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing to say (a platform event, a group message that isn't for us)."""

    view_name: ClassVar[str] = "silence"
