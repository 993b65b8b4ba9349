"""How a customer can be reached and what its notices became, over the API, on both engines."""

from datetime import timedelta
from typing import Any

import pytest

from bot.wiring import MAIN
from domain.channels import Channel, ChannelKind, Identity
from domain.deliveries import DeliveryState
from domain.ids import ChannelId, DeliveryId
from domain.ports import Attempt
from handlers.contract import Context
from handlers.usecases.setup import add_contact
from storage.channels import ChannelConfig
from tests.bot.api.conftest import Site, System
from tests.bot.api.test_events import SIGNED

KF = ChannelId("kf")


def furnish(site: Site, *, hours: int) -> System:
    """Let C001's contact write so long ago, then sign two contracts."""
    site.parts.store.save_channel(MAIN, ChannelConfig(Channel(KF, ChannelKind.WECOM_KF), "wk"))

    def bind(ctx: Context) -> None:
        customer = ctx.work.customers.find_by_code("C001")
        assert customer is not None
        contact = add_contact(ctx, customer, "王建国", None)
        written = site.clock.now() - timedelta(hours=hours)
        ctx.work.identities.save(
            Identity(KF, ChannelKind.WECOM_KF, "wm", contact=contact.id, last_inbound_at=written)
        )

    site.parts.runtime.act(MAIN, bind)
    erp = site.system()
    for number in (1, 2):
        event = {"id": f"HT-{number}", "data": {"amount": f"{number}0000"}}
        assert erp.post("/api/v1/events", SIGNED | event).status_code == 200
    return erp


def asked(erp: System, query: str = "") -> Any:
    return erp.get(f"/api/v1/customers/C001/notices{query}").json()


def test_what_can_be_pushed_and_what_waits_is_told(site: Site) -> None:
    found = asked(furnish(site, hours=1))
    [contact] = found["reach"]
    assert contact["by_hand_only"] is False
    [account] = contact["accounts"]
    assert (account["channel"], account["obstacle"], account["messages_left"]) == (
        "wecom_kf",
        None,
        5,
    )
    assert [notice["state"] for notice in found["notices"]] == ["queued", "queued"]
    assert {notice["about"] for notice in found["notices"]} == {"points_notice"}


def test_what_is_held_says_since_when_and_why(site: Site) -> None:
    erp = furnish(site, hours=48)
    [newest] = asked(erp, "?limit=1")["notices"]
    assert (newest["state"], newest["reason"]) == ("held", "window_closed")
    assert newest["since"] == newest["created_at"]
    assert (newest["told_by"], newest["carried_by"]) == (None, None)
    assert asked(erp)["reach"][0]["by_hand_only"] is True


def test_what_another_message_carried_stands_as_that_one_does(site: Site) -> None:
    erp = furnish(site, hours=1)
    second, first = asked(erp)["notices"]
    queue, now = site.parts.store.queue, site.clock.now()
    lead = queue.claim(MAIN, DeliveryId(first["id"]), now, now + timedelta(seconds=30))
    assert lead is not None
    [other] = queue.claim_queued_of(MAIN, KF, "wm", now, now + timedelta(seconds=30), limit=5)
    merged = Attempt(other.id, now, "merged")
    queue.finish(MAIN, other, DeliveryState.MERGED, merged, carried_by=lead.id)
    queue.finish(MAIN, lead, DeliveryState.SENT, Attempt(lead.id, now, "sent"))
    found = {notice["id"]: notice for notice in asked(erp)["notices"]}
    assert [found[each["id"]]["state"] for each in (first, second)] == ["sent", "sent"]
    assert found[second["id"]]["carried_by"] == first["id"]
    assert found[first["id"]]["carried_by"] is None


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?last=3"])
def test_a_page_asked_for_wrongly_is_refused(site: Site, query: str) -> None:
    assert site.system().get(f"/api/v1/customers/C001/notices{query}").status_code == 422


def test_a_customer_nobody_knows_is_refused(site: Site) -> None:
    answer = site.system().get("/api/v1/customers/C999/notices")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_customer")
