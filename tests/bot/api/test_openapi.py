"""openapi.json says what is true: every address, its scope, its answers, its problems, examples."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI

from bot.api.problems import STATUS, Problem, Trouble
from bot.wiring import MAIN
from domain.apikeys import Scope
from domain.errors import ErrorCode
from domain.members import Role
from handlers.contract import Context
from handlers.usecases.setup import add_member
from tests.architecture.source import ROOT
from tests.bot.api.conftest import Site, System
from tests.bot.api.test_customer_files import CONTRACT
from tests.bot.api.test_directory import CUSTOMER, PROJECT
from tests.bot.api.test_events import ACCEPTED, SIGNED

ADDRESSES = {
    ("post", "/api/v1/customers"): (Scope.CUSTOMERS_WRITE, 201),
    ("get", "/api/v1/customers/{code}"): (Scope.READ, 200),
    ("put", "/api/v1/customers/{code}"): (Scope.CUSTOMERS_WRITE, 200),
    ("post", "/api/v1/contracts"): (Scope.CUSTOMERS_WRITE, 201),
    ("post", "/api/v1/projects"): (Scope.CUSTOMERS_WRITE, 201),
    ("get", "/api/v1/projects/{code}"): (Scope.READ, 200),
    ("get", "/api/v1/customers/{code}/wallet"): (Scope.READ, 200),
    ("get", "/api/v1/customers/{code}/entries"): (Scope.READ, 200),
    ("get", "/api/v1/customers/{code}/lots"): (Scope.READ, 200),
    ("get", "/api/v1/customers/{code}/notices"): (Scope.READ, 200),
    ("post", "/api/v1/events"): (Scope.EVENTS_WRITE, 200),
    ("post", "/api/v1/redemptions"): (Scope.REDEMPTIONS_WRITE, 201),
    ("post", "/api/v1/redemptions/{number}/confirm"): (Scope.REDEMPTIONS_WRITE, 200),
    ("post", "/api/v1/redemptions/{number}/cancel"): (Scope.REDEMPTIONS_WRITE, 200),
    ("get", "/api/v1/redemptions/{number}"): (Scope.READ, 200),
    ("get", "/api/v1/customers/{code}/redemptions"): (Scope.READ, 200),
    ("get", "/api/v1/projects/{code}/deductions"): (Scope.READ, 200),
    ("get", "/api/v1/rules"): (Scope.READ, 200),
    ("get", "/api/v1/rules/{code}"): (Scope.READ, 200),
    ("post", "/api/v1/rules/drafts"): (Scope.RULES_WRITE, 201),
    ("get", "/api/v1/rules/drafts/{number}"): (Scope.READ, 200),
    ("put", "/api/v1/rules/drafts/{number}"): (Scope.RULES_WRITE, 200),
    ("post", "/api/v1/rules/drafts/{number}/check"): (Scope.RULES_WRITE, 200),
    ("post", "/api/v1/rules/drafts/{number}/submit"): (Scope.RULES_WRITE, 200),
    ("post", "/api/v1/rules/drafts/{number}/drop"): (Scope.RULES_WRITE, 200),
    ("post", "/api/v1/rules/drafts/{number}/backtest"): (Scope.RULES_WRITE, 202),
    ("get", "/api/v1/backtests/{backtest}"): (Scope.READ, 200),
    ("get", "/api/v1/lotteries"): (Scope.READ, 200),
    ("get", "/api/v1/lotteries/{number}"): (Scope.READ, 200),
    ("post", "/api/v1/rules/drafts/{number}/approve"): (Scope.RULES_APPROVE, 200),
    ("post", "/api/v1/rules/drafts/{number}/decline"): (Scope.RULES_APPROVE, 200),
    ("post", "/api/v1/rules/{code}/rollback"): (Scope.RULES_APPROVE, 200),
    ("post", "/api/v1/rules/{code}/versions/{version}/withdraw"): (Scope.RULES_APPROVE, 200),
    ("get", "/api/v1/rewards"): (Scope.READ, 200),
    ("post", "/api/v1/rewards"): (Scope.REWARDS_WRITE, 201),
    ("get", "/api/v1/rewards/{number}"): (Scope.READ, 200),
    ("put", "/api/v1/rewards/{number}"): (Scope.REWARDS_WRITE, 200),
    ("post", "/api/v1/rewards/{number}/stock"): (Scope.REWARDS_WRITE, 200),
}
OWN = set(Trouble)


@pytest.fixture
def described(erp: System) -> dict[str, Any]:
    answer = erp.site.ask("GET", "/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, path): operation
        for path, methods in described["paths"].items()
        if path.startswith("/api/")
        for method, operation in methods.items()
    }


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_it_is_openapi_and_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    OpenAPI.model_validate(described)

    assert described["openapi"].startswith("3.1")
    for reference in set(references(described)):
        node = described
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_every_address_stands_there_with_its_scope_and_answer(described: dict[str, Any]) -> None:
    found = operations(described)

    assert set(found) == set(ADDRESSES)
    assert described["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    for address, (scope, status) in ADDRESSES.items():
        assert found[address]["security"] == [{"ApiKey": [scope]}]
        good = {code for code in found[address]["responses"] if code < "300"}
        assert good == {str(status)}


def test_every_change_asks_for_an_idempotency_key(described: dict[str, Any]) -> None:
    for (method, _), operation in operations(described).items():
        needed = [
            (parameter["in"], parameter["name"].lower())
            for parameter in operation.get("parameters", ())
            if parameter["required"] and parameter["in"] == "header"
        ]
        assert needed == ([("header", "idempotency-key")] if method != "get" else [])


def test_every_refusal_is_a_problem_with_the_codes_of_its_status(
    described: dict[str, Any],
) -> None:
    for operation in operations(described).values():
        for status, answer in operation["responses"].items():
            if status < "300":
                continue
            [(kind, content)] = answer["content"].items()
            assert kind == "application/problem+json"
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
            codes = re.findall(r"`(\w+)`", answer["description"])
            assert codes
            assert {STATUS[code] for code in codes} == {int(status)}


def test_every_example_of_an_event_is_taken(described: dict[str, Any], erp: System) -> None:
    erp.site.add_milestone("P101", "Main structure")
    body = described["paths"]["/api/v1/events"]["post"]["requestBody"]
    examples = body["content"]["application/json"]["examples"]

    assert set(examples) == {"contract", "milestone"}
    for example in examples.values():
        answer = erp.post("/api/v1/events", example["value"])
        assert (answer.status_code, len(answer.json()["entries"])) == (200, 1)


def test_every_example_of_something_new_is_taken(described: dict[str, Any], erp: System) -> None:
    erp.site.parts.runtime.act(MAIN, add_li_qiang)
    for name, path in NEW.items():
        [example] = described["components"]["schemas"][name]["examples"]
        answer = erp.post(f"/api/v1/{path}", example)
        assert answer.status_code == 201, answer.text


NEW = {"CustomerGiven": "customers", "ProjectGiven": "projects", "ContractGiven": "contracts"}


def add_li_qiang(ctx: Context) -> None:
    add_member(ctx, "Li Qiang", [Role.PROJECT_MANAGER])


def test_every_field_with_a_form_has_an_example_of_it(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    for name in ("CustomerGiven", "ContactGiven", "ProjectGiven", "MilestoneGiven"):
        for field, schema in schemas[name]["properties"].items():
            assert schema.get("examples") or schema.get("type") == "array", (name, field)
    amount = schemas["ContractSignedData"]["properties"]["amount"]
    assert (amount["type"], amount["examples"]) == ("string", ["1200000.00"])
    assert re.fullmatch(amount["pattern"], "1200000.00")


def fields_of(described: dict[str, Any], operation: dict[str, Any], status: str) -> set[str]:
    reference = operation["responses"][status]["content"]["application/json"]["schema"]["$ref"]
    schema = described["components"]["schemas"][reference.rpartition("/")[2]]
    return set(schema["required"])


def test_answers_have_exactly_the_fields_that_stand_there(
    described: dict[str, Any], erp: System
) -> None:
    bodies: dict[str, Any] = {
        "customers": CUSTOMER,
        "{code}": {"payment_days": 45},
        "contracts": CONTRACT,
        "projects": PROJECT,
        "events": SIGNED,
    }
    for (method, path), operation in operations(described).items():
        if {"rules", "backtests", "rewards", "redemptions", "lotteries"} & set(path.split("/")):
            # They need a life of their own: see the tests of their names.
            continue
        asked = path.replace("{code}", "P101" if "projects" in path else "C001")
        name = path.rpartition("/")[2]
        sends = {"post": erp.post, "put": erp.put}.get(method)
        answer = sends(asked, bodies[name]) if sends else erp.get(asked)
        expected = fields_of(described, operation, str(answer.status_code))
        assert set(answer.json()) == expected, path


def test_problems_have_the_shape_that_stands_there(erp: System) -> None:
    for answer in (
        erp.get("/api/v1/customers/C404"),
        erp.post("/api/v1/events", {}),
        erp.post("/api/v1/events", b""),
        erp.get("/api/v1/nothing"),
    ):
        problem = Problem.model_validate(answer.json(), strict=True, extra="forbid")
        assert problem.status == answer.status_code
        assert problem.type == f"https://zhufen.example.com/docs#{problem.code}"


def test_every_status_and_every_trouble_has_words(quick_site: Site) -> None:
    problems = quick_site.parts.web.gate.problems
    for status in {*STATUS.values(), 422}:
        assert problems.title(status)
    files = {
        path.name.removesuffix(".txt.j2") for path in (ROOT / "templates/problems").glob("*.j2")
    }
    assert files == OWN
    assert set(STATUS) <= OWN | set(ErrorCode)


def test_the_page_shows_every_address_and_code_and_loads_nothing(
    described: dict[str, Any], erp: System
) -> None:
    erp.post("/api/v1/events", ACCEPTED)
    answer = erp.site.ask("GET", "/docs")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    for method, path in operations(described):
        assert f"<h3>{method.upper()} {path}</h3>" in answer.text
    for code in STATUS:
        assert f'id="{code}"' in answer.text
    for name, value in (
        ("amount", "1200000.00"),
        ("phone", "13800138000"),
        ("manager", "Li Qiang"),
    ):
        assert f"&#34;{name}&#34;: &#34;{value}&#34;" in answer.text
    assert not re.search(r"<script|<link|<img|src=|url\(|@import", answer.text)
    assert set(re.findall(r'href="([^"]*)"', answer.text)) == {"/openapi.json"}
