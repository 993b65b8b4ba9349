"""What an app may send to a customer: message types and their limits (doc 94677)."""

from typing import Any

from bot.emulator.wecom.errors import ApiError

Json = dict[str, Any]

_TEXT_BYTES = 2048
_MENU_ITEMS = 10
# Field → (most bytes, required).
_MENU_ITEM: dict[str, dict[str, tuple[int, bool]]] = {
    "click": {"id": (128, False), "content": (128, True)},
    "view": {"url": (2048, True), "content": (1024, True)},
    "miniprogram": {"appid": (32, True), "pagepath": (1024, True), "content": (1024, True)},
    "text": {"content": (256, True)},
}
_NEEDED: dict[str, tuple[str, ...]] = {
    "image": ("media_id",),
    "voice": ("media_id",),
    "video": ("media_id",),
    "file": ("media_id",),
    "link": ("title", "url", "thumb_media_id"),
    "miniprogram": ("appid", "thumb_media_id", "pagepath"),
    "location": ("latitude", "longitude"),
    "ca_link": ("link_url",),
}


def check(body: Json) -> tuple[str, Json]:
    """Check a message and return its type and content.

    Raises:
        ApiError: 40008 type, 44004 empty text, 45002 too long, 95008/95009 menu, 40058 else.
    """
    msgtype = str(body.get("msgtype"))
    if msgtype not in {"text", "msgmenu", *_NEEDED}:
        raise ApiError(40008)
    content = body.get(msgtype)
    if not isinstance(content, dict):
        raise ApiError(40058, msgtype)
    if msgtype == "text":
        _check_text(content)
    elif msgtype == "msgmenu":
        _check_menu(content)
    else:
        for name in _NEEDED[msgtype]:
            if content.get(name) in (None, ""):
                raise ApiError(40058, f"{msgtype}.{name}")
    return msgtype, content


def _check_text(content: Json) -> None:
    text = content.get("content")
    if not isinstance(text, str) or not text:
        raise ApiError(44004)
    if len(text.encode()) > _TEXT_BYTES:
        raise ApiError(45002)


def _check_menu(menu: Json) -> None:
    items = menu.get("list") or []
    for name in ("head_content", "tail_content"):
        _check_size(menu, name, 1024, required=False)
    if not isinstance(items, list) or not (items or menu.get("head_content")):
        raise ApiError(40058, "msgmenu.list")
    if len(items) > _MENU_ITEMS:
        raise ApiError(95008)
    for item in items:
        kind = item.get("type") if isinstance(item, dict) else None
        if kind not in _MENU_ITEM:
            raise ApiError(95009)
        inside = item.get(kind)
        if not isinstance(inside, dict):
            raise ApiError(40058, f"msgmenu.list.{kind}")
        for name, (most, required) in _MENU_ITEM[kind].items():
            _check_size(inside, name, most, required=required)


def _check_size(body: Json, name: str, most: int, *, required: bool) -> None:
    value = body.get(name)
    if value in (None, ""):
        if required:
            raise ApiError(40058, f"msgmenu: {name} missing")
    elif not isinstance(value, str) or len(value.encode()) > most:
        raise ApiError(40058, f"msgmenu: {name} over {most} bytes")
