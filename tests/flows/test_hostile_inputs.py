"""Hostile and faulty callbacks, T01 to T19: forged, replayed, malformed, oversized, not for us."""

import gzip
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from bot.emulator.faults import FaultKind
from bot.emulator.wecom import UrlRefusedError
from bot.wiring import MAIN
from tests.flows.conftest import OpenTown
from tests.support.deeds import LI, ZHOU
from tests.support.town import Town, keys_of, text_of
from tests.support.wire import (
    CARD,
    ENVELOPE,
    EVENT,
    ROBOT,
    WECOM,
    Wire,
    as_bytes,
    member_xml,
    nothing_changes,
    ping_xml,
    press_body,
    robot_body,
    robot_headers,
    seal,
)
from tests.support.world import DING_CORP, Ding

RECORD = "记录 滨江一期 主体结构 昨天验收通过"
LEFT = {"EventType": "user_leave_org", "UserId": ["zhoutao01"], "CorpId": DING_CORP}
FORBIDDEN = {401, 403}


@pytest.fixture
def wire(town: Town) -> Iterator[Wire]:
    """Give the way to the application."""
    wire = Wire(town)
    yield wire
    wire.close()


def test_t01_a_wrong_signature_is_refused(
    town: Town, wire: Wire, capfd: pytest.CaptureFixture[str]
) -> None:
    posted = seal(member_xml("liqiang", "forged-words"))
    posted.query["msg_signature"] = "0" * 40
    with nothing_changes(town):
        answers = [
            wire.sealed(posted),
            wire.robot(robot_body("zhoutao01", "forged-words"), secret="wrong"),
            wire.card(press_body("zhoutao01", "x", "forged-words:y"), secret="wrong"),
            wire.event(LEFT, token="wrong"),
        ]
    assert {answer.status_code for answer in answers} <= FORBIDDEN
    assert "forged-words" not in capfd.readouterr().out


@pytest.mark.parametrize("minutes", [-6, 6])
def test_t02_a_good_signature_of_another_time_is_refused(
    town: Town, wire: Wire, minutes: int
) -> None:
    at = time.time() + 60 * minutes
    with nothing_changes(town):
        answers = [
            wire.wecom(member_xml("liqiang"), at=at),
            wire.robot(robot_body("zhoutao01"), at=at),
            wire.card(press_body("zhoutao01", "card", "ticket:yes"), at=at),
            wire.event(LEFT, at=at),
        ]
    assert {answer.status_code for answer in answers} <= FORBIDDEN


def test_t03_an_exact_replay_is_accepted_without_a_second_effect(town: Town, wire: Wire) -> None:
    posted, headers = seal(member_xml("liqiang", RECORD)), robot_headers()
    body = as_bytes(robot_body("zhoutao01", "记录 滨江二期 地基基础 昨天验收通过"))
    assert wire.sealed(posted).status_code == 200
    assert wire.post(ROBOT, body, headers=headers).status_code == 200
    with nothing_changes(town):
        assert wire.sealed(posted).status_code == 200
        assert wire.post(ROBOT, body, headers=headers).status_code == 200
    assert town.one("SELECT count(*) FROM tickets") == 2
    assert len([b for b in town.shown(LI) if keys_of(b)]) == 1


def test_t04_three_parallel_deliveries_have_one_effect_and_one_answer(town: Town) -> None:
    town.faults.arm("wecom.callback", FaultKind.DUPLICATE, value=3, times=2)

    town.says(LI, RECORD)
    town.settles()
    mark = town.says(LI, "项目")
    town.settles()

    assert town.one("SELECT count(*) FROM inbox WHERE sender <> ''") == 2
    assert town.one("SELECT count(*) FROM tickets") == 1
    assert len([b for b in town.shown(LI) if keys_of(b)]) == 1
    assert len([b for b in town.shown(LI, mark) if "滨江一期" in text_of(b)]) == 1


