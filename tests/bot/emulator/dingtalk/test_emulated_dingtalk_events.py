"""Event subscription over HTTP, and what the world's configuration looks like as JSON."""

import asyncio
import json
from collections.abc import Callable

import pytest
from dingtalk.crypto import DingTalkCrypto
from fastapi import Response
from fastapi.responses import JSONResponse

from bot.emulator.dingtalk import STANDARD_EDITION, DingtalkWorld, Limits
from bot.emulator.faults import FaultKind
from tests.bot.emulator.dingtalk.conftest import WORLD, Answer, Seen, Stage, StageMaker

pytestmark = pytest.mark.anyio

CRYPTO = DingTalkCrypto(WORLD.event_token, WORLD.event_aes_key, WORLD.client_id)
Opened = list[dict[str, object]]


def opening(opened: Opened, word: Callable[[], str] = lambda: "success") -> Answer:
    """Answer events with the SDK's crypto, keeping what they contained."""

    async def answer(seen: Seen) -> Response:
        query = seen.query
        text = CRYPTO.decrypt_message(
            seen.json, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        opened.append(json.loads(text))
        return JSONResponse(CRYPTO.encrypt_message(word()))

    return answer


async def test_an_event_is_encrypted_and_expects_an_encrypted_success(stage: Stage) -> None:
    opened: Opened = []
    stage.platform.mode, stage.answer = "http", opening(opened)

    push = await stage.platform.event("user_leave_org", {"UserId": ["0412337"], "备注": "李四离职"})

    assert push.answered
    assert (opened[0]["EventType"], opened[0]["备注"]) == ("user_leave_org", "李四离职")
    assert opened[0]["CorpId"] == WORLD.corp_id
    assert stage.seen[0].path == "/app/event"
    assert stage.errors == []


async def test_a_bad_answer_is_noted_and_the_event_repeated(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(event_retries=(0.01, 0.01)))
    opened: Opened = []
    words = iter(["成功", "fail", "success"])
    stage.platform.mode, stage.answer = "http", opening(opened, lambda: next(words))

    push = await stage.platform.event("user_add_org", {"UserId": ["0412339"]})

    assert push.answered
    assert push.attempts == 3
    assert len({event["eventId"] for event in opened}) == 1
    assert len(stage.errors) == 2


async def test_an_event_is_given_up_after_its_retries(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(event_retries=(0.01, 0.01)))

    async def plain(_: Seen) -> Response:
        return Response("success")

    stage.platform.mode, stage.answer = "http", plain

    push = await stage.platform.event("user_add_org", {"UserId": ["0412339"]})

    assert not push.answered
    assert len(stage.seen) == 3


async def test_a_slow_answer_does_not_count(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(push_deadline_http=0.05, event_retries=()))
    stage.platform.mode = "http"

    async def slow(_: Seen) -> Response:
        await asyncio.sleep(0.2)
        return JSONResponse(CRYPTO.encrypt_message("success"))

    stage.answer = slow

    push = await stage.platform.event("user_add_org", {"UserId": ["0412339"]})

    assert not push.answered
    assert push.refusals == ["no answer in time"]


async def test_the_address_is_saved_only_after_an_encrypted_success(stage: Stage) -> None:
    opened: Opened = []
    silent = await stage.platform.check_url()
    stage.answer = opening(opened)

    saved = await stage.platform.check_url()

    assert (silent, saved) == (False, True)
    assert opened == [{"EventType": "check_url"}]


async def test_a_duplicate_fault_sends_in_parallel(stage: Stage) -> None:
    stage.platform.mode = "http"
    stage.faults.arm("dingtalk.callback", FaultKind.DUPLICATE, value=3, times=1)

    await stage.platform.member_says("0412337", "积分")

    assert len({seen.json["msgId"] for seen in stage.seen}) == 1
    assert len(stage.seen) == 3


async def test_an_outsider_has_no_staff_id(stage: Stage) -> None:
    stage.platform.mode = "http"

    await stage.platform.member_says("客户老周", "积分", group="cidGroup1==")

    payload = stage.seen[0].json
    assert "senderStaffId" not in payload
    assert payload["senderCorpId"] != WORLD.corp_id


async def test_the_world_survives_json() -> None:
    world = DingtalkWorld(
        members=WORLD.members,
        groups=WORLD.groups,
        custom_robots=WORLD.custom_robots,
        limits=STANDARD_EDITION,
    )

    assert DingtalkWorld.from_json(json.loads(json.dumps(world.to_json()))) == world
