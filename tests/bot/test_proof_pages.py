"""A customer's proof over HTTP, and the page that checks it."""

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from bot.web.proofs import Proofs, add_proofs
from bot.wiring import TEMPLATES
from domain.ids import TicketId
from domain.tickets import Ticket, TicketKind
from tests.contracts.rows import ACME, CHEN, people
from tests.contracts.test_proofs import award
from tests.proof import stranger
from tests.support.fakes import START, FakeClock
from tests.support.servers import Listener, LoopThread
from tests.support.stores import MAIN, AnyStore, fake_store

__all__ = ["fake_store"]

TICKET = "01KABCDEFGHJKMNPQRSTVWXYZ0"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(fake_store: AnyStore, clock: FakeClock) -> Iterator[httpx2.Client]:
    """Serve a store in which a customer has a link."""
    with fake_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        for name, kind in ((TICKET, TicketKind.PROOF), ("other", TicketKind.UNDO)):
            payload: dict[str, str] = {"customer": ACME.id}
            end = START + timedelta(days=7)
            ticket = Ticket(TicketId(name), kind, None, CHEN.id, payload, START, end)
            work.tickets.add(ticket)
        work.commit()
    app = FastAPI()
    add_proofs(app, Proofs(fake_store, clock, TEMPLATES / "pages"))
    loop, listener = LoopThread(), Listener()
    listener.serve(app, loop, lifespan="off")
    with httpx2.Client(base_url=listener.url) as opened:
        yield opened
    listener.stop()
    listener.close()
    loop.close()


def test_a_link_gives_a_proof_that_checks(client: httpx2.Client) -> None:
    answer = client.get(f"/app/proof/main.{TICKET}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert 'filename="zhufen-proof.json"' in answer.headers["content-disposition"]
    proof: dict[str, Any] = answer.json()
    assert proof["customer"]["name"] == ACME.name
    assert stranger.problems(proof, proof["receipt"]["code"]) == []


@pytest.mark.parametrize(
    "token",
    [f"other.{TICKET}", f"nobody.{TICKET}", TICKET, "main.other", "main.", f"main.{TICKET}0"],
)
def test_what_is_no_link_gives_nothing(client: httpx2.Client, token: str) -> None:
    answer = client.get(f"/app/proof/{token}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "status": 404, "code": "ticket_not_yours"}


def test_a_link_that_is_too_old_says_so(client: httpx2.Client, clock: FakeClock) -> None:
    clock.forward(timedelta(days=7))
    answer = client.get(f"/app/proof/main.{TICKET}")
    assert (answer.status_code, answer.json()["code"]) == (410, "ticket_expired")


def test_the_page_is_one_piece_that_may_load_nothing_else(client: httpx2.Client) -> None:
    answer = client.get("/app/check")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    [script] = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    assert script == (TEMPLATES / "pages" / "check.js").read_text(encoding="utf-8")
    assert re.findall(r"(?:src|href)=[\"'](?!data:)", answer.text) == []
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    policy = answer.headers["content-security-policy"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
