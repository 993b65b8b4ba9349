"""Does an outgoing message fit WeCom's limits? For the presenter and its tests.

The figures stand in `shapes`; a text to a member or a customer has 2048 bytes (docs 90236, 94677).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.wecom.shapes import CARD, KF_MENU, ONLY_IN, REQUIRED, Flag, Group, Many, Part, Text, Whole

TEXT_BYTES = 2048
"""A text to a member or customer, sent or passive."""
_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}", re.ASCII)
_ELLIPSIS = "…"
_JOINER = "\u200d"


class Fault(StrEnum):
    """How a message breaks the rules."""

    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    TOO_FEW = "too_few"
    MISSING = "missing"
    WRONG_KIND = "wrong_kind"
    NOT_ALLOWED = "not_allowed"
    UNKNOWN_FIELD = "unknown_field"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a message does not fit."""

    path: str
    fault: Fault
    limit: int | None = None
    actual: int | None = None


def check_card(card: Mapping[str, Any]) -> list[Breach]:
    """Measure a template_card object; an empty list means that it fits.

    `task_id` may be missing: the adapter gives it. {"button": {"replace_name": …}}, the short form
    of an update, fits when it has a name.
    """
    if set(card) == {"button"}:
        return list(_walk(Group({"replace_name": Text(required=True)}), card["button"], "button"))
    breaches = list(_walk(Group(CARD), card, ""))
    kind = card.get("card_type")
    if not isinstance(kind, str) or kind not in REQUIRED:
        return [*breaches, Breach("card_type", Fault.NOT_ALLOWED)]
    breaches += [Breach(name, Fault.MISSING) for name in REQUIRED[kind] if not card.get(name)]
    breaches += [
        Breach(name, Fault.NOT_ALLOWED)
        for name, kinds in ONLY_IN.items()
        if name in card and kind not in kinds
    ]
    return [*breaches, *_combinations(kind, card)]


def check_text(text: str) -> list[Breach]:
    """Measure a text to a member or a customer."""
    return list(_walk(Text(bytes=TEXT_BYTES, required=True), text, "text"))


def check_kf(message: Mapping[str, Any]) -> list[Breach]:
    """Measure a 微信客服 message: {"msgtype": "text" | "msgmenu", …}."""
    kind = message.get("msgtype")
    if kind == "text":
        content = Text(bytes=TEXT_BYTES, required=True)
        return list(_walk(Group({"content": content}), message.get("text"), "text"))
    if kind != "msgmenu":
        return [Breach("msgtype", Fault.NOT_ALLOWED)]
    menu = message.get("msgmenu")
    breaches = list(_walk(Group(KF_MENU), menu, "msgmenu"))
    items = menu.get("list") if isinstance(menu, Mapping) else None
    for number, item in enumerate(items if isinstance(items, Sequence) else ()):
        if isinstance(item, Mapping) and set(item) != {"type", item.get("type")}:
            breaches.append(Breach(f"msgmenu.list[{number}].type", Fault.NOT_ALLOWED))
    return breaches


def clamp_text(text: str, bytes_max: int) -> str:
    """Shorten a text to so many UTF-8 bytes, between characters, with "…" where it was cut."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= bytes_max:
        return text
    room = max(bytes_max - len(_ELLIPSIS.encode()), 0)
    end = len(encoded[:room].decode("utf-8", "ignore"))
    # Half an emoji or a letter without its accent would show as something else.
    while end > 0 and (_joins_previous(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return text[:end].rstrip() + _ELLIPSIS


def _joins_previous(character: str) -> bool:
    return (
        character == _JOINER
        or unicodedata.combining(character) > 0
        or "\ufe00" <= character <= "\ufe0f"  # variation selectors
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
    )


def _combinations(kind: str, card: Mapping[str, Any]) -> Iterator[Breach]:
    title = card.get("main_title")
    has_title = isinstance(title, Mapping) and bool(title.get("title"))
    if kind == "text_notice" and not (has_title or card.get("sub_title_text")):
        yield Breach("main_title.title", Fault.MISSING)
    if kind == "news_notice" and not (card.get("card_image") or card.get("image_text_area")):
        yield Breach("card_image", Fault.MISSING)
    task_id = card.get("task_id")
    if isinstance(task_id, str) and not _TASK_ID.fullmatch(task_id):
        yield Breach("task_id", Fault.NOT_ALLOWED)


def _walk(part: Part, value: Any, path: str) -> Iterator[Breach]:
    if isinstance(part, Text):
        yield from _measure(part, value, path)
    elif isinstance(part, Group):
        yield from _walk_fields(part.fields, value, path)
    elif isinstance(part, Many):
        yield from _walk_items(part, value, path)
    elif isinstance(part, Flag):
        if not isinstance(value, bool):
            yield Breach(path, Fault.WRONG_KIND)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        yield Breach(path, Fault.WRONG_KIND)
    elif isinstance(part, Whole):
        if value not in part.allowed:
            yield Breach(path, Fault.NOT_ALLOWED)
    elif not part.least <= value <= part.most:
        yield Breach(path, Fault.NOT_ALLOWED)


def _measure(part: Text, value: Any, path: str) -> Iterator[Breach]:
    if not isinstance(value, str):
        yield Breach(path, Fault.WRONG_KIND)
        return
    if part.required and not value.strip():
        yield Breach(path, Fault.MISSING)
    if part.characters is not None and len(value) > part.characters:
        yield Breach(path, Fault.TOO_LONG, part.characters, len(value))
    size = len(value.encode("utf-8", "replace"))
    if part.bytes is not None and size > part.bytes:
        yield Breach(path, Fault.TOO_LONG, part.bytes, size)


def _walk_fields(fields: Mapping[str, Part], value: Any, path: str) -> Iterator[Breach]:
    if not isinstance(value, Mapping):
        yield Breach(path, Fault.WRONG_KIND)
        return
    for name, part in fields.items():
        here = f"{path}.{name}" if path else name
        if name in value:
            yield from _walk(part, value[name], here)
        elif part.required:
            yield Breach(here, Fault.MISSING)
    for name in value:
        if name not in fields:
            yield Breach(f"{path}.{name}" if path else name, Fault.UNKNOWN_FIELD)


def _walk_items(part: Many, value: Any, path: str) -> Iterator[Breach]:
    if not isinstance(value, list):
        yield Breach(path, Fault.WRONG_KIND)
        return
    if len(value) > part.most:
        yield Breach(path, Fault.TOO_MANY, part.most, len(value))
    if len(value) < part.least:
        yield Breach(path, Fault.TOO_FEW, part.least, len(value))
    seen: set[object] = set()
    for number, item in enumerate(value):
        yield from _walk_fields(part.fields, item, f"{path}[{number}]")
        key = item.get(part.unique) if part.unique and isinstance(item, Mapping) else None
        if isinstance(key, str):
            if key in seen:
                yield Breach(f"{path}[{number}].{part.unique}", Fault.DUPLICATE)
            seen.add(key)
