"""The formats templates use: numbers, days, times, cut texts.

Words don't stand here; a filter gives the same in every language.
"""

from collections.abc import Callable
from datetime import date, datetime
from string import whitespace
from typing import Any, Final

from domain.calendar import BUSINESS_ZONE
from domain.reviews import STARS_MAX
from domain.voucher_codes import grouped

FEN_PER_YUAN: Final = 100
_MINUS: Final = "\N{MINUS SIGN}"
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_DATE_LENGTH: Final = len("2026-06-30")


def signed(number: int) -> str:
    """Show a change: +50, −20, 0; thousands are grouped."""
    return f"+{number:,}" if number > 0 else thousands(number)


def thousands(number: int) -> str:
    """Group the thousands: 1,280."""
    return f"{number:,}".replace("-", _MINUS)


def yuan(fen: int) -> str:
    """Show money in yuan, to the fen only where there are any: 1,200,000 or 0.50."""
    whole, part = divmod(fen, FEN_PER_YUAN)
    return f"{whole:,}.{part:02d}" if part else f"{whole:,}"


def day(text: str) -> str:
    """Show an ISO date or instant as its business day: 2026-06-30."""
    return _day(text).isoformat()


def day_near(text: str, reference: str) -> str:
    """Show a day without its year when that is the reference's: 06-30."""
    shown = _day(text)
    return f"{shown:%m-%d}" if shown.year == _day(reference).year else shown.isoformat()


def clock(text: str) -> str:
    """Show an ISO instant in the business zone: 06-30 14:05; a date without time as its day."""
    if len(text) <= _DATE_LENGTH:
        return f"{date.fromisoformat(text):%m-%d}"
    return f"{_instant(text):%m-%d %H:%M}"


def clip(text: str, characters: int) -> str:
    """Cut a text to so many characters, the last one an ellipsis when something is missing."""
    return text if len(text) <= characters else _cut(text[: characters - 1])


def clip_bytes(text: str, size: int) -> str:
    """Cut a text to so many bytes of UTF-8, ending in an ellipsis when something is missing."""
    encoded = text.encode()
    if len(encoded) <= size:
        return text
    room = size - len(_ELLIPSIS.encode())
    return _cut(encoded[:room].decode(errors="ignore"))


def _cut(text: str) -> str:
    # A name in it may have been cut before: two in a row are a mark of their own in Chinese.
    return text.rstrip(_ELLIPSIS + whitespace) + _ELLIPSIS


def byte_length(text: str) -> int:
    """Count the bytes of UTF-8."""
    return len(text.encode())


def stars(number: int) -> str:
    """Show stars: ★★☆☆☆."""
    return "★" * number + "☆" * (STARS_MAX - number)


def hard_breaks(text: str) -> str:
    """Make line ends count in DingTalk's markdown. Source: DingTalk doc 0699."""
    return text.replace("\n", "  \n")


def _day(text: str) -> date:
    if len(text) <= _DATE_LENGTH:
        return date.fromisoformat(text)
    return _instant(text).date()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(BUSINESS_ZONE)


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "byte_length": byte_length,
    "clip": clip,
    "clip_bytes": clip_bytes,
    "clock": clock,
    "day": day,
    "day_near": day_near,
    "grouped": grouped,
    "hard_breaks": hard_breaks,
    "signed": signed,
    "stars": stars,
    "thousands": thousands,
    "yuan": yuan,
}
