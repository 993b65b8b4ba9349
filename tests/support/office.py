"""A firm with its sender on a real database, and phones that take what WeCom would take."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from typing_extensions import override

from bot.channel_configs import DINGTALK, KF, WECOM
from bot.codec import view_to_json
from bot.deliveries import Line, Sender
from bot.intake import Intake
from bot.platform import (
    CardNotUpdatable,
    CardUpdate,
    Limits,
    Outbound,
    Outgoing,
    Rendered,
    Sent,
)
from bot.presenter import Form, Presenter
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.wecom.outbound import LIMITS
from bot.wiring import RULES_SINCE, TEMPLATES
from domain.channels import Channel, ChannelKind, Identity
from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.ids import CardKey, ChannelId, DeliveryId, TenantId
from domain.ports import Attempt
from handlers.contract import Context, View
from handlers.incoming import Content, Incoming
from handlers.usecases.setup import add_contact, publish_starter_rules
from storage.channels import ChannelConfig
from storage.db import reading
from storage.queue import SqlDeliveryQueue
from storage.work import SqlStore
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.stores import CIPHER, MAIN
from tests.support.world import seed

FORMS = {
    ChannelKind.WECOM_APP: Form.WECOM,
    ChannelKind.WECOM_KF: Form.KF,
    ChannelKind.DINGTALK: Form.DINGTALK,
}
KINDS = {
    WECOM: ChannelKind.WECOM_APP,
    KF: ChannelKind.WECOM_KF,
    DINGTALK: ChannelKind.DINGTALK,
}
FANG = "wangfang"


class Phones(Outbound):
    """Takes what WeCom would: a card's right to be changed holds once and a change gives none."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.changed: list[CardUpdate] = []
        self.codes: set[str] = set()
        self.fails: list[Exception] = []

    @override
    def send(self, outgoing: Outgoing) -> Sent:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(outgoing)
        card = outgoing.message.card
        if card is None or card.get("card_type") != "button_interaction":
            return Sent(platform_ref=outgoing.delivery)
        code = f"code-{outgoing.delivery}"
        self.codes.add(code)
        return Sent(CardKey(outgoing.delivery), code, outgoing.delivery)

    @override
    def update(self, change: CardUpdate) -> Sent:
        if change.response_code not in self.codes:
            raise CardNotUpdatable("no_response_code", permanent=True)
        if self.fails:
            raise self.fails.pop(0)
        self.codes.remove(change.response_code)
        self.changed.append(change)
        return Sent(change.card)

    def shown(self, account: str) -> list[str]:
        """List the messages an account has got, as text."""
        return [out.message.text for out in self.sent if out.external_id == account]


class Queue(SqlDeliveryQueue):
    """The real queue, whose next records of a send meet something in the way."""

    obstacles: list[Exception]

    @override
    def finish(
        self,
        tenant: TenantId,
        claimed: Delivery,
        state: DeliveryState,
        attempt: Attempt,
        **more: Any,
    ) -> None:
        if state is DeliveryState.SENT and self.obstacles:
            raise self.obstacles.pop(0)
        super().finish(tenant, claimed, state, attempt, **more)


@dataclass
class Office:
    """A firm with its sender; nothing goes out unless the test lets it."""

    store: SqlStore
    clock: FakeClock
    ids: SequenceIds
    phones: Phones
    queue: Queue
    intake: Intake
    runtime: Runtime
    sender: Sender
    said: list[str] = field(default_factory=list)

    def hears(self, user: str, content: Content, channel: ChannelId = WECOM) -> None:
        """Take a message and send what it leads to."""
        self.said.append(user)
        source = f"source-{len(self.said)}"
        incoming = Incoming(channel, source, user, self.clock.now(), content)
        item = self.intake.receive(MAIN, incoming).item
        done = self.runtime.handle(MAIN, item)
        self.sends(*done.deliveries)

    def sends(self, *deliveries: DeliveryId) -> None:
        """Send deliveries, and what is due after them."""
        for delivery in deliveries:
            self.sender.deliver(MAIN, delivery)
        self.sweeps()

    def sweeps(self) -> None:
        """Send what is due."""
        for _ in range(100):
            due = self.queue.due(self.clock.now(), 200)
            if not due:
                return
            for tenant, delivery in due:
                self.sender.deliver(tenant, delivery)
        raise AssertionError("it did not come to rest")

    def queues(
        self, *views: View, kind: DeliveryKind = DeliveryKind.PUSH, **changes: Any
    ) -> list[DeliveryId]:
        """Store deliveries to Wang Fang."""
        made = []
        with self.store.work(MAIN) as work:
            for view in views:
                fields: dict[str, Any] = {
                    "id": DeliveryId(self.ids.new()),
                    "channel": WECOM,
                    "external_id": FANG,
                    "kind": kind,
                    "view": view.view_name,
                    "data": view_to_json(view),
                    "created_at": self.clock.now(),
                }
                made.append(fields["id"])
                delivery = Delivery(**(fields | changes), dedupe_key=f"test:{fields['id']}")
                assert work.deliveries.add(delivery)
            work.commit()
        return made

    def stored(self, delivery: DeliveryId) -> Delivery:
        """Read a delivery as it is now."""
        with self.store.reading(MAIN) as work:
            return work.deliveries.get(delivery)

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        with reading(self.store.database, None) as db:
            return db.all(statement)


@pytest.fixture
def office(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Office:
    """Open the office on each engine in turn."""
    for channel, kind in KINDS.items():
        store.save_channel(MAIN, ChannelConfig(Channel(channel, kind), f"{channel}-account"))
    presenter = Presenter(TEMPLATES, public_url="https://zhufen.example.com", reveal=CIPHER.reveal)

    def render(view: str, data: dict[str, Any], kind: ChannelKind) -> Rendered:
        return presenter.render(view, data, FORMS[kind])

    def line(_: TenantId, channel: ChannelId) -> Line:
        return Line(KINDS[channel], phones, LIMITS if channel == WECOM else Limits())

    phones, queue = Phones(), Queue(store.database)
    queue.obstacles = []
    intake = Intake(store, clock, ids)
    puller = Puller(store, intake, lambda _tenant, _channel: None)
    runtime = Runtime(store=store, clock=clock, ids=ids, render=render, pullers=puller)
    runtime.act(MAIN, _furnish)
    sender = Sender(
        store=store, queue=queue, clock=clock, ids=ids, render=render, lines=line, runtime=runtime
    )
    return Office(store, clock, ids, phones, queue, intake, runtime, sender)


def _furnish(ctx: Context) -> None:
    publish_starter_rules(ctx, RULES_SINCE)
    seed(ctx)
    customer = ctx.work.customers.find_by_code("C001")
    assert customer is not None
    wang = add_contact(ctx, customer, "王建国", None)
    ctx.work.identities.save(
        Identity(KF, ChannelKind.WECOM_KF, "wmWang", contact=wang.id, last_inbound_at=ctx.now)
    )
