"""What people type stays text: no link, mention, markup, template, or break-out, in any form."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.codec import view_to_json
from bot.presenter import Form
from bot.presenter.cleaning import clean
from tests.cards.examples import EXAMPLES, PRESENTER, PUBLIC_URL, has_card
from tests.cards.shown import shown_texts

TYPED = frozenset(
    {"account_manager", "asked", "candidates", "contact", "customer", "guesses", "label"}
    | {"manager", "milestone", "milestones", "name", "next_milestone", "note", "phone", "project"}
    | {"recipient", "recorded_by", "resolved_by", "source", "source_id", "subject", "taken_by"}
    | {"text", "told_by", "asked_by", "decided_by", "grounds", "approvers", "group", "wanted"}
    | {"tier", "next_tier", "before", "privileges", "by", "approved_by", "changed_by"}
)
"""Fields whose content people type, in views and in the errors' fields."""

HOSTILE = {
    "cdata": "甲]]>乙",
    "link": "[甲](javascript:alert(1))",
    "anchor": '<a href="https://evil.example">甲</a>',
    "mention": "@所有人 <@all>",
    "template": "{{7*7}}{% raw %}${7*7}",
    "bidirectional": "甲\u202e乙\u2066丙\u200b丁",
    "lines": "甲\n状态:已解决\r\n# 假标题\u2028乙",
    "json": '甲"},{"x":"\\乙',
    "markdown": "**甲**_乙_`丙`~~丁~~![戊](https://evil.example/x.png)",
    "dtmd": "dtmd://dingtalkclient/sendMessage?content=%E7%A1%AE%E8%AE%A4",
    "control": "甲\x00\x1b[31m\x07乙",
}
HARMFUL = (
    *("<", ">", "[", "]", "`", "*", "\\", "@", "~~", "_乙_", "javascript:", "https:", "dtmd:"),
    *("\r", "\u2028", "\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\x07", "49"),
)
# Guesses are our own command words; one that does not fit into a tap is left out.
VIEWS = sorted({name.partition(".")[0] for name in EXAMPLES} - {"refusal", "did_you_mean"})
CASES = [f"{view}.normal" for view in VIEWS] + [
    name for name in EXAMPLES if name.startswith("refusal.") and "_longest" not in name
]


def infected(data: Any, text: str, *, typed: bool = False) -> Any:
    """Put a text into every field that people type."""
    match data:
        case str():
            return text if typed and data else data
        case Mapping():
            return {k: infected(v, text, typed=k in TYPED) for k, v in data.items()}
        case list():
            return [infected(item, text, typed=typed) for item in data]
        case _:
            return data


def outline(part: Any) -> Any:
    """Give a card's structure without its texts."""
    match part:
        case dict():
            return {name: outline(value) for name, value in part.items()}
        case list():
            return [outline(item) for item in part]
        case _:
            return type(part)


@pytest.mark.parametrize("name", CASES)
def test_hostile_text_is_neutralised_in_every_form(name: str) -> None:
    view = EXAMPLES[name]
    usual = view_to_json(view)
    for form in (form for form in Form if form is Form.PLAIN or has_card(view, form)):
        benign = PRESENTER.render(view.view_name, usual, form)
        for text in HOSTILE.values():
            rendered = PRESENTER.render(view.view_name, infected(usual, text), form)
            assert outline(rendered.card) == outline(benign.card)
            assert rendered.text.count("\n") == benign.text.count("\n")
            for shown in (rendered.text, *shown_texts(rendered.card)):
                ours = shown.replace("https://work.weixin.qq.com", "").replace(PUBLIC_URL, "")
                assert [mark for mark in HARMFUL if mark in ours] == []


def test_typed_fields_are_in_the_examples() -> None:
    seen = json.dumps([view_to_json(view) for view in EXAMPLES.values()])
    assert [field for field in TYPED if f'"{field}": ' not in seen] == []


def test_digest_lines_are_neutralised() -> None:
    lines = list(HOSTILE.values())
    rendered = PRESENTER.render("digest", {"lines": lines, "more": 0}, Form.PLAIN)
    assert [mark for mark in HARMFUL if mark in rendered.text] == []
    assert len(rendered.text.split("\n")) == len(lines) + 1


@pytest.mark.parametrize(
    "text",
    ["3#楼", "A&B 公司", "10~20 天", "中建(三局)", "window_closed", "备注: 5", "王·李", "👍"],
)
def test_usual_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text
