"""Rules as JSON and back: how they are stored, sealed by a hash, sent and shown by the API.

Reading is strict: whatever is unknown, missing, of another kind or out of bounds is refused with
the place where it stands. Reading what was written gives the same rule.
"""

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any, Union, get_args, get_origin, get_type_hints

from domain.rules.model import (
    DecisionTable,
    Fixed,
    Members,
    Multiplier,
    PerDay,
    PerUnit,
    Range,
    RuleVersion,
    Steps,
)

TEXT_MAX = 200
NUMBER_MAX = 10**15
"""Ten trillion yuan in fen; no amount or number of a rule is greater."""

_KINDS: dict[str, type] = {
    "fixed": Fixed,
    "per_unit": PerUnit,
    "steps": Steps,
    "per_day": PerDay,
    "multiplier": Multiplier,
    "table": DecisionTable,
    "range": Range,
    "members": Members,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


class Malformed(Exception):
    """A rule's JSON is not a rule; says where and why by short names, never with its values."""

    def __init__(self, place: str, problem: str) -> None:
        """Keep the place as a path ("formula.unit") and the problem's name."""
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem


def to_json(thing: Any) -> Any:
    """Write a rule, a programme or a part of one; what stands at its default is left out."""
    if isinstance(thing, datetime):
        return thing.astimezone(UTC).isoformat()
    if isinstance(thing, tuple):
        return [to_json(one) for one in thing]
    if not is_dataclass(thing) or isinstance(thing, type):
        return thing.value if isinstance(thing, StrEnum) else thing
    name = _NAMES.get(type(thing))
    written: dict[str, Any] = {} if name is None else {"kind": name}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if field.default is MISSING or value != field.default:
            written[field.name] = to_json(value)
    return written


def canonical(thing: Any) -> str:
    """Give the one text a rule or programme is hashed and stored as."""
    return json.dumps(to_json(thing), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(text: str) -> str:
    """Hash a canonical text."""
    return sha256(text.encode()).hexdigest()


def rule_from_json(written: object) -> RuleVersion:
    """Read a rule.

    Raises:
        Malformed: it isn't one.
    """
    rule: RuleVersion = _read(RuleVersion, written, "")
    return rule


def read_as(kind: type, written: object) -> Any:
    """Read something else that is made of the same parts, such as a programme.

    Raises:
        Malformed: it isn't one.
    """
    return _read(kind, written, "")


def _read(kind: Any, written: object, place: str) -> Any:
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _read_union(get_args(kind), written, place)
    if origin is tuple:
        if not isinstance(written, list):
            raise Malformed(place, "not_a_list")
        inner = get_args(kind)[0]
        return tuple(_read(inner, one, f"{place}[{n}]") for n, one in enumerate(written))
    if isinstance(kind, type) and is_dataclass(kind):
        return _read_record(kind, written, place)
    return _read_plain(kind, written, place)


def _read_union(kinds: tuple[Any, ...], written: object, place: str) -> Any:
    if written is None and type(None) in kinds:
        return None
    others = [kind for kind in kinds if kind is not type(None)]
    if isinstance(written, Mapping) and "kind" in written:
        named = written["kind"]
        found = _KINDS.get(named) if isinstance(named, str) else None
        if found is None or found not in others:
            raise Malformed(f"{place}.kind".lstrip("."), "unknown_kind")
        return _read_record(found, written, place)
    if len(others) == 1:
        return _read(others[0], written, place)
    for kind in others:
        if get_origin(kind) is tuple and isinstance(written, list):
            return _read(kind, written, place)
        if isinstance(kind, type) and type(written) is kind:
            return _read_plain(kind, written, place)
    raise Malformed(place, "wrong_type")


def _read_record(kind: type, written: object, place: str) -> Any:
    if not isinstance(written, Mapping):
        raise Malformed(place, "not_an_object")
    hints = _hints(kind)
    unknown = set(written) - set(hints) - ({"kind"} if kind in _NAMES else set())
    if unknown:
        raise Malformed(f"{place}.{min(map(str, unknown))[:40]}".lstrip("."), "unknown_field")
    read = {}
    for field in fields(kind):
        where = f"{place}.{field.name}".lstrip(".")
        if field.name in written:
            read[field.name] = _read(hints[field.name], written[field.name], where)
        elif field.default is MISSING:
            raise Malformed(where, "missing")
    return kind(**read)


def _read_plain(kind: Any, written: object, place: str) -> Any:
    if kind is datetime:
        return _read_time(written, place)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if isinstance(written, str) and written in set(kind):
            return kind(written)
        raise Malformed(place, "unknown_value")
    if type(written) is not kind:
        raise Malformed(place, "wrong_type")
    if isinstance(written, int) and abs(written) > NUMBER_MAX:
        raise Malformed(place, "too_great")
    if isinstance(written, str) and (len(written) > TEXT_MAX or not written.isprintable()):
        raise Malformed(place, "not_a_plain_text")
    return written


def _read_time(written: object, place: str) -> datetime:
    try:
        at = datetime.fromisoformat(written)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise Malformed(place, "not_a_time") from None
    if at.utcoffset() is None:
        raise Malformed(place, "no_offset")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Malformed(place, "not_a_time") from None


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
