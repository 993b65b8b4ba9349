"""The platforms' limits, checked again and independently of the adapters.

Numbers: WeCom doc 90236, where two sets exist the shorter one (docs 101032, 99110); 微信客服 doc
94677; DingTalk KB-S/0783 and 0769. A check gives what is wrong, in words.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

TEXT_BYTES = 2048
QUOTE_CHARACTERS = 200
"""Ours: no limit is published, and four lines are what one reads."""
TAP_ID_BYTES = 64
DINGTALK_VALUE_BYTES = 1024
DINGTALK_TITLE_BYTES = 120
"""Ours: one line on a phone; the adapter cuts there."""
ACTION = re.compile(r"[0-9A-Z]{26}:[0-9a-z]+")

_WECOM_FIELDS = {
    "text_notice": {
        "card_type",
        "source",
        "main_title",
        "emphasis_content",
        "quote_area",
        "sub_title_text",
        "horizontal_content_list",
        "jump_list",
        "card_action",
    },
    "button_interaction": {
        "card_type",
        "source",
        "main_title",
        "quote_area",
        "sub_title_text",
        "horizontal_content_list",
        "card_action",
        "button_selection",
        "button_list",
    },
    "multiple_interaction": {
        "card_type",
        "source",
        "main_title",
        "select_list",
        "submit_button",
    },
}
_WECOM_NEEDS = {
    "text_notice": {"main_title", "card_action"},
    "button_interaction": {"main_title", "button_list"},
    "multiple_interaction": {"select_list", "submit_button"},
}


def text_problems(text: str) -> list[str]:
    """Check a plain text for WeCom and 微信客服."""
    size = len(text.encode())
    return [f"text has {size} bytes"] if not 0 < size <= TEXT_BYTES else []


def wecom_problems(card: Mapping[str, Any]) -> list[str]:
    """Check a template card without its task id."""
    kind = card.get("card_type", "")
    if kind not in _WECOM_FIELDS:
        return [f"card_type is {kind!r}"]
    found = [f"{name} is not a field of {kind}" for name in card.keys() - _WECOM_FIELDS[kind]]
    found += [f"{name} is missing" for name in _WECOM_NEEDS[kind] - card.keys()]
    return found + list(_wecom_texts(card)) + list(_wecom_presses(card))


def _wecom_texts(card: Mapping[str, Any]) -> Iterator[str]:
    title = card.get("main_title", {})
    emphasis = card.get("emphasis_content", {})
    quote = card.get("quote_area", {})
    source = card["source"]
    yield from _at_most("source.desc", source["desc"], 13)
    if source["desc_color"] not in {0, 1, 2, 3}:
        yield "source.desc_color is unknown"
    yield from _at_most("main_title.title", title["title"], 26)
    yield from _at_most("main_title.desc", title.get("desc", "-"), 30)
    yield from _at_most("emphasis.title", emphasis.get("title", "-"), 10)
    yield from _at_most("emphasis.desc", emphasis.get("desc", "-"), 22)
    yield from _at_most("quote", quote.get("quote_text", "-"), QUOTE_CHARACTERS)
    yield from _at_most("sub_title_text", card.get("sub_title_text", "-"), 112)
    rows = card.get("horizontal_content_list", [])
    if len(rows) > 6:
        yield f"{len(rows)} rows"
    for row in rows:
        yield from _at_most("keyname", row["keyname"], 5)
        yield from _at_most(f"value of {row['keyname']}", row["value"], 26)
    if "card_action" in card:
        action = card["card_action"]
        if action["type"] != 1 or not action["url"].startswith("https://"):
            yield "card_action is no link"


def _wecom_presses(card: Mapping[str, Any]) -> Iterator[str]:
    buttons = card.get("button_list", [])
    if "button_list" in card and not 1 <= len(buttons) <= 6:
        yield f"{len(buttons)} buttons"
    for button in buttons:
        yield from _at_most("button", button["text"], 10)
        if button["style"] not in {1, 2, 3, 4}:
            yield "button style is unknown"
    keys = [button["key"] for button in buttons]
    if "submit_button" in card:
        yield from _at_most("submit", card["submit_button"]["text"], 10)
        keys.append(card["submit_button"]["key"])
    if len(set(keys)) != len(keys):
        yield "two buttons have one key"
    yield from (f"key {key!r} is no action" for key in keys if not ACTION.fullmatch(key))
    selects = card.get("select_list", [])
    if len(selects) > 3 or len({select["question_key"] for select in selects}) != len(selects):
        yield "the selects don't fit"
    for select in selects:
        yield from _options(select["option_list"], 10)
        yield from _at_most("select title", select["title"], 13)


def _options(options: list[dict[str, str]], most: int) -> Iterator[str]:
    if not 1 <= len(options) <= most:
        yield f"{len(options)} options"
    if len({option["id"] for option in options}) != len(options):
        yield "two options have one id"
    for option in options:
        yield from _at_most("option", option["text"], 10)
        if not 1 <= len(option["id"].encode()) <= 128:
            yield "option id is too long"


def kf_problems(message: Mapping[str, Any]) -> list[str]:
    """Check a 微信客服 message."""
    kind = message.get("msgtype")
    if kind == "text" and message.keys() == {"msgtype", "text"}:
        return text_problems(message["text"]["content"])
    if kind != "msgmenu" or message.keys() != {"msgtype", "msgmenu"}:
        return [f"msgtype is {kind!r}"]
    return list(_menu_problems(message["msgmenu"]))


def _menu_problems(menu: Mapping[str, Any]) -> Iterator[str]:
    if menu.keys() != {"head_content", "list", "tail_content"}:
        yield f"menu has {sorted(menu)}"
    for part in ("head_content", "tail_content"):
        yield from _bytes_at_most(part, menu[part], 1024)
    if not 1 <= len(menu["list"]) <= 10:
        yield f"{len(menu['list'])} items"
    ids = [item["click"]["id"] for item in menu["list"]]
    if len(set(ids)) != len(ids):
        yield "two items have one id"
    for item in menu["list"]:
        if item.keys() != {"type", "click"} or item["type"] != "click":
            yield "an item is no click"
        yield from _bytes_at_most("click.id", item["click"]["id"], TAP_ID_BYTES)
        yield from _bytes_at_most("click.content", item["click"]["content"], 128)
        known = item["click"]["id"].startswith("cmd:") or ACTION.fullmatch(item["click"]["id"])
        if not known:
            yield f"id {item['click']['id']!r} means nothing"


def dingtalk_problems(card: Mapping[str, Any]) -> list[str]:
    """Check our card object: every value becomes a text of at most 1 KB in cardParamMap."""
    names = {"title", "markdown", "status", "buttons", "form"}
    if card.keys() != names:
        return [f"card has {sorted(card)}"]
    found: list[str] = []
    for name in names:
        value: Any = card[name]
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        found += _bytes_at_most(name, text, DINGTALK_VALUE_BYTES)
    found += _bytes_at_most("title", card["title"], DINGTALK_TITLE_BYTES)
    for button in card["buttons"]:
        found += _at_most("button", button["text"], 20)
        if button.keys() != {"text", "action", "style"}:
            found.append(f"button has {sorted(button)}")
        if button["style"] not in {"primary", "normal", "danger"}:
            found.append("button style is unknown")
        if not ACTION.fullmatch(button["action"]):
            found.append("button has no action")
    for question in card["form"] or []:
        options = [{"id": o["value"], "text": o["text"]} for o in question["options"]]
        found += _options(options, 10)
        if question.keys() != {"name", "label", "options"}:
            found.append(f"question has {sorted(question)}")
    return found


def _at_most(name: str, text: Any, characters: int) -> Iterator[str]:
    if not isinstance(text, str) or not 1 <= len(text) <= characters:
        yield f"{name} is {text!r}, allowed are {characters} characters"


def _bytes_at_most(name: str, text: str, size: int) -> Iterator[str]:
    if not 1 <= len(text.encode()) <= size:
        yield f"{name} has {len(text.encode())} bytes, allowed are {size}"
