"""One pulled item of 微信客服 as `Incoming`. Source: WeCom doc 94670.

New kinds of messages and events appear without notice, so nothing here refuses an item: a page that
can't be read would block everything behind it.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from bot.wecom.config import KfConfig
from bot.wecom.kf import welcome_handle
from handlers.incoming import (
    Content,
    Entered,
    Incoming,
    MediaKind,
    Said,
    SendFailed,
    SentMedia,
    SessionChanged,
    Unsupported,
)

Json = dict[str, Any]
Failure = Literal[
    "window_closed", "allowance_used", "session_ended", "blocked", "not_configured", "unknown"
]

STALE_AFTER = timedelta(minutes=10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FROM_CUSTOMER = 3

_MEDIA = {
    "image": MediaKind.IMAGE,
    "voice": MediaKind.VOICE,
    "video": MediaKind.VIDEO,
    "file": MediaKind.FILE,
    "location": MediaKind.LOCATION,
    "link": MediaKind.LINK,
}
_OTHER_KINDS = frozenset(
    {
        "business_card",
        "channels",
        "channels_shop_order",
        "channels_shop_product",
        "meeting",
        "merged_msg",
        "miniprogram",
        "msgmenu",
        "note",
        "schedule",
    }
)
_FAILURES: dict[int, Failure] = {
    1: "not_configured",  # the account was deleted
    2: "not_configured",  # the app was closed
    4: "window_closed",
    5: "session_ended",
    6: "allowance_used",
    7: "not_configured",  # no 视频号 bound
    8: "not_configured",  # the corp is not verified
    9: "not_configured",  # 视频号 again
    10: "blocked",
    11: "not_configured",  # no member has ever logged in
    12: "not_configured",  # this kind of message is forbidden
}
_SESSIONS: dict[int, Literal["bot", "human", "ended"]] = {
    1: "human",  # taken out of the pool
    2: "human",  # handed on
    3: "ended",
    4: "human",  # taken up again
}


def incoming_of(item: Json, kf: KfConfig, now: datetime) -> Incoming:
    """Understand one item of a page."""
    sent_at = _sent_at(item.get("send_time"))
    event = _part(item, "event")
    content = _content(item, event)
    is_entry = isinstance(content, Entered) and content.welcome_code is not None
    return Incoming(
        channel=kf.channel,
        source_id=_text(item, "msgid") or _digest(item),
        # For events the ids stand inside `event` only.
        sender=_text(item, "external_userid") or _text(event, "external_userid"),
        sent_at=sent_at,
        content=content,
        reply_handle=welcome_handle(_text(event, "welcome_code"), sent_at) if is_entry else None,
        is_stale=now - sent_at > STALE_AFTER,
    )


def _content(item: Json, event: Json) -> Content:
    kind, origin = _text(item, "msgtype"), item.get("origin")
    if kind == "event":
        name = _text(event, "event_type")
        read_event = _EVENTS.get(name)
        return read_event(event) if read_event else Unsupported(name, is_message=False)
    if origin != _FROM_CUSTOMER:
        return Unsupported(f"origin:{origin}", is_message=False)
    part = _part(item, kind)
    if kind == "text":
        return Said(_text(part, "content"), _text(part, "menu_id") or None)
    if kind in _MEDIA:
        return SentMedia(_MEDIA[kind], _text(part, "media_id") or None)
    if kind in _OTHER_KINDS:
        return SentMedia(MediaKind.OTHER)
    return Unsupported(kind, is_message=True)


def _entered(event: Json) -> Content:
    return Entered(_text(event, "scene_param") or None, _text(event, "welcome_code") or None)


def _send_failed(event: Json) -> Content:
    failure = _FAILURES.get(_number(event, "fail_type"), "unknown")
    return SendFailed(_text(event, "fail_msgid"), failure)


def _session_changed(event: Json) -> Content:
    state = _SESSIONS.get(_number(event, "change_type"))
    if state is None:
        return Unsupported("session_status_change", is_message=False)
    return SessionChanged(state)


_EVENTS: dict[str, Callable[[Json], Content]] = {
    "enter_session": _entered,
    "msg_send_fail": _send_failed,
    "session_status_change": _session_changed,
}


def _part(item: Json, name: str) -> Json:
    value = item.get(name)
    return value if isinstance(value, dict) else {}


def _text(part: Json, name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _number(part: Json, name: str) -> int:
    value = part.get(name)
    return value if isinstance(value, int) else 0


def _sent_at(seconds: object) -> datetime:
    """Read a time; one that can't be read is long ago, so that nobody acts on the item."""
    if not isinstance(seconds, int) or not 0 < seconds < 1 << 40:
        return _EPOCH
    return _EPOCH + timedelta(seconds=seconds)


def _digest(item: Json) -> str:
    framed = json.dumps(item, sort_keys=True, ensure_ascii=False)
    return f"item-{hashlib.sha256(framed.encode('utf-8', 'replace')).hexdigest()[:40]}"
