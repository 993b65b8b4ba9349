"""The shape of a template card and of a 微信客服 menu, as tables: fields, kinds, limits.

Sources: WeCom doc 90236 (cards; `main_title.desc` at the stricter of two figures) and doc 94677
(微信客服). Lengths are characters, or UTF-8 bytes where the platform counts bytes. The walk over
the tables is in `limits`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_KEY_BYTES = 1024
_URL_BYTES = 2048
_ID_BYTES = 128


@dataclass(frozen=True, slots=True)
class Text:
    """A text of so many characters or bytes."""

    characters: int | None = None
    bytes: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A number, one of `allowed`."""

    allowed: tuple[int, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Ratio:
    """A number between two others."""

    least: float
    most: float
    required: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    required: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An object with known fields."""

    fields: Mapping[str, "Part"]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """A list of objects, `unique` by one of their fields."""

    least: int
    most: int
    fields: Mapping[str, "Part"]
    unique: str | None = None
    required: bool = False


Part = Text | Whole | Ratio | Flag | Group | Many

_TARGET: dict[str, Part] = {"url": Text(bytes=_URL_BYTES), "appid": Text(), "pagepath": Text()}
_ACTION = Group({"type": Whole((0, 1, 2)), **_TARGET})
_OPTION: dict[str, Part] = {
    "id": Text(bytes=_ID_BYTES, required=True),
    "text": Text(16, required=True),
}
_SELECT: dict[str, Part] = {
    "question_key": Text(bytes=_KEY_BYTES, required=True),
    "title": Text(),
    "selected_id": Text(bytes=_ID_BYTES),
    "disable": Flag(),
    "option_list": Many(1, 10, _OPTION, unique="id", required=True),
}
_BUTTON: dict[str, Part] = {
    "type": Whole((0, 1)),
    "text": Text(10, required=True),
    "style": Whole((1, 2, 3, 4)),
    "key": Text(bytes=_KEY_BYTES),
    "url": Text(bytes=_URL_BYTES),
}
_ROW: dict[str, Part] = {
    "type": Whole((0, 1, 2, 3)),
    "keyname": Text(5, required=True),
    "value": Text(30),
    "url": Text(bytes=_URL_BYTES),
    "media_id": Text(),
    "userid": Text(),
}
_CHECKBOX: dict[str, Part] = {
    "question_key": Text(bytes=_KEY_BYTES, required=True),
    "mode": Whole((0, 1)),
    "disable": Flag(),
    "option_list": Many(
        1,
        20,
        {"id": _OPTION["id"], "text": Text(17, required=True), "is_checked": Flag()},
        unique="id",
        required=True,
    ),
}
_MENU: dict[str, Part] = {
    "desc": Text(),
    "action_list": Many(
        1,
        3,
        {"text": Text(required=True), "key": Text(bytes=_KEY_BYTES, required=True)},
        unique="key",
        required=True,
    ),
}

CARD: dict[str, Part] = {
    "card_type": Text(required=True),
    "task_id": Text(bytes=_ID_BYTES),
    "source": Group({"icon_url": Text(), "desc": Text(20), "desc_color": Whole((0, 1, 2, 3))}),
    "action_menu": Group(_MENU),
    "main_title": Group({"title": Text(36), "desc": Text(44)}),
    "quote_area": Group(
        {"type": Whole((0, 1, 2)), **_TARGET, "title": Text(), "quote_text": Text()}
    ),
    "emphasis_content": Group({"title": Text(14), "desc": Text(22)}),
    "sub_title_text": Text(160),
    "horizontal_content_list": Many(0, 6, _ROW),
    "jump_list": Many(
        0, 3, {"type": Whole((0, 1, 2)), "title": Text(18, required=True), **_TARGET}
    ),
    "card_action": _ACTION,
    "card_image": Group({"url": Text(required=True), "aspect_ratio": Ratio(1.3, 2.25)}),
    "image_text_area": Group(
        {
            "type": Whole((0, 1, 2)),
            **_TARGET,
            "title": Text(),
            "desc": Text(),
            "image_url": Text(required=True),
        }
    ),
    "vertical_content_list": Many(0, 4, {"title": Text(38, required=True), "desc": Text(160)}),
    "button_selection": Group(_SELECT),
    "button_list": Many(1, 6, _BUTTON, unique="key"),
    "checkbox": Group(_CHECKBOX),
    "select_list": Many(1, 3, _SELECT, unique="question_key"),
    "submit_button": Group(
        {"text": Text(10, required=True), "key": Text(bytes=_KEY_BYTES, required=True)}
    ),
    "replace_text": Text(),
}

REQUIRED = {
    "text_notice": ("card_action",),
    "news_notice": ("card_action", "main_title"),
    "button_interaction": ("main_title", "button_list"),
    "vote_interaction": ("checkbox", "submit_button"),
    "multiple_interaction": ("select_list", "submit_button"),
}
ONLY_IN = {
    "emphasis_content": ("text_notice",),
    "card_image": ("news_notice",),
    "image_text_area": ("news_notice",),
    "vertical_content_list": ("news_notice",),
    "button_selection": ("button_interaction",),
    "button_list": ("button_interaction",),
    "checkbox": ("vote_interaction",),
    "select_list": ("multiple_interaction",),
    "submit_button": ("vote_interaction", "multiple_interaction"),
}

_KF_ITEMS: dict[str, Group] = {
    # Some documents say 64 bytes for an id, some 128: stay under both.
    "click": Group(
        {"id": Text(bytes=64, required=True), "content": Text(bytes=128, required=True)}
    ),
    "view": Group(
        {
            "url": Text(bytes=_URL_BYTES, required=True),
            "content": Text(bytes=1024, required=True),
        }
    ),
    "miniprogram": Group(
        {
            "appid": Text(required=True),
            "pagepath": Text(required=True),
            "content": Text(bytes=1024, required=True),
        }
    ),
    "text": Group({"content": Text(bytes=256, required=True), "no_newline": Whole((0, 1))}),
}
KF_MENU: dict[str, Part] = {
    "head_content": Text(bytes=1024),
    "tail_content": Text(bytes=1024),
    "list": Many(0, 10, {"type": Text(required=True), **_KF_ITEMS}),
}
