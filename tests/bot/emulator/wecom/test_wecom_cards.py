"""Template cards: checked like the platform does, clicked, updated by code and by passive reply."""

from typing import Any

import pytest

from bot.emulator.wecom import CannotActError
from tests.bot.emulator.wecom.tiny_bot import APP, OTHER_APP, Json, Town, alarm_card, reply_xml

pytestmark = pytest.mark.anyio

NOTICE: Json = {
    "card_type": "text_notice",
    "main_title": {"title": "日报"},
    "card_action": {"type": 1, "url": "https://example.com/"},
}
NEWS: Json = {**NOTICE, "card_type": "news_notice", "card_image": {"url": "https://example.com/p"}}
VOTE: Json = {
    "card_type": "vote_interaction",
    "task_id": "vote-1",
    "main_title": {"title": "原因"},
    "checkbox": {
        "question_key": "cause",
        "mode": 1,
        "option_list": [
            {"id": "door", "text": "门未关"},
            {"id": "power", "text": "断电", "is_checked": True},
            {"id": "other", "text": "其他"},
        ],
    },
    "submit_button": {"text": "提交", "key": "submit:1"},
}
CHOICE: Json = {
    "card_type": "multiple_interaction",
    "task_id": "choice-1",
    "main_title": {"title": "派单"},
    "select_list": [
        {
            "question_key": "who",
            "title": "负责人",
            "selected_id": "li",
            "option_list": [{"id": "li", "text": "李工"}, {"id": "wu", "text": "吴工"}],
        }
    ],
    "submit_button": {"text": "提交", "key": "submit:2"},
}


def without(card: Json, name: str) -> Json:
    return {key: value for key, value in card.items() if key != name}


def buttons(*keys: str, **more: Any) -> Json:
    return alarm_card(button_list=[{"text": "好", "key": key, **more} for key in keys])


@pytest.mark.parametrize("card", [NOTICE, NEWS, VOTE, CHOICE, alarm_card()])
async def test_every_card_type_is_shown_as_sent(town: Town, card: Json) -> None:
    answer = await town.card("sup01", card)
    assert answer["errcode"] == 0
    assert ("response_code" in answer) == ("task_id" in card)
    assert town.last("wecom:sup01").body == card
    assert town.platform.protocol_errors == []


async def test_an_action_menu_gives_a_notice_a_response_code(town: Town) -> None:
    menu = {"desc": "更多", "action_list": [{"text": "静默", "key": "mute"}]}
    card = {**NOTICE, "action_menu": menu}
    assert (await town.card("sup01", card))["errcode"] == 40058
    assert "response_code" in await town.card("sup01", {**card, "task_id": "menu-1"})


@pytest.mark.parametrize(
    ("card", "errcode"),
    [
        ({"card_type": "hologram"}, 40058),
        (without(NOTICE, "card_action"), 40058),
        (without(NOTICE, "main_title"), 40058),
        ({**NOTICE, "card_action": {"type": 1}}, 40058),
        (without(NEWS, "card_image"), 40058),
        ({**NEWS, "card_image": {"url": "https://example.com/p", "aspect_ratio": 3}}, 40058),
        (without(alarm_card(), "task_id"), 40058),
        (without(alarm_card(), "main_title"), 40058),
        (alarm_card(button_list=[]), 40058),
        (buttons(*"abcdefg"), 40058),
        (buttons("a", type=1), 40058),
        (buttons("a", style=9), 40058),
        (buttons("k" * 1025), 40058),
        (buttons("a", "a"), 42016),
        (alarm_card("with blank"), 42014),
        (alarm_card("x" * 129), 42014),
        (without(VOTE, "submit_button"), 40058),
        ({**VOTE, "checkbox": {**VOTE["checkbox"], "option_list": []}}, 40058),
        (without(CHOICE, "select_list"), 40058),
        ({**CHOICE, "select_list": CHOICE["select_list"] * 4}, 40058),
        (alarm_card(horizontal_content_list=[{"keyname": "一"}] * 7), 40058),
        (alarm_card(horizontal_content_list=[{"keyname": "一", "type": 3}]), 40058),
        (alarm_card(main_title="not an object"), 40058),
        (alarm_card(source={"desc": 7}), 40058),
    ],
)
async def test_bad_cards_are_refused(town: Town, card: Json, errcode: int) -> None:
    assert (await town.card("sup01", card))["errcode"] == errcode
    assert town.phones.of("wecom:sup01") == []


