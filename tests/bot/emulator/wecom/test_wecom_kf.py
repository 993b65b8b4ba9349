"""微信客服: pings, pulling with cursors, sending within the allowance, menus, states, welcomes."""

from typing import Any

import pytest

from bot.emulator.faults import FaultKind
from bot.emulator.wecom import CannotActError
from tests.bot.emulator.wecom.tiny_bot import (
    KF,
    OTHER_APP,
    OTHER_KF,
    WORLD,
    Json,
    Town,
    reply_xml,
)

pytestmark = pytest.mark.anyio

PHONE = "wechat:wmWang"
MENU: Json = {
    "head_content": "当前积分 1280。请选择：",
    "list": [
        {"type": "click", "click": {"id": "rq:50yuan", "content": "换 50 元券"}},
        {"type": "view", "view": {"url": "https://example.com/", "content": "积分商城"}},
    ],
    "tail_content": "十分钟内有效",
}


async def send(town: Town, msgtype: str, content: Any, **more: Any) -> Json:
    body = {"touser": "wmWang", "open_kfid": KF.open_kfid, "msgtype": msgtype, msgtype: content}
    return await town.post("kf/send_msg", {**body, **more})


def contents(page: Json) -> list[str]:
    return [item["text"]["content"] for item in page["msg_list"]]


async def test_a_customers_message_pings_without_saying_who_or_what(town: Town) -> None:
    outcome = await town.platform.customer_says("wmWang", "余额")
    assert outcome.accepted
    ping = dict(town.bot.received[0])
    assert len(ping.pop("Token")) <= 128
    assert ping == {
        "ToUserName": WORLD.corp_id,
        "CreateTime": "1760000000",
        "MsgType": "event",
        "Event": "kf_msg_or_event",
        "OpenKfId": KF.open_kfid,
    }


async def test_a_reply_to_a_ping_is_recorded(town: Town) -> None:
    town.bot.answer = lambda m: reply_xml(
        {**m, "FromUserName": "x"}, "text", "<Content>好</Content>"
    )
    await town.platform.customer_says("wmWang", "余额")
    assert len(town.platform.protocol_errors) == 1
    assert [b.mine for b in town.phones.of(PHONE)] == [True]


async def test_the_pulled_item_has_origin_ids_and_content(town: Town) -> None:
    await town.platform.customer_says("wmWang", "余额")
    page = await town.pull(token=town.bot.received[0]["Token"])
    item = dict(page["msg_list"][0])
    assert len(item.pop("msgid")) == 32
    assert item == {
        "open_kfid": KF.open_kfid,
        "external_userid": "wmWang",
        "send_time": 1_760_000_000,
        "origin": 3,
        "msgtype": "text",
        "text": {"content": "余额"},
    }
    assert page["has_more"] == 0


async def test_cursors_page_through_the_log_and_an_empty_one_replays_it(town: Town) -> None:
    for text in "一二三四五":
        await town.platform.customer_says("wmWang", text)
    seen, cursor, more = list[str](), "", 1
    while more:
        page = await town.pull(cursor, limit=2)
        cursor, more = page["next_cursor"], page["has_more"]
        seen += contents(page)
        assert 0 < len(cursor.encode()) <= 64
    assert seen == list("一二三四五")
    assert contents(await town.pull(cursor)) == []
    assert contents(await town.pull()) == list("一二三四五")


async def test_history_ends_after_three_days(town: Town) -> None:
    await town.platform.customer_says("wmWang", "旧")
    town.clock.pass_by(3 * 24 * 3600 + 1)
    await town.platform.customer_says("wmWang", "新")
    assert contents(await town.pull()) == ["新"]


async def test_a_page_may_be_empty_and_still_have_more(town: Town) -> None:
    await town.platform.customer_says("wmWang", "余额")
    town.faults.arm("wecom.kf.sync_msg", FaultKind.DROP, times=1)
    page = await town.pull()
    assert (page["msg_list"], page["has_more"]) == ([], 1)
    assert contents(await town.pull(page["next_cursor"])) == ["余额"]


@pytest.mark.parametrize(
    ("asked", "errcode"),
    [
        ({"open_kfid": ""}, 40058),
        ({"open_kfid": "wkNONE"}, 95000),
        ({"cursor": "made-up"}, 40058),
        ({"cursor": "0." + "0" * 80}, 40058),
        ({"limit": 1001}, 40058),
        ({"limit": -1}, 40058),
        ({"voice_format": 2}, 40058),
        ({"token": "made-up"}, 95007),
    ],
)
async def test_bad_pulls_are_refused(town: Town, asked: Json, errcode: int) -> None:
    assert (await town.pull(**asked))["errcode"] == errcode


