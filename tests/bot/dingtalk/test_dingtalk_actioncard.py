"""Messages without a card template, in the two dialects; their case traps are the platform's."""

import json
from typing import Any
from urllib.parse import unquote

import pytest

from bot.dingtalk.actioncard import as_template, as_webhook, press_link
from bot.emulator.dingtalk.messages import read_template, read_webhook
from bot.platform import Rendered

TICKET = "ABCDEFGHJKMNPQRSTVWXYZ0123"


def rendered(buttons: int, **changes: Any) -> Rendered:
    card = {
        "title": "差评预警",
        "markdown": "滨江一期",
        "status": "待处理",
        "buttons": [
            {"text": f"按钮{n}", "action": f"{TICKET}:go{n}", "style": "normal"}
            for n in range(1, buttons + 1)
        ],
        "form": None,
    }
    return Rendered("alert_card", "文字版", {**card, **changes})


def test_a_button_types_what_may_also_be_typed_by_hand() -> None:
    link = press_link(f"{TICKET}:take")

    assert link.startswith("dtmd://dingtalkclient/sendMessage?content=%2F%E6%8C%89%20")
    assert unquote(link.partition("content=")[2]) == f"/按 {TICKET}:take"


@pytest.mark.parametrize(
    ("buttons", "key", "shown"),
    [
        (0, "sampleMarkdown", 0),
        (1, "sampleActionCard", 1),
        (2, "sampleActionCard2", 2),
        (5, "sampleActionCard5", 5),
        (7, "sampleActionCard5", 5),
    ],
)
def test_a_card_becomes_the_robot_template_for_its_buttons(
    buttons: int, key: str, shown: int
) -> None:
    chosen, param = as_template(rendered(buttons))

    body = read_template(chosen, json.loads(param)).body
    assert chosen == key
    assert body["text"] == "### 差评预警  \n**待处理**  \n滨江一期"
    assert [b["title"] for b in body.get("buttons", [])] == [
        f"按钮{n}" for n in range(1, shown + 1)
    ]


@pytest.mark.parametrize("buttons", [0, 1, 3, 7])
def test_a_card_becomes_a_webhook_message_with_all_its_buttons(buttons: int) -> None:
    message = read_webhook(as_webhook(rendered(buttons)))

    assert message is not None
    assert message.kind == ("actioncard" if buttons else "markdown")
    assert [b["url"] for b in message.body.get("buttons", [])] == [
        press_link(f"{TICKET}:go{n}") for n in range(1, buttons + 1)
    ]


def test_a_text_stays_a_text_whatever_is_in_it() -> None:
    text = "### [点我](https://evil.example) @所有人"

    assert as_template(Rendered("help", text)) == (
        "sampleText",
        json.dumps({"content": text}, ensure_ascii=False),
    )
    assert as_webhook(Rendered("help", text)) == {"msgtype": "text", "text": {"content": text}}


def test_the_button_that_would_send_a_form_is_left_out() -> None:
    form = [{"name": "cause", "label": "原因", "options": []}]

    key, param = as_template(rendered(2, form=form))

    assert key == "sampleActionCard"
    assert json.loads(param)["singleTitle"] == "按钮2"


def test_t25_links_and_mentions_in_a_cards_markdown_lose_their_effect() -> None:
    _, param = as_template(rendered(1, markdown="[x](javascript:y) @all", title="<a>", status="@b"))

    body = json.loads(param)
    assert body["text"] == "### ＜a>  \n**＠b**  \n［x］(javascript：y) ＠all"
    assert body["title"] == "＜a>"


@pytest.mark.parametrize("text", ["长" * 20_000, '"' * 20_000, "\n" * 20_000, "\x01" * 20_000])
def test_t21_whatever_the_length_the_parameter_fits(text: str) -> None:
    for message in (rendered(5, markdown=text, title=text), Rendered("help", text)):
        _, param = as_template(message)
        assert len(param.encode()) <= 15_000


def test_a_card_without_a_title_is_still_a_card() -> None:
    _, param = as_template(rendered(0, title="", status=""))

    assert json.loads(param) == {"title": "alert_card", "text": "### alert_card  \n滨江一期"}
