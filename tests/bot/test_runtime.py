"""What becomes of one inbox item when rules refuse, others are in the way, or a bug strikes."""

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from bot.channel_configs import DINGTALK, KF, WECOM
from bot.clock import SystemIds
from bot.codec import incoming_to_json
from bot.in_band import InBand
from bot.intake import Intake
from bot.platform import HttpAnswer, Rendered
from bot.presenter import Form, Presenter
from bot.pulls import Puller
from bot.runtime import Done, Runtime
from bot.wiring import MAIN, RULES_SINCE, TEMPLATES
from domain.channels import Channel, ChannelKind, Identity
from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.ids import DeliveryId, InboxId, TenantId
from domain.inbox import InboxItem, InboxState
from domain.ports import Conflict
from handlers.contract import Context
from handlers.incoming import Content, Incoming, Said, SendFailed
from handlers.usecases.setup import add_contact, publish_starter_rules
from storage.channels import ChannelConfig
from storage.db import Db, reading
from storage.engine import open_database
from storage.work import SqlStore, SqlUnitOfWork
from tests.support.fakes import FakeClock
from tests.support.logged import recorded
from tests.support.stores import *  # noqa: F403  a fixture must be a name of the module
from tests.support.stores import (
    CIPHER,
    _cluster_stops_at_the_end,  # noqa: F401
)
from tests.support.world import seed

RECORD = "记录 滨江一期 主体结构 昨天验收通过"
PRESENTER = Presenter(TEMPLATES, public_url="https://zhufen.example.com")
FORMS = {
    ChannelKind.WECOM_APP: Form.WECOM,
    ChannelKind.WECOM_KF: Form.KF,
    ChannelKind.DINGTALK: Form.DINGTALK,
}


class _Work(SqlUnitOfWork):
    store: "BusyStore"

    @override
    def commit(self) -> None:
        if self.store.conflicts:
            self.store.conflicts -= 1
            raise Conflict("busy")
        super().commit()


class BusyStore(SqlStore):
    """A store where others were in the way as often as it is told."""

    conflicts = 0

    @override
    def work(self, tenant: TenantId) -> SqlUnitOfWork:
        work = _Work(Db(self.database, tenant, writes=True), tenant, self._tools)
        work.store = self
        return work


def render(view: str, data: dict[str, Any], kind: ChannelKind) -> Rendered:
    return PRESENTER.render(view, data, FORMS[kind])


class Office:
    """Intake and runtime over a firm."""

    def __init__(self, url: str, clock: FakeClock) -> None:
        self.clock, self.ids = clock, SystemIds()
        self.store = BusyStore(open_database(url), clock=clock, ids=self.ids, cipher=CIPHER)
        self.intake = Intake(self.store, clock, self.ids)
        self.runtime = Runtime(
            store=self.store,
            clock=clock,
            ids=self.ids,
            render=render,
            pullers=Puller(self.store, self.intake, lambda _, __: None),
        )

    def furnish(self) -> None:
        self.store.add_tenant(MAIN, MAIN)
        for channel, kind in (
            (WECOM, ChannelKind.WECOM_APP),
            (KF, ChannelKind.WECOM_KF),
            (DINGTALK, ChannelKind.DINGTALK),
        ):
            self.store.save_channel(MAIN, ChannelConfig(Channel(channel, kind), channel))
        self.runtime.act(MAIN, _furnish)

    def receives(self, content: Content, sender: str = "liqiang", **more: Any) -> InboxId:
        incoming = Incoming(WECOM, self.ids.new(), sender, self.clock.now(), content)
        return self.intake.receive(MAIN, replace(incoming, **more)).item

    def chance(self, seconds: float = 3.0) -> InBand:
        """Give a request's chance to be answered; texts only."""
        until = self.clock.now() + timedelta(seconds=seconds)
        return InBand(_carry, self.clock, until)

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        with reading(self.store.database, None) as db:
            return db.all(statement)

    def item(self, item: InboxId) -> InboxItem:
        with self.store.work(MAIN) as work:
            found = work.inbox.lock(item)
        assert found is not None
        return found