def test_t05_a_replayed_event_without_an_id_counts_once(town: Town, wire: Wire) -> None:
    click = {"MsgId": None, "Content": None, "MsgType": "event", "Event": "click"}
    xml = member_xml("liqiang", changes={**click, "EventKey": "项目"})
    first = wire.wecom(xml)

    # Sealed anew: another nonce and signature, the same event.
    again = wire.wecom(xml)

    assert "滨江一期" in ENVELOPE.open_reply(first.content)
    assert "滨江一期" in ENVELOPE.open_reply(again.content)
    assert town.one("SELECT count(*) FROM inbox WHERE sender <> ''") == 1
    assert town.one("SELECT count(*) FROM deliveries") == 1


def test_t06_captured_headers_with_another_body_move_no_points(town: Town, wire: Wire) -> None:
    mark = town.says(ZHOU, "记录 滨江二期 地基基础 昨天验收通过")
    card = town.waits_for(ZHOU, lambda b: bool(keys_of(b)), after=mark)
    (action, *_) = keys_of(card)
    headers = robot_headers()
    wire.post(ROBOT, as_bytes(robot_body("zhoutao01", "项目")), headers=headers)

    # The thief knows the ticket, and is not the one it was made for.
    forged = as_bytes(robot_body("sunli01", f"按 {action}"))
    answer = wire.post(ROBOT, forged, headers=headers)

    assert answer.status_code == 200
    town.settles()
    assert town.one("SELECT count(*) FROM events") == 0
    assert town.one("SELECT count(*) FROM entries") == 0
    assert town.one("SELECT count(*) FROM tickets WHERE used_at IS NOT NULL") == 0


def test_t07_a_press_in_the_name_of_somebody_else_is_refused(open_town: OpenTown) -> None:
    town = open_town(Ding("http", has_template=True))
    wire = Wire(town)
    town.waits_until(lambda: "zhufen-dingtalk" in town.dingtalk.cards.routes)
    mark = town.says(ZHOU, "记录 滨江二期 地基基础 昨天验收通过")
    card = town.waits_for(ZHOU, lambda b: bool(keys_of(b)), after=mark)
    shown = text_of(card)
    action = next(key for key in keys_of(card) if key.endswith(":confirm"))

    answer = wire.card(press_body("zhangmin01", str(card.key), action))

    assert answer.json() == {}
    town.settles()
    assert text_of(card) == shown
    assert town.one("SELECT count(*) FROM entries") == 0
    town.presses(card, "confirm")
    town.waits_for(ZHOU, lambda b: b.id == card.id and "已记录" in text_of(b))
    wire.close()


def test_t08_a_good_signature_for_another_corp_is_refused(town: Town, wire: Wire) -> None:
    foreign = ENVELOPE.encrypt(ENVELOPE.frame(member_xml("liqiang").encode(), "wwother"))
    with nothing_changes(town):
        answers = [
            wire.sealed(ENVELOPE.post("", time.time(), encrypted=foreign)),
            wire.wecom(member_xml("liqiang", changes={"ToUserName": "wwother"})),
            wire.robot(robot_body("zhoutao01", chatbotCorpId="dingother")),
            wire.robot(robot_body("zhoutao01", senderCorpId="dingother")),
            wire.card(press_body("zhoutao01", "card", "ticket:yes", corpId="dingother")),
            wire.event({**LEFT, "CorpId": "dingother"}),
            wire.event(LEFT, owner="dingother"),
        ]
    assert {answer.status_code for answer in answers} <= FORBIDDEN


