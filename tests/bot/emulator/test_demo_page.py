"""The demo page over HTTP: its files, the cast, and what the drawers and the header read."""

import dataclasses
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.emulator import dingtalk, wecom
from bot.emulator.app import create_emulator
from bot.emulator.cast import CastMember, read_cast
from bot.emulator.config import EmulatorConfig
from bot.emulator.dingtalk import DingtalkWorld
from bot.emulator.faults import FaultKind
from bot.emulator.page import DEMO_PAGE, STATIC_DIR
from tests.bot.emulator.wecom.tiny_bot import APP, KF, WORLD

pytestmark = pytest.mark.anyio

CAST = (
    CastMember("wechat", "wmWang", "王女士", "客户", "先绑定", ("余额", "绑定 ")),
    CastMember("wecom", "pm01", "李工", "项目经理"),
)
CONFIG = EmulatorConfig(
    wecom=dataclasses.replace(WORLD, kf_accounts=(KF,)),
    wecom_callback_url="http://127.0.0.1:9/callback",
    dingtalk=DingtalkWorld(members={"0412337": "孙工"}),
    demo_page=DEMO_PAGE,
    static_dir=STATIC_DIR,
    cast=CAST,
)
STATIC = Path(STATIC_DIR)


@pytest.fixture
async def api(anyio_backend: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Talk to an emulator that was configured through JSON, as the demo does."""
    app = create_emulator(EmulatorConfig.from_json(CONFIG.to_json()))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://emulator") as client:
        yield client
        await app.state.emulator.wecom.aclose()
        await app.state.emulator.dingtalk.aclose()


def files(suffix: str) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in STATIC.glob(f"*{suffix}")}


def scripts() -> dict[str, str]:
    return files(".js")


async def test_the_page_and_everything_it_loads_is_served_fresh(api: httpx2.AsyncClient) -> None:
    page = await api.get("/demo")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    wanted = set(re.findall(r'(?:href|src)="demo/static/([^"]+)"', page.text))
    for script in scripts().values():
        wanted |= set(re.findall(r'from "\./([^"]+)"', script))
    assert wanted == scripts().keys() | files(".css").keys()
    kinds = {".js": "javascript", ".css": "text/css"}
    for name in wanted:
        answer = await api.get(f"/demo/static/{name}")
        assert answer.status_code == 200, name
        assert kinds[Path(name).suffix] in answer.headers["content-type"]
        assert answer.headers["cache-control"] == "no-cache"


async def test_nothing_is_loaded_from_elsewhere(api: httpx2.AsyncClient) -> None:
    page = (await api.get("/demo")).text
    assert not re.search(r'(?:href|src)="(?:https?:)?//', page)
    assert "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'" in page
    for name, script in scripts().items():
        assert not re.search(r"(?:from|import\(|fetch\()\s*[\"'`]https?:", script), name
    for name, sheet in files(".css").items():
        assert not re.search(r"@import|url\(", sheet), name


def test_no_script_turns_text_into_html() -> None:
    ways = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|Function\("
    found = {name for name, script in scripts().items() if re.search(ways, script)}
    assert not found


def test_the_files_stay_short() -> None:
    both = {**scripts(), **files(".css")}
    assert {name for name, text in both.items() if len(text.splitlines()) > 400} == set()


def test_the_page_arms_only_faults_there_are() -> None:
    script = scripts()["faults.js"]
    places = set(re.findall(r'^    "?((?:wecom|dingtalk)[\w.]*)"?: "', script, re.MULTILINE))
    places |= set(re.findall(r'where: "([\w.]+)"', script))
    assert {"wecom", "wecom.callback", "dingtalk.stream", "dingtalk.card.create"} <= places
    known = {"wecom": wecom.__doc__ or "", "dingtalk": dingtalk.__doc__ or ""}
    for place in places - known.keys():
        platform, _, rest = place.partition(".")
        assert f"`.{rest}`" in known[platform] or f"`{place}`" in known[platform], place
    offered = set(re.findall(r"^  (\w+): \[", script, re.MULTILINE)) - known.keys()
    armed = set(re.findall(r'kind: "(\w+)"', script))
    assert offered == set(FaultKind)
    assert armed <= offered


async def test_the_cast_is_what_was_configured_in_its_order(api: httpx2.AsyncClient) -> None:
    answer = (await api.get("/emulator/cast")).json()
    assert answer == [
        {
            "phone": "wechat:wmWang",
            "app": "wechat",
            "user": "wmWang",
            "name": "王女士",
            "role": "客户",
            "hint": "先绑定",
            "chips": ["余额", "绑定 "],
        },
        {
            "phone": "wecom:pm01",
            "app": "wecom",
            "user": "pm01",
            "name": "李工",
            "role": "项目经理",
            "hint": "",
            "chips": [],
        },
    ]
    assert read_cast(answer) == CAST


async def test_without_a_cast_everybody_is_shown() -> None:
    app = create_emulator(dataclasses.replace(CONFIG, cast=()))
    people = {person.phone: person.name for person in app.state.emulator.cast}
    assert people == {
        "wechat:wmWang": "王女士",
        "wechat:wmLiu": "刘先生",
        "wecom:pm01": "李工",
        "wecom:sup01": "王总",
        "wecom:sup02": "赵总",
        "wecom-group:预警群": "预警群",
        "dingtalk:0412337": "孙工",
    }


def test_a_cast_with_a_stranger_is_refused_at_the_start() -> None:
    ghost = CastMember("dingtalk", "ghost", "无此人")
    with pytest.raises(ValueError, match="dingtalk:ghost"):
        create_emulator(dataclasses.replace(CONFIG, cast=(*CAST, ghost)))


async def send_to_customer(api: httpx2.AsyncClient) -> int:
    query = {"corpid": WORLD.corp_id, "corpsecret": APP.secret}
    token = (await api.get("/cgi-bin/gettoken", params=query)).json()["access_token"]
    body = {"touser": "wmWang", "open_kfid": KF.open_kfid, "msgtype": "text"}
    answer = await api.post(
        "/cgi-bin/kf/send_msg",
        params={"access_token": token},
        json={**body, "text": {"content": "您好"}},
    )
    return int(answer.json()["errcode"])


async def allowance(api: httpx2.AsyncClient) -> dict[str, Any]:
    answer = (await api.get("/emulator/allowances")).json()
    assert answer.keys() == {"wechat:wmWang", "wechat:wmLiu"}
    return dict(answer["wechat:wmWang"])


async def test_a_customers_allowance_opens_with_their_message_and_is_used_up(
    api: httpx2.AsyncClient,
) -> None:
    assert await send_to_customer(api) == 95002
    assert await allowance(api) == {"until": None, "used": 0, "most": 5, "state": 4}
    deed = {"app": "wechat", "user": "wmWang", "do": "say", "text": "余额"}
    await api.post("/emulator/act", json=deed)
    said = (await api.get("/emulator/phones/wechat:wmWang")).json()[0]["at"]
    assert await send_to_customer(api) == 0
    now = await allowance(api)
    assert now.pop("until") == pytest.approx(said + 48 * 3600, abs=5)
    assert now == {"used": 1, "most": 5, "state": 0}


async def test_callbacks_are_listed_as_somebody_on_the_wire_sees_them(
    api: httpx2.AsyncClient,
) -> None:
    deed = {"app": "wecom", "user": "pm01", "do": "say", "text": "记录 滨江一期"}
    await api.post("/emulator/act", json=deed)
    await api.post("/emulator/act", json={**deed, "app": "dingtalk", "user": "0412337"})
    answer = await api.get("/emulator/callbacks")
    first, *retries = answer.json()["wecom"]
    assert len(retries) == 3
    assert (first["name"], first["status"]) == ("text", None)
    assert len(first["signature"]) == 10
    assert len(first["encrypted"]) == 64
    assert first["size"] > 300
    assert "滨江" not in json.dumps(answer.json(), ensure_ascii=False)
    limited = (await api.get("/emulator/callbacks", params={"last": 1})).json()
    assert limited["wecom"] == retries[-1:]


async def test_dingtalk_pushes_and_refusals_are_listed(api: httpx2.AsyncClient) -> None:
    refused = await api.put("/v1.0/card/instances", json={"outTrackId": "no-such-card"})
    assert refused.status_code == 401
    deed = {"app": "dingtalk", "user": "0412337", "do": "say", "text": "帮助"}
    assert (await api.post("/emulator/act", json=deed)).json()["accepted"] is False
    pushed = (await api.get("/emulator/callbacks")).json()["dingtalk"]
    assert [(p["name"], p["answered"], p["attempts"], p["refusals"]) for p in pushed] == [
        ("/v1.0/im/bot/messages/get", False, 0, ["no connection"])
    ]
    calls = (await api.get("/emulator/calls", params={"last": 1})).json()["dingtalk"]
    assert [(c["name"], c["errcode"]) for c in calls] == [
        ("/v1.0/card/instances", "InvalidAuthentication")
    ]


async def test_a_negative_limit_is_refused(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/emulator/calls", params={"last": -1})).status_code == 422
