"""Every example, the longest ones above all, fits the platforms' limits and keeps its end."""

import pytest

from bot.presenter import Form
from tests.cards.examples import CARDS, EXAMPLES, render
from tests.cards.limits import (
    TEXT_BYTES,
    dingtalk_problems,
    kf_problems,
    text_problems,
    wecom_problems,
)

CHECKS = {
    Form.WECOM: wecom_problems,
    Form.KF: kf_problems,
    Form.DINGTALK: dingtalk_problems,
}
CUT = "…"


@pytest.mark.parametrize("name", EXAMPLES)
def test_plain_text_fits_and_keeps_its_end(name: str) -> None:
    text = render(EXAMPLES[name], Form.PLAIN).text
    assert text_problems(text) == []
    # The presenter's last resort cuts at the limit; templates are to stay below it.
    assert len(text.encode()) < TEXT_BYTES - len(CUT.encode())


@pytest.mark.parametrize(("name", "form"), CARDS)
def test_card_fits(name: str, form: Form) -> None:
    card = render(EXAMPLES[name], form).card
    assert card is not None
    assert CHECKS[form](card) == []


@pytest.mark.parametrize("name", [name for name, form in CARDS if form is Form.DINGTALK])
def test_dingtalk_text_keeps_its_last_line(name: str) -> None:
    card = render(EXAMPLES[name], Form.DINGTALK).card
    assert card is not None
    assert len(card["markdown"].encode()) < 1000 - len(CUT.encode())


def test_checks_find_what_is_too_long() -> None:
    button = {"text": "确认", "style": 1, "key": f"{'A' * 26}:confirm"}
    card = {
        "card_type": "button_interaction",
        "source": {"desc": "预警", "desc_color": 2},
        "main_title": {"title": "好" * 27},
        "button_list": [button, button],
    }
    assert len(wecom_problems(card)) == 2
    assert kf_problems({"msgtype": "text", "text": {"content": "好" * 683}}) != []
    assert dingtalk_problems({"title": "好"}) != []
