"""Events over the API: what each type holds, what it made, and that it is counted once."""

from typing import Any

import pytest

from domain.events import EventType
from tests.bot.api.conftest import Site, System

SIGNED: dict[str, Any] = {
    "source": "erp",
    "id": "HT-1",
    "type": "contract_signed",
    "customer": "C001",
    "occurred_at": "2026-11-20T10:00:00+08:00",
    "data": {"amount": "1200000.00"},
}
ACCEPTED: dict[str, Any] = {
    "source": "erp",
    "id": "YS-1",
    "type": "milestone_accepted",
    "project": "P101",
    "occurred_at": "2026-11-21T09:00:00+08:00",
    "data": {"milestone": "主体结构", "planned_on": "2026-11-20", "accepted_on": "2026-11-21"},
}
DATA: dict[str, dict[str, Any]] = {
    "contract_signed": {"amount": "1200000.00"},
    "milestone_accepted": ACCEPTED["data"],
    "payment_received": {"amount": "0.01", "due_on": "2026-11-20", "paid_on": "2026-11-18"},
    "suggestion_adopted": {},
    "referral_signed": {"referred": "江北实业"},
    "complaint_closed": {"satisfied": False},
    "review_submitted": {"stars": 5, "length": 0, "photos": 3},
    "check_in": {},
    "survey_completed": {},
}


def test_an_event_answers_with_every_entry_it_made_and_why(site: Site) -> None:
    erp = site.system()
    answer = erp.post("/api/v1/events", SIGNED)

    assert answer.status_code == 200
    told = answer.json()
    [entry] = told.pop("entries")
    assert told == {
        "source": "erp",
        "id": "HT-1",
        "type": "contract_signed",
        "customer": "C001",
        "project": None,
        "occurred_at": "2026-11-20T10:00:00+08:00",
        "recorded_at": "2026-11-22T10:00:00+08:00",
        "points": 1200,
    }
    lot = entry.pop("lot")
    assert {key: lot[key] for key in ("entry", "points", "earned_at", "expires_at")} == {
        "entry": entry["id"],
        "points": 1200,
        "earned_at": "2026-11-20T10:00:00+08:00",
        "expires_at": "2028-12-01T00:00:00+08:00",
    }
    assert len(entry.pop("hash")) == 64
    assert entry == {
        "id": entry["id"],
        "seq": 1,
        "points": 1200,
        "debit": "firm.issued",
        "credit": "wallet.available",
        "reason": "award",
        "event": {"source": "erp", "id": "HT-1", "type": "contract_signed"},
        "rule": "contract-amount",
        "version": 1,
        "reverses": None,
        "effective_at": "2026-11-20T10:00:00+08:00",
        "recorded_at": "2026-11-22T10:00:00+08:00",
        "available_after": 1200,
        "debt_after": 0,
    }


def test_a_late_milestone_costs_points_and_is_marked_as_accepted(site: Site) -> None:
    erp = site.system()
    told = erp.post("/api/v1/events", ACCEPTED).json()

    assert (told["customer"], told["project"], told["points"]) == ("C001", "P101", -20)
    [entry] = told["entries"]
    assert (entry["debit"], entry["rule"], entry["lot"]) == ("wallet.debt", "milestone-late", None)
    project = erp.get("/api/v1/projects/P101").json()
    assert project["milestones"][0]["accepted_on"] == "2026-11-21"


@pytest.mark.parametrize("kind", EventType)
def test_every_type_is_taken_with_its_data(erp: System, kind: EventType) -> None:
    event = SIGNED | {"type": kind, "data": DATA[kind]}

    answer = erp.post("/api/v1/events", event)
    assert (answer.status_code, answer.json()["type"]) == (200, kind)


def test_money_becomes_fen_and_days_texts(erp: System) -> None:
    event = SIGNED | {"type": "payment_received", "data": DATA["payment_received"]}
    erp.post("/api/v1/events", event)

    [row] = erp.site.everything()["events"]
    assert '{"amount":1,"due_on":"2026-11-20","paid_on":"2026-11-18"}' in row


def test_an_event_without_data_may_leave_them_out(erp: System) -> None:
    event = {**SIGNED, "type": "suggestion_adopted"}
    del event["data"]

    assert erp.post("/api/v1/events", event).json()["points"] == 30


def test_the_same_event_again_has_the_same_answer_byte_for_byte(site: Site) -> None:
    erp, other = site.system(), site.system()
    first = erp.post("/api/v1/events", SIGNED)
    erp.post("/api/v1/events", SIGNED | {"id": "HT-2"})
    wallet = erp.get("/api/v1/customers/C001/wallet").json()
    # Another request, another key, the same instant in another zone, the amount written otherwise.
    written = SIGNED | {"occurred_at": "2026-11-20T02:00:00Z", "data": {"amount": "1200000"}}
    again = other.post("/api/v1/events", written)

    assert (again.status_code, again.content) == (200, first.content)
    assert "idempotent-replayed" not in again.headers
    assert erp.get("/api/v1/customers/C001/wallet").json() == wallet


