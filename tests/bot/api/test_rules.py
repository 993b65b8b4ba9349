"""Rules over the API, on both engines: drafted by one key, decided by another's member."""

from typing import Any

import pytest

from domain.apikeys import Scope
from tests.bot.api.conftest import Site, System
from tests.bot.api.test_openapi import fields_of

RULE: dict[str, Any] = {
    "code": "contract-amount",
    "name": "签约积分",
    "trigger": "contract_signed",
    "conditions": [],
    "formula": {"kind": "per_unit", "field": "amount", "unit": 1_000_000, "points": 12},
    "direction": "earn",
}
LATER = "2027-01-01T00:00:00+08:00"
DRAFTS = "/api/v1/rules/drafts"


@pytest.fixture
def maker(site: Site) -> System:
    return site.system(member="周涛")


@pytest.fixture
def checker(site: Site) -> System:
    return site.system(member="张敏")


def draft(maker: System, **changes: Any) -> dict[str, Any]:
    made = maker.post(DRAFTS, {"rule": RULE | changes})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def submitted(maker: System, **changes: Any) -> int:
    number: int = draft(maker, **changes)["number"]
    assert maker.post(f"{DRAFTS}/{number}/submit", {}).status_code == 200
    return number


def refused(system: System, path: str, body: Any, *, code: str, status: int) -> dict[str, Any]:
    """Send what is refused; no row may change."""
    before = system.site.everything()
    answer = system.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert system.site.everything() == before
    problem: dict[str, Any] = answer.json()
    return problem


def test_a_rule_goes_from_draft_to_force_and_back(maker: System, checker: System) -> None:
    made = draft(maker)
    number = made["number"]
    assert (made["state"], made["is_new"], made["changed_by"]) == ("draft", False, "周涛")
    assert [change["field"] for change in made["changes"]] == ["formula", "name"]
    assert made["content"]["version"] == 2
    assert maker.get(f"{DRAFTS}/{number}").json() == made

    wrong = maker.put(f"{DRAFTS}/{number}", {"rule": RULE | {"valid_months": 0}})
    assert wrong.json()["content"]["valid_months"] == 0
    checked = maker.post(f"{DRAFTS}/{number}/check", {}).json()
    assert checked["findings"][0] | {"data": {}} == {
        "severity": "error",
        "code": "number_out_of_range",
        "place": "valid_months",
        "data": {},
    }
    problem = refused(maker, f"{DRAFTS}/{number}/submit", {}, code="rule_has_errors", status=422)
    assert problem["fields"]["finding"] == "number_out_of_range"

    maker.put(f"{DRAFTS}/{number}", {"rule": RULE})
    assert maker.post(f"{DRAFTS}/{number}/check", {}).json() == {"findings": []}
    waiting = maker.post(f"{DRAFTS}/{number}/submit", {}).json()
    assert (waiting["state"], waiting["approval"]) == ("submitted", 1)
    refused(maker, f"{DRAFTS}/{number}/submit", {}, code="draft_closed", status=409)

    done = checker.post(f"{DRAFTS}/{number}/approve", {"note": "已核对"}).json()
    assert (done["state"], done["published_version"]) == ("published", 2)
    shown = maker.get("/api/v1/rules/contract-amount").json()
    assert [(one["version"], one["state"]) for one in shown["versions"]] == [
        (2, "in_force"),
        (1, "past"),
    ]
    newest = shown["versions"][0]
    assert (newest["published_by"], newest["approved_by"]) == ("周涛", "张敏")

    back = checker.post("/api/v1/rules/contract-amount/rollback", {}).json()
    assert (back["version"], back["state"], back["approved_by"]) == (3, "in_force", None)
    rules = maker.get("/api/v1/rules").json()
    [own] = [one for one in rules["in_force"] if one["code"] == "contract-amount"]
    assert (own["version"], own["content"]["formula"]["points"]) == (3, 10)