def _carry(message: Rendered, replaces_card: bool) -> HttpAnswer | None:
    del replaces_card
    return HttpAnswer(body=message.text.encode()) if message.card is None else None


def _furnish(ctx: Context) -> None:
    publish_starter_rules(ctx, RULES_SINCE)
    seed(ctx)
    customer = ctx.work.customers.find_by_code("C001")
    assert customer is not None
    wang = add_contact(ctx, customer, "王建国", None)
    identity = Identity(KF, ChannelKind.WECOM_KF, "wmWang", contact=wang.id)
    ctx.work.identities.save(replace(identity, last_inbound_at=ctx.now))


@pytest.fixture
def office(sqlite_url: str, clock: FakeClock) -> Iterator[Office]:
    office = Office(sqlite_url, clock)
    office.furnish()
    yield office
    office.store.close()


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Give what the program logs, set up as in a role."""
    with recorded() as said:
        yield said


def test_a_refusal_keeps_nothing_but_the_answer(office: Office) -> None:
    before = office.all("SELECT count(*) FROM tickets")
    item = office.receives(Said("邀请 滨江置业 王建国"))

    done = office.runtime.handle(MAIN, item, office.chance())

    assert done.answer is not None
    assert done.deliveries == ()
    assert office.item(item).state is InboxState.DONE
    assert office.all("SELECT count(*) FROM tickets") == before
    assert office.all("SELECT count(*) FROM invitations") == [(0,)]
    assert office.all("SELECT view, state FROM deliveries") == [("refusal", "in_band")]


@pytest.mark.parametrize("conflicts", [1, 2])
def test_a_conflict_is_tried_again_at_once(office: Office, conflicts: int) -> None:
    item = office.receives(Said(RECORD))
    office.store.conflicts = conflicts

    done = office.runtime.handle(MAIN, item)

    assert len(done.deliveries) == 1
    assert office.item(item).attempts == 0
    assert office.all("SELECT count(*) FROM tickets") == [(1,)]


def test_after_three_conflicts_it_is_left_for_later(office: Office) -> None:
    item = office.receives(Said(RECORD))
    office.store.conflicts = 3

    assert office.runtime.handle(MAIN, item, office.chance()) == Done()

    assert (office.item(item).state, office.item(item).attempts) == (InboxState.NEW, 1)
    assert office.all("SELECT count(*) FROM tickets") == [(0,)]
    assert len(office.runtime.handle(MAIN, item).deliveries) == 1
    assert office.item(item).state is InboxState.DONE


def test_a_bug_is_tried_three_times_and_then_named_by_a_reference(
    office: Office, logged: io.StringIO
) -> None:
    item = office.receives(Said("words nobody may log"))
    broken = incoming_to_json(Incoming(WECOM, "x", "liqiang", office.clock.now(), Said("x")))
    broken["content"] = {"kind": "said", "text": ["words nobody may log"]}
    _replace_payload(office, item, json.dumps(broken))

    for attempt in (1, 2):
        assert office.runtime.handle(MAIN, item, office.chance()) == Done()
        assert (office.item(item).state, office.item(item).attempts) == (InboxState.NEW, attempt)
    done = office.runtime.handle(MAIN, item)

    assert office.item(item).state is InboxState.FAILED
    ((view, data, reference),) = office.all(
        "SELECT d.view, d.data, i.reference FROM deliveries d JOIN inbox i ON i.id = d.inbox_id"
    )
    assert (view, len(done.deliveries)) == ("failure", 1)
    assert reference in data
    assert reference in logged.getvalue()
    assert "ValidationError" in logged.getvalue()
    assert "nobody may log" not in logged.getvalue()
    assert office.runtime.handle(MAIN, item) == Done()


def _replace_payload(office: Office, item: InboxId, payload: str) -> None:
    with office.store.work(MAIN) as work:
        work._db.run(
            "UPDATE inbox SET payload = :payload WHERE tenant_id = :tenant AND id = :id",
            payload=payload,
            id=item,
        )
        work.commit()


def test_a_repeat_gets_the_stored_answer_and_writes_nothing(office: Office) -> None:
    item = office.receives(Said("项目"))
    first = office.runtime.handle(MAIN, item, office.chance())
    rows = office.all("SELECT count(*) FROM deliveries")

    again = office.runtime.handle(MAIN, item, office.chance())

    assert again.answer == first.answer
    assert again.deliveries == ()
    assert office.runtime.handle(MAIN, item) == Done()
    assert office.all("SELECT count(*) FROM deliveries") == rows


@pytest.mark.parametrize("seconds", [0, -1])
def test_an_answer_that_comes_too_late_goes_out_by_itself(office: Office, seconds: float) -> None:
    item = office.receives(Said("项目"))

    done = office.runtime.handle(MAIN, item, office.chance(seconds))

    assert done.answer is None
    assert office.all("SELECT id, state FROM deliveries") == [(done.deliveries[0], "queued")]
    assert office.runtime.handle(MAIN, item, office.chance()) == Done()


def test_a_closed_chance_is_not_taken_and_a_taken_one_not_given_up(office: Office) -> None:
    late, early = office.chance(), office.chance()
    assert late.close()
    assert early.take()
    assert not early.close()

    done = office.runtime.handle(MAIN, office.receives(Said("项目")), late)

    assert (done.answer, len(done.deliveries)) == (None, 1)


def test_an_answer_that_missed_its_request_is_sent_exactly_once(office: Office) -> None:
    item = office.receives(Said("项目"))
    assert office.runtime.handle(MAIN, item, office.chance()).answer is not None

    sent = office.runtime.send_after_all(MAIN, item)

    assert len(sent.deliveries) == 1
    assert office.all("SELECT state FROM deliveries") == [("queued",)]
    assert office.runtime.send_after_all(MAIN, item) == Done()
    # The platform's own repeat does not bring it a second time.
    assert office.runtime.handle(MAIN, item, office.chance()).answer is None


def test_a_report_is_noted_however_late_it_is_read(office: Office) -> None:
    notice = DeliveryId(office.ids.new())

    def act(ctx: Context) -> None:
        identity = ctx.work.identities.find(KF, "wmWang")
        assert identity is not None
        delivery = Delivery(
            notice, KF, "wmWang", DeliveryKind.PUSH, "cancelled", {"had_something": True}, "n",
            ctx.now, DeliveryState.SENT, contact=identity.contact,
        )  # fmt: skip
        ctx.work.deliveries.add(delivery)

    office.runtime.act(MAIN, act)
    report = SendFailed(notice, "window_closed")
    item = office.receives(report, "wmWang", channel=KF, is_stale=True)

    office.runtime.handle(MAIN, item)

    assert office.all(f"SELECT state FROM deliveries WHERE id = '{notice}'") == [("held",)]  # noqa: S608
    assert office.item(item).state is InboxState.DONE


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_who_handle_the_same_item_at_once_do_it_once(
    request: pytest.FixtureRequest, clock: FakeClock, database: str
) -> None:
    name = "sqlite_url" if database == "sqlite" else "postgres_url"
    office = Office(request.getfixturevalue(name), clock)
    office.furnish()
    other = Office(request.getfixturevalue(name), clock)
    for _ in range(5):
        item = office.receives(Said(RECORD))
        done: list[Done] = []
        begin = threading.Barrier(2)

        def handle(here: Office, item: InboxId, begin: Any = begin, done: Any = done) -> None:
            begin.wait(5)
            done.append(here.runtime.handle(MAIN, item))

        threads = [threading.Thread(target=handle, args=(o, item)) for o in (office, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert sorted(len(each.deliveries) for each in done) == [0, 1]
    assert office.all("SELECT count(*) FROM tickets") == [(5,)]
    office.store.close()
    other.store.close()
