"""Messages without a card template: texts, markdown, and ActionCards whose buttons type for us.

A button is a `dtmd` link that sends "/按 <action>" in the presser's name, which arrives as an
ordinary robot message (DingTalk doc G/0095); the dialects of robot template and webhook differ
only in the names below (docs 0714, 0717). Interactive cards live in `answers`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.dingtalk.markdown import clamp, defuse, printable
from bot.platform import Rendered
from handlers.vocabulary import PRESS_WORD

TEXT_BYTES_MAX = 6_000
"""msgParam may have 15,000 bytes (DingTalk doc 0716); quotes and line ends double in JSON."""
TITLE_BYTES_MAX = 120
TEMPLATE_BUTTONS_MAX = 5
SEND_LINK = "dtmd://dingtalkclient/sendMessage?content="


@dataclass(frozen=True, slots=True)
class ActionCard:
    """A title, markdown and buttons with their links."""

    title: str
    markdown: str
    buttons: tuple[tuple[str, str], ...]


def as_template(message: Rendered) -> tuple[str, str]:
    """Give msgKey and msgParam of the robot's send API; more than five buttons lose the rest."""
    card = _card(message)
    if card is None:
        return "sampleText", _param({"content": _text(message)})
    texts = {"title": card.title, "text": card.markdown}
    buttons = card.buttons[:TEMPLATE_BUTTONS_MAX]
    match len(buttons):
        case 0:
            return "sampleMarkdown", _param(texts)
        case 1:
            title, link = buttons[0]
            return "sampleActionCard", _param({**texts, "singleTitle": title, "singleURL": link})
        case count:
            for number, (title, link) in enumerate(buttons, 1):
                texts |= {f"actionTitle{number}": title, f"actionURL{number}": link}
            return f"sampleActionCard{count}", _param(texts)


def as_webhook(message: Rendered) -> dict[str, Any]:
    """Give the body for a session webhook."""
    card = _card(message)
    if card is None:
        return {"msgtype": "text", "text": {"content": _text(message)}}
    texts = {"title": card.title, "text": card.markdown}
    if not card.buttons:
        return {"msgtype": "markdown", "markdown": texts}
    buttons = [{"title": title, "actionURL": link} for title, link in card.buttons]
    body = {**texts, "btnOrientation": "0", "btns": buttons}
    return {"msgtype": "actionCard", "actionCard": body}


def press_link(action: str) -> str:
    """Give the link that types a button's text."""
    return SEND_LINK + quote(f"/{PRESS_WORD} {action}", safe="")


def _card(message: Rendered) -> ActionCard | None:
    card = message.card
    if card is None:
        return None
    title = clamp(defuse(str(card.get("title") or "")), TITLE_BYTES_MAX) or message.view
    status = defuse(str(card.get("status") or ""))
    markdown = str(card.get("markdown") or message.text.replace("\n", "  \n"))
    parts = [f"### {title}", f"**{status}**" if status else "", clamp(markdown, TEXT_BYTES_MAX)]
    text = "  \n".join(part for part in parts if part)
    return ActionCard(title, defuse(text), tuple(_buttons(card)))


def _buttons(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    value = card.get("buttons")
    items = value if isinstance(value, Sequence) else ()
    found = [item for item in items if isinstance(item, Mapping)]
    if card.get("form"):
        # The first button would send the choices, which can't be made here; the text says how.
        del found[:1]
    return [
        (str(item["text"]), press_link(str(item["action"])))
        for item in found
        if item.get("text") and item.get("action")
    ]


def _text(message: Rendered) -> str:
    return clamp(printable(message.text), TEXT_BYTES_MAX)


def _param(values: Mapping[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False)
