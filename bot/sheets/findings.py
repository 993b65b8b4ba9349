"""The checker's findings in words: templates/sheets/findings.toml."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bot.sheets.ranges import show_number
from bot.sheets.values import show_flag, show_time
from bot.sheets.words import WORDS, read_toml
from domain.rules.fields import COMMON, OF_EVENT, FieldKind
from domain.rules.findings import Finding

_WORDS: Final = read_toml("findings")
_LIST: Final = WORDS.word("piece", "list")
_INDEX: Final = re.compile(r"\[(\d+)\]")
_KINDS: Final = COMMON | {name: kind for some in OF_EVENT.values() for name, kind in some.items()}
_TABLES: Final = {
    "comparison": "comparison",
    "scope": "scope",
    "window": "window",
    "trigger": "trigger",
    "policy": "debt_policy",
    "rounding": "rounding",
    "theirs": "stacking",
}
"""Facts that are values with words, and the table of these."""
_NUMBERS_OF_FIELD: Final = frozenset({"low", "high", "before", "found", "unit"})


def word_finding(finding: Finding) -> str:
    """Word a finding without its place."""
    data = finding.data
    name: str = finding.code
    if data.get("with_conditions") == () or data.get("by") == ():
        name = f"{name}_alone"
    facts = {key: _fact(key, value, data) for key, value in data.items()}
    return _WORDS["finding"][name].format_map(facts)


def word_place(place: str) -> str:
    """Word where something was found: "conditions[1]" is the second condition."""
    numbers = [int(number) + 1 for number in _INDEX.findall(place)]
    return _WORDS["place"][_INDEX.sub("[]", place)].format(*numbers)


def _fact(key: str, value: Any, data: Mapping[str, Any]) -> str:
    if key == "case":
        return _case(value)
    if key == "field":
        return WORDS.field(value)
    if key == "kind":
        return _WORDS["kind"][value]
    if key in _TABLES:
        return WORDS.word(_TABLES[key], value)
    if key == "found" and "theirs" in data:
        return WORDS.word("stacking", value)
    if isinstance(value, datetime):
        return show_time(value)
    if isinstance(value, tuple):
        return _LIST.join(map(str, value))
    if key in _NUMBERS_OF_FIELD and "field" in data and isinstance(value, int):
        return show_number(_KINDS.get(data["field"], FieldKind.NUMBER), value)
    return str(value)


def _case(parts: Sequence[Mapping[str, Any]]) -> str:
    words = _WORDS["case"]
    pieces = [
        words["values"].format(field=WORDS.field(part["field"]), values=_values(part))
        for part in parts
    ]
    return _LIST.join(pieces) or words["anything"]


def _values(part: Mapping[str, Any]) -> str:
    if "ranges" in part:
        kind = _KINDS[part["field"]]
        return _LIST.join(_range(kind, low, high) for low, high in part["ranges"])
    named = part.get("has") or part["values"]
    shown = [show_flag(flag=one) if isinstance(one, bool) else one for one in named]
    return _LIST.join([*shown, _WORDS["case"]["others"]] if part.get("or_others") else shown)


def _range(kind: FieldKind, low: int | None, high: int | None) -> str:
    words = _WORDS["case"]
    if low is not None and low == high:
        return show_number(kind, low)
    shown = {
        name: show_number(kind, end)
        for name, end in (("low", low), ("high", high))
        if end is not None
    }
    name = {0: "any_number", 2: "both"}.get(len(shown), "open_high" if high is None else "open_low")
    return words[name].format(**shown)
