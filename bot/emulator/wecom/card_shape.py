"""What a template card may look like: every field, its type and its limit (doc 90236).

Lives here: the table and the walk over it. Which fields a card type needs is in `cards`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "bytes", "number", "flag", "object", "list"]


@dataclass(frozen=True)
class Rule:
    """One field: its type, limit and what is inside."""

    kind: Kind
    limit: int = 0
    """Characters for text, bytes for bytes, items for list; 0 for none."""
    required: bool = False
    allowed: tuple[int, ...] = ()
    least: int = 0
    """The smallest number of list items."""
    inside: Mapping[str, "Rule"] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """Something wrong with a card; not `fatal` when the platform only cuts or ignores it."""

    path: str
    problem: str
    fatal: bool


def _text(limit: int = 0, *, required: bool = False) -> Rule:
    return Rule("text", limit, required)


def _bytes(limit: int = 0, *, required: bool = False) -> Rule:
    return Rule("bytes", limit, required)


def _number(*allowed: int) -> Rule:
    return Rule("number", allowed=allowed)


def _object(**inside: Rule) -> Rule:
    return Rule("object", inside=inside)


def _list(least: int, most: int, **inside: Rule) -> Rule:
    return Rule("list", most, least=least, inside=inside)


_KEY, _URL = 1024, 2048
_TARGET = {"url": _bytes(_URL), "appid": _text(), "pagepath": _text()}
_OPTION = {"id": _bytes(128, required=True), "text": _text(16, required=True)}
_CHOICE = {
    "question_key": _bytes(_KEY, required=True),
    "title": _text(),
    "selected_id": _bytes(128),
    "disable": Rule("flag"),
    "option_list": Rule("list", 10, required=True, least=1, inside=_OPTION),
}

CARD: Mapping[str, Rule] = {
    "card_type": _text(required=True),
    "task_id": _bytes(),
    "source": _object(icon_url=_bytes(_URL), desc=_text(20), desc_color=_number(0, 1, 2, 3)),
    "action_menu": _object(
        desc=_text(),
        action_list=Rule(
            "list",
            3,
            required=True,
            least=1,
            inside={"text": _text(required=True), "key": _bytes(_KEY, required=True)},
        ),
    ),
    "main_title": _object(title=_text(36), desc=_text(44)),
    "quote_area": _object(type=_number(0, 1, 2), **_TARGET, title=_text(), quote_text=_text()),
    "emphasis_content": _object(title=_text(14), desc=_text(22)),
    "sub_title_text": _text(160),
    "horizontal_content_list": _list(
        0,
        6,
        type=_number(0, 1, 2, 3),
        keyname=_text(5, required=True),
        value=_text(30),
        url=_bytes(_URL),
        media_id=_bytes(),
        userid=_bytes(),
    ),
    "jump_list": _list(0, 3, type=_number(0, 1, 2), title=_text(18, required=True), **_TARGET),
    "card_action": _object(type=_number(1, 2), **_TARGET),
    "card_image": _object(url=Rule("bytes", _URL, required=True), aspect_ratio=Rule("number")),
    "image_text_area": _object(
        type=_number(0, 1, 2),
        **_TARGET,
        title=_text(),
        desc=_text(),
        image_url=_bytes(_URL, required=True),
    ),
    "vertical_content_list": _list(0, 4, title=_text(38, required=True), desc=_text(160)),
    "button_selection": Rule("object", inside=_CHOICE),
    "button_list": _list(
        1,
        6,
        type=_number(0, 1),
        text=_text(10, required=True),
        style=_number(1, 2, 3, 4),
        key=_bytes(_KEY),
        url=_bytes(_URL),
    ),
    "checkbox": _object(
        question_key=_bytes(_KEY, required=True),
        mode=_number(0, 1),
        disable=Rule("flag"),
        option_list=Rule(
            "list",
            20,
            required=True,
            least=1,
            inside={
                "id": _bytes(128, required=True),
                "text": _text(17, required=True),
                "is_checked": Rule("flag"),
            },
        ),
    ),
    "select_list": _list(1, 3, **_CHOICE),
    "submit_button": _object(text=_text(10, required=True), key=_bytes(_KEY, required=True)),
}
CARD_UPDATE: Mapping[str, Rule] = {**CARD, "replace_text": _text()}


def findings(
    body: Mapping[str, Any], rules: Mapping[str, Rule], path: str = ""
) -> Iterator[Finding]:
    """Walk over a card and yield whatever breaks a rule."""
    for name in body.keys() - rules.keys():
        yield Finding(path + name, "no such field, ignored", fatal=False)
    for name, rule in rules.items():
        here, value = path + name, body.get(name)
        if value is None or value == "":
            if rule.required:
                yield Finding(here, "missing", fatal=True)
            continue
        yield from _field(value, rule, here)


def _field(value: object, rule: Rule, here: str) -> Iterator[Finding]:
    match rule.kind, value:
        case "text", str():
            if rule.limit and len(value) > rule.limit:
                problem = f"{len(value)} characters, advised {rule.limit}"
                yield Finding(here, problem, fatal=False)
        case "bytes", str():
            if rule.limit and len(value.encode()) > rule.limit:
                yield Finding(here, f"over {rule.limit} bytes", fatal=True)
        case "number", int() | float() if not isinstance(value, bool):
            if rule.allowed and value not in rule.allowed:
                yield Finding(here, f"{value} is none of {rule.allowed}", fatal=True)
        case "flag", bool() | 0 | 1:
            pass
        case "object", dict():
            yield from findings(value, rule.inside, here + ".")
        case "list", list():
            yield from _items(value, rule, here)
        case _:
            yield Finding(here, f"not a {rule.kind}", fatal=True)


def _items(items: list[object], rule: Rule, here: str) -> Iterator[Finding]:
    if not rule.least <= len(items) <= rule.limit:
        problem = f"{len(items)} items, allowed {rule.least}–{rule.limit}"
        yield Finding(here, problem, fatal=True)
    for number, item in enumerate(items):
        if isinstance(item, dict):
            yield from findings(item, rule.inside, f"{here}[{number}].")
        else:
            yield Finding(f"{here}[{number}]", "not an object", fatal=True)
