"""What goes to a card: texts only, within the platform's sizes, harmless."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bot.dingtalk.answers import card_answer, card_params, card_response
from bot.dingtalk.markdown import clamp, defuse
from bot.platform import Rendered
from tests.architecture.source import ROOT

TICKET = "ABCDEFGHJKMNPQRSTVWXYZ0123"
CARD = {
    "title": "差评预警 #17",
    "markdown": "**滨江一期** 1 星  \n负责人:王五",
    "status": "待处理",
    "buttons": [
        {"text": "我来处理", "action": f"{TICKET}:take", "style": "primary"},
        {"text": "转交", "action": f"{TICKET}:pass", "style": "danger"},
        {"text": "稍后", "action": f"{TICKET}:later", "style": "normal"},
    ],
    "form": None,
}
FORM = [
    {
        "name": "cause",
        "label": "原因",
        "options": [{"value": "delay", "text": "工期"}, {"value": "quality", "text": "质量"}],
    }
]


def rendered(**changes: Any) -> Rendered:
    return Rendered("alert_card", "文字版", {**CARD, **changes})


def test_a_card_becomes_the_variables_of_our_template() -> None:
    assert card_params(rendered()) == {
        "title": "差评预警 #17",
        "markdown": "**滨江一期** 1 星  \n负责人:王五",
        "status": "待处理",
        "statusColor": "blue",
        "hasStatus": "true",
        "buttons": (
            f'[{{"text":"我来处理","action":"{TICKET}:take","color":"blue"}},'
            f'{{"text":"转交","action":"{TICKET}:pass","color":"red"}},'
            f'{{"text":"稍后","action":"{TICKET}:later","color":"gray"}}]'
        ),
        "hasForm": "false",
        "form": '{"fields":[]}',
        "formText": "",
        "formAction": "",
    }


def test_a_form_takes_the_first_button_for_itself() -> None:
    params = card_params(rendered(form=FORM))

    assert (params["hasForm"], params["formText"]) == ("true", "我来处理")
    assert params["formAction"] == f"{TICKET}:take"
    assert [b["text"] for b in json.loads(params["buttons"])] == ["转交", "稍后"]
    assert json.loads(params["form"])["fields"] == [
        {
            "name": "cause",
            "label": "原因",
            "type": "SELECT",
            "required": True,
            "options": [{"value": "delay", "text": "工期"}, {"value": "quality", "text": "质量"}],
        }
    ]


def test_a_form_without_a_button_is_not_shown() -> None:
    params = card_params(rendered(form=FORM, buttons=[]))

    assert (params["hasForm"], params["form"]) == ("false", '{"fields":[]}')


def test_a_finished_card_has_no_buttons_and_is_grey() -> None:
    params = card_params(rendered(buttons=[], status="已处理"))

    assert (params["buttons"], params["statusColor"], params["status"]) == ("[]", "gray", "已处理")


def test_a_view_without_a_card_shows_its_text() -> None:
    params = card_params(Rendered("help", "第一行\n第二行"))

    assert params["markdown"] == "第一行  \n第二行"
    assert set(params) == set(card_params(rendered()))


TEMPLATE = ROOT / "bot" / "dingtalk" / "card_template" / "zhufen-card.json"


def test_the_template_we_ship_has_exactly_these_variables() -> None:
    shipped = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    editor = json.loads(shipped["editorData"])
    names = {variable["name"] for variable in editor["variableList"]}
    params = set(card_params(rendered()))

    assert (shipped["type"], shipped["mode"]) == ("im", "card")
    assert names == params
    assert set(editor["mockData"]["cardData"]) == params
    used = re.findall(
        r'\$\{(?!loop\.)(\w+)\}|"variable": "(\w+)(?:\[0\]\.\w+)?"', json.dumps(editor["schema"])
    )
    assert {one or two for one, two in used} == params


def test_the_manual_names_every_variable() -> None:
    manual = (ROOT / "docs" / "dingtalk-card.md").read_text(encoding="utf-8")

    assert all(f"`{name}`" in manual for name in card_params(rendered()))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=600)


@given(TEXTS, st.lists(TEXTS, max_size=12), st.integers(0, 60))
def test_every_value_is_text_within_the_limit_and_lists_stay_json(
    text: str, captions: list[str], options: int
) -> None:
    buttons = [{"text": each, "action": f"{TICKET}:x", "style": "primary"} for each in captions]
    many = [{"value": f"option{n}", "text": text[:20]} for n in range(options)]
    form = [{"name": "q", "label": text[:30], "options": many}]
    card = {"title": text, "markdown": text * 3, "status": text, "buttons": buttons, "form": form}

    params = card_params(Rendered("view", text, card))

    assert all(isinstance(value, str) for value in params.values())
    assert max(len(value.encode()) for value in params.values()) <= 1024
    assert len(json.loads(params["buttons"])) <= len(buttons)
    assert "fields" in json.loads(params["form"])


@pytest.mark.parametrize("card", [{}, {"buttons": "x"}, {"buttons": [1, None]}, {"form": {"a": 1}}])
def test_a_malformed_card_is_survived(card: dict[str, Any]) -> None:
    params = card_params(Rendered("view", "文字", card))

    assert (params["markdown"], params["buttons"]) == ("文字", "[]")


def test_a_press_is_answered_by_key_so_that_nothing_is_wiped() -> None:
    answer = card_answer(rendered())

    body = json.loads(answer.body)
    assert answer.media_type == "application/json"
    assert body["cardUpdateOptions"] == {
        "updateCardDataByKey": True,
        "updatePrivateDataByKey": True,
    }
    assert body["cardData"]["cardParamMap"] == card_params(rendered())


def test_a_press_without_an_answer_yet_changes_nothing() -> None:
    assert card_response(None) == {}
    assert card_answer(None).body == b"{}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[点我](https://evil.example)", "［点我］(https://evil.example)"),
        ("![图](https://evil.example/x.png)", "!［图］(https://evil.example/x.png)"),
        ("@所有人 请看", "＠所有人 请看"),
        ("<font color=red>红</font>", "＜font color=red>红＜/font>"),
        (
            "dtmd://dingtalkclient/sendMessage?content=x",
            "dtmd：//dingtalkclient/sendMessage?content=x",
        ),
        ("javascript:alert(1)", "javascript：alert(1)"),
        ("https://ok.example 与 **重点**", "https://ok.example 与 **重点**"),
        ("日期: 5 比例 1:2", "日期: 5 比例 1:2"),
        ("a\x00b\x1bc\nd", "abc\nd"),
    ],
)
def test_t25_what_could_be_tapped_loses_its_effect(text: str, shown: str) -> None:
    assert defuse(text) == shown
    assert defuse(shown) == shown


@given(TEXTS)
def test_no_link_mention_or_picture_survives(text: str) -> None:
    assert not set(defuse(text)) & set("[]<@")


@given(TEXTS, st.integers(10, 200))
def test_t21_a_text_is_cut_between_characters(text: str, size: int) -> None:
    cut = clamp(text, size)

    assert len(cut.encode()) <= size
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))