def test_answers_have_exactly_the_fields_that_stand_there(maker: System, checker: System) -> None:
    described = maker.site.ask("GET", "/openapi.json").json()
    [example] = described["components"]["schemas"]["DraftGiven"]["examples"]
    first, second = "/api/v1/rules/drafts/1", "/api/v1/rules/drafts/2"
    answers = [
        ("post", DRAFTS, DRAFTS, maker.post(DRAFTS, example)),
        ("get", f"{DRAFTS}/{{number}}", first, maker.get(first)),
        ("put", f"{DRAFTS}/{{number}}", first, maker.put(first, {"rule": RULE})),
        *(
            ("post", f"{DRAFTS}/{{number}}/{act}", act, system.post(f"{first}/{act}", {}))
            for act, system in (("check", maker), ("submit", maker), ("approve", checker))
        ),
        ("get", "/api/v1/rules", "", maker.get("/api/v1/rules")),
        ("get", "/api/v1/rules/{code}", "", maker.get("/api/v1/rules/contract-amount")),
        (
            "post",
            "/api/v1/rules/{code}/rollback",
            "",
            checker.post("/api/v1/rules/contract-amount/rollback", {}),
        ),
    ]
    submitted(maker, effective_from=LATER)
    answers += [
        ("post", f"{DRAFTS}/{{number}}/{act}", act, system.post(f"{second}/{act}", {}))
        for act, system in (("decline", checker), ("drop", maker))
    ]
    number = submitted(maker, effective_from=LATER)
    version = checker.post(f"{DRAFTS}/{number}/approve", {}).json()["published_version"]
    withdraw = f"/api/v1/rules/contract-amount/versions/{version}/withdraw"
    path = "/api/v1/rules/{code}/versions/{version}/withdraw"
    answers.append(("post", path, withdraw, checker.post(withdraw, {})))
    for method, path, asked, answer in answers:
        operation = described["paths"][path][method]
        assert set(answer.json()) == fields_of(described, operation, str(answer.status_code)), asked


def test_a_scheduled_version_is_withdrawn_in_time(maker: System, checker: System) -> None:
    number = submitted(maker, effective_from=LATER)
    checker.post(f"{DRAFTS}/{number}/approve", {})
    assert maker.get("/api/v1/rules").json()["scheduled"][0]["version"] == 2
    gone = checker.post("/api/v1/rules/contract-amount/versions/2/withdraw", {}).json()
    assert (gone["version"], gone["state"]) == (2, "withdrawn")
    assert gone["withdrawn_at"]
    path = "/api/v1/rules/contract-amount/versions/{}/withdraw"
    refused(checker, path.format(2), {}, code="unknown_rule", status=404)
    refused(checker, path.format(1), {}, code="too_late_to_withdraw", status=409)


def test_the_programme_is_drafted_too(maker: System, checker: System) -> None:
    made = maker.post(DRAFTS, {"programme": {"point_fen": 80}}).json()
    assert (made["kind"], made["is_new"], made["content"]["version"]) == ("programme", True, 1)
    maker.post(f"{DRAFTS}/{made['number']}/submit", {})
    done = checker.post(f"{DRAFTS}/{made['number']}/approve", {}).json()
    assert done["published_version"] == 1
    again = maker.post(DRAFTS, {"programme": {"point_fen": 90}}).json()
    assert again["changes"] == [{"field": "point_fen", "before": 80, "after": 90}]


def test_a_draft_is_declined_dropped_and_listed(maker: System, checker: System) -> None:
    number = submitted(maker)
    said = checker.post(f"{DRAFTS}/{number}/decline", {"note": "太多"}).json()
    assert said["state"] == "declined"
    assert [one["number"] for one in maker.get("/api/v1/rules").json()["drafts"]] == [number]
    dropped = maker.post(f"{DRAFTS}/{number}/drop", {}).json()
    assert dropped["state"] == "dropped"
    assert maker.get("/api/v1/rules").json()["drafts"] == []


