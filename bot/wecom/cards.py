"""What both ways of sending a template card need to know about it. Source: WeCom doc 90236."""

from typing import Any

Json = dict[str, Any]

_ANSWERABLE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})


def is_interactive(card: Json) -> bool:
    """Tell whether a card comes back as a click, and so can be changed later."""
    return card.get("card_type") in _ANSWERABLE or bool(card.get("action_menu"))


def with_task_id(card: Json, task_id: str) -> Json:
    """Name an interactive card, so that its clicks say which one was meant."""
    return {**card, "task_id": task_id} if is_interactive(card) else card


def replaced_button(card: Json) -> str | None:
    """Give the new name of the button when a message only greys it: {"button": {…}}."""
    button = card.get("button")
    return str(button["replace_name"]) if isinstance(button, dict) else None