def test_t09_garbage_and_bad_padding_look_like_a_wrong_signature(town: Town, wire: Wire) -> None:
    forged = seal(member_xml("liqiang"))
    forged.query["msg_signature"] = "0" * 40
    framed = ENVELOPE.frame(member_xml("liqiang").encode())
    bad_padding = ENVELOPE.encrypt(framed, b"\x63" * (32 - len(framed) % 32))
    now = time.time()
    with nothing_changes(town):
        answers = [
            wire.sealed(forged),
            wire.sealed(ENVELOPE.post("", now, encrypted="A" * 64, nonce="n1")),
            wire.sealed(ENVELOPE.post("", now, encrypted="QUJD", nonce="n2")),
            wire.sealed(ENVELOPE.post("", now, encrypted=bad_padding, nonce="n3")),
        ]
    seen = {
        (answer.status_code, answer.content, tuple(sorted(set(answer.headers) - {"date"})))
        for answer in answers
    }
    assert len(seen) == 1
    assert answers[0].status_code == 403


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce", "echostr"])
def test_t10_an_address_check_without_a_parameter_is_a_bad_request(
    town: Town, wire: Wire, missing: str
) -> None:
    stamp, echo = str(int(time.time())), ENVELOPE.encrypt(ENVELOPE.frame(b"echo"))
    query = {"timestamp": stamp, "nonce": "n", "echostr": echo}
    query["msg_signature"] = ENVELOPE.signature(stamp, "n", echo)
    with nothing_changes(town):
        answer = wire.get(WECOM, {name: v for name, v in query.items() if name != missing})
    assert answer.status_code == 400


def test_t11_the_address_check_gets_the_bare_text_within_a_second(town: Town) -> None:
    with nothing_changes(town):
        try:
            town.run(town.wecom.verify_url())
        except UrlRefusedError as refused:
            raise AssertionError from refused


def test_t12_entities_are_refused_before_anything_is_parsed(town: Town, wire: Wire) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "' + "z" * 20_000 + '">]>'
    inside = bomb + member_xml("liqiang", "&a;&a;&a;")
    enveloped = seal(member_xml("liqiang"))
    with nothing_changes(town):
        answers = [
            wire.wecom(inside),
            wire.post(WECOM, bomb.encode() + enveloped.body, enveloped.query),
        ]
    assert {answer.status_code for answer in answers} == {400}


def test_t13_external_entities_touch_neither_files_nor_the_network(
    town: Town, wire: Wire, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("file-content")
    with socket.create_server(("127.0.0.1", 0)) as listener, nothing_changes(town):
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        for source in (f"file://{secret}", address):
            dtd = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{source}">]>'
            answer = wire.wecom(dtd + "<xml><ToUserName>&e;</ToUserName></xml>")
            assert answer.status_code == 400
            assert b"file-content" not in answer.content
        listener.settimeout(0.05)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_t14_endless_slow_and_compressed_bodies_end_early(town: Town, wire: Wire) -> None:
    grown = _resident_kib()
    slow = ThreadPoolExecutor(1)
    with nothing_changes(town):
        late = slow.submit(_trickle, town)
        for path in (WECOM, ROBOT, CARD, EVENT):
            assert wire.post(path, b"x" * 10_000_000).status_code == 413
        assert wire.post(WECOM, _endless()).status_code == 413
        packed = gzip.compress(b"<xml>" + b"0" * 50_000_000)
        assert len(packed) < 64 * 1024
        answer = wire.post(ROBOT, packed, headers={**robot_headers(), "content-encoding": "gzip"})
        assert answer.status_code == 400
        assert wire.get("/healthz").status_code == 200
        assert "408" in late.result(15)
    slow.shutdown()
    assert _resident_kib() - grown < 60_000


def _endless() -> Iterator[bytes]:
    for _ in range(100_000):
        yield b"x" * 1000


def _trickle(town: Town) -> str:
    """Send a byte now and then; give the status line."""
    host, port = "127.0.0.1", town.bot.port
    with socket.create_connection((host, port)) as connection:
        connection.sendall(
            f"POST {WECOM} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\n".encode()
        )
        connection.settimeout(0.5)
        for _ in range(30):
            connection.sendall(b"x")
            try:
                return connection.recv(100).decode().partition("\r\n")[0]
            except TimeoutError:
                continue
    return "no answer"


def _resident_kib() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 30_000,
        b'{"msgId": ' + b"[" * 30_000,
        b'{"createAt": ' + b"1" * 5_000 + b"}",
        b'{"createAt": NaN}',
        b'{"points": 1, "points": 2}',
        b"\xff\xfe",
        b'"text"',
    ],
    ids=["deep", "deep inside", "long integer", "NaN", "twice", "no UTF-8", "no object"],
)
def test_t15_monstrous_json_is_a_bad_request(town: Town, wire: Wire, body: bytes) -> None:
    with nothing_changes(town):
        assert wire.robot(body).status_code == 400
        assert wire.card(body).status_code == 400
    assert wire.get("/healthz").status_code == 200