def beside_warnings(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    """Leave out what a warning to the supervisors adds."""
    added = ("alerts", "audit", "counters", "deliveries", "tickets")
    return {name: found for name, found in rows.items() if name not in added}


def test_other_content_under_the_same_id_is_a_conflict(site: Site) -> None:
    erp = site.system()
    erp.post("/api/v1/events", SIGNED)
    before = site.everything()
    answer = erp.post("/api/v1/events", SIGNED | {"data": {"amount": "1200000.01"}})

    assert (answer.status_code, answer.json()["code"]) == (409, "event_conflict")
    assert answer.json()["fields"] == {"source": "erp", "source_id": "HT-1"}
    again = erp.post("/api/v1/events", SIGNED | {"data": {"amount": "1200000.01"}})
    assert again.status_code == 409
    # The supervisors hear of it, once; nothing else has changed.
    after = site.everything()
    [alert] = after.pop("alerts")
    assert "event_conflict:erp:HT-1" in alert
    assert len(after.pop("audit")) == len(before.pop("audit")) + 1
    assert beside_warnings(after) == beside_warnings(before)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"customer": "C404"}, 404, "unknown_customer"),
        ({"project": "P404"}, 404, "unknown_project"),
        ({"project": "P102"}, 422, "customer_mismatch"),
        ({"occurred_at": "1999-12-31T23:59:59Z"}, 422, "time_out_of_range"),
        ({"occurred_at": "2026-11-23T10:00:01+08:00"}, 422, "time_out_of_range"),
        ({"occurred_at": "9999-12-31T23:59:59Z"}, 422, "invalid"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_counted(
    site: Site, changes: dict[str, str], status: int, code: str
) -> None:
    erp = site.system()
    before = site.everything()
    answer = erp.post("/api/v1/events", SIGNED | changes)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert site.everything() == before


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"id": "YS-2"}, 409, "milestone_recorded"),
        ({"data": ACCEPTED["data"] | {"accepted_on": "2026-11-20"}}, 409, "event_conflict"),
    ],
)
def test_a_milestone_is_accepted_once(
    erp: System, changes: dict[str, Any], status: int, code: str
) -> None:
    erp.post("/api/v1/events", ACCEPTED)
    before = erp.site.everything()
    answer = erp.post("/api/v1/events", ACCEPTED | changes)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert beside_warnings(erp.site.everything()) == beside_warnings(before)


AMOUNTS = [
    1200000, 1200000.0, "", "0", "0.00", "-1", "+1", "1.", ".5", "1.001", "01", "1e3", "1,000",
    " 1", "1 ", "１", "²", "NaN", "Infinity", "10000000000000", None, True, [], {},
]  # fmt: skip
INSTANTS = [
    "", "2026-11-20", "2026-11-20T10:00:00", "2026-11-20 10:00:00Z", "2026-11-20T10:00:00z",
    "2026-11-31T10:00:00Z", "2026-11-20T25:00:00Z", "2026-11-20T10:00:60Z",
    "2026-11-20T10:00:00+25:00", "2026-11-20T10:00:00+0800", "20261120T100000Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-W47-5T10:00:00Z", "2026-11-20T10:00:00.1234567Z", 1795140000, None,
]  # fmt: skip
WRONG: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    *(({"data": {"amount": amount}}, [("/data/amount", "money")]) for amount in AMOUNTS),
    *(({"occurred_at": at}, [("/occurred_at", "instant")]) for at in INSTANTS),
    ({"type": "gift"}, [("/type", "union_tag_invalid")]),
    ({"type": None}, [("/type", "union_tag_invalid")]),
    ({"type": ["check_in"]}, [("/type", "union_tag_invalid")]),
    ({"data": {}}, [("/data/amount", "missing")]),
    ({"data": None}, [("/data", "model_attributes_type")]),
    ({"data": {"amount": "1", "points": 5}}, [("/data/points", "extra_forbidden")]),
    ({"points": 5}, [("/points", "extra_forbidden")]),
    ({"source": "chat"}, [("/source", "reserved_source")]),
    ({"source": "ERP"}, [("/source", "string_pattern_mismatch")]),
    ({"id": ""}, [("/id", "string_pattern_mismatch")]),
    ({"id": 7}, [("/id", "string_type")]),
    ({"customer": None}, [("", "about_nobody")]),
    ({"type": "check_in", "data": {"x": 1}}, [("/data/x", "extra_forbidden")]),
    (
        {"type": "complaint_closed", "data": {"satisfied": 0}},
        [("/data/satisfied", "bool_type")],
    ),
    (
        {"type": "review_submitted", "data": {"stars": 6, "length": -1, "photos": 1.5}},
        [
            ("/data/stars", "less_than_equal"),
            ("/data/length", "greater_than_equal"),
            ("/data/photos", "int_type"),
        ],
    ),
    (
        {"type": "review_submitted", "data": {"stars": True, "length": "1", "photos": None}},
        [("/data/stars", "int_type"), ("/data/length", "int_type"), ("/data/photos", "int_type")],
    ),
]


@pytest.mark.parametrize(("changes", "wrong"), WRONG, ids=[str(changes) for changes, _ in WRONG])
def test_wrong_fields_are_named_and_nothing_is_counted(
    erp: System, changes: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    before = erp.site.everything()
    answer = erp.post("/api/v1/events", SIGNED | changes)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert [(each["at"], each["code"]) for each in answer.json()["errors"]] == wrong
    assert erp.site.everything() == before


def test_an_event_without_a_type_is_asked_for_it(erp: System) -> None:
    event = {name: value for name, value in SIGNED.items() if name != "type"}

    [wrong] = erp.post("/api/v1/events", event).json()["errors"]
    assert wrong == {"at": "/type", "code": "union_tag_not_found"}
