"""Wallet, entries and lots over the API, on both engines."""

from typing import Any

import pytest

from tests.bot.api.conftest import Site, System
from tests.bot.api.test_events import ACCEPTED, SIGNED


def furnish(erp: System) -> None:
    """Sign three contracts, then accept a milestone late."""
    for number in (1, 2, 3):
        event = {"id": f"HT-{number}", "data": {"amount": f"{number}0000"}}
        assert erp.post("/api/v1/events", SIGNED | event).status_code == 200
    assert erp.post("/api/v1/events", ACCEPTED).json()["points"] == -20


def test_a_wallet_adds_up(site: Site) -> None:
    erp = site.system()
    nothing = erp.get("/api/v1/customers/C001/wallet").json()
    furnish(erp)

    assert nothing == {
        "customer": "C001",
        "available": 0,
        "held": 0,
        "pending": 0,
        "debt": 0,
        "entries": 0,
        "ending": [],
    }
    assert erp.get("/api/v1/customers/C001/wallet").json() == nothing | {
        "available": 40,
        "entries": 4,
        "ending": [{"points": 40, "last_day": "2028-11-30"}],
    }
    assert erp.get("/api/v1/customers/C002/wallet").json()["available"] == 0


def test_entries_are_read_newest_first_page_by_page(site: Site) -> None:
    erp = site.system()
    furnish(erp)
    pages: list[dict[str, Any]] = []
    query = "limit=3"
    while True:
        pages.append(erp.get(f"/api/v1/customers/C001/entries?{query}").json())
        if pages[-1]["before"] is None:
            break
        query = f"limit=3&before={pages[-1]['before']}"

    assert [[entry["seq"] for entry in page["entries"]] for page in pages] == [[4, 3, 2], [1]]
    whole = erp.get("/api/v1/customers/C001/entries").json()
    assert whole == {"entries": pages[0]["entries"] + pages[1]["entries"], "before": None}
    assert whole["entries"][0]["rule"] == "milestone-late"
    told = erp.post("/api/v1/events", SIGNED | {"data": {"amount": "10000"}}).json()
    assert whole["entries"][3] == told["entries"][0]


def test_a_page_that_ends_exactly_is_the_last(erp: System) -> None:
    furnish(erp)

    assert erp.get("/api/v1/customers/C001/entries?limit=4").json()["before"] is None
    empty = erp.get("/api/v1/customers/C001/entries?before=1").json()
    assert empty == {"entries": [], "before": None}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("limit=0", ("query:limit", "greater_than_equal")),
        ("limit=201", ("query:limit", "less_than_equal")),
        ("limit=x", ("query:limit", "int_parsing")),
        ("before=0", ("query:before", "greater_than_equal")),
        ("before=9223372036854775808", ("query:before", "less_than_equal")),
        ("before=" + "9" * 400, ("query:before", "less_than_equal")),
        ("befor=3", ("query:befor", "extra_forbidden")),
    ],
)
def test_a_page_asked_for_wrongly_is_refused(
    erp: System, query: str, wrong: tuple[str, str]
) -> None:
    answer = erp.get(f"/api/v1/customers/C001/entries?{query}")

    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["at"], error["code"]) == wrong


def test_lots_show_what_is_left(site: Site) -> None:
    erp = site.system()
    furnish(erp)

    lots = erp.get("/api/v1/customers/C001/lots").json()["lots"]
    # The penalty took the first lot and half of the second.
    assert [(lot["points"], lot["remaining"]) for lot in lots] == [(20, 10), (30, 30)]
    entries = erp.get("/api/v1/customers/C001/entries").json()["entries"]
    assert [lot["entry"] for lot in lots] == [entries[2]["id"], entries[1]["id"]]
    assert lots[0]["expires_at"] == "2028-12-01T00:00:00+08:00"
