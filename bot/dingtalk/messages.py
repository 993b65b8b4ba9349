"""What a robot message says: DingTalk's JSON of one message into our content types.

Who may have sent it is `callbacks`' matter. Source of the fields: DingTalk docs 0699, 0718; the
pages contradict each other in places, so whatever is not as documented counts as absent.
"""

from datetime import UTC, datetime
from typing import Any

from bot.platform import Rejected
from bot.strict_json import object_of, text_of
from handlers.incoming import (
    Content,
    MediaKind,
    QuotaExhausted,
    Said,
    SentMedia,
    Unsupported,
)

QUOTA_CODE = "20001"
"""The month's pushes are used up: the message comes without its content. Source: doc 0699."""
OUTSIDER = "outsider:"
"""Before the account of somebody who is not of our company; such an account stays unbound."""
ID_CHARACTERS_MAX = 200
KIND_CHARACTERS_MAX = 40
MILLISECONDS_MAX = 10**14

_MEDIA = {
    "picture": MediaKind.IMAGE,
    "audio": MediaKind.VOICE,
    "video": MediaKind.VIDEO,
    "file": MediaKind.FILE,
}


def content_of(data: dict[str, Any]) -> Content:
    """Read what was sent; the text of a group message loses the blank its mention left."""
    if is_quota_shell(data):
        return QuotaExhausted()
    kind = text_of(data, "msgtype")
    match kind:
        case "text":
            return Said(_plain_text(data))
        case "richText":
            return _rich_text(object_of(data, "content"))
        case _ if kind in _MEDIA:
            content = object_of(data, "content")
            return SentMedia(
                _MEDIA[kind],
                reference=text_of(content, "downloadCode") or None,
                recognition=text_of(content, "recognition").strip() or None,
            )
        case _:
            return Unsupported(kind[:KIND_CHARACTERS_MAX], is_message=True)


def is_quota_shell(data: dict[str, Any]) -> bool:
    """Tell whether this is the empty shell of a used-up quota; robots and events spell it apart."""
    return QUOTA_CODE in {str(data.get("errorCode")), str(data.get("errCode"))}


def identifier(data: dict[str, Any], name: str) -> str:
    """Give an id that must be there.

    Raises:
        Rejected: 400.
    """
    value = text_of(data, name)
    if not 0 < len(value) <= ID_CHARACTERS_MAX:
        raise Rejected(400, f"no_{name}")
    return value


def sender_of(data: dict[str, Any]) -> str:
    """Name the sender: the company's user id, or an outsider's opaque id.

    `senderStaffId` is absent for outsiders and before the app is published (doc 0699).

    Raises:
        Rejected: 400, nobody is named.
    """
    if text_of(data, "senderStaffId"):
        return identifier(data, "senderStaffId")
    return OUTSIDER + identifier(data, "senderId")


def instant(value: object) -> datetime | None:
    """Read Unix milliseconds, which come as number or text."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and int(text) < MILLISECONDS_MAX):
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def _plain_text(data: dict[str, Any]) -> str:
    # One of the vendor's samples has the text directly in `content` (doc G/0078).
    text = text_of(object_of(data, "text"), "content") or text_of(data, "content")
    return text.strip()


def _rich_text(content: dict[str, Any]) -> Content:
    parts = content.get("richText")
    items = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    text = "".join(text_of(item, "text") for item in items).strip()
    if text:
        return Said(text)
    pictures = [text_of(item, "downloadCode") for item in items if item.get("type") == "picture"]
    if pictures:
        return SentMedia(MediaKind.IMAGE, reference=pictures[0] or None)
    return Unsupported("richText", is_message=True)
