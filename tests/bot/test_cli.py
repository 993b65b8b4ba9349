"""The command line as a person or a script sees it: exit statuses, words, rows, nothing else."""

import json
from pathlib import Path

import pytest

from tests.support.desk import APP_VALUES, Desk
from tests.support.program import Program


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
def test_a_member_that_cannot_be_added_leaves_nothing(desk: Desk, options: tuple[str, ...]) -> None:
    desk.is_refused("member", "add", "周涛", *options)


def test_a_customer_is_added_under_its_manager(desk: Desk) -> None:
    made = desk.run("customer", "add", "C002", "云栖科技园", "--manager", "李强", "--json").json()

    assert made == {"customer": "C002", "alike": []}
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


def test_what_scripts_read_is_json_and_nothing_else(desk: Desk) -> None:
    ended = desk.run("doctor", "--json", wecom__api_base="http://127.0.0.1:9")

    assert {finding["check"] for finding in json.loads(ended.out)} >= {"database", "queue"}
    assert all(json.loads(line)["event"] for line in ended.err.splitlines())
