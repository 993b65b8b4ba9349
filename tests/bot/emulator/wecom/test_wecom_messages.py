"""Tokens, message/send and its limits behave as the platform's pages say."""

import asyncio

import pytest

from bot.emulator.faults import FaultKind
from tests.bot.emulator.wecom.tiny_bot import APP, OTHER_APP, WORLD, Json, Town, soon

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("query", "errcode"),
    [
        ({"corpid": "wwother", "corpsecret": APP.secret}, 40013),
        ({"corpid": WORLD.corp_id, "corpsecret": "wrong"}, 40001),
        ({"corpid": WORLD.corp_id, "corpsecret": ""}, 41004),
        ({"corpsecret": APP.secret}, 41002),
    ],
)
async def test_gettoken_refuses_wrong_credentials(town: Town, query: Json, errcode: int) -> None:
    answer = (await town.api.get("/cgi-bin/gettoken", params=query)).json()
    assert answer["errcode"] == errcode
    assert "access_token" not in answer


async def test_a_secret_has_one_token_until_it_expires(town: Town) -> None:
    first = await town.token()
    assert await town.token() == first
    assert await town.token(OTHER_APP.secret) != first
    town.clock.pass_by(7200)
    assert await town.token() != first


async def test_tokens_are_refused_when_absent_unknown_or_expired(town: Town) -> None:
    async def errcode(query: Json) -> int:
        body = {"touser": "pm01", "msgtype": "text", "agentid": APP.agent_id}
        answer = await town.api.post(
            "/cgi-bin/message/send", params=query, json={**body, "text": {"content": "好"}}
        )
        return int(answer.json()["errcode"])

    token = await town.token()
    assert await errcode({}) == 41001
    assert await errcode({"access_token": "unknown"}) == 40014
    town.clock.pass_by(7201)
    assert await errcode({"access_token": token}) == 42001
    town.platform.tokens.revoke_all()
    assert await errcode({"access_token": token}) == 40014
    assert town.phones.of("wecom:pm01") == []


async def test_calls_are_counted_without_secrets(town: Town) -> None:
    await town.text("pm01", "好")
    assert [call.name for call in town.platform.calls] == ["gettoken", "message/send"]
    assert town.platform.calls[0].params["corpsecret"] == "***"
    assert town.platform.calls[1].params["access_token"] == "***"
    assert town.platform.calls[1].params["touser"] == "pm01"
    assert [call.errcode for call in town.platform.calls] == [0, 0]


async def test_a_text_shows_on_every_recipients_phone(town: Town) -> None:
    answer = await town.text("sup01|sup02|SomeBody", "好")
    assert answer["errcode"] == 0
    assert answer["invaliduser"] == "somebody"
    assert town.texts("wecom:sup01") == town.texts("wecom:sup02") == ["好"]


async def test_nobody_valid_is_an_error(town: Town) -> None:
    assert (await town.text("Ghost|ghost2", "好"))["errcode"] == 81013
    assert (await town.text("", "好"))["errcode"] == 82001


async def test_the_agent_must_be_the_tokens_own(town: Town) -> None:
    body = {"touser": "pm01", "msgtype": "text", "text": {"content": "好"}}
    for agent_id, errcode in ((OTHER_APP.agent_id, 301002), (999, 40056), (None, 40056)):
        answer = await town.post("message/send", {**body, "agentid": agent_id})
        assert answer["errcode"] == errcode
    kf = await town.post("message/send", {**body, "agentid": APP.agent_id}, secret=WORLD.kf_secret)
    assert kf["errcode"] == 48002
    assert town.phones.of("wecom:pm01") == []


@pytest.mark.parametrize(
    ("msgtype", "content", "errcode"),
    [
        ("text", {"content": ""}, 44004),
        ("text", {}, 44004),
        ("hologram", {"depth": 3}, 40008),
        ("text", "not an object", 40058),
        ("textcard", {"title": "标题"}, 40058),
    ],
)
async def test_bad_content_is_refused(
    town: Town, msgtype: str, content: Json, errcode: int
) -> None:
    assert (await town.send("pm01", msgtype, content))["errcode"] == errcode
    assert town.phones.of("wecom:pm01") == []


async def test_text_over_2048_bytes_is_cut_and_recorded(town: Town) -> None:
    await town.text("pm01", "分" * 682 + "ab")
    assert town.platform.protocol_errors == []
    await town.text("pm01", "分" * 683)
    assert town.texts("wecom:pm01") == ["分" * 682 + "ab", "分" * 682]
    assert len(town.platform.protocol_errors) == 1


async def test_the_31st_message_of_a_minute_is_lost_in_silence(town: Town) -> None:
    for number in range(31):
        assert (await town.text("pm01|sup01", f"第 {number} 条"))["errcode"] == 0
    assert len(town.texts("wecom:pm01")) == 30
    assert [(d.phone, d.reason) for d in town.platform.dropped] == [
        ("wecom:pm01", "rate_limit"),
        ("wecom:sup01", "rate_limit"),
    ]
    town.clock.pass_by(60)
    await town.text("pm01", "又行了")
    assert town.texts("wecom:pm01")[-1] == "又行了"


async def test_the_1001st_message_of_an_hour_is_lost_in_silence(town: Town) -> None:
    token = await town.token()
    for number in range(1001):
        if number % 30 == 0:
            town.clock.pass_by(61)
        body = {"touser": "pm01", "msgtype": "text", "agentid": APP.agent_id}
        answer = await town.api.post(
            "/cgi-bin/message/send",
            params={"access_token": token},
            json={**body, "text": {"content": str(number)}},
        )
        assert answer.json()["errcode"] == 0
    assert len(town.texts("wecom:pm01")) == 1000
    assert len(town.platform.dropped) == 1


