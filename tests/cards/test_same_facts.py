"""The plain text says what the card says: every number, day, time and name of it."""

import re
from typing import Any

import pytest

from bot.codec import view_to_json
from bot.presenter import Form
from tests.cards.examples import CARDS, EXAMPLES, render
from tests.cards.shown import shown_texts

NUMBER = re.compile(r"[−+]?\d+(?:[-:.,]\d+)*")
SHORT = [(name, form) for name, form in CARDS if "longest" not in name]
"""Long texts are cut at other places in a card row than in a line."""


def values(data: Any) -> set[str]:
    """Give every text in a view's data."""
    match data:
        case str():
            return {data}
        case dict():
            return set[str]().union(*(values(value) for value in data.values()))
        case list():
            return set[str]().union(*(values(value) for value in data))
        case _:
            return set()


@pytest.mark.parametrize(("name", "form"), SHORT)
def test_plain_text_has_every_number_of_the_card(name: str, form: Form) -> None:
    rendered = render(EXAMPLES[name], form)
    numbers = {n for text in shown_texts(rendered.card) for n in NUMBER.findall(text)}
    assert numbers <= set(NUMBER.findall(rendered.text))


@pytest.mark.parametrize(("name", "form"), SHORT)
def test_plain_text_has_every_name_of_the_card(name: str, form: Form) -> None:
    view = EXAMPLES[name]
    rendered = render(view, form)
    shown = "\n".join(shown_texts(rendered.card))
    names = {value for value in values(view_to_json(view)) if len(value) > 1 and value in shown}
    assert {value for value in names if value not in rendered.text} == set()
