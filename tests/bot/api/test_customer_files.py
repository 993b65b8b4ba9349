"""The customer file over the API: details, twins that are refused, changes, contracts."""

from typing import Any

import pytest

from bot.wiring import MAIN
from domain.customer_files import FieldKind
from handlers.contract import Context
from handlers.usecases.customer_files import save_field
from tests.bot.api.conftest import Site, System

CODE = "91350100M000100Y43"
CUSTOMER = {
    "code": "C009",
    "name": "江北实业",
    "type": "政府",
    "full_name": "江北实业有限公司",
    "credit_code": "9135 0100 m000 100y 43",
    "address": "江北路 1 号",
    "payment_days": 30,
    "aliases": ["江北", "北方"],
    "fields": {"预算年度": "２０２６", "主管部门": ""},
    "manager": "李强",
    "contacts": [{"name": "王建国", "phone": "13800138000"}],
}
CONTRACT = {
    "number": "HT-2026-118",
    "name": "一期总包",
    "customer": "C001",
    "project": "P101",
    "amount": "1200000.05",
    "signed_on": "2026-06-30",
}


def fields(ctx: Context) -> None:
    """Let 政府 have two fields."""
    save_field(ctx, "政府", "主管部门", FieldKind.TEXT)
    save_field(ctx, "政府", "预算年度", FieldKind.NUMBER)


@pytest.fixture
def filing(site: Site) -> System:
    """Give a system that may do everything, with a customer that has a file."""
    site.parts.runtime.act(MAIN, fields)
    system = site.system()
    assert system.post("/api/v1/customers", CUSTOMER).status_code == 201
    return system


def test_a_file_is_read_as_it_was_given(filing: System) -> None:
    read = filing.get("/api/v1/customers/C009").json()

    assert read["credit_code"] == CODE
    assert (read["full_name"], read["address"]) == ("江北实业有限公司", "江北路 1 号")
    assert (read["payment_days"], read["manager"]) == (30, "李强")
    assert read["aliases"] == ["北方", "江北"]
    assert read["fields"] == {"预算年度": "2026"}


@pytest.mark.parametrize(
    ("changes", "code", "fields_"),
    [
        (
            {"name": "江北 实业"},
            "customer_exists",
            {"asked": "江北 实业", "codes": ["C009"], "names": ["江北实业"]},
        ),
        (
            {"name": "别的", "credit_code": CODE, "allow_duplicate": True},
            "customer_exists",
            {"codes": ["C009"], "hints": ["credit_code"]},
        ),
        ({"name": "北方"}, "customer_alike", {"codes": ["C009"], "hints": ["short_name"]}),
        ({"name": "滨江置业有限公司"}, "customer_alike", {"codes": ["C001"]}),
    ],
)
def test_a_unit_that_is_there_is_refused_with_who_it_is(
    filing: System, changes: dict[str, Any], code: str, fields_: dict[str, Any]
) -> None:
    before = filing.site.everything()
    answer = filing.post("/api/v1/customers", {"code": "C010", **changes})

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json()["fields"].items() >= fields_.items()
    assert filing.site.everything() == before


def test_a_likely_twin_is_taken_when_it_is_said_and_a_possible_one_named(filing: System) -> None:
    likely = {"code": "C010", "name": "北方", "allow_duplicate": True}
    maybe = {
        "code": "C011",
        "name": "完全不同",
        "contacts": [{"name": "王", "phone": "13800138000"}],
    }
    first = filing.post("/api/v1/customers", likely)
    second = filing.post("/api/v1/customers", maybe)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["alike"] == [
        {"code": "C009", "name": "江北实业", "level": "likely", "hints": ["short_name"]}
    ]
    assert second.json()["alike"] == [
        {"code": "C009", "name": "江北实业", "level": "maybe", "hints": ["phone"]}
    ]


def test_only_what_is_given_is_changed(filing: System) -> None:
    before = filing.get("/api/v1/customers/C009").json()
    change = {"payment_days": 60, "segments": ["重点"], "fields": {"主管部门": "住建局"}}
    answer = filing.put("/api/v1/customers/C009", change)

    assert answer.status_code == 200
    assert answer.json() == before | {
        "payment_days": 60,
        "segments": ["重点"],
        "fields": {"主管部门": "住建局", "预算年度": "2026"},
    }
    assert filing.get("/api/v1/customers/C009").json() == answer.json()


@pytest.mark.parametrize(
    ("path", "change", "status", "code"),
    [
        ("C404", {"payment_days": 1}, 404, "unknown_customer"),
        ("C009", {"name": "滨江置业"}, 409, "customer_exists"),
        ("C009", {"aliases": ["滨江置业"]}, 409, "customer_alike"),
        ("C009", {"credit_code": "91350100M000100Y44"}, 422, "invalid_credit_code"),
        ("C009", {"fields": {"层高": "3"}}, 422, "unknown_field"),
        ("C009", {"fields": {"预算年度": "明年"}}, 422, "invalid_field"),
        ("C009", {"manager": "无名"}, 422, "unknown_member"),
        ("C009", {"payment_days": -1}, 422, "invalid"),
        ("C009", {"code": "C010"}, 422, "invalid"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(
    filing: System, path: str, change: dict[str, Any], status: int, code: str
) -> None:
    before = filing.site.everything()
    answer = filing.put(f"/api/v1/customers/{path}", change)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert filing.site.everything() == before


def test_a_contract_stands_with_its_customer(filing: System) -> None:
    made = filing.post("/api/v1/contracts", CONTRACT)
    bare = filing.post("/api/v1/contracts", CONTRACT | {"number": "HT-2", "project": None})

    assert (made.status_code, bare.status_code) == (201, 201)
    shown = {name: value for name, value in CONTRACT.items() if name != "customer"}
    assert made.json() == shown
    assert filing.get("/api/v1/customers/C001").json()["contracts"] == [bare.json(), shown]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({}, 409, "code_taken"),
        ({"number": "HT-2", "customer": "C404"}, 404, "unknown_customer"),
        ({"number": "HT-2", "project": "P404"}, 404, "unknown_project"),
        ({"number": "HT-2", "project": "P102"}, 422, "customer_mismatch"),
        ({"number": "HT-2", "amount": "0"}, 422, "invalid"),
    ],
)
def test_a_contract_that_does_not_fit_is_refused(
    filing: System, changes: dict[str, Any], status: int, code: str
) -> None:
    filing.post("/api/v1/contracts", CONTRACT)
    before = filing.site.everything()
    answer = filing.post("/api/v1/contracts", CONTRACT | changes)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert filing.site.everything() == before
