"""What a pressed button carries: DingTalk's card callback into our action, card and form.

Who pressed is `callbacks`' matter. Source of the fields: DingTalk docs C/0007, C/0010.
"""

import re
from typing import Any

from bot.dingtalk.messages import identifier
from bot.platform import Rejected
from bot.strict_json import object_of, read_object, text_of
from domain.ids import CardKey
from handlers.incoming import Content, Pressed, Unsupported

ACTION_PARAM = "action"
FORM_PARAM = "form"
ACTION_CHARACTERS_MAX = 100
ANSWERS_MAX = 20
ANSWER_CHARACTERS_MAX = 200
# "<ticket>:<choice>"; a component's own id, as a form sends it, has no colon.
_ACTION = re.compile(r"[0-9A-Za-z_-]{1,64}:[0-9A-Za-z_-]{1,32}")


def pressed(data: dict[str, Any]) -> Content:
    """Read a press.

    Raises:
        Rejected: 400, the callback is malformed.
    """
    kind = text_of(data, "type")
    if kind != "actionCallback":
        return Unsupported("card_callback", is_message=False)
    private = object_of(_content(data), "cardPrivateData")
    params = object_of(private, "params")
    action = _action(private, params)
    if action is None:
        return Unsupported("card_without_action", is_message=False)
    card = CardKey(identifier(data, "outTrackId"))
    return Pressed(action, card=card, form=_form(params))


def _content(data: dict[str, Any]) -> dict[str, Any]:
    # One page calls the JSON text `content`, another `value` (docs C/0007, C/0010).
    for name in ("content", "value"):
        raw = data.get(name)
        if isinstance(raw, dict):
            return raw
        if isinstance(raw, str) and raw:
            return read_object(raw)
    raise Rejected(400, "no_content")


def _action(private: dict[str, Any], params: dict[str, Any]) -> str | None:
    ids = private.get("actionIds")
    first = ids[0] if isinstance(ids, list) and ids else None
    given = [text for text in (first, params.get(ACTION_PARAM)) if isinstance(text, str) and text]
    for text in given:
        if _ACTION.fullmatch(text):
            return text
    return given[0][:ACTION_CHARACTERS_MAX] if given else None


def _form(params: dict[str, Any]) -> dict[str, str]:
    raw = params.get(FORM_PARAM)
    answers = read_object(raw) if isinstance(raw, str) and raw else object_of(params, FORM_PARAM)
    chosen = {question: _chosen(answer) for question, answer in answers.items()}
    return {
        question[:ANSWER_CHARACTERS_MAX]: answer[:ANSWER_CHARACTERS_MAX]
        for question, answer in list(chosen.items())[:ANSWERS_MAX]
        if answer
    }


def _chosen(answer: object) -> str:
    """Give the chosen option; a select field answers {"index", "value"}, others plain text."""
    value = answer.get("value") if isinstance(answer, dict) else answer
    return value if isinstance(value, str) else ""