async def test_the_duplicate_check_compares_content_for_half_an_hour(town: Town) -> None:
    first = await town.text("pm01", "预警", enable_duplicate_check=1)
    again = await town.text("pm01", "预警", enable_duplicate_check=1)
    assert again["errcode"] == 0
    assert again["msgid"] == first["msgid"]
    await town.text("pm01", "预警 2", enable_duplicate_check=1)
    await town.text("pm01", "预警")
    assert town.texts("wecom:pm01") == ["预警", "预警 2", "预警"]
    assert [d.reason for d in town.platform.dropped] == ["duplicate"]
    town.clock.pass_by(1801)
    await town.text("pm01", "预警", enable_duplicate_check=1)
    assert len(town.texts("wecom:pm01")) == 4


async def test_a_message_is_recalled_within_a_day_and_not_later(town: Town) -> None:
    first, second = await town.text("pm01", "一"), await town.text("pm01", "二")
    assert (await town.post("message/recall", {"msgid": first["msgid"]}))["errcode"] == 0
    town.clock.pass_by(24 * 3600 + 1)
    assert (await town.post("message/recall", {"msgid": second["msgid"]}))["errcode"] == 40058
    assert [b.kind for b in town.phones.of("wecom:pm01")] == ["notice", "text"]


async def test_a_sixth_parallel_call_is_refused(town: Town) -> None:
    query = {"access_token": await town.token()}
    body = {"touser": "pm01", "msgtype": "text", "agentid": APP.agent_id, "text": {"content": "好"}}
    town.faults.arm("wecom.message.send", FaultKind.DELAY, value=0.1)
    calls = [town.api.post("/cgi-bin/message/send", params=query, json=body) for _ in range(6)]
    answers = [answer.json()["errcode"] for answer in await asyncio.gather(*calls)]
    assert sorted(answers) == [0, 0, 0, 0, 0, 45033]
    assert len(town.texts("wecom:pm01")) == 5


async def test_faults_change_what_a_call_answers(town: Town) -> None:
    body = {"touser": "pm01", "msgtype": "text", "agentid": APP.agent_id, "text": {"content": "好"}}
    query = {"access_token": await town.token()}

    async def send() -> tuple[int, str]:
        answer = await town.api.post("/cgi-bin/message/send", params=query, json=body)
        return answer.status_code, answer.text

    for kind, value, status, part in (
        (FaultKind.HTTP_STATUS, 503, 503, ""),
        (FaultKind.HTML_BODY, None, 200, "<html>"),
        (FaultKind.ERRCODE, -1, 200, '"errcode":-1'),
        (FaultKind.QUOTA_FULL, None, 200, "45009"),
        (FaultKind.EXPIRED_TOKEN, None, 200, "42001"),
    ):
        town.faults.arm("wecom.message.send", kind, value=value, times=1)
        got_status, text = await send()
        assert got_status == status
        assert part in text
    assert town.phones.of("wecom:pm01") == []
    assert await town.token() != query["access_token"]


async def test_accepted_messages_can_be_lost_doubled_or_reordered(town: Town) -> None:
    for kind in (FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.REORDER):
        town.faults.arm("wecom.message.send", kind, times=1)
    for text in ("丢", "重", "晚", "早"):
        assert (await town.text("pm01", text))["errcode"] == 0
    assert town.texts("wecom:pm01") == ["重", "重", "早", "晚"]
    assert [d.reason for d in town.platform.dropped] == ["fault"]


async def test_a_hanging_call_has_already_delivered(town: Town) -> None:
    town.faults.arm("wecom.message.send", FaultKind.HANG_AFTER_ACCEPT, value=30, times=1)
    await town.token()
    call = asyncio.ensure_future(town.text("pm01", "好"))
    async with asyncio.timeout(2):
        while not town.texts("wecom:pm01"):
            await soon()
    assert not call.done()
    call.cancel()


async def test_member_look_up_and_callback_addresses(town: Town) -> None:
    query = {"access_token": await town.token()}
    known = await town.api.get("/cgi-bin/user/get", params={**query, "userid": "pm01"})
    ghost = await town.api.get("/cgi-bin/user/get", params={**query, "userid": "ghost"})
    addresses = await town.api.get("/cgi-bin/getcallbackip", params=query)
    assert known.json()["name"] == "李工"
    assert ghost.json()["errcode"] == 60111
    assert addresses.json()["ip_list"] == ["127.0.0.1"]


async def test_a_group_robot_takes_twenty_messages_a_minute(town: Town) -> None:
    async def say(key: str, body: Json) -> int:
        answer = await town.api.post("/cgi-bin/webhook/send", params={"key": key}, json=body)
        return int(answer.json()["errcode"])

    text = {"msgtype": "text", "text": {"content": "预警"}}
    assert await say("wrong", text) == 93000
    assert {await say("robot-key", text) for _ in range(20)} == {0}
    assert await say("robot-key", text) == 45009
    assert len(town.texts("wecom-group:预警群")) == 20
    assert all(call.params["key"] == "***" for call in town.platform.calls)


async def test_broken_json_is_refused(town: Town) -> None:
    query = {"access_token": await town.token()}
    for body in (b"{", b"[]", b""):
        answer = await town.api.post("/cgi-bin/message/send", params=query, content=body)
        assert answer.json()["errcode"] == 47001
