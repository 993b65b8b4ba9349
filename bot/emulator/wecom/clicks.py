"""What a click on a template card sends: which button, what is selected (doc 90240)."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.emulator.wecom.errors import CannotActError
from bot.emulator.wecom.xml import Value

Json = dict[str, Any]
Selection = Mapping[str, Sequence[str]]


def event_of(card: Json, key: str) -> str:
    """Name the event a key of this card causes.

    Raises:
        CannotActError: the card has no such button, or pressing it only opens a page.
    """
    for button in card.get("button_list", []):
        if button.get("key") == key and button.get("type", 0) == 0:
            return "template_card_event"
    if card.get("submit_button", {}).get("key") == key:
        return "template_card_event"
    if key in {action["key"] for action in card.get("action_menu", {}).get("action_list", [])}:
        return "template_card_menu_event"
    msg = f"no button with key {key!r} that calls back"
    raise CannotActError(msg)


def selection(card: Json, chosen: Selection) -> Json:
    """Complete what a person chose with what the card preselects: question key → option ids.

    Raises:
        CannotActError: a question or option the card does not have, or two where one is allowed.
    """
    questions = _questions(card)
    for key, ids in chosen.items():
        question = questions.get(key)
        if question is None:
            msg = f"no question {key!r}"
            raise CannotActError(msg)
        known = {option["id"] for option in question["option_list"]}
        many = question.get("mode") == 1
        if set(ids) - known or (len(ids) > 1 and not many):
            msg = f"options {list(ids)} cannot be chosen for {key!r}"
            raise CannotActError(msg)
    return {key: list(chosen.get(key, _preset(question))) for key, question in questions.items()}


def selected_items(answers: Mapping[str, Sequence[str]]) -> list[tuple[str, Value]]:
    """Write answers as <SelectedItems> does: no wrapper around several of a kind."""
    items: list[tuple[str, Value]] = []
    for key, ids in answers.items():
        options: list[tuple[str, Value]] = [("OptionId", option) for option in ids]
        items.append(("SelectedItem", [("QuestionKey", key), ("OptionIds", options)]))
    return items


def captions(card: Json, key: str, answers: Mapping[str, Sequence[str]]) -> tuple[str, list[str]]:
    """Give what the person saw: the button's text and the texts of what is chosen."""
    menu = card.get("action_menu", {}).get("action_list", [])
    buttons = [*card.get("button_list", []), card.get("submit_button", {}), *menu]
    caption = next((button["text"] for button in buttons if button.get("key") == key), "")
    questions = _questions(card)
    chosen = [
        option["text"]
        for name, ids in answers.items()
        for option in questions[name]["option_list"]
        if option["id"] in ids
    ]
    return caption, chosen


def _questions(card: Json) -> dict[str, Json]:
    parts = [card.get("checkbox"), card.get("button_selection"), *card.get("select_list", [])]
    return {part["question_key"]: part for part in parts if part}


def _preset(question: Json) -> list[str]:
    if "mode" in question or question.get("selected_id") is None:
        return [option["id"] for option in question["option_list"] if option.get("is_checked")]
    return [question["selected_id"]]
