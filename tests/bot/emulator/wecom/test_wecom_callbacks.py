"""Callbacks reach a bot as WeCom sends them, are retried, duplicated and reordered."""

import asyncio
import dataclasses

import pytest
import xmltodict
from starlette.responses import JSONResponse, PlainTextResponse
from wechatpy.work import create_reply, parse_message

from bot.emulator.faults import FaultKind
from bot.emulator.wecom import UrlRefusedError
from tests.bot.emulator.wecom.tiny_bot import APP, WORLD, Json, Town, reply_xml

pytestmark = pytest.mark.anyio


async def test_the_url_check_passes_for_the_exact_plaintext(town: Town) -> None:
    await town.platform.verify_url()


@pytest.mark.parametrize(
    "spoil",
    [
        JSONResponse,
        lambda plain: PlainTextResponse(plain + "\n"),
        lambda plain: PlainTextResponse("\ufeff" + plain),
        lambda plain: PlainTextResponse(plain, status_code=201),
    ],
)
async def test_the_url_check_refuses_anything_else(town: Town, spoil: type[JSONResponse]) -> None:
    town.bot.echo = spoil
    with pytest.raises(UrlRefusedError):
        await town.platform.verify_url()


async def test_the_url_check_refuses_a_late_answer() -> None:
    timings = dataclasses.replace(WORLD.timings, url_check_timeout=0.05)
    town = Town(dataclasses.replace(WORLD, timings=timings))
    town.bot.slow_echo = 1.0
    with pytest.raises(UrlRefusedError):
        await town.platform.verify_url()
    await town.close()


async def test_a_text_reaches_the_bot_and_its_reply_the_phone(town: Town) -> None:
    town.bot.answer = lambda m: reply_xml(m, "text", "<Content><![CDATA[余额 1280]]></Content>")
    outcome = await town.platform.member_says("pm01", "余额 ]]> <b>")
    message = town.bot.received[0]
    assert outcome.accepted
    assert message["Content"] == "余额 ]]> <b>"
    assert message["FromUserName"] == "pm01"
    assert message["ToUserName"] == WORLD.corp_id
    assert message["AgentID"] == str(APP.agent_id)
    assert message["CreateTime"] == "1760000000"
    assert int(message["MsgId"]) > 2**53
    assert town.texts("wecom:pm01") == ["余额 ]]> <b>", "余额 1280"]
    assert [b.mine for b in town.phones.of("wecom:pm01")] == [True, False]
    assert town.platform.protocol_errors == []


@pytest.mark.parametrize(
    ("msgtype", "field"),
    [
        ("image", "PicUrl"),
        ("voice", "Format"),
        ("video", "ThumbMediaId"),
        ("location", "Location_X"),
        ("link", "Description"),
    ],
)
async def test_media_arrive_with_their_fields(town: Town, msgtype: str, field: str) -> None:
    await town.platform.member_sends("pm01", msgtype)
    assert town.bot.received[0]["MsgType"] == msgtype
    assert town.bot.received[0][field]


async def test_an_unknown_message_type_arrives_too(town: Town) -> None:
    await town.platform.member_sends("pm01", "hologram", Depth=3)
    assert town.bot.received[0]["MsgType"] == "hologram"
    assert town.bot.received[0]["Depth"] == "3"


async def test_events_carry_no_msg_id(town: Town) -> None:
    await town.platform.member_event("pm01", "click", EventKey="menu:balance")
    assert town.bot.received[0]["Event"] == "click"
    assert town.bot.received[0]["EventKey"] == "menu:balance"
    assert "MsgId" not in town.bot.received[0]


async def test_an_error_status_is_retried_three_times_and_then_given_up(town: Town) -> None:
    town.bot.statuses = [500, 404, 302, 201]
    outcome = await town.platform.member_says("pm01", "余额")
    assert [attempt.status for attempt in outcome.attempts] == [500, 404, 302, 201]
    assert not outcome.accepted
    assert len({m["MsgId"] for m in town.bot.received}) == 1
    assert town.platform.undelivered == ["text"]


@pytest.mark.parametrize(("resign", "signatures"), [(False, 1), (True, 2)])
async def test_retries_are_signed_anew_only_when_so_configured(
    resign: bool, signatures: int
) -> None:
    timings = dataclasses.replace(WORLD.timings, resign_retries=resign)
    town = Town(dataclasses.replace(WORLD, timings=timings))
    town.bot.statuses = [500]
    await town.platform.member_says("pm01", "余额")
    assert len(town.bot.signatures) == 2
    assert len(set(town.bot.signatures)) == signatures
    await town.close()


