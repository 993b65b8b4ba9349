"""Every example in every form is exactly what stands in golden/, byte by byte.

To rewrite: REWRITE_GOLDEN=1 pytest tests/cards/test_golden.py, then read the difference.
"""

import json
import os
from pathlib import Path

import pytest

from bot.presenter import Form
from tests.cards.examples import CARDS, EXAMPLES, render

GOLDEN = Path(__file__).parent / "golden"


def place(name: str, form: Form) -> Path:
    view, case = name.split(".")
    ending = "txt" if form is Form.PLAIN else f"{form}.json"
    return GOLDEN / view / f"{case}.{ending}"


def compare(file: Path, content: str) -> None:
    if os.environ.get("REWRITE_GOLDEN") == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode())
    assert file.read_bytes().decode() == content


@pytest.mark.parametrize("name", EXAMPLES)
def test_plain_text_is_the_golden_one(name: str) -> None:
    compare(place(name, Form.PLAIN), render(EXAMPLES[name], Form.PLAIN).text + "\n")


@pytest.mark.parametrize(("name", "form"), CARDS)
def test_card_is_the_golden_one(name: str, form: Form) -> None:
    card = render(EXAMPLES[name], form).card
    compare(place(name, form), json.dumps(card, ensure_ascii=False, indent=2) + "\n")


def test_golden_folder_holds_nothing_else() -> None:
    expected = {place(name, Form.PLAIN) for name in EXAMPLES}
    expected |= {place(name, form) for name, form in CARDS}
    assert {file for file in GOLDEN.rglob("*") if file.is_file()} == expected
