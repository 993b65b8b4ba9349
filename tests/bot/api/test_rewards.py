"""Rewards over the API: kept by the member a key belongs to, once, never unseen."""

from typing import Any

import pytest

from bot.api.rewards import EXAMPLE
from domain.apikeys import Scope
from tests.bot.api.conftest import Site, System

FAIR = {"name": "空调保养", "kind": "service", "points": 800, "cost": "600.00"}
DEAR = FAIR | {"name": "平板", "kind": "goods", "points": 10, "cost": "3000"}


@pytest.fixture
def finance(quick_site: Site) -> System:
    return quick_site.system(member="周涛")


def terms(shown: dict[str, Any]) -> dict[str, Any]:
    """Give what a shown reward is put back as."""
    kept = {name: value for name, value in shown.items() if name not in {"number", "state"}}
    stock = kept.pop("stock")
    money = {name: kept[name] if kept[name] != "0.00" else None for name in ("cost", "value")}
    return kept | money | {"has_stock": stock is not None}


def refused(system: System, method: str, path: str, body: Any, code: str) -> dict[str, Any]:
    before = system.site.everything()
    send = system.post if method == "POST" else system.put
    answer = send(path, body)
    assert answer.json()["code"] == code, answer.text
    after = system.site.everything()
    assert {n: after[n] for n in after if n != "api_requests"} == {
        n: before[n] for n in before if n != "api_requests"
    }
    found: dict[str, Any] = answer.json()
    return found


def test_a_reward_is_created_read_replaced_and_stocked(site: Site) -> None:
    finance = site.system(member="周涛")
    made = finance.post("/api/v1/rewards", EXAMPLE)
    assert made.status_code == 201
    reward = made.json()["reward"]
    assert (reward["number"], reward["version"], reward["state"]) == (1, 1, "on")
    assert reward["stock"] == {"available": 20, "held": 0, "gone": 0}
    assert (reward["cost"], reward["value"], reward["tier"]) == ("600.00", "0.00", None)
    assert reward["closes_at"] == "2027-01-01T00:00:00+08:00"
    assert finance.get("/api/v1/rewards").json() == {"rewards": [reward]}
    detail = finance.get("/api/v1/rewards/1").json()
    assert detail == reward | {"findings": []}

    same = finance.put("/api/v1/rewards/1", terms(reward))
    assert same.json() == {"reward": None, "approval": None}
    other = terms(reward) | {"points": 900, "limit": None, "segments": ["市政"]}
    changed = finance.put("/api/v1/rewards/1", other).json()["reward"]
    assert (changed["points"], changed["limit"], changed["version"]) == (900, None, 2)
    [finding] = finance.get("/api/v1/rewards/1").json()["findings"]
    assert finding == {
        "severity": "warning",
        "field": "segments",
        "code": "unknown_segment",
        "data": {"found": "市政"},
    }
    moved = finance.post("/api/v1/rewards/1/stock", {"quantity": -3, "note": "破损"})
    assert moved.json() == {"available": 17, "held": 0, "gone": 0}


def test_the_same_request_again_has_no_second_effect(finance: System) -> None:
    for _ in range(2):
        finance.post("/api/v1/rewards", FAIR | {"has_stock": True}, again="one")
        finance.post("/api/v1/rewards/1/stock", {"quantity": 5}, again="two")
    [reward] = finance.get("/api/v1/rewards").json()["rewards"]
    assert reward["stock"]["available"] == 5


def test_what_gives_more_waits_for_the_second_person(finance: System) -> None:
    answer = finance.post("/api/v1/rewards", DEAR)
    assert (answer.status_code, answer.json()) == (201, {"reward": None, "approval": 1})
    assert finance.get("/api/v1/rewards").json() == {"rewards": []}
    refused(finance, "POST", "/api/v1/rewards", DEAR, "approval_pending")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (FAIR | {"points": 0}, "reward_has_errors"),
        (FAIR | {"kind": "voucher"}, "reward_has_errors"),
        (FAIR | {"tier": "gold"}, "reward_has_errors"),
        (FAIR | {"stock": 5}, "stock_not_kept"),
        (FAIR | {"stock": 1_000_001, "has_stock": True}, "stock_refused"),
        (FAIR | {"cost": 600}, "invalid"),
        (FAIR | {"kind": "magic"}, "invalid"),
        (FAIR | {"limit": {"quantity": 1, "period": "day"}}, "invalid"),
        (FAIR | {"closes_at": "2027-01-01"}, "invalid"),
        (FAIR | {"colour": "red"}, "invalid"),
        ({"points": 800}, "invalid"),
    ],
)
def test_what_cannot_be_is_refused(finance: System, body: dict[str, Any], code: str) -> None:
    refused(finance, "POST", "/api/v1/rewards", body, code)


def test_stale_and_unknown_ones_are_refused(finance: System) -> None:
    made = finance.post("/api/v1/rewards", FAIR | {"has_stock": True, "stock": 2}).json()["reward"]
    stale = terms(made) | {"points": 900, "version": 2}
    problem = refused(finance, "PUT", "/api/v1/rewards/1", stale, "reward_changed")
    assert problem["fields"] == {"number": 1, "reward": "空调保养", "read": 2, "version": 1}
    refused(finance, "PUT", "/api/v1/rewards/9", stale, "unknown_reward")
    refused(finance, "POST", "/api/v1/rewards/9/stock", {"quantity": 1}, "unknown_reward")
    refused(finance, "POST", "/api/v1/rewards/1/stock", {"quantity": -3}, "stock_short")
    refused(finance, "POST", "/api/v1/rewards/1/stock", {"quantity": 0}, "stock_refused")
    assert finance.get("/api/v1/rewards/9").status_code == 404


def test_who_may_not_keep_rewards_does_not(quick_site: Site) -> None:
    for system in (quick_site.system(member="李强"), quick_site.system()):
        refused(system, "POST", "/api/v1/rewards", FAIR, "not_permitted")
    reader = quick_site.system(Scope.READ, member="周涛")
    refused(reader, "POST", "/api/v1/rewards", FAIR, "scope_missing")
    assert reader.get("/api/v1/rewards").status_code == 200