@pytest.mark.parametrize(
    "card",
    [
        alarm_card(main_title={"title": "题" * 37}),
        alarm_card(main_title={"title": "题", "desc": "述" * 45}),
        alarm_card(sub_title_text="述" * 161),
        alarm_card(source={"desc": "源" * 21}),
        alarm_card(horizontal_content_list=[{"keyname": "六个字的键名", "value": "值"}]),
        alarm_card(button_list=[{"text": "按" * 11, "key": "a"}]),
        alarm_card(emphasis_content={"title": "7"}),
        alarm_card(colour="red"),
    ],
)
async def test_overlong_and_useless_parts_are_shown_and_recorded(town: Town, card: Json) -> None:
    assert (await town.card("sup01", card))["errcode"] == 0
    assert town.last("wecom:sup01").body == card
    assert len(town.platform.protocol_errors) == 1


async def test_a_task_id_serves_one_card_per_app(town: Town) -> None:
    assert (await town.card("sup01", alarm_card()))["errcode"] == 0
    assert (await town.card("sup01", alarm_card()))["errcode"] == 42014
    body = {"touser": "sup01", "msgtype": "template_card", "template_card": alarm_card()}
    other = {**body, "agentid": OTHER_APP.agent_id}
    assert (await town.post("message/send", other, secret=OTHER_APP.secret))["errcode"] == 0


async def test_a_click_tells_button_card_and_a_fresh_code(town: Town) -> None:
    sent = await town.card("sup01|sup02", alarm_card())
    await town.platform.member_presses("sup01", "warn-000417@1", "ack:417")
    await town.platform.member_presses("sup02", town.last("wecom:sup02").id, "false:417")
    first, second = town.bot.received
    assert first["Event"] == "template_card_event"
    assert first["EventKey"] == "ack:417"
    assert first["TaskId"] == "warn-000417@1"
    assert first["CardType"] == "button_interaction"
    assert first["FromUserName"] == "sup01"
    assert "SelectedItems" not in first
    assert len({first["ResponseCode"], second["ResponseCode"], sent["response_code"]}) == 3


async def test_a_submission_tells_what_is_selected(town: Town) -> None:
    await town.card("sup01", VOTE)
    await town.card("sup01", CHOICE)
    press = town.platform.member_presses
    await press("sup01", "vote-1", "submit:1")
    await press("sup01", "vote-1", "submit:1", {"cause": ["door", "other"]})
    await press("sup01", "choice-1", "submit:2", {"who": ["wu"]})
    items = [m["SelectedItems"]["SelectedItem"] for m in town.bot.received]
    assert items == [
        {"QuestionKey": "cause", "OptionIds": {"OptionId": "power"}},
        {"QuestionKey": "cause", "OptionIds": {"OptionId": ["door", "other"]}},
        {"QuestionKey": "who", "OptionIds": {"OptionId": "wu"}},
    ]


async def test_the_phone_notes_what_was_pressed_and_chosen_in_the_cards_words(town: Town) -> None:
    await town.card("sup01", VOTE)
    await town.card("sup01", alarm_card())
    await town.platform.member_presses("sup01", "vote-1", "submit:1", {"cause": ["door", "other"]})
    await town.platform.member_presses("sup01", "warn-000417@1", "ack:417")
    notes = [b.body for b in town.phones.of("wecom:sup01") if b.kind == "event"]
    assert [(note["caption"], note["chosen"]) for note in notes] == [
        ("提交", ["门未关", "其他"]),
        ("我来处理", []),
    ]


