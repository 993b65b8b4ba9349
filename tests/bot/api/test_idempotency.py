"""Retrying is safe: the same request has one effect and one answer, also at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.bot.api.conftest import Site, System
from tests.bot.api.test_events import ACCEPTED, SIGNED

AT_ONCE = 6
CUSTOMER = {
    "code": "C009",
    "name": "江北实业",
    "contacts": [{"name": "王", "phone": "13800138000"}],
}


@pytest.mark.parametrize(
    ("path", "body"),
    [("/api/v1/events", SIGNED), ("/api/v1/customers", CUSTOMER)],
    ids=["event", "customer"],
)
def test_a_retry_gets_the_stored_answer_and_does_nothing(
    site: Site, path: str, body: dict[str, Any]
) -> None:
    erp = site.system()
    first = erp.post(path, body, again="k1")
    before = site.everything()
    # The same request with its fields in another order.
    again = erp.post(path, dict(reversed(body.items())), again="k1")

    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert site.everything() == before


def test_another_request_under_the_same_key_is_a_conflict(site: Site) -> None:
    erp = site.system()
    erp.post("/api/v1/customers", CUSTOMER, again="k1")
    before = site.everything()
    for path, body in (
        ("/api/v1/customers", CUSTOMER | {"code": "C010"}),
        ("/api/v1/projects", {"code": "P9", "name": "九期", "customer": "C009"}),
    ):
        answer = erp.post(path, body, again="k1")
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
        assert answer.json()["fields"] == {"key": "k1"}
    assert site.everything() == before


def test_every_key_has_idempotency_keys_of_its_own(erp: System) -> None:
    other = erp.site.system()

    another = {"code": "C010", "name": "城南建设"}
    assert erp.post("/api/v1/customers", CUSTOMER, again="k1").status_code == 201
    assert other.post("/api/v1/customers", another, again="k1").status_code == 201


def test_a_refusal_is_not_kept_so_the_request_may_come_again(erp: System) -> None:
    event = SIGNED | {"customer": "C009"}

    assert erp.post("/api/v1/events", event, again="k1").status_code == 404
    assert erp.post("/api/v1/customers", CUSTOMER).status_code == 201
    answer = erp.post("/api/v1/events", event, again="k1")
    assert (answer.status_code, answer.json()["points"]) == (200, 1200)
    assert "idempotent-replayed" not in answer.headers


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 201, "a\tb"])
def test_a_change_without_a_proper_idempotency_key_is_refused(erp: System, key: str) -> None:
    before = erp.site.everything()
    headers: Any = {"idempotency-key": key.encode()}
    answer = erp.post("/api/v1/customers", CUSTOMER, **headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")
    assert erp.site.everything() == before


def test_the_longest_idempotency_key_is_taken(erp: System) -> None:
    assert erp.post("/api/v1/customers", CUSTOMER, again="~" * 200).status_code == 201


def at_once(erp: System, body: dict[str, Any], keys: list[str]) -> list[httpx2.Response]:
    """Send the same event from several threads that begin together."""
    barrier = threading.Barrier(len(keys))

    def send(key: str) -> httpx2.Response:
        barrier.wait()
        return erp.post("/api/v1/events", body, again=key)

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(send, keys))


@pytest.mark.parametrize("body", [SIGNED, ACCEPTED], ids=["contract", "milestone"])
@pytest.mark.parametrize("is_same_request", [True, False], ids=["request", "event"])
def test_the_same_at_the_same_moment_has_one_effect_and_one_answer(
    site: Site, body: dict[str, Any], is_same_request: bool
) -> None:
    erp = site.system()
    for round_ in range(4):
        told = body | {"id": f"E-{round_}"}
        if body is ACCEPTED:
            told |= {"data": body["data"] | {"milestone": f"M-{round_}"}}
            site.add_milestone("P101", f"M-{round_}")
        keys = [f"{round_}-{0 if is_same_request else n}" for n in range(AT_ONCE)]
        answers = at_once(erp, told, keys)

        assert {answer.status_code for answer in answers} == {200}, answers[0].text
        assert len({answer.content for answer in answers}) == 1
        replayed = [answer for answer in answers if "idempotent-replayed" in answer.headers]
        assert len(replayed) == (AT_ONCE - 1 if is_same_request else 0)
        assert erp.get("/api/v1/customers/C001/wallet").json()["entries"] == round_ + 1
