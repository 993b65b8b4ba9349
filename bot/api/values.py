"""What the API's fields are made of: money, days, instants, codes and names, read strictly."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from domain.calendar import BUSINESS_ZONE

FIRST_YEAR, LAST_YEAR = 2000, 2099
_YUAN = re.compile(r"(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,2}))?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


class Unreadable(ValueError):
    """A field that can't be read; `code` says why."""

    def __init__(self, code: str) -> None:
        """Keep why."""
        super().__init__(code)
        self.code = code


class Given(BaseModel):
    """What a request holds: exactly these fields in exactly these kinds."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Shown(BaseModel):
    """What an answer holds."""

    model_config = ConfigDict(frozen=True)


def fen_of(value: Any) -> int:
    """Read an amount in yuan, as a decimal text, as fen; numbers are refused, they may be rounded.

    Raises:
        Unreadable: it isn't one.
    """
    found = _YUAN.fullmatch(value) if isinstance(value, str) else None
    fen = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0
    if not fen:
        raise Unreadable("money")
    return fen


def day_of(value: Any) -> date:
    """Read a day as YYYY-MM-DD.

    Raises:
        Unreadable: it isn't one, or lies too far away.
    """
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day
    raise Unreadable("day")


def instant_of(value: Any) -> datetime:
    """Read an instant in ISO 8601 with its offset.

    Raises:
        Unreadable: it isn't one, or there is no such instant.
    """
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            # Local times at both ends of the calendar are no instants elsewhere.
            return datetime.fromisoformat(value).astimezone(BUSINESS_ZONE)
        except (ValueError, OverflowError):
            pass
    raise Unreadable("instant")


def _as_shown(at: datetime) -> str:
    return at.astimezone(BUSINESS_ZONE).isoformat()


Yuan = Annotated[
    int,
    BeforeValidator(fen_of),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_YUAN.pattern}$",
            "description": "Yuan above zero with at most two decimals, as a text.",
            "examples": ["1200000.00"],
        }
    ),
]
"""Money: fen inside, a text in yuan outside."""
Day = Annotated[date, BeforeValidator(day_of), Field(examples=["2026-06-30"])]
Instant = Annotated[
    datetime,
    BeforeValidator(instant_of),
    Field(description="ISO 8601 with offset.", examples=["2026-06-30T14:05:00+08:00"]),
]
Moment = Annotated[
    datetime,
    PlainSerializer(_as_shown, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant in an answer: in the firm's zone."""
Code = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,40}$")]
"""What people and systems call a customer or project by."""
Line = Annotated[str, StringConstraints(pattern=r"^\S([^\x00-\x1f\x7f]*\S)?$", max_length=100)]
"""A name on one line, without blanks around it."""
Word = Annotated[str, StringConstraints(pattern=r"^\S([^\x00-\x1f\x7f]*\S)?$", max_length=40)]
"""A short name of a kind or segment."""
Phone = Annotated[str, StringConstraints(pattern=r"^1[3-9][0-9]{9}$")]
"""A mobile number of mainland China."""