def test_t16_unknown_kinds_are_answered_politely_or_ignored(town: Town, wire: Wire) -> None:
    hologram = {"MsgType": "hologram", "Content": None, "Depth": 3}
    answer = wire.wecom(member_xml("liqiang", changes=hologram))
    assert "这种消息我还读不懂" in ENVELOPE.open_reply(answer.content)
    event = {"MsgType": "event", "Event": "from_the_future", "MsgId": None}
    assert wire.wecom(member_xml("liqiang", changes=event)).content == b""
    mark = town.mark()
    unknown = robot_body("zhoutao01", msgtype="hologram", hologram={"depth": 3})
    del unknown["text"]
    assert wire.robot(unknown).status_code == 200
    town.waits_for(ZHOU, "这种消息我还读不懂", after=mark)
    assert wire.robot(robot_body("zhoutao01", "项目", future={"a": [1]})).status_code == 200
    town.waits_for(ZHOU, "滨江二期", after=mark)


def test_t17_an_unknown_corp_agent_robot_or_firm_gets_nothing(town: Town, wire: Wire) -> None:
    posted = seal(member_xml("liqiang"))
    with nothing_changes(town):
        answers = [
            wire.post("/callback/nobody/wecom", posted.body, posted.query),
            wire.get("/callback/nobody/wecom", posted.query),
            wire.post("/callback/nobody/dingtalk/robot", b"{}", headers=robot_headers()),
            wire.post("/callback/main/dingtalk/other", b"{}", headers=robot_headers()),
            wire.wecom(member_xml("liqiang", changes={"AgentID": 999})),
            wire.wecom(ping_xml("wkOTHER")),
            wire.robot(robot_body("zhoutao01", robotCode="other")),
        ]
    assert {answer.status_code for answer in answers} == {403}
    assert town.parts.store.tenants() == [MAIN]


def test_t18_a_clock_that_is_wrong_by_ten_minutes_refuses_by_four_accepts(
    town: Town, wire: Wire
) -> None:
    town.clock.pass_by(minutes=-10)
    with nothing_changes(town):
        assert wire.wecom(member_xml("liqiang")).status_code == 403
        assert wire.robot(robot_body("zhoutao01")).status_code in FORBIDDEN
    town.clock.pass_by(minutes=6)
    assert wire.wecom(member_xml("liqiang")).status_code == 200
    assert wire.robot(robot_body("zhoutao01")).status_code == 200


def test_t19_forwarded_addresses_open_no_door(town: Town, wire: Wire) -> None:
    spoofed = {"x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1", "forwarded": "for=::1"}
    forged = seal(member_xml("liqiang"))
    forged.query["msg_signature"] = "0" * 40
    with nothing_changes(town):
        assert wire.sealed(forged, spoofed).status_code == 403
        assert _status(wire, spoofed) in FORBIDDEN
    good = wire.sealed(seal(member_xml("liqiang", "项目")), spoofed)
    assert "滨江一期" in ENVELOPE.open_reply(good.content)


def _status(wire: Wire, headers: dict[str, str]) -> int:
    answer: httpx2.Response = wire.post(
        ROBOT, json.dumps(robot_body("zhoutao01")).encode(), headers=headers
    )
    return answer.status_code
