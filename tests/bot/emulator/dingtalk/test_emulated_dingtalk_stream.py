"""The Stream gateway: tickets, frames, acknowledgements, quota, and each way it misbehaves."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus

from bot.emulator.dingtalk import Limits
from bot.emulator.faults import FaultKind
from tests.bot.emulator.dingtalk.conftest import GROUP, Stage, StageMaker, eventually

pytestmark = pytest.mark.anyio

ROBOT = ("CALLBACK", "/v1.0/im/bot/messages/get")
EVENT = ("EVENT", "*")
OPEN = "/v1.0/gateway/connections/open"


async def test_a_message_arrives_and_its_acknowledgement_is_recorded(stage: Stage) -> None:
    async with stage.stream(ROBOT) as client:
        push = await stage.platform.member_says("0412337", "积分")
        frame = await client.frame()
        await client.ack(frame, {"response": None})
        assert push is not None
        answer = await push.answer(5)

    data = json.loads(frame["data"])
    assert (frame["type"], frame["headers"]["topic"]) == ROBOT
    assert frame["headers"]["messageId"] == push.message_id != data["msgId"]
    assert (data["text"], data["senderStaffId"]) == ({"content": "积分"}, "0412337")
    assert data["conversationType"] == "1"
    assert answer == {"response": None}
    assert [ack.message_id for ack in stage.platform.gateway.acks] == [push.message_id]
    assert stage.errors == []


async def test_a_group_message_needs_a_mention(stage: Stage) -> None:
    async with stage.stream(ROBOT) as client:
        talk = await stage.platform.member_says("0412337", "吃饭", group=GROUP, mention=False)
        await stage.platform.member_says("0412337", "积分", group=GROUP)
        data = json.loads((await client.frame())["data"])

    assert talk is None
    assert data["text"]["content"] == " 积分"
    assert (data["conversationType"], data["conversationTitle"]) == ("2", "滨江一期")
    assert [b.body["text"] for b in stage.shown("0412338")] == ["吃饭", "积分"]


async def test_a_ticket_works_once_and_for_ninety_seconds(stage: Stage) -> None:
    world = stage.platform.world
    body = {
        "clientId": world.client_id,
        "clientSecret": world.client_secret,
        "subscriptions": [{"type": ROBOT[0], "topic": ROBOT[1]}],
    }
    used = (await stage.http.post(OPEN, json=body)).json()
    old = (await stage.http.post(OPEN, json=body)).json()
    async with connect(f"{used['endpoint']}?ticket={used['ticket']}", proxy=None):
        pass
    stage.clock.now += 91

    for opened in (used, old):
        with pytest.raises(InvalidStatus):
            async with connect(f"{opened['endpoint']}?ticket={opened['ticket']}", proxy=None):
                pass

    assert len(stage.errors) == 2
    assert stage.platform.gateway.opened == 1


async def test_a_wrong_secret_opens_nothing(stage: Stage) -> None:
    body = {
        "clientId": stage.platform.world.client_id,
        "clientSecret": "wrong",
        "subscriptions": [{"type": ROBOT[0], "topic": ROBOT[1]}],
    }

    answer = await stage.http.post(OPEN, json=body)

    assert answer.status_code == 401
    assert "ticket" not in answer.json()


async def test_after_a_disconnect_frame_nothing_is_delivered(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(disconnect_grace=0.1))
    async with stage.stream(ROBOT) as client:
        await stage.platform.gateway.disconnect()
        frame = await client.frame()
        lost = await stage.platform.member_says("0412337", "积分")
        with pytest.raises(ConnectionClosedOK):
            await client.frame()

    assert (frame["type"], frame["headers"]["topic"]) == ("SYSTEM", "disconnect")
    assert lost is not None
    assert lost.lost
    assert not lost.answered
    assert stage.errors == []


async def test_a_disconnect_fault_moves_the_message_to_nobody_or_another(stage: Stage) -> None:
    stage.faults.arm("dingtalk.stream", FaultKind.DROP, value="disconnect", times=1)
    async with stage.stream(ROBOT) as old:
        first = await stage.platform.member_says("0412337", "一")
        async with stage.stream(ROBOT) as new:
            await stage.platform.member_says("0412337", "二")
            system, robot = await old.frame(), await new.frame()

    assert first is not None
    assert first.lost
    assert system["headers"]["topic"] == "disconnect"
    assert json.loads(robot["data"])["text"]["content"] == "二"


async def test_a_zombie_answers_pings_and_delivers_nothing(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(ping_every=0.03))
    async with stage.stream(ROBOT) as client:
        await stage.platform.gateway.zombie()
        push = await stage.platform.member_says("0412337", "积分")
        for _ in range(3):
            ping = await client.frame()
            assert ping["headers"]["topic"] == "ping"
            await client.ack(ping, json.loads(ping["data"]))

    assert push is not None
    assert push.lost
    assert stage.errors == []


async def test_a_ping_must_be_echoed(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(ping_every=0.03))
    async with stage.stream(ROBOT) as client:
        await client.ack(await client.frame(), {"opaque": "something else"})
        await eventually(lambda: len(stage.errors) >= 2)

    assert stage.errors[0] == "stream ping: the answer does not echo opaque"
    assert stage.errors[1] == "stream ping: a ping was not answered"


async def test_a_reset_ends_the_socket_without_a_close_frame(stage: Stage) -> None:
    async with stage.stream(ROBOT) as client:
        await stage.platform.gateway.reset()
        with pytest.raises(ConnectionClosedError) as caught:
            await client.frame()

    assert caught.value.rcvd is None
    await eventually(lambda: not stage.platform.gateway.connections)


async def test_drop_and_duplicate_faults(stage: Stage) -> None:
    async with stage.stream(ROBOT) as client:
        stage.faults.arm("dingtalk.stream.robot", FaultKind.DROP, times=1)
        dropped = await stage.platform.member_says("0412337", "一")
        stage.faults.arm("dingtalk.stream", FaultKind.DUPLICATE, times=1)
        await stage.platform.member_says("0412337", "二")
        first, second = await client.frame(), await client.frame()

    assert dropped is not None
    assert dropped.lost
    assert first["headers"]["messageId"] == second["headers"]["messageId"]
    assert first["data"] == second["data"]


async def test_a_held_back_message_comes_after_the_next(stage: Stage) -> None:
    async with stage.stream(ROBOT) as client:
        stage.faults.arm("dingtalk.stream", FaultKind.REORDER, times=1)
        await stage.platform.member_says("0412337", "一")
        await stage.platform.member_says("0412337", "二")
        texts = [json.loads((await client.frame())["data"])["text"]["content"] for _ in range(2)]

    assert texts == ["二", "一"]


async def test_an_unacknowledged_message_comes_again_when_asked_to(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(robot_redelivery=0.05))
    async with stage.stream(ROBOT) as client:
        push = await stage.platform.member_says("0412337", "积分")
        first, second = await client.frame(), await client.frame()
        await client.ack(second, {})
        assert push is not None
        await push.answer(5)
        attempts = push.attempts
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.socket.recv()

    assert first["headers"]["messageId"] == second["headers"]["messageId"]
    assert json.loads(first["data"])["msgId"] == json.loads(second["data"])["msgId"]
    assert push.attempts == attempts


async def test_messages_spread_over_all_connections(stage: Stage) -> None:
    async with stage.stream(ROBOT), stage.stream(ROBOT):
        for _ in range(40):
            await stage.platform.member_says("0412337", "积分")
        shares = [len(c._sent) for c in stage.platform.gateway.connections]

    assert sum(shares) == 40
    assert min(shares) > 0


@pytest.mark.parametrize(
    "answer",
    [
        "pong",
        json.dumps({"code": 200, "data": "{}"}),
        json.dumps({"code": 200, "headers": {"messageId": "x"}, "data": "{}"}),
        json.dumps(
            {
                "code": 200,
                "headers": {"messageId": "never sent", "contentType": "application/json"},
                "data": "{}",
            }
        ),
    ],
)
async def test_a_malformed_acknowledgement_is_noted(stage: Stage, answer: str) -> None:
    async with stage.stream(ROBOT) as client:
        push = await stage.platform.member_says("0412337", "积分")
        await client.socket.send(answer)
        await eventually(lambda: stage.errors)

    assert len(stage.errors) == 1
    assert push is not None
    assert not push.answered


async def test_an_event_must_be_acknowledged_with_a_status(stage: Stage) -> None:
    async with stage.stream(EVENT) as client:
        push = await stage.platform.event("user_leave_org", {"userId": ["0412337"]})
        frame = await client.frame()
        await client.ack(frame, json.loads(frame["data"]))
        await eventually(lambda: stage.errors)
        await client.ack(frame, {"status": "SUCCESS"})

    assert frame["headers"]["eventType"] == "user_leave_org"
    assert json.loads(frame["data"]) == {"userId": ["0412337"]}
    assert "needs status" in stage.errors[0]
    assert push.attempts == 1


async def test_past_the_monthly_allowance_messages_have_no_text(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(monthly_pushes=1))
    async with stage.stream(ROBOT) as client:
        await stage.platform.member_says("0412337", "一")
        await stage.platform.member_sends("0412337", "audio", {"recognition": "二"})
        within, past = [json.loads((await client.frame())["data"]) for _ in range(2)]

    assert within["text"] == {"content": "一"}
    assert (past["errorCode"], past["msgtype"]) == (20001, "audio")
    assert not {"text", "content"} & set(past)


async def test_a_send_message_link_makes_the_member_say_it(stage: Stage) -> None:
    link = "dtmd://dingtalkclient/sendMessage?content=%E7%A1%AE%E8%AE%A4%20R-1023"
    async with stage.stream(ROBOT) as client:
        await stage.platform.member_opens_link("0412337", link)
        data = json.loads((await client.frame())["data"])
        await stage.platform.member_opens_link("0412337", "https://example.com/app")

    assert data["text"]["content"] == "确认 R-1023"
    assert [opened.url for opened in stage.platform.opened_links] == ["https://example.com/app"]
