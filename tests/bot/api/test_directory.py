"""Customers and projects over the API, on both engines."""

from typing import Any

import pytest

from tests.bot.api.conftest import Site, System

CUSTOMER = {
    "code": "C009",
    "name": "江北实业",
    "type": "地产",
    "segments": ["老客户", "重点"],
    "contacts": [{"name": "王建国", "phone": "13800138000"}, {"name": "陈工"}],
}
PROJECT = {
    "code": "P201",
    "name": "江北一期",
    "customer": "C001",
    "type": "市政",
    "manager": "李强",
    "milestones": [
        {"name": "竣工", "planned_on": "2027-06-30"},
        {"name": "主体", "planned_on": "2026-12-20"},
    ],
}


def test_a_customer_is_added_and_read(site: Site) -> None:
    erp = site.system()
    made = erp.post("/api/v1/customers", CUSTOMER)
    read = erp.get("/api/v1/customers/C009")

    assert (made.status_code, read.status_code) == (201, 200)
    assert made.headers["content-type"] == read.headers["content-type"] == "application/json"
    assert made.headers["cache-control"] == read.headers["cache-control"] == "no-store"
    assert made.json() == read.json()
    assert read.json() == {
        "code": "C009",
        "name": "江北实业",
        "type": "地产",
        "segments": ["老客户", "重点"],
        "contacts": [
            {"name": "王建国", "phone": "13800138000", "may_see": True, "may_redeem": True},
            {"name": "陈工", "phone": None, "may_see": True, "may_redeem": False},
        ],
        "full_name": "",
        "credit_code": "",
        "address": "",
        "payment_days": None,
        "aliases": [],
        "fields": {},
        "manager": None,
        "contracts": [],
        "alike": [],
    }
    assert "13800138000" not in str(site.everything())


def test_what_contacts_may_do_is_said_and_given_back(erp: System) -> None:
    contacts = [
        {"name": "a"},
        {"name": "b", "may_see": False, "may_redeem": False},
        {"name": "c", "may_redeem": True},
        {"name": "d", "may_see": True, "may_redeem": True},
    ]
    made = erp.post("/api/v1/customers", {"code": "C010", "name": "江南", "contacts": contacts})

    assert made.status_code == 201
    assert [(c["name"], c["may_see"], c["may_redeem"]) for c in made.json()["contacts"]] == [
        ("a", True, False),
        ("b", False, False),
        ("c", True, True),
        ("d", True, True),
    ]


def test_a_project_is_added_and_read(site: Site) -> None:
    erp = site.system()
    made = erp.post("/api/v1/projects", PROJECT)
    read = erp.get("/api/v1/projects/P201")

    assert (made.status_code, read.status_code) == (201, 200)
    assert made.json() == read.json()
    assert read.json() == {
        "code": "P201",
        "name": "江北一期",
        "customer": "C001",
        "type": "市政",
        "manager": "李强",
        "stage": "construction",
        "milestones": [
            {"name": "主体", "planned_on": "2026-12-20", "accepted_on": None},
            {"name": "竣工", "planned_on": "2027-06-30", "accepted_on": None},
        ],
    }


def test_a_project_needs_neither_manager_nor_milestones(erp: System) -> None:
    made = erp.post("/api/v1/projects", {"code": "P202", "name": "二期", "customer": "C001"})

    assert made.status_code == 201
    assert (made.json()["manager"], made.json()["milestones"]) == (None, [])


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("customers", CUSTOMER | {"code": "C001"}, 409, "code_taken"),
        ("projects", PROJECT | {"code": "P101"}, 409, "code_taken"),
        ("projects", PROJECT | {"customer": "C404"}, 404, "unknown_customer"),
        ("projects", PROJECT | {"manager": "无名"}, 422, "unknown_member"),
    ],
)
def test_what_does_not_fit_is_refused_whole(
    site: Site, path: str, body: Any, status: int, code: str
) -> None:
    erp = site.system()
    before = site.everything()
    answer = erp.post(f"/api/v1/{path}", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert site.everything() == before


@pytest.mark.parametrize("path", ["customers/C404", "customers/C404/wallet", "projects/P404"])
def test_what_is_not_there_is_not_found(erp: System, path: str) -> None:
    answer = erp.get(f"/api/v1/{path}")

    assert (answer.status_code, answer.json()["title"]) == (404, "没有找到")
    assert answer.json()["fields"]["asked"] == path.split("/")[1]


@pytest.mark.parametrize(
    ("path", "changes", "wrong"),
    [
        ("customers", {"code": ""}, [("/code", "string_pattern_mismatch")]),
        ("customers", {"code": "C 1"}, [("/code", "string_pattern_mismatch")]),
        ("customers", {"code": "C1\n"}, [("/code", "string_pattern_mismatch")]),
        ("customers", {"code": "x" * 41}, [("/code", "string_pattern_mismatch")]),
        ("customers", {"code": 1}, [("/code", "string_type")]),
        ("customers", {"name": " 江北"}, [("/name", "string_pattern_mismatch")]),
        ("customers", {"name": "江\n北"}, [("/name", "string_pattern_mismatch")]),
        ("customers", {"name": "江" * 101}, [("/name", "string_too_long")]),
        ("customers", {"kind": "vip"}, [("/kind", "extra_forbidden")]),
        ("customers", {"contacts": None}, [("/contacts", "list_type")]),
        ("customers", {"contacts": [{}]}, [("/contacts/0/name", "missing")]),
        (
            "customers",
            {"contacts": [{"name": "王", "may_see": False, "may_redeem": True}]},
            [("/contacts/0", "redeems_unseen")],
        ),
        (
            "customers",
            {"contacts": [{"name": "王", "may_see": "yes"}]},
            [("/contacts/0/may_see", "bool_type")],
        ),
        (
            "customers",
            {"contacts": [{"name": "王", "phone": "138 0013 8000"}, {"name": "陈", "a/b": 1}]},
            [
                ("/contacts/0/phone", "string_pattern_mismatch"),
                ("/contacts/1/a~1b", "extra_forbidden"),
            ],
        ),
        ("customers", {"contacts": [{"name": "王"}] * 51}, [("/contacts", "too_long")]),
        (
            "projects",
            {"milestones": [{"name": "主体", "planned_on": "2026-12-20"}] * 2},
            [("/milestones", "twice")],
        ),
        *(
            (
                "projects",
                {"milestones": [{"name": "主体", "planned_on": day}]},
                [("/milestones/0/planned_on", "day")],
            )
            for day in ("2026-02-30", "20261220", "1999-12-31", "2100-01-01", "明天", "", 1, None)
        ),
    ],
)
def test_every_field_that_is_wrong_is_named_and_nothing_done(
    erp: System, path: str, changes: Any, wrong: list[tuple[str, str]]
) -> None:
    body = (CUSTOMER if path == "customers" else PROJECT) | changes
    before = erp.site.everything()
    answer = erp.post(f"/api/v1/{path}", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert [(each["at"], each["code"]) for each in answer.json()["errors"]] == wrong
    assert answer.json()["detail"].startswith(f"有 {len(wrong)} 处不对")
    assert erp.site.everything() == before