async def test_people_cannot_press_what_is_not_there(town: Town) -> None:
    await town.card("sup01", CHOICE)
    press = town.platform.member_presses
    for userid, target, key, selected in (
        ("sup02", "choice-1", "submit:2", {}),
        ("sup01", "choice-2", "submit:2", {}),
        ("sup01", "choice-1", "submit:9", {}),
        ("sup01", "choice-1", "submit:2", {"when": ["now"]}),
        ("sup01", "choice-1", "submit:2", {"who": ["zhao"]}),
        ("sup01", "choice-1", "submit:2", {"who": ["li", "wu"]}),
    ):
        with pytest.raises(CannotActError):
            await press(userid, target, key, selected)
    assert town.bot.received == []


async def test_a_passive_button_reply_greys_only_the_clickers_copy(town: Town) -> None:
    await town.card("sup01|sup02", alarm_card())
    town.bot.answer = lambda m: reply_xml(
        m, "update_button", "<Button><ReplaceName><![CDATA[已受理]]></ReplaceName></Button>"
    )
    await town.platform.member_presses("sup01", "warn-000417@1", "ack:417")
    mine, theirs = town.phones.of("wecom:sup01")[0], town.phones.of("wecom:sup02")[0]
    assert mine.body == {**alarm_card(), "replace_text": "已受理"}
    assert mine.version == 2
    assert theirs.body == alarm_card()
    with pytest.raises(CannotActError):
        await town.platform.member_presses("sup01", "warn-000417@1", "ack:417")
    assert town.platform.protocol_errors == []


async def test_a_passive_card_reply_is_read_into_the_json_form(town: Town) -> None:
    await town.card("sup01", VOTE)
    town.bot.answer = lambda m: reply_xml(
        m,
        "update_template_card",
        """<TemplateCard><CardType>vote_interaction</CardType>
        <Source><Desc>预警</Desc><DescColor>3</DescColor></Source>
        <MainTitle><Title>已提交</Title></MainTitle>
        <CheckBox><QuestionKey>cause</QuestionKey><Mode>1</Mode><Disable>true</Disable>
          <OptionList><Id>door</Id><Text>门未关</Text><IsChecked>true</IsChecked></OptionList>
          <OptionList><Id>power</Id><Text>断电</Text><IsChecked>false</IsChecked></OptionList>
        </CheckBox>
        <SubmitButton><Text>提交</Text><Key>submit:1</Key></SubmitButton>
        <ReplaceText>已提交</ReplaceText></TemplateCard>""",
    )
    await town.platform.member_presses("sup01", "vote-1", "submit:1")
    assert town.phones.of("wecom:sup01")[0].body == {
        "card_type": "vote_interaction",
        "task_id": "vote-1",
        "source": {"desc": "预警", "desc_color": 3},
        "main_title": {"title": "已提交"},
        "checkbox": {
            "question_key": "cause",
            "mode": 1,
            "disable": True,
            "option_list": [
                {"id": "door", "text": "门未关", "is_checked": True},
                {"id": "power", "text": "断电", "is_checked": False},
            ],
        },
        "submit_button": {"text": "提交", "key": "submit:1"},
        "replace_text": "已提交",
    }
    assert town.platform.protocol_errors == []


@pytest.mark.parametrize(
    ("msgtype", "content"),
    [
        ("text", "<Content>好</Content>"),
        ("update_button", "<Button></Button>"),
        ("update_template_card", "<TemplateCard><CardType>hologram</CardType></TemplateCard>"),
        ("update_taskcard", "<TaskCard/>"),
    ],
)
async def test_wrong_replies_to_a_click_are_recorded_and_change_nothing(
    town: Town, msgtype: str, content: str
) -> None:
    await town.card("sup01", alarm_card())
    town.bot.answer = lambda m: reply_xml(m, msgtype, content)
    await town.platform.member_presses("sup01", "warn-000417@1", "ack:417")
    assert town.phones.of("wecom:sup01")[0].body == alarm_card()
    assert len(town.phones.of("wecom:sup01")) == 2
    assert len(town.platform.protocol_errors) == 1


