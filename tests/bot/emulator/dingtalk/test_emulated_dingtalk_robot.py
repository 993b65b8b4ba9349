"""Sending through the app's robot, session webhooks, a group's webhook robot and work notices."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from bot.emulator.dingtalk import Limits
from bot.emulator.dingtalk.crypto import robot_sign
from bot.emulator.faults import FaultKind
from tests.bot.emulator.dingtalk.conftest import GROUP, Seen, Stage, StageMaker

pytestmark = pytest.mark.anyio

BATCH = "/v1.0/robot/oToMessages/batchSend"


def message(*users: str, **changes: Any) -> dict[str, Any]:
    param = json.dumps({"content": "你好"})
    return {
        "robotCode": "dingappkey0001",
        "userIds": list(users),
        "msgKey": "sampleText",
        "msgParam": param,
        **changes,
    }


async def test_a_message_arrives_on_each_phone_and_bad_ids_come_back(stage: Stage) -> None:
    stage.platform.flow_controlled.add("0412338")

    answer = await stage.api("POST", BATCH, message("0412337", "0412338", "stranger"))

    assert answer.status_code == 200
    assert answer.json()["invalidStaffIdList"] == ["stranger"]
    assert answer.json()["flowControlledStaffIdList"] == ["0412338"]
    assert [b.body for b in stage.shown("0412337")] == [{"text": "你好"}]
    assert stage.shown("0412338") == []
    assert stage.errors == []


async def test_a_foreign_token_is_refused_in_the_new_hosts_shape(stage: Stage) -> None:
    headers = {"x-acs-dingtalk-access-token": "nonsense"}

    answer = await stage.http.post(BATCH, json=message("0412337"), headers=headers)

    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "message", "requestid"}
    assert stage.shown("0412337") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"userIds": [str(n) for n in range(21)]}, "invalidParameter.userIds.overMax"),
        ({"msgParam": {"content": "你好"}}, "invalidParameter.msgParam"),
        ({"msgParam": "你" * 5_001}, "invalidParameter.msgParam.tooLong"),
        ({"msgParam": '{"content":1}'}, "invalidParameter.msgParam"),
        ({"msgKey": "text"}, "invalidParameter.msgParam"),
        ({"robotCode": "another"}, "invalidParameter.robotCode.auth"),
    ],
)
async def test_what_the_platform_refuses_is_refused_and_noted(
    stage: Stage, changes: dict[str, Any], code: str
) -> None:
    answer = await stage.api("POST", BATCH, message("0412337", **changes))

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert len(stage.errors) == 1
    assert stage.shown("0412337") == []


async def test_button_templates_become_one_kind_of_bubble(stage: Stage) -> None:
    two = {"title": "预警", "text": "### 逾期", "actionTitle1": "知道了", "actionTitle2": "详情"}
    two |= {"actionURL1": "dtmd://dingtalkclient/sendMessage?content=1", "actionURL2": "https://x"}
    six = {"title": "预警", "text": "### 逾期", "buttonTitle1": "知道了", "buttonTitle2": "详情"}
    six |= {"buttonUrl1": "dtmd://dingtalkclient/sendMessage?content=1", "buttonUrl2": "https://x"}

    for key, param in (("sampleActionCard2", two), ("sampleActionCard6", six)):
        body = message("0412337", msgKey=key, msgParam=json.dumps(param))
        assert (await stage.api("POST", BATCH, body)).status_code == 200

    first, second = stage.shown("0412337")
    assert first.kind == "actioncard"
    assert first.body == second.body
    assert [b["title"] for b in first.body["buttons"]] == ["知道了", "详情"]


async def test_a_markdown_table_is_noted(stage: Stage) -> None:
    param = json.dumps({"title": "表", "text": "| a | b |\n|---|---|\n| 1 | 2 |"})

    answer = await stage.api(
        "POST", BATCH, message("0412337", msgKey="sampleMarkdown", msgParam=param)
    )

    assert answer.status_code == 200
    assert stage.errors == ["dingtalk.batchSend: markdown tables are not rendered"]


async def test_the_twenty_first_call_in_a_second_is_refused(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits())

    codes = [(await stage.api("POST", BATCH, message("0412337"))).status_code for _ in range(21)]
    stage.clock.now += 1.1
    later = await stage.api("POST", BATCH, message("0412337"))

    assert codes == [200] * 20 + [403]
    assert later.status_code == 200


async def test_a_month_used_up_is_refused(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(monthly_calls=1))

    first = await stage.api("POST", BATCH, message("0412337"))
    second = await stage.api("POST", BATCH, message("0412337"))

    assert first.status_code == 200
    assert second.status_code == 403
    assert second.json()["code"] == "Forbidden.AccessDenied.ApiCountLimitForOrg"
    assert len(stage.shown("0412337")) == 1


async def test_faults_change_the_answer_and_then_end(stage: Stage) -> None:
    place = "dingtalk.batchSend"
    stage.faults.arm(place, FaultKind.HTML_BODY, times=1)
    banned = await stage.api("POST", BATCH, message("0412337"))
    stage.faults.arm(place, FaultKind.ERRCODE, value="send.too.fast", times=1)
    fast = await stage.api("POST", BATCH, message("0412337"))
    stage.faults.arm(place, FaultKind.EXPIRED_TOKEN, times=1)
    expired = await stage.api("POST", BATCH, message("0412337"))
    stage.faults.arm(place, FaultKind.DROP, times=1)
    dropped = await stage.api("POST", BATCH, message("0412337"))
    assert stage.shown("0412337") == []

    fine = await stage.api("POST", BATCH, message("0412337"))

    assert (banned.status_code, banned.headers["content-type"][:9]) == (200, "text/html")
    assert (fast.status_code, fast.json()["code"]) == (400, "send.too.fast")
    assert (expired.status_code, dropped.status_code, fine.status_code) == (401, 200, 200)
    assert len(stage.shown("0412337")) == 1


async def test_a_group_message_reaches_the_members_only(stage: Stage) -> None:
    body = message(openConversationId=GROUP)

    answer = await stage.api("POST", "/v1.0/robot/groupMessages/send", body)

    assert answer.status_code == 200
    assert [b.meta["group"] for b in stage.shown("0412338")] == [GROUP]
    assert stage.shown("0412339") == []


async def test_a_session_webhook_ends_after_ninety_minutes(stage: Stage) -> None:
    stage.platform.mode = "http"
    await stage.platform.member_says("0412337", "积分")
    payload = stage.seen[0].json
    path = payload["sessionWebhook"]
    reply = {"msgtype": "text", "text": {"content": "120 分"}}

    in_time = await stage.http.post(path, json=reply)
    stage.clock.now = payload["sessionWebhookExpiredTime"] / 1000 + 1
    late = await stage.http.post(path, json=reply)

    assert payload["sessionWebhookExpiredTime"] - payload["createAt"] == 5_400_000
    assert in_time.json()["errcode"] == 0
    assert (late.status_code, late.json()["errcode"]) == (200, 300001)
    assert [b.body["text"] for b in stage.shown("0412337")] == ["120 分"]


async def test_another_dialects_keys_do_not_pass_a_session_webhook(stage: Stage) -> None:
    stage.platform.mode = "http"
    await stage.platform.member_says("0412337", "积分")
    card = {"title": "a", "text": "b", "single_title": "c", "single_url": "https://x"}

    answer = await stage.http.post(
        stage.seen[0].json["sessionWebhook"], json={"msgtype": "actionCard", "actionCard": card}
    )

    assert answer.json()["errcode"] == 400105
    assert len(stage.errors) == 1
    assert stage.shown("0412337") == []


async def test_a_webhook_robot_is_blocked_above_twenty_a_minute(stage: Stage) -> None:
    stamp = str(int(stage.clock.now * 1000))
    query = {
        "access_token": "hook-token",
        "timestamp": stamp,
        "sign": robot_sign(stamp, "SEC-hook"),
    }
    body = {"msgtype": "text", "text": {"content": "预警"}}

    codes = [
        (await stage.http.post("/robot/send", params=query, json=body)).json()["errcode"]
        for _ in range(21)
    ]
    stage.clock.now += 61
    blocked = (await stage.http.post("/robot/send", params=query, json=body)).json()["errcode"]
    unsigned = await stage.http.post("/robot/send?access_token=hook-token", json=body)

    assert codes == [0] * 20 + [410100]
    assert blocked == 410100
    assert unsigned.json()["errcode"] == 310000
    assert len(stage.shown("0412337")) == 20


async def test_the_same_notice_twice_a_day_is_swallowed_in_silence(stage: Stage) -> None:
    app = {"appkey": "dingappkey0001", "appsecret": "emulated-client-secret"}
    token = (await stage.http.get("/gettoken", params=app)).json()["access_token"]
    base = "/topapi/message/corpconversation"
    msg = {"msgtype": "text", "text": {"content": "预警"}}
    body = {"agent_id": 1, "userid_list": "0412337", "msg": msg}

    tasks = [
        (await stage.http.post(f"{base}/asyncsend_v2?access_token={token}", json=body)).json()
        for _ in range(2)
    ]
    result = await stage.http.post(
        f"{base}/getsendresult?access_token={token}", json={"task_id": tasks[1]["task_id"]}
    )

    assert [task["errcode"] for task in tasks] == [0, 0]
    assert len(stage.shown("0412337")) == 1
    assert result.json()["send_result"]["forbidden_list"][0]["code"] == "143106"


async def test_a_login_code_works_once(stage: Stage) -> None:
    app = {"appkey": "dingappkey0001", "appsecret": "emulated-client-secret"}
    token = (await stage.http.get("/gettoken", params=app)).json()["access_token"]
    path = f"/topapi/v2/user/getuserinfo?access_token={token}"
    body = {"code": stage.platform.auth_code("0412337")}

    first = (await stage.http.post(path, json=body)).json()
    second = (await stage.http.post(path, json=body)).json()

    assert first["result"]["userid"] == "0412337"
    assert second["errcode"] == 40078


async def test_calls_are_recorded_without_secrets(stage: Stage) -> None:
    await stage.api("POST", BATCH, message("0412337"))

    login, send = stage.platform.calls

    assert login.params == {"appKey": "dingappkey0001", "appSecret": "***"}
    assert (send.name, send.params["userIds"]) == (BATCH, ["0412337"])


async def test_an_http_callback_is_signed_and_its_answer_shown(stage: Stage) -> None:
    async def reply(_: Seen) -> Response:
        return JSONResponse({"msgtype": "text", "text": {"content": "120 分"}})

    stage.platform.mode = "http"
    stage.answer = reply

    push = await stage.platform.member_says("0412337", "积分")

    assert push is not None
    assert push.answered
    assert urlsplit(stage.seen[0].path).path == "/app/robot"
    headers = stage.seen[0].headers
    assert headers["sign"] == robot_sign(headers["timestamp"], "emulated-client-secret")
    assert stage.seen[0].json["senderStaffId"] == "0412337"
    assert [b.body["text"] for b in stage.shown("0412337")] == ["120 分"]
