"""The command line as a person or a script sees it: exit statuses, words, rows, nothing else."""

import json
import shutil
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

APP_VALUES = {
    "corp_id": "wwother",
    "agent_id": "7",
    "secret": "sesame-app-secret",
    "callback_token": "sesame-token",
    "callback_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
WECOM = {f"wecom__{name}": value for name, value in APP_VALUES.items()}


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    program = Program()
    yield program
    program.close()


@pytest.fixture(scope="module")
def furnished(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a firm that has WeCom, a manager and a customer, to be copied."""
    folder = tmp_path_factory.mktemp("furnished")
    for command in (
        ("migrate",),
        ("member", "add", "李强", "--role", "project_manager", "--wecom", "liqiang"),
        ("customer", "add", "C001", "滨江置业", "--manager", "李强"),
        ("tenant", "add", "firm2", "第二家"),
    ):
        assert program.run(folder, *command, **WECOM).code == 0
    return folder


class Desk:
    """One folder and the program."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program, self.folder = program, folder

    def run(self, *args: str, typed: str = "", **more: str) -> Ended:
        return self.program.run(self.folder, *args, typed=typed, **(WECOM | more))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "data" / "zhufen.db") as database:
            found = database.execute(statement).fetchall()
        database.close()
        return found

    def everything(self) -> str:
        with sqlite3.connect(self.folder / "data" / "zhufen.db") as database:
            found = "\n".join(database.iterdump())
        database.close()
        return found

    def is_refused(self, *args: str, typed: str = "", **more: str) -> str:
        """Give what is said; nothing may be written and no traceback shown."""
        before = self.everything()
        ended = self.run(*args, typed=typed, **more)
        assert ended.code == 1
        assert "Traceback" not in ended.err
        assert len(ended.err.strip().splitlines()) <= 2, ended.err
        assert not ended.out
        assert self.everything() == before
        return ended.err


@pytest.fixture
def desk(program: Program, furnished: Path, tmp_path: Path) -> Desk:
    shutil.copytree(furnished, tmp_path / "desk")
    return Desk(program, tmp_path / "desk")


def test_migrate_makes_the_database_and_then_finds_nothing_to_do(
    program: Program, tmp_path: Path
) -> None:
    first = program.run(tmp_path, "migrate", "--json")
    second = program.run(tmp_path, "migrate", "--json")

    assert first.json() == {"migrations": "upgraded"}
    assert second.json() == {"migrations": "current"}
    assert program.run(tmp_path, "migrate", "--check", "--json").json() == {"migrations": []}


def test_migrate_check_needs_no_database_and_makes_none(program: Program, tmp_path: Path) -> None:
    assert program.run(tmp_path, "migrate", "--check").code == 0
    assert not (tmp_path / "data").exists()


def test_wrong_settings_end_with_two_and_name_every_variable_but_no_value(
    program: Program, tmp_path: Path
) -> None:
    ended = program.run(
        tmp_path, "migrate", colour="red-value", port="99999", wecom__secret="sesame"
    )
    unknown = program.run(tmp_path, "migrate", colour="red-value")
    half = program.run(tmp_path, "migrate", wecom__secret="sesame")

    assert [ended.code, unknown.code, half.code] == [2, 2, 2]
    assert "ZHUFEN_COLOUR" in unknown.err
    assert "ZHUFEN_WECOM__CORP_ID" in half.err
    assert "red-value" not in ended.err + unknown.err
    assert "sesame" not in ended.err + half.err
    assert not (tmp_path / "data").exists()


def test_a_member_with_an_account_is_bound_at_once(desk: Desk) -> None:
    made = desk.run(
        *("member", "add", "张敏", "--role", "supervisor", "--role", "admin"),
        *("--wecom", "zhangmin", "--alerts", "wecom", "--json"),
    ).json()

    assert made["bind_code"] == ""
    assert desk.rows(
        f"SELECT channel_id, external_id, is_alerted FROM identities"  # noqa: S608
        f" WHERE member_id = '{made['member']}'"
    ) == [("wecom", "zhangmin", 1)]


def test_a_member_without_an_account_gets_a_code_that_is_stored_hashed(desk: Desk) -> None:
    made = desk.run("member", "add", "王芳", "--role", "sales", "--json").json()

    assert len(made["bind_code"]) == 8
    assert made["bind_code"] not in desk.everything()


@pytest.mark.parametrize(
    "options",
    [
        ("--role", "boss"),
        ("--role", "sales", "--dingtalk", "zhou"),
        ("--role", "sales", "--wecom", "liqiang"),
        ("--role", "sales", "--wecom", "zhou", "--alerts", "weixin"),
        ("--role", "sales", "--alerts", "wecom"),
        ("--role", "sales", "--tenant", "nobody"),
    ],
    ids=["role", "unconnected", "taken account", "unknown alerts", "no account", "tenant"],
)
def test_a_member_that_cannot_be_added_leaves_nothing(
    desk: Desk, options: tuple[str, ...]
) -> None:
    desk.is_refused("member", "add", "周涛", *options)


def test_a_customer_is_added_under_its_manager(desk: Desk) -> None:
    made = desk.run("customer", "add", "C002", "云栖科技园", "--manager", "李强", "--json").json()

    assert made == {"customer": "C002"}
    managers = desk.rows("SELECT DISTINCT account_manager FROM customers")
    assert managers == desk.rows("SELECT id FROM members WHERE name = '李强'")


def test_a_customer_is_refused_under_a_used_code_or_an_unknown_manager(desk: Desk) -> None:
    assert "C001" in desk.is_refused("customer", "add", "C001", "别家")
    desk.is_refused("customer", "add", "C003", "云栖", "--manager", "无名")


def test_a_project_is_added_with_its_milestones(desk: Desk) -> None:
    made = desk.run(
        *("project", "add", "P101", "滨江一期", "--customer", "C001", "--manager", "李强"),
        *("--milestone", "地基基础=2026-03-01", "--milestone", "主体结构=2026-09-30", "--json"),
    ).json()

    assert made == {"project": "P101", "milestones": 2}
    assert desk.rows("SELECT name, planned_on FROM milestones ORDER BY planned_on") == [
        ("地基基础", "2026-03-01"),
        ("主体结构", "2026-09-30"),
    ]


def test_a_project_is_refused_whole(desk: Desk) -> None:
    said = desk.is_refused("project", "add", "P9", "九期", "--customer", "C404")
    assert "C404" in said
    assert "UnknownCustomer" not in said

    add = ("project", "add", "P9", "九期", "--customer", "C001")
    desk.is_refused(*add, "--milestone", "地基=2026-03-01", "--milestone", "主体=2026-02-30")
    assert desk.run(*add).code == 0
    assert "P9" in desk.is_refused(*add)


def test_an_invitation_prints_a_code_and_keeps_the_phone_encrypted(desk: Desk) -> None:
    made = desk.run("invite", "C001", "王建国", "--phone", "13912345678", "--json").json()

    assert made["customer"] == "滨江置业"
    assert len(made["code"]) == 8
    everything = desk.everything()
    assert "王建国" in everything
    assert "13912345678" not in everything
    assert made["code"] not in everything


def test_an_invitation_to_an_unknown_customer_or_a_wrong_phone_is_worded_as_in_the_chat(
    desk: Desk,
) -> None:
    said = desk.is_refused("invite", "C404", "王建国")
    assert "C404" in said
    assert "UnknownCustomer" not in said

    said = desk.is_refused("invite", "C001", "王建国", "--phone", "12")
    assert "InvalidPhone" not in said


def test_a_tenant_gets_the_starter_rules_and_exists_once(desk: Desk) -> None:
    assert desk.run("tenant", "add", "firm3", "第三家", "--json").json() == {"tenant": "firm3"}
    rules = desk.rows("SELECT tenant_id, count(*) FROM rule_versions GROUP BY 1 ORDER BY 1")
    assert [tenant for tenant, _ in rules] == ["firm2", "firm3", "main"]
    assert len({count for _, count in rules}) == 1

    assert "firm3" in desk.is_refused("tenant", "add", "firm3", "又一家")


def test_a_channel_is_stored_with_its_secrets_encrypted(desk: Desk) -> None:
    made = desk.run("channel", "add", "firm2", "wecom_app", "--json", typed=json.dumps(APP_VALUES))

    assert made.json() == {"tenant": "firm2", "channel": "wecom_app"}
    assert "sesame" not in made.out + made.err
    for file in (desk.folder / "data").iterdir():
        for secret in ("sesame-app-secret", "sesame-token", APP_VALUES["callback_aes_key"]):
            assert secret.encode() not in file.read_bytes()
    assert ("wecom_app", "wwother") in desk.rows(
        "SELECT id, account FROM channels WHERE tenant_id = 'firm2'"
    )


def test_a_member_of_another_tenant_is_bound_to_that_tenants_channel(desk: Desk) -> None:
    desk.run("channel", "add", "firm2", "wecom_app", typed=json.dumps(APP_VALUES))

    added = desk.run(
        "member", "add", "赵六", "--role", "sales", "--wecom", "zhaoliu", "--tenant", "firm2"
    )

    assert added.code == 0, added.err
    assert desk.rows("SELECT channel_id FROM identities WHERE tenant_id = 'firm2'") == [
        ("wecom_app",)
    ]


@pytest.mark.parametrize(
    ("tenant", "kind", "typed"),
    [
        ("firm2", "pigeon", "{}"),
        ("firm2", "wecom_app", "[]"),
        ("firm2", "wecom_app", "not JSON sesame"),
        ("firm2", "wecom_app", json.dumps({**APP_VALUES, "callback_token": ""})),
        ("firm2", "wecom_app", json.dumps({**APP_VALUES, "api_base": "http://example.org"})),
        ("firm2", "wecom_kf", json.dumps({"open_kfid": "wk1", "secret": "sesame"})),
        ("firm2", "wecom_group", "{}"),
        ("nobody", "wecom_app", json.dumps(APP_VALUES)),
        ("main", "wecom_app", json.dumps(APP_VALUES)),
    ],
    ids=["kind", "list", "no JSON", "half", "http", "kf alone", "no url", "tenant", "main"],
)
def test_a_channel_that_cannot_work_is_refused(
    desk: Desk, tenant: str, kind: str, typed: str
) -> None:
    assert "sesame" not in desk.is_refused("channel", "add", tenant, kind, typed=typed)


def test_a_wrong_secret_key_is_refused_before_anything_is_done(desk: Desk) -> None:
    said = desk.is_refused("customer", "add", "C9", "某", secret_key="c2VzYW1l")
    assert "WrongSecretKey" in said
    assert "c2VzYW1l" not in said


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
    assert "zhufen migrate" in program.run(tmp_path, "doctor").out


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
        *("database", "supervisors"),
        *("wecom_clock", "wecom_access", "dingtalk_clock", "dingtalk_access"),
    }


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


def test_what_scripts_read_is_json_and_nothing_else(desk: Desk) -> None:
    ended = desk.run("doctor", "--json", wecom__api_base="http://127.0.0.1:9")

    assert {finding["check"] for finding in json.loads(ended.out)} >= {"database", "queue"}
    assert all(json.loads(line)["event"] for line in ended.err.splitlines())
