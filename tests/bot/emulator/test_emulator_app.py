"""The whole emulator as a process: configuration as JSON, control addresses, the event stream."""

import asyncio
import contextlib
import dataclasses
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.emulator.app import create_emulator
from bot.emulator.config import EmulatorConfig
from bot.emulator.dingtalk import DingtalkWorld, Group
from tests.bot.emulator.wecom.tiny_bot import APP, WORLD

pytestmark = pytest.mark.anyio

DINGTALK = DingtalkWorld(
    members={"0412337": "孙工"}, groups={"cid1": Group("项目群", ("0412337",))}
)
CONFIG = EmulatorConfig(
    wecom=WORLD,
    wecom_callback_url="http://127.0.0.1:9/callback",
    dingtalk=DINGTALK,
    keep_alive_seconds=0.05,
)


@pytest.fixture
async def api(anyio_backend: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Talk to an emulator in this process, with a page."""
    app = create_emulator(CONFIG, demo_page=lambda: "<h1>演示</h1>")
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://emulator") as client:
        yield client


def test_the_configuration_survives_json() -> None:
    assert EmulatorConfig.from_json(CONFIG.to_json()) == CONFIG
    assert EmulatorConfig.from_json("{}") == EmulatorConfig()


async def test_health_people_and_page(api: httpx2.AsyncClient) -> None:
    health = (await api.get("/emulator/health")).json()
    assert health == {"ok": True, "wecom": True, "dingtalk": True}
    people = {p["phone"]: p["name"] for p in (await api.get("/emulator/phones")).json()}
    assert people["wecom:pm01"] == "李工"
    assert people["wechat:wmWang"] == "王女士"
    assert people["dingtalk:0412337"] == "孙工"
    assert "演示" in (await api.get("/demo")).text


async def test_acting_shows_on_the_phone_and_reports_how_the_bot_took_it(
    api: httpx2.AsyncClient,
) -> None:
    deed = {"app": "wecom", "user": "pm01", "do": "say", "text": "余额"}
    answer = (await api.post("/emulator/act", json=deed)).json()
    assert answer == {"accepted": False, "held": False, "attempts": [None] * 4}
    bubbles = (await api.get("/emulator/phones/wecom:pm01")).json()
    assert [(b["mine"], b["body"]) for b in bubbles] == [(True, {"text": "余额"})]
    problems = (await api.get("/emulator/problems")).json()
    assert problems["wecom"]["undelivered"] == ["text"]


@pytest.mark.parametrize(
    "deed",
    [
        {"app": "wecom", "user": "ghost", "do": "say", "text": "余额"},
        {"app": "wecom", "user": "pm01", "do": "dance"},
        {"app": "wecom", "user": "pm01", "do": "say"},
        {"app": "wecom", "user": "pm01", "do": "press", "bubble": 7, "key": "a"},
        {"app": "wechat", "user": "wmWang", "do": "press", "bubble": 7, "key": "a"},
        {"app": "dingtalk", "user": "0412337", "do": "dance"},
        {"app": "dingtalk", "user": "0412337", "do": "press", "bubble": 7, "key": "a"},
    ],
)
async def test_impossible_deeds_are_refused(api: httpx2.AsyncClient, deed: dict[str, Any]) -> None:
    answer = await api.post("/emulator/act", json=deed)
    assert answer.status_code == 409
    assert answer.json()["error"]
    assert (await api.get(f"/emulator/phones/{deed['app']}:{deed['user']}")).json() == []


async def test_faults_are_armed_listed_and_cleared(api: httpx2.AsyncClient) -> None:
    fault = {"where": "wecom.callback", "kind": "drop", "times": 2}
    armed = [{**fault, "value": None, "left": 2}]
    del armed[0]["times"]
    assert (await api.post("/emulator/faults", json=fault)).json() == armed
    assert (await api.get("/emulator/faults")).json() == armed
    other = {"where": "wecom.gettoken"}
    assert (await api.delete("/emulator/faults", params=other)).json() == armed
    assert (await api.delete("/emulator/faults")).json() == []
    bad = {"where": "wecom", "kind": "hologram"}
    assert (await api.post("/emulator/faults", json=bad)).status_code == 422


async def test_calls_are_listed_without_secrets(api: httpx2.AsyncClient) -> None:
    query = {"corpid": WORLD.corp_id, "corpsecret": APP.secret}
    await api.get("/cgi-bin/gettoken", params=query)
    answer = await api.get("/emulator/calls")
    assert answer.json()["wecom"][0]["name"] == "gettoken"
    assert APP.secret not in answer.text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def started(
    config: EmulatorConfig, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the emulator in a process of its own, from its first answer on."""
    file = folder / "emulator.json"
    file.write_text(config.to_json(), encoding="utf-8")
    arguments = (sys.executable, "-m", "bot.emulator", "--config", str(file))
    running = await asyncio.create_subprocess_exec(*arguments)
    try:
        async with asyncio.timeout(30):
            await answering(f"http://127.0.0.1:{config.port}/emulator/health")
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def answering(url: str) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        while True:
            with contextlib.suppress(httpx2.TransportError):
                if (await client.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.05)


async def next_bubble(lines: AsyncIterator[str]) -> dict[str, Any]:
    async for line in lines:
        if line.startswith("data:"):
            return dict(json.loads(line.removeprefix("data:")))
    raise AssertionError("the stream ended")


async def test_the_process_streams_bubbles_and_stops_in_spite_of_open_streams(
    tmp_path: Path,
) -> None:
    config = dataclasses.replace(CONFIG, port=free_port())
    base = f"http://127.0.0.1:{config.port}"
    deed = {"app": "wechat", "user": "wmWang", "do": "say", "text": "余额"}
    async with (
        started(config, tmp_path) as running,
        httpx2.AsyncClient(trust_env=False, timeout=10) as client,
        client.stream("GET", f"{base}/emulator/stream") as stream,
    ):
        lines = stream.aiter_lines()
        assert [await anext(lines) for _ in range(3)] == [": connected", "", ": still here"]
        assert (await client.post(f"{base}/emulator/act", json=deed)).status_code == 200
        bubble = await next_bubble(lines)
        assert (bubble["phone"], bubble["body"]) == ("wechat:wmWang", {"text": "余额"})
        running.terminate()
        await asyncio.wait_for(running.wait(), 10)