async def test_an_account_belongs_to_its_app_or_the_kf_secret(town: Town) -> None:
    body = {"open_kfid": KF.open_kfid}
    assert (await town.post("kf/sync_msg", body, secret=OTHER_APP.secret))["errcode"] == 95000
    assert (await town.post("kf/sync_msg", body, secret=WORLD.kf_secret))["errcode"] == 0


async def test_cursors_and_tokens_serve_only_their_own_account(town: Town) -> None:
    await town.platform.customer_says("wmWang", "余额")
    await town.platform.customer_says("wmWang", "报修", open_kfid=OTHER_KF.open_kfid)
    token = town.bot.received[0]["Token"]
    cursor = (await town.pull(token=token))["next_cursor"]
    other = {"open_kfid": OTHER_KF.open_kfid}
    assert (await town.pull(cursor, **other))["errcode"] == 40058
    assert (await town.pull(token=token, **other))["errcode"] == 95007
    assert contents(await town.pull(**other)) == ["报修"]
    assert contents(await town.pull()) == ["余额"]


async def test_a_pings_token_is_good_for_ten_minutes(town: Town) -> None:
    await town.platform.customer_says("wmWang", "余额")
    token = town.bot.received[0]["Token"]
    town.clock.pass_by(599)
    assert (await town.pull(token=token))["errcode"] == 0
    town.clock.pass_by(1)
    assert (await town.pull(token=token))["errcode"] == 95007


async def test_pulling_without_token_is_limited_strictly(town: Town) -> None:
    answers = [(await town.pull())["errcode"] for _ in range(11)]
    assert answers == [0] * 10 + [45009]


async def test_five_messages_per_customer_message(town: Town) -> None:
    assert (await town.kf_text("wmWang", "太早"))["errcode"] == 95002
    await town.platform.customer_says("wmWang", "余额")
    answers = [(await town.kf_text("wmWang", str(number)))["errcode"] for number in range(6)]
    assert answers == [0, 0, 0, 0, 0, 95001]
    assert town.texts(PHONE) == ["余额", "0", "1", "2", "3", "4"]
    await town.platform.customer_says("wmWang", "再来")
    assert (await town.kf_text("wmWang", "好"))["errcode"] == 0


async def test_nothing_can_be_sent_48_hours_after_the_last_message(town: Town) -> None:
    await town.platform.customer_says("wmWang", "余额")
    town.clock.pass_by(48 * 3600)
    assert (await town.kf_text("wmWang", "晚了"))["errcode"] == 95002
    assert town.texts(PHONE) == ["余额"]


async def test_a_repeated_msgid_shows_once_and_uses_no_allowance(town: Town) -> None:
    await town.platform.customer_says("wmWang", "余额")
    for _ in range(7):
        answer = await town.kf_text("wmWang", "1280 分", msgid="out-000981")
        assert (answer["errcode"], answer["msgid"]) == (0, "out-000981")
    assert town.texts(PHONE) == ["余额", "1280 分"]
    assert town.platform.protocol_errors == []
    await town.kf_text("wmWang", "别的", msgid="out-000981")
    assert town.texts(PHONE) == ["余额", "1280 分"]
    assert len(town.platform.protocol_errors) == 1


@pytest.mark.parametrize(("state", "errcode"), [(0, 0), (1, 0), (2, 95018), (3, 95018), (4, 95013)])
async def test_the_session_state_decides_whether_the_app_may_send(
    town: Town, state: int, errcode: int
) -> None:
    await town.platform.customer_says("wmWang", "余额")
    await town.platform.set_kf_state("wmWang", state)
    assert (await town.kf_text("wmWang", "好"))["errcode"] == errcode
    assert len(town.texts(PHONE)) == (1 if errcode else 2)


def menu(*items: Json, **more: Any) -> Json:
    return {"head_content": "请选择", "list": list(items), **more}


def click(id_: str = "a", content: str = "好") -> Json:
    return {"type": "click", "click": {"id": id_, "content": content}}


