"""Stream mode against the emulated gateway: what is stored, acknowledged, and survived."""

import asyncio
import contextlib
import json
import logging
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.clock import SystemClock
from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.client import CardOrder, DingtalkClient
from bot.dingtalk.stream import StreamHealth, StreamRunner, StreamTimings
from bot.emulator.dingtalk import Limits, Push
from bot.emulator.dingtalk.socket import State
from bot.emulator.faults import FaultKind
from bot.platform import Clockwork, Rendered
from domain.ids import CardKey
from handlers.incoming import Incoming, Left, Pressed, Said
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

pytestmark = pytest.mark.anyio

TICKET = "ABCDEFGHJKMNPQRSTVWXYZ0123"
QUICK = StreamTimings(
    open_timeout=2.0,
    silent_after=30.0,
    healthy_after=30.0,
    backoff_first=0.02,
    backoff_max=0.1,
    overlap=0.3,
    tick=0.05,
    card_wait=0.4,
    drain=1.0,
)
DONE = Rendered(
    "alert_card", "已处理", {"title": "差评", "markdown": "好", "status": "已处理", "buttons": []}
)


class App:
    """Somebody who listens: what came, and how it is answered."""

    def __init__(self, emulated: Emulated, timings: StreamTimings, clock: Clockwork) -> None:
        self.emulated = emulated
        self.stored: list[Incoming] = []
        self.pressed: list[Incoming] = []
        self.health: list[StreamHealth] = []
        self.fail = 0
        self.before_store = threading.Event()
        self.before_store.set()
        self.card_seconds = 0.0
        config = emulated.config()
        self.runner = StreamRunner(
            config,
            DingtalkCallbacks(config, clock),
            clock,
            deliver=self.deliver,
            deliver_card=self.deliver_card,
            jitter=half,
            report=self.health.append,
            timings=timings,
        )

    def deliver(self, incoming: Incoming) -> None:
        assert self.before_store.wait(5)
        if self.fail:
            self.fail -= 1
            raise OSError("disk full")
        self.stored.append(incoming)

    def deliver_card(self, incoming: Incoming) -> Rendered | None:
        self.pressed.append(incoming)
        time.sleep(self.card_seconds)
        if self.fail:
            self.fail -= 1
            raise OSError("disk full")
        return DONE

    @property
    def texts(self) -> list[str]:
        return [i.content.text for i in list(self.stored) if isinstance(i.content, Said)]

    @property
    def connections(self) -> int:
        return len(self.emulated.platform.gateway.connections)

    @property
    def opened(self) -> int:
        return self.emulated.platform.gateway.opened

    @property
    def states(self) -> list[State]:
        return [each.state for each in list(self.emulated.platform.gateway.connections)]

    async def says(self, text: str, who: str = LI) -> Push:
        push = await self.emulated.ado(self.emulated.platform.member_says(who, text))
        assert isinstance(push, Push)
        return push

    async def is_answered(self, push: Push, seconds: float = 3.0) -> dict[str, Any] | None:
        return await self.emulated.ado(push.answer(seconds))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Event]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.runner.run(stop))
        try:
            await asoon(lambda: self.connections == 1 or task.done())
            yield stop
        finally:
            stop.set()
            await asyncio.wait_for(task, 5)
            await asoon(lambda: self.connections == 0)


def an_app(
    emulated: Emulated, timings: StreamTimings = QUICK, clock: Clockwork | None = None
) -> App:
    return App(emulated, timings, clock or SystemClock())


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
    assert emulated.errors == []


async def test_a_press_that_takes_long_is_answered_in_time_with_nothing(
    emulated: Emulated,
) -> None:
    app = an_app(emulated)
    app.card_seconds = 0.8
    async with app.running():
        await card_on_phone(emulated)
        started = time.monotonic()
        push = await press(emulated)
        took = time.monotonic() - started
    assert await app.is_answered(push) == {"response": {}}
    assert took < 0.75
    assert emulated.shown(LI)[0].body["data"]["status"] == "待处理"
    assert len(app.pressed) == 1


async def test_slow_presses_do_not_hold_up_messages(emulated: Emulated) -> None:
    app = an_app(emulated)
    app.card_seconds = 0.4
    async with app.running():
        await card_on_phone(emulated)
        presses = [asyncio.create_task(press(emulated)) for _ in range(8)]
        await asoon(lambda: len(app.pressed) == 8)
        assert await app.is_answered(await app.says("积分"), 0.3) == {"response": None}
        await asyncio.gather(*presses)


async def test_a_press_that_cannot_be_stored_is_not_acknowledged() -> None:
    with Emulated(limits=Limits(calls_per_second=None, card_deadline=0.3)) as emulated:
        app = an_app(emulated)
        app.fail = 1
        async with app.running():
            await card_on_phone(emulated)
            push = await press(emulated)
        assert not push.answered
        assert emulated.shown(LI)[0].body["data"]["status"] == "待处理"


