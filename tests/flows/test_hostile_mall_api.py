"""Other systems that lie to the mall's API, T35: points, owners, keys and repeats."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from bot.wiring import MAIN
from domain.apikeys import Scope
from domain.ids import TenantId
from handlers.contract import Context
from handlers.usecases.api_keys import create_key
from tests.flows.conftest import OpenTown
from tests.support.bazaar import (
    SUN,
    WANG,
    buys,
    code_of,
    is_sound,
    offers,
    opened,
    previews,
    shows,
    voucher,
    wallet,
)
from tests.support.town import Town

ORDERS = "/api/v1/redemptions"
OTHER = TenantId("other")
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


class Caller:
    """A system with a key."""

    def __init__(self, town: Town, *scopes: Scope, tenant: TenantId = MAIN) -> None:
        made: list[str] = []

        def act(ctx: Context) -> None:
            made.append(create_key(ctx, "ERP", scopes or tuple(Scope), None)[1])

        town.parts.runtime.act(tenant, act)
        self._url, self._key = town.bot.url, made[-1]
        self._count = 0

    def get(self, path: str) -> httpx2.Response:
        with httpx2.Client(base_url=self._url, timeout=30, trust_env=False) as client:
            return client.get(path, headers=self._headers())

    def post(self, path: str, body: Any, again: str = "") -> httpx2.Response:
        self._count += 1
        headers = {
            **self._headers(),
            "idempotency-key": again or f"{id(self)}-{self._count}",
            "content-type": "application/json",
        }
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        with httpx2.Client(base_url=self._url, timeout=30, trust_env=False) as client:
            return client.post(path, content=raw, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._key}"}


@pytest.fixture
def town(open_town: OpenTown) -> Town:
    """Give a town with five of a reward for 30 points."""
    town = opened(open_town)
    offers(town, stock=5)
    return town


ORDER = {"customer": "C001", "reward": 3, "quantity": 1}


TAMPERED: list[dict[str, Any]] = [
    {"points": 1},
    {"points_each": 0},
    {"price": 1},
    {"state": "placed"},
    {"tenant": "other"},
    {"quantity": 0},
    {"quantity": -1},
    {"quantity": 1.5},
    {"quantity": "1"},
    {"quantity": True},
    {"quantity": None},
    {"quantity": 10**18},
    {"quantity": [1]},
    {"reward": -3},
    {"reward": "3"},
    {"reward": 3.0},
    {"reward": 10**30},
    {"customer": ""},
    {"customer": "C001\u0000"},
    {"customer": None},
    {"customer": {"code": "C001"}},
]


def test_t35_an_order_that_says_more_or_other_than_it_may_is_refused(town: Town) -> None:
    erp = Caller(town)
    for tampered in TAMPERED:
        answer = erp.post(ORDERS, {**ORDER, **tampered})
        assert answer.status_code in {400, 404, 422}, (tampered, answer.text)
        assert "Traceback" not in answer.text
    assert wallet(town) == (1000, 0)
    assert town.one("SELECT count(*) FROM redemptions") == 0


def test_t35_a_number_twice_or_in_another_notation_is_refused(town: Town) -> None:
    erp = Caller(town)
    for raw in (
        b'{"customer": "C001", "reward": 3, "quantity": 1, "quantity": 4}',
        b'{"customer": "C001", "reward": 3, "quantity": 1e0}',
        b'{"customer": "C001", "reward": 3, "quantity": NaN}',
        '{"customer": "C001", "reward": 3, "quantity": １}'.encode(),
    ):
        assert erp.post(ORDERS, raw).status_code in {400, 422}
    assert town.one("SELECT count(*) FROM redemptions") == 0
    is_sound(town)


@BOTH
def test_t35_a_replayed_key_with_another_body_orders_nothing(
    open_town: OpenTown, database: str
) -> None:
    town = opened(open_town, database)
    offers(town, stock=9)
    erp = Caller(town)
    first = erp.post(ORDERS, ORDER, again="k1")
    assert first.status_code in {200, 201}, first.text
    again = erp.post(ORDERS, ORDER, again="k1")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    for other in ({**ORDER, "quantity": 2}, {**ORDER, "customer": "C002"}):
        assert erp.post(ORDERS, other, again="k1").json()["code"] == "idempotency_conflict"
    number = first.json()["redemption"]["number"] if "redemption" in first.json() else 1
    # The key of the order does not confirm it, and one key confirms one thing.
    assert erp.post(f"{ORDERS}/{number}/confirm", {}, again="k1").status_code == 409
    with ThreadPoolExecutor(8) as pool:
        said = list(
            pool.map(
                lambda one: erp.post(f"{ORDERS}/{number}/confirm", {}, again=f"yes-{one % 2}"),
                range(8),
            )
        )
    assert {one.status_code for one in said} <= {200, 201, 409, 503}, [s.text for s in said]
    assert wallet(town) == (970, 0)
    assert town.all("SELECT available, held FROM stocks") == [(8, 1)]
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda one: erp.post(f"{ORDERS}/{number}/cancel", {}, again=f"no-{one}"), range(8)
            )
        )
    assert wallet(town) == (1000, 0)
    assert town.all("SELECT available, held FROM stocks") == [(9, 0)]
    late = erp.post(f"{ORDERS}/{number}/confirm", {})
    assert late.json()["state"] == "refunded", late.text
    assert wallet(town) == (1000, 0)
    # What was never confirmed and is dropped can't be confirmed any more.
    assert erp.post(ORDERS, ORDER).status_code in {200, 201}
    assert erp.post(f"{ORDERS}/2/cancel", {}).json()["state"] == "cancelled"
    assert erp.post(f"{ORDERS}/2/confirm", {}).json()["code"] == "redemption_closed"
    assert erp.post(ORDERS, ORDER).status_code in {200, 201}
    town.jumps(minutes=11)
    assert erp.post(f"{ORDERS}/3/confirm", {}).json()["code"] == "redemption_closed"
    town.waits_until(lambda: wallet(town) == (1000, 0))
    is_sound(town)


def test_t33_orders_and_chats_at_once_never_sell_more_than_there_is(
    open_town: OpenTown,
) -> None:
    town = opened(open_town, "postgresql")
    offers(town, stock=3)
    erp = Caller(town)
    cards = [(phone, previews(town, phone, "兑换 3")) for phone in (WANG, SUN)]
    with ThreadPoolExecutor(10) as pool:
        orders = [pool.submit(erp.post, ORDERS, ORDER, f"at-once-{n}") for n in range(8)]
        for _, card in cards:
            town.presses(card, "confirm")
        answers = [one.result() for one in orders]
    town.settles(20)
    held = sum(one.status_code in {200, 201} for one in answers)
    chats = sum("兑换成功" in shows(town, phone, card.id - 1) for phone, card in cards)
    assert held + chats == 3
    assert {one.json().get("code") for one in answers if one.status_code >= 400} <= {
        "sold_out",
        "busy",
    }
    assert town.all("SELECT available, held, gone FROM stocks") == [(0, 3, 0)]
    town.jumps(minutes=11)
    town.waits_until(lambda: town.all("SELECT available FROM stocks") == [(held,)])
    town.settles()
    spent = 30 * chats
    left = sum(sum(wallet(town, code)) for code in ("C001", "C002"))
    assert left == 2000 - spent
    is_sound(town)


def test_t35_another_firms_key_or_a_weak_one_moves_nothing(town: Town) -> None:
    town.parts.store.add_tenant(OTHER, "别家")
    erp, weak = Caller(town), Caller(town, Scope.READ)
    foreign = Caller(town, tenant=OTHER)
    assert erp.post(ORDERS, ORDER).status_code in {200, 201}
    for path in (f"{ORDERS}/1/confirm", f"{ORDERS}/1/cancel"):
        refused = foreign.post(path, {})
        nowhere = foreign.post(path.replace("/1/", "/99/"), {})
        assert refused.status_code == nowhere.status_code == 404
        assert refused.json()["code"] == nowhere.json()["code"]
        assert weak.post(path, {}).status_code == 403
    assert foreign.post(ORDERS, ORDER).status_code == 404
    assert weak.post(ORDERS, ORDER).status_code == 403
    for path in (
        f"{ORDERS}/1",
        "/api/v1/customers/C001/redemptions",
        "/api/v1/customers/C001/wallet",
    ):
        assert foreign.get(path).status_code == 404
    for odd in ("0", "-1", "１", "1e0", "9" * 40, "1%00", "..%2f1"):
        assert erp.get(f"{ORDERS}/{odd}").status_code in {400, 404, 422}, odd
        assert erp.post(f"{ORDERS}/{odd}/confirm", {}).status_code in {400, 404, 422}, odd
    assert town.all("SELECT state FROM redemptions") == [("held",)]
    assert wallet(town) == (970, 30)
    is_sound(town)


def test_neither_codes_nor_other_units_come_out_of_the_api(town: Town) -> None:
    voucher(town, 4)
    erp = Caller(town)
    code = code_of(town, "兑换 4")
    buys(town, SUN, "兑换 3")
    town.settles()
    listed = erp.get("/api/v1/customers/C001/redemptions")
    assert listed.status_code == 200
    assert "云栖" not in listed.text
    for path in (
        f"{ORDERS}/1",
        "/api/v1/customers/C001/redemptions",
        "/api/v1/projects/P101/deductions",
    ):
        said = erp.get(path).text
        assert code not in said
        assert code.replace("-", "") not in said
    is_sound(town)