async def test_wechatpys_own_reply_is_understood(town: Town) -> None:
    def answer(message: Json) -> str:
        parsed = parse_message(xmltodict.unparse({"xml": message}))
        return str(create_reply("好", parsed).render())

    town.bot.answer = answer
    await town.platform.member_says("pm01", "余额")
    assert town.texts("wecom:pm01") == ["余额", "好"]
    assert town.platform.protocol_errors == []


async def test_a_late_answer_is_cut_off_and_the_retry_is_shown(town: Town) -> None:
    async def slow_once(message: Json) -> str:
        if len(town.bot.received) == 1:
            await asyncio.sleep(5)
        return reply_xml(message, "text", "<Content>好</Content>")

    town.bot.answer = slow_once
    outcome = await town.platform.member_says("pm01", "余额")
    assert [attempt.status for attempt in outcome.attempts] == [None, 200]
    assert town.texts("wecom:pm01") == ["余额", "好"]


async def test_a_dropped_callback_never_arrives(town: Town) -> None:
    town.faults.arm("wecom.callback", FaultKind.DROP, times=1)
    outcome = await town.platform.member_says("pm01", "余额")
    assert not outcome.accepted
    assert town.bot.received == []


async def test_a_duplicated_callback_arrives_in_parallel_and_is_shown_once(town: Town) -> None:
    meeting = asyncio.Barrier(3)

    async def wait_for_the_others(message: Json) -> str:
        await meeting.wait()
        return reply_xml(message, "text", "<Content>好</Content>")

    town.bot.answer = wait_for_the_others
    town.faults.arm("wecom.callback", FaultKind.DUPLICATE, value=3, times=1)
    outcome = await town.platform.member_says("pm01", "余额")
    assert len(outcome.replies) == 3
    assert len(set(town.bot.envelopes)) == 1
    assert town.texts("wecom:pm01") == ["余额", "好"]


async def test_a_reordered_callback_goes_after_the_next(town: Town) -> None:
    town.faults.arm("wecom.callback", FaultKind.REORDER, times=1)
    first = await town.platform.member_says("pm01", "一")
    assert first.held
    assert town.bot.received == []
    await town.platform.member_says("pm01", "二")
    assert [m["Content"] for m in town.bot.received] == ["二", "一"]


@pytest.mark.parametrize(
    "content",
    [
        "<Content>好</Content><Evil>1</Evil>",
        "<Content></Content>",
        "<Content>一</Content><Content>二</Content>",
        "",
    ],
)
async def test_a_malformed_reply_is_recorded_and_not_shown(town: Town, content: str) -> None:
    town.bot.answer = lambda m: reply_xml(m, "text", content)
    await town.platform.member_says("pm01", "余额")
    assert town.texts("wecom:pm01") == ["余额"]
    assert len(town.platform.protocol_errors) == 1


async def test_a_reply_to_somebody_else_is_recorded_and_not_shown(town: Town) -> None:
    town.bot.answer = lambda m: reply_xml(
        {**m, "FromUserName": "sup01"}, "text", "<Content>好</Content>"
    )
    await town.platform.member_says("pm01", "余额")
    assert town.phones.of("wecom:sup01") == []
    assert "ToUserName" in town.platform.protocol_errors[0].problem


async def test_a_reply_with_a_wrong_signature_is_recorded(town: Town) -> None:
    town.bot.crypto.token = "another-token"
    town.bot.crypto.decrypt_message = lambda *_: (
        "<xml><FromUserName>pm01</FromUserName><ToUserName>x</ToUserName></xml>"
    )
    town.bot.answer = lambda m: reply_xml(m, "text", "<Content>好</Content>")
    await town.platform.member_says("pm01", "余额")
    assert town.texts("wecom:pm01") == ["余额"]
    assert "signature" in town.platform.protocol_errors[0].problem


async def test_an_overlong_reply_is_cut_at_a_whole_character_and_recorded(town: Town) -> None:
    town.bot.answer = lambda m: reply_xml(m, "text", f"<Content>{'分' * 700}</Content>")
    await town.platform.member_says("pm01", "余额")
    assert town.texts("wecom:pm01")[1] == "分" * 682
    assert len(town.platform.protocol_errors) == 1