@pytest.mark.parametrize(
    ("msgtype", "content", "errcode"),
    [
        ("text", {"content": ""}, 44004),
        ("text", {"content": "分" * 683}, 45002),
        ("template_card", {}, 40008),
        ("markdown", {"content": "好"}, 40008),
        ("link", {"title": "商城", "url": "https://example.com/"}, 40058),
        ("msgmenu", menu(*[click(str(n)) for n in range(11)]), 95008),
        ("msgmenu", menu({"type": "hologram"}), 95009),
        ("msgmenu", menu(click("k" * 129)), 40058),
        ("msgmenu", menu(click("k", "分" * 43)), 40058),
        ("msgmenu", menu(click("k", "")), 40058),
        ("msgmenu", menu({"type": "text", "text": {"content": "分" * 86}}), 40058),
        ("msgmenu", menu(click(), head_content="分" * 342), 40058),
        ("msgmenu", menu(click(), tail_content="分" * 342), 40058),
        ("msgmenu", {}, 40058),
    ],
)
async def test_bad_content_is_refused(
    town: Town, msgtype: str, content: Json, errcode: int
) -> None:
    await town.platform.customer_says("wmWang", "余额")
    assert (await send(town, msgtype, content))["errcode"] == errcode
    assert town.texts(PHONE) == ["余额"]


@pytest.mark.parametrize("msgid", ["x" * 33, "with blank", "中文"])
async def test_a_bad_msgid_is_refused(town: Town, msgid: str) -> None:
    await town.platform.customer_says("wmWang", "余额")
    assert (await town.kf_text("wmWang", "好", msgid=msgid))["errcode"] == 40058


async def test_a_menu_click_comes_back_as_text_with_menu_id_and_opens_an_allowance(
    town: Town,
) -> None:
    await town.platform.customer_says("wmWang", "兑换")
    for _ in range(5):
        assert (await send(town, "msgmenu", MENU))["errcode"] == 0
    oldest = town.phones.of(PHONE)[1]
    assert (oldest.kind, oldest.body) == ("menu", MENU)
    for _ in range(2):
        await town.platform.customer_presses("wmWang", oldest, "rq:50yuan")
    item = (await town.pull())["msg_list"][-1]
    assert item["text"] == {"content": "换 50 元券", "menu_id": "rq:50yuan"}
    assert (await town.kf_text("wmWang", "好"))["errcode"] == 0
    with pytest.raises(CannotActError):
        await town.platform.customer_presses("wmWang", oldest, "rq:99yuan")


async def test_the_apps_own_messages_are_not_pulled(town: Town) -> None:
    await town.platform.customer_says("wmWang", "余额")
    await town.kf_text("wmWang", "1280 分")
    assert contents(await town.pull()) == ["余额"]


async def test_a_failed_delivery_is_reported_by_event_after_success(town: Town) -> None:
    await town.platform.customer_says("wmWang", "余额")
    town.faults.arm("wecom.kf.send_msg", FaultKind.DELIVERY_FAILED, value=10, times=1)
    assert (await town.kf_text("wmWang", "好", msgid="out-1"))["errcode"] == 0
    await town.platform.settle()
    item = (await town.pull(token=town.bot.received[-1]["Token"]))["msg_list"][-1]
    assert item["origin"] == 4
    assert "external_userid" not in item
    assert item["event"] == {
        "event_type": "msg_send_fail",
        "open_kfid": KF.open_kfid,
        "external_userid": "wmWang",
        "fail_msgid": "out-1",
        "fail_type": 10,
    }
    assert town.texts(PHONE) == ["余额"]


async def test_a_full_allowance_can_be_feigned(town: Town) -> None:
    await town.platform.customer_says("wmWang", "余额")
    town.faults.arm("wecom.kf.send_msg", FaultKind.QUOTA_FULL, times=1)
    assert (await town.kf_text("wmWang", "好"))["errcode"] == 95001


async def enter(town: Town) -> Json:
    await town.platform.customer_enters("wmWang", "card", "token=abc")
    event = (await town.pull())["msg_list"][-1]["event"]
    assert event["event_type"] == "enter_session"
    assert (event["scene"], event["scene_param"]) == ("card", "token=abc")
    return dict(event)


async def welcome(town: Town, code: str) -> int:
    body = {"code": code, "msgtype": "text", "text": {"content": "欢迎"}}
    return int((await town.post("kf/send_msg_on_event", body))["errcode"])