def test_who_makes_never_checks(site: Site) -> None:
    both = site.system(member="张敏")
    number = submitted(both)
    again = site.system(member="张敏")
    for system in (both, again):
        path = f"{DRAFTS}/{number}/approve"
        refused(system, path, {}, code="own_approval", status=403)


def test_a_key_of_nobody_and_one_without_rights_change_nothing(site: Site, maker: System) -> None:
    number = submitted(maker)
    nobody, manager = site.system(), site.system(member="李强")
    for system in (nobody, manager):
        refused(system, DRAFTS, {"rule": RULE}, code="not_permitted", status=403)
        path = f"{DRAFTS}/{number}/approve"
        refused(system, path, {}, code="not_permitted", status=403)
        refused(
            system,
            "/api/v1/rules/contract-amount/rollback",
            {},
            code="not_permitted",
            status=403,
        )
    refused(maker, f"{DRAFTS}/{number}/approve", {}, code="not_permitted", status=403)


def test_scopes_are_apart(site: Site) -> None:
    writes = site.system(Scope.READ, Scope.RULES_WRITE, member="张敏")
    decides = site.system(Scope.READ, Scope.RULES_APPROVE, member="张敏")
    refused(decides, DRAFTS, {"rule": RULE}, code="scope_missing", status=403)
    refused(
        writes,
        "/api/v1/rules/contract-amount/rollback",
        {},
        code="scope_missing",
        status=403,
    )


@pytest.mark.parametrize(
    ("path", "body", "code", "status"),
    [
        (DRAFTS, {}, "invalid", 422),
        (DRAFTS, {"rule": RULE, "programme": {}}, "invalid", 422),
        (DRAFTS, {"rule": {"code": "x"}}, "rule_malformed", 422),
        (DRAFTS, {"programme": {"tiers": 3}}, "rule_malformed", 422),
        (f"{DRAFTS}/99/submit", {}, "unknown_draft", 404),
        (f"{DRAFTS}/0/submit", {}, "invalid", 422),
        (f"{DRAFTS}/99/approve", {}, "unknown_draft", 404),
        ("/api/v1/rules/nothing/rollback", {}, "unknown_rule", 404),
        ("/api/v1/rules/contract-amount/rollback", {}, "nothing_to_roll_back", 409),
    ],
)
def test_what_cannot_be_is_a_problem(
    quick_site: Site, path: str, body: Any, code: str, status: int
) -> None:
    refused(quick_site.system(member="张敏"), path, body, code=code, status=status)


@pytest.mark.parametrize("path", ["/api/v1/rules/nothing", f"{DRAFTS}/99"])
def test_what_is_not_there_is_not_found(quick_site: Site, path: str) -> None:
    assert quick_site.system().get(path).status_code == 404


def test_what_was_not_submitted_is_not_decided(quick_site: Site) -> None:
    number = draft(quick_site.system(member="周涛"))["number"]
    checker = quick_site.system(member="张敏")
    refused(checker, f"{DRAFTS}/{number}/approve", {}, code="unknown_approval", status=404)


def test_with_a_past_a_test_is_asked_for(quick_site: Site) -> None:
    erp = quick_site.system()
    event = {
        "source": "erp",
        "id": "HT-1",
        "type": "contract_signed",
        "customer": "C001",
        "occurred_at": "2026-11-20T10:00:00+08:00",
        "data": {"amount": "100000.00"},
    }
    assert erp.post("/api/v1/events", event).status_code == 200
    maker = quick_site.system(member="周涛")
    number = draft(maker)["number"]
    refused(maker, f"{DRAFTS}/{number}/submit", {}, code="draft_untested", status=409)


def test_the_same_request_again_makes_no_second_draft(quick_site: Site) -> None:
    maker = quick_site.system(member="周涛")
    first = maker.post(DRAFTS, {"rule": RULE}, again="k")
    again = maker.post(DRAFTS, {"rule": RULE}, again="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(maker.get("/api/v1/rules").json()["drafts"]) == 1
