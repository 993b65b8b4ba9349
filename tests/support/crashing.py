"""A process that dies at a chosen point between two steps, and what survives it.

`Plan` counts the points (before and after every commit and every send) and raises at one of them;
`Incarnation` is one life of the process on the same database. What the platforms have got and what
they still hold for us is in `Outside`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from typing_extensions import override

from bot.channel_configs import DINGTALK, KF, WECOM
from bot.clock import SystemIds
from bot.connections import NO_LIMITS
from bot.deliveries import Line, Sender
from bot.hints import Hints
from bot.in_band import InBand
from bot.intake import Intake
from bot.platform import CardUpdate, HttpAnswer, Outbound, Outgoing, Rendered, Sent
from bot.presenter import Form, Presenter
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.wecom.outbound import LIMITS as WECOM_LIMITS
from bot.wiring import MAIN
from bot.workers.scheduler import Scheduler
from bot.workers.worker import make_queue
from domain.channels import ChannelKind
from domain.deliveries import Delivery, DeliveryState
from domain.ids import CardKey, ChannelId, DeliveryId, TenantId
from domain.ports import Attempt
from handlers.incoming import Incoming
from storage.db import Db
from storage.engine import open_database
from storage.queue import SqlDeliveryQueue
from storage.work import SqlStore, SqlUnitOfWork
from tests.support.stores import CIPHER
from tests.support.world import MovingClock

_FORMS = {
    ChannelKind.WECOM_APP: Form.WECOM,
    ChannelKind.WECOM_KF: Form.KF,
    ChannelKind.DINGTALK: Form.DINGTALK,
}
_KINDS = {
    WECOM: ChannelKind.WECOM_APP,
    KF: ChannelKind.WECOM_KF,
    DINGTALK: ChannelKind.DINGTALK,
}


def _no_queue() -> Redis:
    return Redis(unix_socket_path="/nowhere/queue.sock", retry=Retry(NoBackoff(), 0))


class Crash(BaseException):
    """The process is dead; nothing that handles errors may notice."""


@dataclass
class Plan:
    """Where to die: at the point of this number, never when it is None."""

    at: int | None = None
    passed: int = 0
    died_at: str = ""

    def point(self, name: str) -> None:
        here, self.passed = self.passed, self.passed + 1
        if here == self.at:
            self.died_at = name
            raise Crash(name)


@dataclass
class Outside:
    """What is outside the process and survives it."""

    arrived: list[Outgoing] = field(default_factory=list)
    changed: list[CardUpdate] = field(default_factory=list)
    answered: list[Rendered] = field(default_factory=list)
    kf_log: list[Incoming] = field(default_factory=list)

    def pages(self, cursor: str | None, token: str | None) -> "Iterator[_Page]":
        """Give what customers wrote, two messages a page."""
        del token
        at = int(cursor or 0)
        while True:
            page = self.kf_log[at : at + 2]
            at += len(page)
            yield _Page(page, str(at))
            if at >= len(self.kf_log):
                return


@dataclass(frozen=True)
class _Page:
    items: list[Incoming]
    next_cursor: str


class _Work(SqlUnitOfWork):
    def __init__(self, store: "CrashingStore", tenant: TenantId) -> None:
        super().__init__(Db(store.database, tenant, writes=True), tenant, store._tools)
        self._plan = store.plan

    @override
    def commit(self) -> None:
        self._plan.point("before commit")
        super().commit()
        self._plan.point("after commit")


class _Queue(SqlDeliveryQueue):
    plan: Plan

    @override
    def claim(
        self, tenant: TenantId, delivery: DeliveryId, now: datetime, lease_until: datetime
    ) -> Delivery | None:
        self.plan.point("before claim")
        found = super().claim(tenant, delivery, now, lease_until)
        self.plan.point("after claim")
        return found

    @override
    def finish(
        self,
        tenant: TenantId,
        claimed: Delivery,
        state: DeliveryState,
        attempt: Attempt,
        **more: Any,
    ) -> None:
        self.plan.point("before finish")
        super().finish(tenant, claimed, state, attempt, **more)
        self.plan.point("after finish")


class CrashingStore(SqlStore):
    """A store that dies around its commits."""

    def __init__(self, url: str, clock: MovingClock, ids: SystemIds, plan: Plan) -> None:
        super().__init__(open_database(url), clock=clock, ids=ids, cipher=CIPHER)
        self.plan = plan
        queue = _Queue(self.database)
        queue.plan = plan
        self.queue = queue

    @override
    def work(self, tenant: TenantId) -> SqlUnitOfWork:
        return _Work(self, tenant)


class _Post(Outbound):
    """Hands everything to the outside, dying before or after."""

    def __init__(self, outside: Outside, plan: Plan) -> None:
        self._outside, self._plan = outside, plan

    @override
    def send(self, outgoing: Outgoing) -> Sent:
        self._plan.point("before send")
        self._outside.arrived.append(outgoing)
        self._plan.point("after send")
        card = CardKey(outgoing.delivery) if outgoing.message.card else None
        return Sent(card, "code" if card else None, outgoing.delivery)

    @override
    def update(self, change: CardUpdate) -> Sent:
        self._plan.point("before update")
        self._outside.changed.append(change)
        self._plan.point("after update")
        return Sent(change.card)


class Incarnation:
    """One life of the process."""

    def __init__(
        self, url: str, clock: MovingClock, presenter: Presenter, outside: Outside, plan: Plan
    ) -> None:
        ids = SystemIds()
        self.clock, self.outside, self.plan = clock, outside, plan
        self._presenter = presenter
        self.store = CrashingStore(url, clock, ids, plan)
        self.intake = Intake(self.store, clock, ids)
        self.runtime = Runtime(
            store=self.store,
            clock=clock,
            ids=ids,
            render=self.render,
            pullers=Puller(self.store, self.intake, lambda _, c: outside if c == KF else None),
        )
        self.sender = Sender(
            store=self.store,
            queue=self.store.queue,
            clock=clock,
            ids=ids,
            render=self.render,
            lines=self._line,
            runtime=self.runtime,
        )
        self.scheduler = Scheduler(
            store=self.store,
            beats=self.store,
            queue=self.store.queue,
            clock=clock,
            hints=Hints(make_queue(_no_queue())),
            runtime=self.runtime,
            sender=self.sender,
        )

    def render(self, view: str, data: dict[str, Any], kind: ChannelKind) -> Rendered:
        return self._presenter.render(view, data, _FORMS[kind])

    def takes(self, incoming: Incoming) -> None:
        """Take a callback through intake and runtime, answer in-band if possible, send the rest."""
        received = self.intake.receive(MAIN, incoming)
        carried: list[Rendered] = []

        def carry(message: Rendered, replaces_card: bool) -> HttpAnswer | None:
            if (message.card is not None) != replaces_card:
                return None
            carried[:] = [message]
            return HttpAnswer()

        until = datetime.max.replace(tzinfo=self.clock.now().tzinfo)
        done = self.runtime.handle(MAIN, received.item, InBand(carry, self.clock, until))
        self.plan.point("before answer")
        if done.answer is not None:
            self.outside.answered += carried
        for delivery in done.deliveries:
            self.sender.deliver(MAIN, delivery)
        for item in done.wake:
            more = self.runtime.handle(MAIN, item)
            for delivery in more.deliveries:
                self.sender.deliver(MAIN, delivery)

    def _line(self, _tenant: TenantId, channel: ChannelId) -> Line:
        limits = WECOM_LIMITS if channel == WECOM else NO_LIMITS
        return Line(_KINDS[channel], _Post(self.outside, self.plan), limits)
