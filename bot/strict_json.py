"""Reads JSON from outside so that nothing in it can hurt: size, depth, numbers, duplicates, text.

What the fields mean lives in the modules that use them.
"""

import json
import math
import re
from typing import Any

from bot.platform import Rejected

CALLBACK_BYTES_MAX = 64 * 1024
DEPTH_MAX = 32
INTEGER_CHARACTERS_MAX = 20
FLOAT_CHARACTERS_MAX = 40

# NUL cannot be stored by PostgreSQL, half a surrogate pair cannot be encoded.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_object(
    raw: bytes | str, *, bytes_max: int = CALLBACK_BYTES_MAX, mends_text: bool = True
) -> dict[str, Any]:
    """Parse a JSON object, refusing what nobody honest would send.

    `mends_text` replaces what no database can hold, as what people type must not be lost for it.

    Raises:
        Rejected: 413 when too large, else 400.
    """
    if len(raw) > bytes_max:
        raise Rejected(413, "too_large")
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
        if _is_too_deep(text):
            raise Rejected(400, "json_depth")
        value = json.loads(
            text,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        # The parser's error quotes the text, so it is no cause to keep.
        raise Rejected(400, "json") from None
    if not isinstance(value, dict):
        raise Rejected(400, "json_kind")
    mended: dict[str, Any] = _storable(value)
    if not mends_text and mended != value:
        raise Rejected(400, "json_text")
    return mended


def text_of(data: dict[str, Any], name: str) -> str:
    """Give a text field; anything but text counts as absent."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def object_of(data: dict[str, Any], name: str) -> dict[str, Any]:
    """Give an object field; anything but an object counts as empty."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _is_too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return False
    depth = 0
    in_string = is_escaped = False
    for character in text:
        if in_string:
            in_string = is_escaped or character != '"'
            is_escaped = character == "\\" and not is_escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > DEPTH_MAX:
                return True
        elif character in "]}":
            depth -= 1
    return False


def _integer(text: str) -> int:
    if len(text) > INTEGER_CHARACTERS_MAX:
        raise ValueError
    return int(text)


def _number(text: str) -> float:
    value = float(text) if len(text) <= FLOAT_CHARACTERS_MAX else math.inf
    if not math.isfinite(value):
        raise ValueError
    return value


def _constant(_: str) -> float:
    raise ValueError


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _storable(value: Any) -> Any:
    match value:
        case str():
            return _UNSTORABLE.sub(_replacement, value)
        case dict():
            return {_storable(key): _storable(inner) for key, inner in value.items()}
        case list():
            return [_storable(item) for item in value]
        case _:
            return value


def _replacement(found: re.Match[str]) -> str:
    return "" if found[0] == "\x00" else "\N{REPLACEMENT CHARACTER}"
