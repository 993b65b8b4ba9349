"""Stream mode: what is stored, and what is acknowledged when."""

import asyncio
import json
import logging
import time

import pytest
from structlog.testing import capture_logs

from bot.dingtalk.client import CardOrder, DingtalkClient
from bot.emulator.dingtalk import Limits, Push
from bot.emulator.faults import FaultKind
from domain.ids import CardKey
from handlers.incoming import Left, Pressed
from tests.bot.dingtalk.stage import (
    CONFIG,
    LI,
    TEMPLATE,
    WANG,
    Emulated,
    StandingClock,
    asoon,
    half,
)
from tests.bot.dingtalk.stream_stage import an_app

pytestmark = pytest.mark.anyio

TICKET = "ABCDEFGHJKMNPQRSTVWXYZ0123"


async def test_a_message_is_stored_and_then_acknowledged(emulated: Emulated) -> None:
    app = an_app(emulated)
    app.before_store.clear()
    async with app.running():
        push = await app.says(" 积分 ")
        assert await app.is_answered(push, 0.2) is None

        app.before_store.set()

        assert await app.is_answered(push) == {"response": None}
    assert app.texts == ["积分"]
    assert app.stored[0].sender == LI
    assert app.stored[0].reply_handle is not None
    assert emulated.errors == []


async def test_a_message_that_cannot_be_stored_is_not_acknowledged(emulated: Emulated) -> None:
    app = an_app(emulated)
    app.fail = 1
    async with app.running():
        lost = await app.says("一")
        kept = await app.says("二")

        assert await app.is_answered(kept) == {"response": None}
        assert not lost.answered
    assert app.texts == ["二"]


async def test_a_repeated_frame_is_delivered_again_under_the_same_id() -> None:
    limits = Limits(calls_per_second=None, robot_redelivery=0.2)
    with Emulated(limits=limits) as emulated:
        app = an_app(emulated)
        app.fail = 1
        async with app.running():
            push = await app.says("积分")
            assert await app.is_answered(push) == {"response": None}
            assert push.attempts == 2
        emulated.faults.arm("dingtalk.stream.robot", FaultKind.DUPLICATE, value=3, times=1)
        async with app.running():
            await app.says("明细")
            await asoon(lambda: len(app.texts) == 4)
    assert app.texts == ["积分", "明细", "明细", "明细"]
    assert len({i.source_id for i in app.stored}) == 2


async def test_what_one_person_says_is_stored_in_order(emulated: Emulated) -> None:
    app = an_app(emulated)
    app.before_store.clear()
    said = [f"第{n}句" for n in range(20)]
    async with app.running():
        for text in said:
            await app.says(text)
        other = await app.says("别人", WANG)
        app.before_store.set()
        await app.is_answered(other)
        await asoon(lambda: len(app.stored) == 21)
    assert [t for t in app.texts if t != "别人"] == said


async def test_a_leaver_is_stored_and_the_event_acknowledged(emulated: Emulated) -> None:
    app = an_app(emulated)
    async with app.running():
        push = await emulated.ado(
            emulated.platform.event("user_leave_org", {"userId": [LI, WANG]}, event_id="ev1")
        )
        answer = await app.is_answered(push)
        ignored = await emulated.ado(emulated.platform.event("org_dept_create", {"deptId": [1]}))
        await app.is_answered(ignored)
    assert answer is not None
    assert answer["status"] == "SUCCESS"
    assert [(i.source_id, i.content) for i in app.stored] == [
        (f"event:ev1:{LI}", Left("user_leave_org")),
        (f"event:ev1:{WANG}", Left("user_leave_org")),
    ]
    assert ignored.answered
    assert emulated.errors == []


async def test_an_event_that_cannot_be_stored_is_asked_for_again() -> None:
    with Emulated(limits=Limits(calls_per_second=None, event_redelivery=0.2)) as emulated:
        app = an_app(emulated)
        app.fail = 1
        async with app.running():
            push = await emulated.ado(emulated.platform.event("user_leave_org", {"userId": [LI]}))
            answer = await app.is_answered(push)
        assert answer is not None
        assert answer["status"] == "SUCCESS"
        assert push.refusals == ["code 503"]
        assert len(app.stored) == 1