async def test_t80_after_a_disconnect_frame_a_new_socket_is_opened_before_the_old_ends(
    emulated: Emulated,
) -> None:
    app = an_app(emulated)
    async with app.running():
        await emulated.ado(emulated.platform.gateway.disconnect())
        await asoon(lambda: app.opened == 2)
        assert app.connections == 2

        assert await app.is_answered(await app.says("积分")) == {"response": None}

        await asoon(lambda: app.connections == 1)
    assert app.texts == ["积分"]
    assert app.health[-1].last_problem == "disconnect"
    assert any(h.last_gap_seconds > 0 for h in app.health)
    assert emulated.errors == []


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


async def test_t80_a_silent_socket_is_replaced() -> None:
    timings = StreamTimings(
        silent_after=0.3, tick=5.0, overlap=0.1, backoff_first=0.02, backoff_max=0.1
    )
    with Emulated(limits=Limits(calls_per_second=None, ping_every=1000.0)) as emulated:
        app = an_app(emulated, timings)
        async with app.running():
            await emulated.ado(emulated.platform.gateway.zombie())
            started = time.monotonic()
            await asoon(lambda: app.opened >= 2)
            assert time.monotonic() - started < 1.0
            await asoon(lambda: app.health[-1].last_problem == "silent")
            assert await app.is_answered(await app.says("积分")) == {"response": None}


async def test_t80_a_socket_that_only_pings_is_renewed_in_the_end() -> None:
    timings = StreamTimings(silent_after=1.0, renew_after=0.4, tick=0.05, overlap=0.1)
    with Emulated(limits=Limits(calls_per_second=None, ping_every=0.05)) as emulated:
        app = an_app(emulated, timings)
        async with app.running():
            await emulated.ado(emulated.platform.gateway.zombie())
            await asoon(lambda: app.opened >= 2)
            assert all(h.last_problem in {"", "renewed"} for h in app.health)
            await asoon(lambda: State.ZOMBIE not in app.states)
            assert await app.is_answered(await app.says("积分")) == {"response": None}
        assert emulated.errors == []


async def test_pings_keep_a_quiet_socket() -> None:
    timings = StreamTimings(silent_after=0.3, tick=0.05)
    with Emulated(limits=Limits(calls_per_second=None, ping_every=0.05)) as emulated:
        app = an_app(emulated, timings)
        async with app.running():
            began = time.monotonic()
            await asoon(lambda: time.monotonic() - began > 0.8)
            assert app.opened == 1
        assert emulated.errors == []


async def test_a_cut_socket_is_replaced_at_once(emulated: Emulated) -> None:
    app = an_app(emulated)
    async with app.running():
        await emulated.ado(emulated.platform.gateway.reset())
        await asoon(lambda: app.opened == 2)
        assert await app.is_answered(await app.says("积分")) == {"response": None}
    assert app.health[-1].last_problem == "closed"
    assert app.health[-1].connections == 2


async def test_a_machine_that_slept_gets_a_new_socket(emulated: Emulated) -> None:
    clock = StandingClock()
    app = an_app(emulated, StreamTimings(tick=0.02, overlap=0.1), clock)
    async with app.running():
        clock.forward(hours=2)
        await asoon(lambda: app.opened == 2)
        await asoon(lambda: app.health[-1].last_problem == "slept")


async def test_short_lived_sockets_are_not_reopened_in_a_tight_loop(emulated: Emulated) -> None:
    app = an_app(
        emulated, StreamTimings(backoff_first=0.2, backoff_max=5.0, overlap=0.1, tick=0.05)
    )
    async with app.running():
        began = time.monotonic()
        for count in range(2, 5):
            await emulated.ado(emulated.platform.gateway.disconnect())
            await asoon(lambda count=count: app.opened == count)  # type: ignore[misc]
        took = time.monotonic() - began
    # At once, then 0.2 s and 0.4 s, each longer by the jitter.
    assert took >= 0.75


async def test_a_socket_that_lived_well_ends_the_back_off(emulated: Emulated) -> None:
    app = an_app(
        emulated,
        StreamTimings(
            backoff_first=30.0, backoff_max=60.0, healthy_after=0.05, overlap=0.1, tick=0.02
        ),
    )
    async with app.running():
        for count in range(2, 5):
            began = time.monotonic()
            await asoon(lambda began=began: time.monotonic() - began > 0.1)  # type: ignore[misc]
            await emulated.ado(emulated.platform.gateway.disconnect())
            await asoon(lambda count=count: app.opened == count)  # type: ignore[misc]


async def test_a_gateway_that_is_down_is_asked_again_ever_more_slowly(emulated: Emulated) -> None:
    emulated.faults.arm("dingtalk.gateway", FaultKind.HTTP_STATUS, value=503, times=4)
    app = an_app(
        emulated, StreamTimings(backoff_first=0.05, backoff_max=0.2, overlap=0.1, tick=0.05)
    )
    began = time.monotonic()
    async with app.running():
        took = time.monotonic() - began
        await asoon(lambda: app.health[-1].is_connected)
    # 0.05, 0.1, 0.2 and 0.2 s, each longer by the jitter but the capped ones.
    assert took >= 0.5
    assert len(emulated.names("connections/open")) == 5
    assert "gateway_http_503" in {h.last_problem for h in app.health}


