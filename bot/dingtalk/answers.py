"""What a rendered message is as data of our card template, and in answers to callbacks.

The template's variables are described in docs/dingtalk-card.md; their names are a contract with
`card_template/zhufen-card.json`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.dingtalk.markdown import clamp, defuse
from bot.platform import HttpAnswer, Rendered

VALUE_BYTES_MAX = 1024
"""One value of a card. Source: DingTalk doc 0783."""
TITLE_BYTES_MAX = 120

_COLOURS = {"primary": "blue", "danger": "red"}
_PLAIN_COLOUR = "gray"


def card_params(message: Rendered) -> dict[str, str]:
    """Give the variables of our card template; every one is text, as the platform demands."""
    card = message.card or {}
    buttons = [_button(item) for item in _objects(card.get("buttons"))]
    fields = [_field(item) for item in _objects(card.get("form"))]
    # A form has a button of its own: the first one, which carries the choices.
    submit, rest = (buttons[:1], buttons[1:]) if fields else ([], buttons)
    status = str(card.get("status") or "")
    markdown = str(card.get("markdown") or message.text.replace("\n", "  \n"))
    return {
        "title": clamp(defuse(str(card.get("title") or "")), TITLE_BYTES_MAX),
        "markdown": clamp(defuse(markdown), VALUE_BYTES_MAX),
        "status": clamp(defuse(status), TITLE_BYTES_MAX),
        "statusColor": "blue" if buttons else _PLAIN_COLOUR,
        "hasStatus": _flag(bool(status)),
        "buttons": _list(rest),
        "hasForm": _flag(bool(submit)),
        "form": _form(fields if submit else []),
        "formText": submit[0]["text"] if submit else "",
        "formAction": submit[0]["action"] if submit else "",
    }


def card_response(message: Rendered | None) -> dict[str, Any]:
    """Answer a press: what the pressed card shows now, or nothing yet.

    Only the person who pressed sees it (doc C/0010); our cards go to one person each. It must be
    sent within 2 s (doc C/0007).
    """
    if message is None:
        return {}
    return {
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        "cardData": {"cardParamMap": card_params(message)},
    }


def card_answer(message: Rendered | None) -> HttpAnswer:
    """Answer a press that came by HTTP."""
    body = json.dumps(card_response(message), ensure_ascii=False).encode()
    return HttpAnswer(body=body, media_type="application/json")


def _button(item: Mapping[str, Any]) -> dict[str, str]:
    return {
        "text": clamp(str(item.get("text") or ""), 60),
        "action": str(item.get("action") or ""),
        "color": _COLOURS.get(str(item.get("style")), _PLAIN_COLOUR),
    }


def _field(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": str(item.get("name") or ""),
        "label": str(item.get("label") or ""),
        "type": "SELECT",
        "required": True,
        "options": [
            {"value": str(option.get("value") or ""), "text": str(option.get("text") or "")}
            for option in _objects(item.get("options"))
        ],
    }


def _list(items: list[dict[str, str]]) -> str:
    """Write a list that fits into one value, leaving out the last ones if it must."""
    kept = list(items)
    while len(_compact(kept).encode()) > VALUE_BYTES_MAX:
        kept.pop()
    return _compact(kept)


def _form(fields: list[dict[str, Any]]) -> str:
    """Write a form that fits into one value: the longest question gives up its last option."""
    while len(_compact({"fields": fields}).encode()) > VALUE_BYTES_MAX:
        longest = max(fields, key=lambda one: len(one["options"]))
        if not longest["options"]:
            return _compact({"fields": []})
        longest["options"].pop()
    return _compact({"fields": fields})


def _objects(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, Sequence):
        return []
    return [item for item in value if isinstance(item, Mapping)]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _flag(value: bool) -> str:  # noqa: FBT001  the platform's spelling of this very boolean
    return "true" if value else "false"
