"""Reads the three message dialects (robot template, webhook, work notice) into what a phone shows.

The case traps between them (`actionURL`, `action_url`, `buttonUrl1`) are enforced: a key of the
wrong dialect is a missing key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MAX_AT = 50
_TABLE = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*\|", re.MULTILINE)
_FENCE = re.compile(r"^\s*```", re.MULTILINE)
_LINKS = ("http://", "https://", "dtmd://", "dingtalk://")

_SAMPLES = {
    "sampleText": ("content",),
    "sampleMarkdown": ("title", "text"),
    "sampleImageMsg": ("photoURL",),
    "sampleLink": ("title", "text", "picUrl", "messageUrl"),
    "sampleAudio": ("mediaId", "duration"),
    "sampleFile": ("mediaId", "fileName", "fileType"),
    "sampleVideo": ("videoMediaId", "videoType", "picMediaId", "duration"),
}
_CARD_BUTTONS = {
    "sampleActionCard": [("singleTitle", "singleURL")],
    **{
        f"sampleActionCard{count}": [
            (f"actionTitle{n}", f"actionURL{n}") for n in range(1, count + 1)
        ]
        for count in range(2, 6)
    },
    "sampleActionCard6": [("buttonTitle1", "buttonUrl1"), ("buttonTitle2", "buttonUrl2")],
}
"""Each template's pairs of title and link."""


class BadMessageError(Exception):
    """A message the platform would refuse."""


@dataclass(frozen=True)
class Message:
    """What a phone shows: a bubble's kind and body."""

    kind: str
    body: dict[str, Any]

    def problems(self) -> list[str]:
        """List what the client would not render: tables, code blocks, links it cannot open."""
        found = []
        text = self.body.get("text", "")
        if self.kind in {"markdown", "actioncard"}:
            if _TABLE.search(text):
                found.append("markdown tables are not rendered")
            if _FENCE.search(text):
                found.append("markdown code blocks are not rendered")
        dead = [b["title"] for b in self.body.get("buttons", []) if not _opens(b["url"])]
        return found + [f"button {title} has no link the client opens" for title in dead]


def read_template(key: str, param: Mapping[str, Any]) -> Message:
    """Read a robot message template (doc 0714); raises BadMessageError."""
    if key in _CARD_BUTTONS:
        pairs = _CARD_BUTTONS[key]
        values = _strings(param, "title", "text", *(name for pair in pairs for name in pair))
        return _actioncard(values, [_button(values[title], values[url]) for title, url in pairs])
    if key not in _SAMPLES:
        raise BadMessageError(f"unknown msgKey {key}")
    values = _strings(param, *_SAMPLES[key])
    match key:
        case "sampleText":
            return Message("text", {"text": values["content"]})
        case "sampleMarkdown":
            return Message("markdown", dict(values))
        case "sampleLink":
            return _link(values)
        case _:
            return Message("media", {"template": key, **values})


def read_webhook(payload: Mapping[str, Any]) -> Message | None:
    """Read a webhook message (doc 0717), None for `empty`; raises BadMessageError."""
    if payload.get("msgtype") == "empty":
        return None
    kind, content = _parts(payload)
    match kind:
        case "actionCard":
            return _card(content, content, ("btns", "actionURL", "singleTitle", "singleURL"))
        case "feedCard":
            links = _objects(content, "links", "title", "messageURL", "picURL")
            return Message("feed", {"links": links})
        case _:
            return _plain(kind, content)


def read_notice(msg: Mapping[str, Any]) -> Message:
    """Read a work notice (doc 0775); raises BadMessageError."""
    kind, content = _parts(msg)
    match kind:
        case "action_card":
            texts = {**content, "text": content.get("markdown")}
            names = ("btn_json_list", "action_url", "single_title", "single_url")
            return _card(texts, content, names)
        case "oa":
            return Message("oa", dict(content))
        case _:
            return _plain(kind, content)


def mention_problems(payload: Mapping[str, Any], message: Message | None) -> list[str]:
    """List what is wrong with a webhook message's `at` (doc 0717)."""
    at = payload.get("at") or {}
    ids = at.get("atUserIds") or []
    if not ids:
        return []
    if message is None or message.kind in {"link", "feed"}:
        return ["at is not possible with this msgtype"]
    if len(ids) > _MAX_AT:
        return [f"at names {len(ids)} people, {_MAX_AT} are allowed"]
    text = message.body.get("text", "")
    return [
        f"at names {person!r} but the text has no @{person}"
        for person in ids
        if not isinstance(person, str) or f"@{person}" not in text
    ]


def _parts(payload: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    kind = str(payload.get("msgtype"))
    content = payload.get(kind)
    if not isinstance(content, Mapping):
        raise BadMessageError(f"no object {kind!r} beside msgtype")
    return kind, content


def _plain(kind: str, content: Mapping[str, Any]) -> Message:
    """Read the types webhooks and work notices write alike."""
    match kind:
        case "text":
            return Message("text", {"text": _strings(content, "content")["content"]})
        case "markdown":
            return Message("markdown", dict(_strings(content, "title", "text")))
        case "link":
            return _link(_strings(content, "title", "text", "messageUrl"))
        case _:
            raise BadMessageError(f"msgtype {kind!r} cannot be sent here")


def _card(
    texts: Mapping[str, Any], content: Mapping[str, Any], names: tuple[str, str, str, str]
) -> Message:
    """Read an action card; `names` are the dialect's button list, link, single title and link."""
    many, link, single_title, single_url = names
    values = _strings(texts, "title", "text")
    if many in content:
        buttons = _objects(content, many, "title", link)
        return _actioncard(values, [_button(b["title"], b[link]) for b in buttons])
    single = _strings(content, single_title, single_url)
    return _actioncard(values, [_button(single[single_title], single[single_url])])


def _actioncard(values: Mapping[str, str], buttons: list[dict[str, str]]) -> Message:
    body = {"title": values["title"], "text": values["text"], "buttons": buttons}
    return Message("actioncard", body)


def _link(values: Mapping[str, str]) -> Message:
    body = {"title": values["title"], "text": values["text"], "url": values["messageUrl"]}
    return Message("link", body)


def _opens(url: str) -> bool:
    return url.startswith(_LINKS)


def _button(title: str, url: str) -> dict[str, str]:
    return {"title": title, "url": url}


def _strings(content: Mapping[str, Any], *names: str) -> dict[str, str]:
    for name in names:
        value = content.get(name)
        if not isinstance(value, str) or not value:
            raise BadMessageError(f"{name} must be a non-empty string")
    return {name: content[name] for name in names}


def _objects(content: Mapping[str, Any], name: str, *keys: str) -> list[dict[str, str]]:
    items = content.get(name)
    if not isinstance(items, list) or not items:
        raise BadMessageError(f"{name} must be a non-empty list")
    return [_strings(item if isinstance(item, Mapping) else {}, *keys) for item in items]
