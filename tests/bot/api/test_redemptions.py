"""Redemptions over the API: two steps, each once, on both engines."""

from datetime import timedelta
from typing import Any

import pytest

from bot.api.redemptions import RedemptionShown
from domain.apikeys import Scope
from domain.ids import RewardId
from domain.repositories import Moved
from domain.rewards import Limit, LimitPeriod, Reward, RewardKind, StockMove
from handlers.contract import Context
from tests.bot.api.conftest import Site, System
from tests.support.stores import MAIN

ORDER = {"customer": "C001", "reward": 3}


def on_offer(site: Site, stock: int = 2, **changes: Any) -> None:
    """Put 空调保养 on offer for 100 points, and let C001 have 500."""

    def act(ctx: Context) -> None:
        fields: dict[str, Any] = {"limit": Limit(5, LimitPeriod.YEAR), "cost": 1} | changes
        reward = Reward(
            RewardId("reward-3"), 3, "空调保养", RewardKind.SERVICE, 100, has_stock=True, **fields
        )
        ctx.work.rewards.add(reward)
        move = StockMove.RECEIVE
        ctx.work.stocks.move(Moved("in", reward.id, move, stock, None, "system", ctx.now))

    site.parts.runtime.act(MAIN, act)
    told = {
        "source": "erp",
        "id": "HT-1",
        "type": "contract_signed",
        "customer": "C001",
        "occurred_at": site.clock.now().isoformat(),
        "data": {"amount": "500000.00"},
    }
    assert site.system().post("/api/v1/events", told).status_code == 200


def wallet(system: System) -> tuple[int, int]:
    """Give what C001 can spend and what is set aside."""
    found = system.get("/api/v1/customers/C001/wallet").json()
    return found["available"], found["held"]


def test_it_is_set_aside_and_confirmed(site: Site) -> None:
    on_offer(site)
    erp = site.system()
    made = erp.post("/api/v1/redemptions", ORDER | {"quantity": 2})
    assert made.status_code == 201
    held = made.json()
    assert held.keys() == RedemptionShown.model_fields.keys()
    assert (held["state"], held["waits_for"], held["points"]) == ("held", ["confirmation"], 200)
    assert (held["customer"], held["reward"], held["name"]) == ("C001", 3, "空调保养")
    assert wallet(erp) == (300, 200)

    address = f"/api/v1/redemptions/{held['number']}"
    done = erp.post(f"{address}/confirm", {})
    assert done.status_code == 200
    assert (done.json()["state"], done.json()["waits_for"]) == ("placed", [])
    assert wallet(erp) == (300, 0)
    assert erp.get(address).json() == done.json()
    assert erp.post(f"{address}/confirm", {}).json() == done.json()
    listed = erp.get("/api/v1/customers/C001/redemptions").json()
    assert listed == {"redemptions": [done.json()]}


def test_the_same_order_sent_again_is_the_same(site: Site) -> None:
    on_offer(site)
    erp = site.system()
    first = erp.post("/api/v1/redemptions", ORDER, again="order-7")
    second = erp.post("/api/v1/redemptions", ORDER, again="order-7")
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert wallet(erp) == (400, 100)


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_it_is_given_up(site: Site, is_confirmed: bool) -> None:
    on_offer(site)
    erp = site.system()
    number = erp.post("/api/v1/redemptions", ORDER).json()["number"]
    if is_confirmed:
        erp.post(f"/api/v1/redemptions/{number}/confirm", {})
    gone = erp.post(f"/api/v1/redemptions/{number}/cancel", {})
    assert gone.json()["state"] == ("refunded" if is_confirmed else "cancelled")
    assert wallet(erp) == (500, 0)
    again = erp.post(f"/api/v1/redemptions/{number}/cancel", {})
    assert (again.status_code, again.json()) == (200, gone.json())
    if not is_confirmed:
        late = erp.post(f"/api/v1/redemptions/{number}/confirm", {})
        assert (late.status_code, late.json()["code"]) == (409, "redemption_closed")
    assert wallet(erp) == (500, 0)


def test_without_a_confirmation_it_ends(site: Site) -> None:
    on_offer(site)
    erp = site.system()
    number = erp.post("/api/v1/redemptions", ORDER).json()["number"]
    site.clock.forward(timedelta(minutes=10))
    late = erp.post(f"/api/v1/redemptions/{number}/confirm", {})
    assert (late.status_code, late.json()["code"]) == (409, "redemption_closed")
    assert late.json()["fields"]["state"] == "expired"
    assert wallet(erp) == (400, 100)


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"customer": "C404"}, 404, "unknown_customer"),
        ({"reward": 99}, 404, "unknown_reward"),
        ({"quantity": 3}, 409, "sold_out"),
        ({"quantity": 0}, 422, "invalid"),
        ({"quantity": 1000}, 422, "invalid"),
        ({"points": 1}, 422, "invalid"),
    ],
)
def test_t35_what_cannot_be_is_refused(
    site: Site, order: dict[str, Any], status: int, code: str
) -> None:
    on_offer(site)
    erp = site.system()
    before = site.everything()
    refused = erp.post("/api/v1/redemptions", ORDER | order)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert site.everything() == before


def test_unknown_numbers_are_not_found(site: Site) -> None:
    erp = site.system()
    for answer in (
        erp.get("/api/v1/redemptions/9"),
        erp.post("/api/v1/redemptions/9/confirm", {}),
        erp.post("/api/v1/redemptions/9/cancel", {}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_redemption")
    assert erp.get("/api/v1/customers/C404/redemptions").json()["code"] == "unknown_customer"


def test_a_key_without_the_scope_buys_nothing(site: Site) -> None:
    on_offer(site)
    reader = site.system(Scope.READ, Scope.EVENTS_WRITE)
    before = site.everything()
    refused = reader.post("/api/v1/redemptions", ORDER)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert site.everything() == before