async def card_on_phone(emulated: Emulated) -> None:
    config = emulated.config(card_template_id=TEMPLATE)
    client = DingtalkClient(config, None, clock=StandingClock(), jitter=half)
    order = CardOrder(CardKey("card1"), LI, {"title": "差评", "status": "待处理"}, "差评")
    await asyncio.to_thread(client.create_card, order)
    client.close()


async def press(emulated: Emulated) -> Push:
    action = f"{TICKET}:take"
    return await emulated.ado(emulated.platform.member_presses(LI, "card1", action))


async def test_a_press_changes_the_card_in_its_answer(emulated: Emulated) -> None:
    app = an_app(emulated)
    async with app.running():
        await card_on_phone(emulated)
        await press(emulated)
    [bubble] = emulated.shown(LI)
    assert bubble.body["data"]["status"] == "已处理"
    assert bubble.body["data"]["title"] == "差评"
    [incoming] = app.pressed
    assert incoming.content == Pressed(f"{TICKET}:take", card=CardKey("card1"))
    assert incoming.sender == LI
    assert app.missed == []
    assert emulated.errors == []


async def test_a_press_that_takes_long_is_answered_in_time_with_nothing(
    emulated: Emulated,
) -> None:
    app = an_app(emulated)
    app.card_seconds = 2.0
    async with app.running():
        await card_on_phone(emulated)
        started = time.monotonic()
        push = await press(emulated)
        took = time.monotonic() - started
    assert await app.is_answered(push) == {"response": {}}
    assert took < 1.8
    assert emulated.shown(LI)[0].body["data"]["status"] == "待处理"
    assert len(app.pressed) == 1
    await asoon(lambda: app.missed == app.pressed)


async def test_slow_presses_do_not_hold_up_messages(emulated: Emulated) -> None:
    app = an_app(emulated)
    app.card_seconds = 2.0
    async with app.running():
        await card_on_phone(emulated)
        presses = [asyncio.create_task(press(emulated)) for _ in range(8)]
        await asoon(lambda: len(app.pressed) == 8)
        assert await app.is_answered(await app.says("积分"), 1.5) == {"response": None}
        await asyncio.gather(*presses)
    assert len(app.pressed) == 8


async def test_a_press_that_cannot_be_stored_is_not_acknowledged() -> None:
    with Emulated(limits=Limits(calls_per_second=None, card_deadline=0.3)) as emulated:
        app = an_app(emulated)
        app.fail = 1
        async with app.running():
            await card_on_phone(emulated)
            push = await press(emulated)
        assert not push.answered
        assert emulated.shown(LI)[0].body["data"]["status"] == "待处理"


async def test_what_the_old_socket_still_brings_is_acknowledged_there(emulated: Emulated) -> None:
    app = an_app(emulated)
    app.before_store.clear()
    async with app.running():
        push = await app.says("积分")
        await emulated.ado(emulated.platform.gateway.disconnect())
        await asoon(lambda: app.opened == 2)
        app.before_store.set()
        assert await app.is_answered(push) == {"response": None}
    assert [ack.code for ack in emulated.platform.gateway.acks] == [200]


async def test_another_companys_message_is_dropped_and_acknowledged() -> None:
    with Emulated(corp_id="dingother") as emulated:
        app = an_app(emulated)
        async with app.running():
            push = await app.says("积分")
            await asoon(lambda: push.refusals)
            event = await emulated.ado(emulated.platform.event("user_leave_org", {"userId": [LI]}))
            await app.is_answered(event)
        assert push.refusals[0] == "code 403"
        assert event.answered
        assert app.stored == []


async def test_the_ticket_and_the_texts_are_never_logged(
    emulated: Emulated, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = an_app(emulated)
    with capture_logs() as logs:
        async with app.running():
            await app.is_answered(await app.says("机密文字"))
            await emulated.ado(emulated.platform.gateway.disconnect())
            await asoon(lambda: app.opened == 2)
    written = caplog.text + json.dumps(logs, ensure_ascii=False, default=repr)
    assert "dingtalk_stream_connected" in written
    for secret in ("ticket=", "机密文字", CONFIG.client_secret.get_secret_value()):
        assert secret not in written
