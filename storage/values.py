"""How Python values become column values and back, the same on both engines.

SQLite has no times, dates, booleans or JSON of its own: they are kept as the texts and numbers that
SQLAlchemy's types write too, so rows written by statements and rows written by models agree.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

Converter = Callable[[Any], Any]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Json:
    """Marks a value for a JSON column."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def json_or_none(value: Any | None) -> Json | None:
    """Mark a value for a JSON column, leaving None as NULL."""
    return None if value is None else Json(value)


def time_of(value: Any) -> datetime:
    """Read a time column as aware UTC."""
    if type(value) is str:
        return datetime.fromisoformat(value + "+00:00")
    return value.astimezone(UTC)  # type: ignore[no-any-return]


def time_or_none(value: Any) -> datetime | None:
    """Read a time column that may be NULL."""
    return None if value is None else time_of(value)


def date_of(value: Any) -> date:
    """Read a date column."""
    return date.fromisoformat(value) if type(value) is str else value


def date_or_none(value: Any) -> date | None:
    """Read a date column that may be NULL."""
    return None if value is None else date_of(value)


def exact_time(value: Any) -> datetime:
    """Read a time column that has to be written as it is written here.

    Raises:
        ValueError: it is written otherwise, though it may mean the same.
    """
    found = time_of(value)
    if type(value) is str and value != _time_text(found):
        raise ValueError("not as it was written")
    return found


def exact_date(value: Any) -> date:
    """Read a date column that has to be written as it is written here.

    Raises:
        ValueError: it is written otherwise, though it may mean the same.
    """
    found = date_of(value)
    if type(value) is str and value != found.isoformat():
        raise ValueError("not as it was written")
    return found


def json_of(value: Any) -> Any:
    """Read a JSON column; PostgreSQL's driver has parsed it already."""
    return json.loads(value) if type(value) is str else value


def _text(value: str) -> str:
    """Replace what PostgreSQL cannot store: NUL and halves of surrogate pairs."""
    if value.isascii():
        return value.replace("\x00", _REPLACEMENT) if "\x00" in value else value
    return value.encode("utf-8", "replace").decode().replace("\x00", _REPLACEMENT)


def json_text(marked: Json) -> str:
    """Give the text of a JSON column, without what PostgreSQL cannot store."""
    text = _dump(marked.value)
    # The escape is rare enough to look for it in the text before walking the value.
    if "\\u0000" in text:
        text = _dump(_without_nul(marked.value))
    return _text(text)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", _REPLACEMENT)
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(item) for item in value]
    return value


def _aware(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise ValueError("a time without zone")
    return value.astimezone(UTC)


# The same few instants are written again and again.
@lru_cache(maxsize=1024)
def _time_text(value: datetime) -> str:
    return _aware(value).isoformat(" ", "microseconds")[:26]


class Converters(dict[type, Converter | None]):
    """What to do with a parameter of a type before it goes to the driver; None: nothing.

    Enumerations are not listed: the first value of each class finds its converter here.
    """

    def __missing__(self, kind: type) -> Converter:
        """Treat a text enumeration as its text.

        Raises:
            TypeError: the type has no column type.
        """
        if not issubclass(kind, str):
            raise TypeError(kind.__name__)
        self[kind] = _enumerated
        return _enumerated


def _enumerated(value: str) -> str:
    return str.__str__(value)


_EVERYWHERE: dict[type, Converter | None] = {
    type(None): None,
    int: None,
    bytes: None,
    str: _text,
    Json: json_text,
}

FOR_SQLITE = Converters(
    _EVERYWHERE | {bool: int, datetime: _time_text, date: date.isoformat},
)
# Lists are arrays, of ids and numbers only.
FOR_POSTGRES = Converters(_EVERYWHERE | {bool: None, datetime: _aware, date: None, list: None})
