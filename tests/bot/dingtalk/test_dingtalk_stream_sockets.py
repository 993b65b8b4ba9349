"""Stream mode: when sockets are opened, replaced and given up."""

import asyncio
import time

import pytest

from bot.clock import SystemClock
from bot.dingtalk.stream import StreamHealth, StreamTimings
from bot.emulator.dingtalk import Limits
from bot.emulator.dingtalk.socket import State
from bot.emulator.faults import FaultKind
from tests.bot.dingtalk.stage import Emulated, StandingClock, asoon
from tests.bot.dingtalk.stream_stage import an_app

pytestmark = pytest.mark.anyio


async def test_t80_after_a_disconnect_frame_a_new_socket_is_opened_before_the_old_ends(
    emulated: Emulated,
) -> None:
    app = an_app(emulated)
    async with app.running():
        await emulated.ado(emulated.platform.gateway.disconnect())
        await asoon(lambda: app.opened == 2)
        assert emulated.platform.gateway.most == 2

        assert await app.is_answered(await app.says("积分")) == {"response": None}

        await asoon(lambda: app.connections == 1)
    assert app.texts == ["积分"]
    assert app.health[-1].last_problem == "disconnect"
    assert any(h.last_gap_seconds > 0 for h in app.health)
    assert emulated.errors == []


async def test_t80_a_silent_socket_is_replaced() -> None:
    timings = StreamTimings(
        silent_after=1.5, tick=5.0, overlap=0.1, backoff_first=0.02, backoff_max=0.1
    )
    with Emulated(limits=Limits(calls_per_second=None, ping_every=1000.0)) as emulated:
        app = an_app(emulated, timings)
        async with app.running():
            await emulated.ado(emulated.platform.gateway.zombie())
            started = time.monotonic()
            await asoon(lambda: app.opened >= 2)
            assert time.monotonic() - started < 4.0
            await asoon(lambda: State.ZOMBIE not in app.states)
            assert app.health[-1].last_problem == "silent"
            assert await app.is_answered(await app.says("积分")) == {"response": None}


async def test_t80_a_socket_that_only_pings_is_renewed_in_the_end() -> None:
    timings = StreamTimings(silent_after=9.0, renew_after=1.5, tick=0.05, overlap=0.1)
    with Emulated(limits=Limits(calls_per_second=None, ping_every=0.05)) as emulated:
        app = an_app(emulated, timings)
        async with app.running():
            await emulated.ado(emulated.platform.gateway.zombie())
            await asoon(lambda: app.opened >= 2)
            assert all(h.last_problem in {"", "renewed"} for h in app.health)
            await asoon(lambda: State.ZOMBIE not in app.states)
            assert await app.is_answered(await app.says("积分")) == {"response": None}


async def test_pings_keep_a_quiet_socket() -> None:
    timings = StreamTimings(silent_after=1.0, tick=0.05)
    with Emulated(limits=Limits(calls_per_second=None, ping_every=0.2)) as emulated:
        app = an_app(emulated, timings)
        async with app.running():
            began = time.monotonic()
            await asoon(lambda: time.monotonic() - began > 1.6)
            assert app.opened == 1
        assert emulated.errors == []


async def test_a_cut_socket_is_replaced_at_once(emulated: Emulated) -> None:
    app = an_app(emulated)
    async with app.running():
        await emulated.ado(emulated.platform.gateway.reset())
        await asoon(lambda: app.opened == 2 and app.connections == 1)
        assert await app.is_answered(await app.says("积分")) == {"response": None}
        # Health is told by a thread of its own, at its own pace.
        await asoon(lambda: app.health[-1].connections == 2)
    assert app.health[-1].last_problem == "closed"


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
    emulated.faults.arm("dingtalk.gateway", FaultKind.DELAY, value=1.5, times=1)
    app = an_app(emulated)
    longest = 0.0
    async with asyncio.TaskGroup() as group:

        async def measure() -> None:
            nonlocal longest
            for _ in range(120):
                began = time.monotonic()
                await asyncio.sleep(0.01)
                longest = max(longest, time.monotonic() - began)

        group.create_task(measure())
        async with app.running():
            assert app.connections == 1
    assert longest < 1.0


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
    assert time.monotonic() - began < 2.0
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

    assert time.monotonic() - began < 3.0
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
