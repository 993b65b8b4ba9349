"""`zhufen doctor`: what it finds, what it advises, and that nothing stops it."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from tests.support.desk import Desk
from tests.support.program import Ended, Program
from tests.support.town import Platforms
from tests.support.world import (
    AES_KEY,
    AGENT,
    CLIENT_ID,
    CLIENT_SECRET,
    CORP,
    DING_CORP,
    KF,
    SECRET,
    TOKEN,
    Ding,
    MovingClock,
)


def findings(ended: Ended) -> dict[str, dict[str, str]]:
    return {finding["check"]: finding for finding in json.loads(ended.out)}


def test_the_doctor_on_an_empty_folder_says_what_to_do_first_and_makes_nothing(
    program: Program, tmp_path: Path
) -> None:
    ended = program.run(tmp_path, "doctor", "--json")
    found = findings(ended)

    assert ended.code == 1
    assert (found["database"]["status"], found["database"]["code"]) == ("failed", "not_migrated")
    assert "zhufen migrate" in found["database"]["fix"]
    assert found["queue"]["status"] == "warning"
    assert found["scheduler"]["status"] == "warning"
    assert found["platforms"]["code"] == "none_configured"
    assert all(one["fix"] and one["name"] for one in found.values())
    assert not (tmp_path / "data").exists()


def test_the_doctors_table_shows_every_advice_whole(program: Program, tmp_path: Path) -> None:
    advice = [one["fix"] for one in json.loads(program.run(tmp_path, "doctor", "--json").out)]
    lines = program.run(tmp_path, "doctor").out.splitlines()
    shown = "".join(line.split("│")[-2] for line in lines if "│" in line)

    for fix in advice:
        assert "".join(fix.split()) in "".join(shown.split())


def test_the_doctor_finds_a_broken_database_instead_of_breaking(desk: Desk) -> None:
    (desk.folder / "data" / "zhufen.db").write_bytes(b"no database at all" * 99)
    ended = desk.run("doctor", "--json", wecom__api_base="http://127.0.0.1:9")

    assert ended.code == 1
    assert findings(ended)["database"]["status"] == "failed"
    assert findings(ended)["wecom_clock"]["code"] == "unreachable"


@pytest.fixture
def platforms() -> Iterator[Platforms]:
    platforms = Platforms(Ding(), MovingClock())
    yield platforms
    platforms.close()


def credentials(url: str) -> dict[str, str]:
    wecom = {
        "corp_id": CORP,
        "agent_id": str(AGENT),
        "secret": SECRET,
        "callback_token": TOKEN,
        "callback_aes_key": AES_KEY,
        "kf_id": KF,
        "api_base": url,
    }
    dingtalk = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "robot_code": CLIENT_ID,
        "corp_id": DING_CORP,
        "card_template_id": "template",
        "api_base": url,
        "oapi_base": url,
    }
    return {f"wecom__{name}": value for name, value in wecom.items()} | {
        f"dingtalk__{name}": value for name, value in dingtalk.items()
    }


def test_the_doctor_is_content_once_platforms_and_a_supervisor_are_there(
    desk: Desk, platforms: Platforms
) -> None:
    given = credentials(platforms.url)
    lonely = desk.run("doctor", "--json", **given)
    assert lonely.code == 1
    assert findings(lonely)["supervisors"]["code"] == "nobody"

    desk.run("member", "add", "张敏", "--role", "supervisor", **given)
    assert findings(desk.run("doctor", "--json", **given))["supervisors"]["code"] == (
        "nobody_reachable"
    )

    desk.run("member", "add", "王芳", "--role", "supervisor", "--wecom", "wangfang", **given)
    ended = desk.run("doctor", "--json", **given)
    assert ended.code == 0
    good = {name for name, one in findings(ended).items() if one["status"] == "ok"}
    assert good == {
        *("database", "supervisors", "backtests"),
        *("wecom_clock", "wecom_access", "dingtalk_clock", "dingtalk_access"),
    }


def test_the_doctor_finds_back_tests_that_nobody_runs(desk: Desk) -> None:
    times = dict.fromkeys(("ordered_at", "due_at"), "2026-01-01 00:00:00.000000")
    order = times | {
        "tenant_id": "main",
        "id": "b-1",
        "draft_number": 1,
        "says": "5",
        "ordered_by": "m-1",
        "key_id": "k-1",
        "state": "waiting",
        "tries": 0,
        "played": 0,
    }
    names = ", ".join(order)
    places = ", ".join(f":{name}" for name in order)
    with sqlite3.connect(desk.folder / "data" / "zhufen.db") as db:
        db.execute(f"INSERT INTO backtest_orders ({names}) VALUES ({places})", order)  # noqa: S608
    found = findings(desk.run("doctor", "--json"))["backtests"]

    assert (found["status"], found["code"]) == ("warning", "nobody_runs")
    assert "zhufen worker --backtests" in found["fix"]


def test_the_doctor_names_the_platforms_code_for_a_wrong_secret_and_not_the_secret(
    desk: Desk, platforms: Platforms
) -> None:
    wrong = {"wecom__secret": "sesame", "dingtalk__client_secret": "sesame"}
    ended = desk.run("doctor", "--json", **credentials(platforms.url) | wrong)
    found = findings(ended)

    assert ended.code == 1
    for check in ("wecom_access", "dingtalk_access"):
        assert (found[check]["status"], found[check]["code"]) == ("failed", "refused")
        assert found[check]["detail"]
        assert found[check]["fix"]
    assert "sesame" not in ended.out + ended.err


@contextmanager
def late_platform(by: timedelta) -> Iterator[str]:
    """Serve a platform whose clock differs from ours."""

    class Handler(BaseHTTPRequestHandler):
        @override
        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(datetime.now(UTC) - by, usegmt=True)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("minutes", "code"), [(10, "clock_wrong"), (-10, "clock_wrong"), (1, "")])
def test_the_doctor_compares_our_clock_with_the_platforms(
    desk: Desk, minutes: int, code: str
) -> None:
    with late_platform(timedelta(minutes=minutes)) as url:
        ended = desk.run("doctor", "--json", **credentials(url))

    assert ended.code == 1
    for check in ("wecom_clock", "dingtalk_clock"):
        found = findings(ended)[check]
        assert found["status"] == ("failed" if code else "ok")
        assert found["code"] == code
        assert abs(int(found["detail"]) - minutes * 60) <= 5
        assert bool(found["fix"]) == bool(code)
