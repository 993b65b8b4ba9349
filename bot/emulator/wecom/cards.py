"""Template cards: what each type needs; reading one from a passive reply (docs 90236, 90241)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.emulator.wecom.card_shape import CARD, CARD_UPDATE, Finding, Rule, findings
from bot.emulator.wecom.errors import ApiError
from bot.emulator.wecom.xml import Node, XmlError

Card = dict[str, Any]

TYPES = frozenset(
    {
        "text_notice",
        "news_notice",
        "button_interaction",
        "vote_interaction",
        "multiple_interaction",
    }
)
INTERACTIVE = TYPES - {"text_notice", "news_notice"}
_NEEDS = {
    "text_notice": ("card_action",),
    "news_notice": ("main_title", "card_action"),
    "button_interaction": ("main_title", "button_list"),
    "vote_interaction": ("checkbox", "submit_button"),
    "multiple_interaction": ("select_list", "submit_button"),
}
_ONLY_IN = {
    "emphasis_content": {"text_notice"},
    "card_image": {"news_notice"},
    "image_text_area": {"news_notice"},
    "vertical_content_list": {"news_notice"},
    "button_selection": {"button_interaction"},
    "button_list": {"button_interaction"},
    "checkbox": {"vote_interaction"},
    "select_list": {"multiple_interaction"},
    "submit_button": {"vote_interaction", "multiple_interaction"},
    "replace_text": INTERACTIVE,
}
_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")


def check(card: object, *, updating: bool = False) -> list[str]:
    """Check a card and return what the platform would cut or ignore; updates need no task_id.

    Raises:
        ApiError: 40058 what it refuses, 42014 a bad task_id, 42016 a bad or repeated key.
    """
    if not isinstance(card, dict) or card.get("card_type") not in TYPES:
        raise ApiError(40058, "template_card.card_type")
    found = list(findings(card, CARD_UPDATE if updating else CARD))
    if not any(finding.fatal for finding in found):
        found += [*_missing(card, updating=updating), *_targets(card)]
    for finding in found:
        if finding.fatal:
            raise ApiError(40058, f"template_card.{finding.path}: {finding.problem}")
    if card.get("task_id") is not None and not _TASK_ID.fullmatch(card["task_id"]):
        raise ApiError(42014)
    _check_keys(card)
    return [f"{finding.path}: {finding.problem}" for finding in found]


def has_response_code(card: Card) -> bool:
    """Say whether sending this card gives a response_code."""
    return card["card_type"] in INTERACTIVE or bool(card.get("action_menu"))


def _missing(card: Card, *, updating: bool) -> Iterator[Finding]:
    card_type = card["card_type"]
    for name in _NEEDS[card_type]:
        if not card.get(name):
            yield Finding(name, f"required for {card_type}", fatal=True)
    for name, types in _ONLY_IN.items():
        if name in card and card_type not in types:
            yield Finding(name, f"not shown in {card_type}", fatal=False)
    if has_response_code(card) and not updating and not card.get("task_id"):
        yield Finding("task_id", "required", fatal=True)
    title = _part(card, "main_title").get("title")
    if card_type == "text_notice" and not (title or card.get("sub_title_text")):
        yield Finding("main_title.title", "or sub_title_text required", fatal=True)
    if card_type == "news_notice" and not (card.get("card_image") or card.get("image_text_area")):
        yield Finding("card_image", "or image_text_area required", fatal=True)
    if card_type == "button_interaction" and not title:
        yield Finding("main_title.title", "required", fatal=True)
    ratio = _part(card, "card_image").get("aspect_ratio")
    if ratio is not None and not 1.3 <= ratio <= 2.25:
        yield Finding("card_image.aspect_ratio", "outside 1.3–2.25", fatal=True)


def _part(card: Card, name: str) -> Card:
    part = card.get(name)
    return part if isinstance(part, dict) else {}


def _targets(card: Card) -> Iterator[Finding]:
    """Each jump, button or action must have what its type leads to."""
    by_type: dict[str, dict[int, str]] = {
        "quote_area": {1: "url", 2: "appid"},
        "card_action": {1: "url", 2: "appid"},
        "image_text_area": {1: "url", 2: "appid"},
        "jump_list": {1: "url", 2: "appid"},
        "horizontal_content_list": {1: "url", 2: "media_id", 3: "userid"},
        "button_list": {0: "key", 1: "url"},
    }
    for name, needs in by_type.items():
        if name == "card_action" and card.get(name) and "type" not in card[name]:
            yield Finding("card_action.type", "missing", fatal=True)
        for item in _as_list(card.get(name)):
            need = needs.get(item.get("type", 0)) if isinstance(item, dict) else None
            if need and not item.get(need):
                yield Finding(f"{name}.{need}", "missing for its type", fatal=True)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _check_keys(card: Card) -> None:
    buttons = [button.get("key") for button in card.get("button_list", []) if button.get("key")]
    menu = [action["key"] for action in _part(card, "action_menu").get("action_list", [])]
    questions = [choice["question_key"] for choice in card.get("select_list", [])]
    for keys in (buttons, menu, questions):
        if len(set(keys)) != len(keys):
            raise ApiError(42016)
    choices = [
        *card.get("select_list", []),
        _part(card, "checkbox"),
        _part(card, "button_selection"),
    ]
    for choice in choices:
        ids = [option["id"] for option in choice.get("option_list", [])]
        if len(set(ids)) != len(ids):
            raise ApiError(40058, "option ids repeat")
        if choice.get("selected_id") and choice["selected_id"] not in ids:
            raise ApiError(40058, "selected_id is no option")


# A passive reply names the same fields in CamelCase (doc 90241); these do not follow the pattern.
_ODD_NAMES = {
    "keyname": ("KeyName",),
    "checkbox": ("CheckBox",),
    "appid": ("AppId", "Appid"),
    "pagepath": ("PagePath", "Pagepath"),
    "userid": ("UserId", "Userid", "UserID"),
}


def from_xml(node: Node) -> tuple[Card, list[str]]:
    """Turn <TemplateCard> into the JSON form; also returns the elements the platform would ignore.

    Raises:
        XmlError: an element that may occur once occurs twice, or a number is none.
    """
    ignored: list[str] = []
    return _fields(node, CARD_UPDATE, ignored), ignored


def _fields(node: Node, rules: Mapping[str, Rule], ignored: list[str]) -> Card:
    names = {xml_name: name for name in rules for xml_name in _xml_names(name)}
    card: Card = {}
    for child in node.children:
        name = names.get(child.name)
        if name is None:
            ignored.append(f"{node.name}.{child.name}")
            continue
        rule = rules[name]
        if rule.kind == "list":
            card.setdefault(name, []).append(_fields(child, rule.inside, ignored))
        elif name in card:
            msg = f"two elements <{child.name}> in <{node.name}>"
            raise XmlError(msg)
        else:
            card[name] = _value(child, rule, ignored)
    return card


def _xml_names(name: str) -> Iterable[str]:
    return _ODD_NAMES.get(name) or ("".join(part.capitalize() for part in name.split("_")),)


def _value(node: Node, rule: Rule, ignored: list[str]) -> object:
    if rule.kind == "object":
        return _fields(node, rule.inside, ignored)
    if node.children:
        msg = f"elements inside <{node.name}>, expected text"
        raise XmlError(msg)
    if rule.kind not in {"number", "flag"}:
        return node.text
    if rule.kind == "flag" and node.text.strip() in {"true", "false"}:
        return node.text.strip() == "true"
    try:
        number = float(node.text)
    except ValueError as error:
        msg = f"<{node.name}> is not a number"
        raise XmlError(msg) from error
    return int(number) if number.is_integer() else number