@pytest.mark.parametrize("style", ["html", "1111"])
def test_an_answer_of_the_gateway_that_is_none_is_a_failure(emulated: Emulated, style: str) -> None:
    emulated.faults.arm("dingtalk.gateway", FaultKind.HTML_BODY, value=style, times=1)

    async def connect() -> None:
        app = an_app(emulated)
        async with app.running():
            assert "gateway_answer" in {h.last_problem for h in app.health}

    asyncio.run(connect())


async def test_a_slow_gateway_does_not_hold_up_the_event_loop(emulated: Emulated) -> None:
    emulated.faults.arm("dingtalk.gateway", FaultKind.DELAY, value=0.6, times=1)
    app = an_app(emulated)
    longest = 0.0
    async with asyncio.TaskGroup() as group:

        async def measure() -> None:
            nonlocal longest
            for _ in range(60):
                began = time.monotonic()
                await asyncio.sleep(0.01)
                longest = max(longest, time.monotonic() - began)

        group.create_task(measure())
        async with app.running():
            assert app.connections == 1
    assert longest < 0.3


async def test_a_gateway_that_never_answers_is_given_up(emulated: Emulated) -> None:
    emulated.faults.arm("dingtalk.gateway", FaultKind.DELAY, value=20, times=1)
    app = an_app(emulated, StreamTimings(open_timeout=0.2, backoff_first=0.02, overlap=0.1))
    began = time.monotonic()
    async with app.running():
        assert time.monotonic() - began < 3
    assert "gateway_timeout" in {h.last_problem for h in app.health}


@pytest.mark.parametrize("state", ["connected", "connecting", "waiting"])
async def test_cancelling_ends_it_at_once(emulated: Emulated, state: str) -> None:
    if state == "connecting":
        emulated.faults.arm("dingtalk.gateway", FaultKind.DELAY, value=20)
    if state == "waiting":
        emulated.faults.arm("dingtalk.gateway", FaultKind.HTTP_STATUS, value=503)
    app = an_app(emulated, StreamTimings(backoff_first=60.0))
    task = asyncio.create_task(app.runner.run(asyncio.Event()))
    asked = "connections/open"
    await asoon(lambda: app.connections == 1 if state == "connected" else emulated.names(asked))

    began = time.monotonic()
    task.cancel()
    await asyncio.wait({task}, timeout=5)

    assert task.cancelled()
    assert time.monotonic() - began < 0.5
    await asoon(lambda: app.connections == 0)


@pytest.mark.parametrize("state", ["connected", "connecting", "waiting"])
async def test_stopping_ends_it_soon(emulated: Emulated, state: str) -> None:
    if state == "connecting":
        emulated.faults.arm("dingtalk.gateway", FaultKind.DELAY, value=20)
    if state == "waiting":
        emulated.faults.arm("dingtalk.gateway", FaultKind.HTTP_STATUS, value=503)
    app = an_app(emulated, StreamTimings(backoff_first=60.0))
    stop = asyncio.Event()
    task = asyncio.create_task(app.runner.run(stop))
    asked = "connections/open"
    await asoon(lambda: app.connections == 1 if state == "connected" else emulated.names(asked))

    began = time.monotonic()
    stop.set()
    await asyncio.wait_for(task, 5)

    assert time.monotonic() - began < 1.5
    await asoon(lambda: app.connections == 0)
    await asoon(lambda: not app.health[-1].is_connected)


async def test_a_stop_waits_for_what_is_being_stored(emulated: Emulated) -> None:
    app = an_app(emulated)
    app.before_store.clear()
    async with app.running() as stop:
        push = await app.says("积分")
        stop.set()
        asyncio.get_running_loop().call_later(0.2, app.before_store.set)
        assert await app.is_answered(push) == {"response": None}
    assert app.texts == ["积分"]


async def test_the_state_is_reported(emulated: Emulated) -> None:
    app = an_app(emulated)
    before = SystemClock().now()
    async with app.running():
        await app.is_answered(await app.says("积分"))
        count = len(app.health)
        await asoon(lambda: len(app.health) > count + 2)
        last = app.health[-1]
    assert last.is_connected
    assert last.connections == 1
    assert last.connected_since is not None
    assert last.last_frame_at is not None
    assert before <= last.connected_since <= last.last_frame_at <= SystemClock().now()
    await asoon(lambda: not app.health[-1].is_connected)
    assert app.health[-1].connected_since is None


async def test_a_listener_that_fails_costs_nothing(emulated: Emulated) -> None:
    app = an_app(emulated)

    def fail(_: StreamHealth) -> None:
        raise OSError("redis is gone")

    app.runner._report_to = fail
    async with app.running():
        assert await app.is_answered(await app.says("积分")) == {"response": None}


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