async def test_a_notice_has_no_button_to_grey(town: Town) -> None:
    menu = {"desc": "更多", "action_list": [{"text": "静默", "key": "mute"}]}
    card = {**NOTICE, "action_menu": menu, "task_id": "menu-1"}
    code = (await town.card("sup01", card))["response_code"]
    town.bot.answer = lambda m: reply_xml(
        m, "update_button", "<Button><ReplaceName>已静默</ReplaceName></Button>"
    )
    await town.platform.member_presses("sup01", "menu-1", "mute")
    assert town.bot.received[0]["Event"] == "template_card_menu_event"
    assert len(town.platform.protocol_errors) == 1
    answer = await update(town, code, button={"replace_name": "已静默"})
    assert answer["errcode"] == 40058
    assert town.phones.of("wecom:sup01")[0].body == card


async def update(town: Town, code: str, **more: Any) -> Json:
    body = {"agentid": APP.agent_id, "response_code": code, **more}
    return await town.post("message/update_template_card", body)


async def test_a_code_changes_all_copies_once(town: Town) -> None:
    code = (await town.card("sup01|sup02", alarm_card()))["response_code"]
    greyed = {"button": {"replace_name": "已受理"}}
    assert (await update(town, code, **greyed))["errcode"] == 0
    for phone in ("wecom:sup01", "wecom:sup02"):
        assert town.last(phone).body["replace_text"] == "已受理"
    assert (await update(town, code, **greyed))["errcode"] == 60140
    assert town.last("wecom:sup01").version == 2


async def test_userids_narrow_the_update(town: Town) -> None:
    code = (await town.card("sup01|sup02", alarm_card()))["response_code"]
    card = alarm_card(main_title={"title": "已关闭"}, replace_text="已关闭")
    answer = await update(town, code, userids=["sup02", "Ghost"], template_card=card)
    assert answer["errcode"] == 0
    assert answer["invaliduser"] == ["ghost"]
    assert town.last("wecom:sup01").body == alarm_card()
    assert town.last("wecom:sup02").body == card


async def test_a_clicks_code_reaches_the_others_when_asked_to(town: Town) -> None:
    await town.card("sup01|sup02", alarm_card())
    codes = []
    for _ in range(2):
        await town.platform.member_presses("sup01", "warn-000417@1", "ack:417")
        codes.append(town.bot.received[-1]["ResponseCode"])
    await update(town, codes[0], button={"replace_name": "已受理"})
    assert "replace_text" not in town.last("wecom:sup02").body
    await update(town, codes[1], atall=1, button={"replace_name": "已受理"})
    assert town.last("wecom:sup02").body["replace_text"] == "已受理"


async def test_codes_end_after_72_hours_and_belong_to_their_app(town: Town) -> None:
    code = (await town.card("sup01", alarm_card()))["response_code"]
    body = {"agentid": OTHER_APP.agent_id, "response_code": code}
    greyed = {"button": {"replace_name": "已受理"}}
    other = await town.post(
        "message/update_template_card", {**body, **greyed}, secret=OTHER_APP.secret
    )
    assert other["errcode"] == 60140
    town.clock.pass_by(72 * 3600)
    assert (await update(town, code, **greyed))["errcode"] == 60140
    assert (await update(town, "", **greyed))["errcode"] == 60140
    assert town.last("wecom:sup01").body == alarm_card()


async def test_bad_updates_are_refused_and_leave_the_code_good(town: Town) -> None:
    code = (await town.card("sup01", alarm_card()))["response_code"]
    for bad in (
        {},
        {"button": {"replace_name": ""}},
        {"button": {"replace_name": "好"}, "template_card": alarm_card()},
        {"template_card": {"card_type": "hologram"}},
        {"button": {"replace_name": "好"}, "userids": ["x"] * 1001},
    ):
        assert (await update(town, code, **bad))["errcode"] == 40058
    assert town.last("wecom:sup01").version == 1
    assert (await update(town, code, button={"replace_name": "好"}))["errcode"] == 0