async def test_a_welcome_code_serves_once_within_20_seconds(town: Town) -> None:
    first = (await enter(town))["welcome_code"]
    town.clock.pass_by(20)
    assert await welcome(town, first) == 41050
    second = (await enter(town))["welcome_code"]
    assert await welcome(town, second) == 0
    assert await welcome(town, second) == 41050
    assert town.texts(PHONE) == ["欢迎"]


async def test_no_welcome_code_for_who_was_welcomed_or_wrote_lately(town: Town) -> None:
    assert await welcome(town, (await enter(town))["welcome_code"]) == 0
    assert "welcome_code" not in await enter(town)
    town.clock.pass_by(48 * 3600)
    assert "welcome_code" in await enter(town)
    await town.platform.customer_says("wmWang", "余额")
    assert "welcome_code" not in await enter(town)


async def test_states_change_by_api_only_along_the_allowed_ways(town: Town) -> None:
    async def trans(state: int, **more: Any) -> Json:
        body = {"open_kfid": KF.open_kfid, "external_userid": "wmWang", "service_state": state}
        return await town.post("kf/service_state/trans", {**body, **more})

    async def current() -> int:
        body = {"open_kfid": KF.open_kfid, "external_userid": "wmWang"}
        return int((await town.post("kf/service_state/get", body))["service_state"])

    assert await current() == 4
    assert (await trans(1))["errcode"] == 95016
    await town.platform.customer_says("wmWang", "转人工")
    assert await current() == 0
    assert (await trans(1))["errcode"] == 0
    assert (await trans(3, servicer_userid="ghost"))["errcode"] == 95014
    assert "msg_code" in await trans(3, servicer_userid="pm01")
    assert (await trans(1))["errcode"] == 95016
    assert await current() == 3


async def test_after_the_end_the_next_message_starts_again_at_the_accounts_state(
    town: Town,
) -> None:
    await town.platform.customer_says("wmWang", "余额")
    await town.platform.set_kf_state("wmWang", 3, servicer="pm01", announce=True)
    await town.platform.servicer_says("pm01", "wmWang", "您好")
    await town.platform.set_kf_state("wmWang", 4, announce=True)
    items = (await town.pull())["msg_list"]
    assert [item["origin"] for item in items] == [3, 4, 5, 4]
    assert items[1]["event"]["change_type"] == 1
    assert items[2]["servicer_userid"] == "pm01"
    assert (items[3]["event"]["change_type"], town.platform.kf_state("wmWang")) == (3, 4)
    assert await welcome(town, items[3]["event"]["msg_code"]) == 0
    await town.platform.customer_says("wmWang", "又来")
    assert town.platform.kf_state("wmWang") == 0


async def test_profiles_are_given_for_48_hours(town: Town) -> None:
    async def get(*ids: str) -> Json:
        body = {"external_userid_list": list(ids), "need_enter_session_context": 1}
        return await town.post("kf/customer/batchget", body)

    await town.platform.customer_enters("wmWang", "card", "abc")
    await town.platform.customer_says("wmWang", "余额")
    answer = await get("wmWang", "wmLiu", "ghost")
    assert answer["invalid_external_userid"] == ["wmLiu", "ghost"]
    profile = answer["customer_list"][0]
    assert (profile["nickname"], profile["unionid"]) == ("王女士", "union-wang")
    assert profile["enter_session_context"] == {"scene": "card", "scene_param": "abc"}
    assert (await get())["errcode"] == 40058
    town.clock.pass_by(48 * 3600)
    assert (await get("wmWang"))["customer_list"] == []


async def test_a_contact_way_leads_into_the_session_with_its_scene(town: Town) -> None:
    body = {"open_kfid": KF.open_kfid, "scene": "invite"}
    url = (await town.post("kf/add_contact_way", body))["url"]
    bad = await town.post("kf/add_contact_way", {**body, "scene": "中文"})
    assert bad["errcode"] == 40058
    await town.platform.customer_follows("wmLiu", url, "once-only")
    event = (await town.pull())["msg_list"][-1]["event"]
    assert (event["scene"], event["scene_param"]) == ("invite", "once-only")
    assert event["external_userid"] == "wmLiu"


async def test_other_customer_messages_are_pulled_with_their_node(town: Town) -> None:
    await town.platform.customer_sends("wmWang", "image")
    await town.platform.customer_sends("wmWang", "hologram", depth=3)
    items = (await town.pull())["msg_list"]
    assert items[0]["image"]["media_id"]
    assert items[1]["hologram"] == {"depth": 3}
