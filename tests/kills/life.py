"""One process on a database, with what it takes to run every operation of the engine."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from typing_extensions import override

from bot.day_heads import DayHeads
from bot.hints import Hints
from bot.intake import Intake
from bot.platform import Rendered
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.workers.runs import Runs
from bot.workers.worker import make_queue
from domain.ids import ContactId, MemberId, TenantId
from domain.ports import Ids, Work
from handlers.contract import ContactActor, Context, MemberActor
from handlers.incoming import Content, Incoming
from storage.cipher import Cipher
from storage.engine import open_database
from storage.work import SqlStore, SqlUnitOfWork
from tests.support.fakes import FakeClock
from tests.support.stores import DING, MAIN

PATIENCE_SECONDS = 60.0
"""How long a run may work: all of it at once, however busy the machine is."""


class UnitIds(Ids):
    """Ids that say which unit of work asks, and how often it has: equal in every life."""

    def __init__(self) -> None:
        self.unit = 0
        self._last = 0

    def begin_at(self, unit: int) -> None:
        """Let the next unit of work be the one of this number."""
        self.unit, self._last = unit - 1, 0

    def next_unit(self) -> None:
        """Begin another unit of work."""
        self.unit, self._last = self.unit + 1, 0

    @override
    def new(self) -> str:
        self._last += 1
        return f"{self.unit:06d}{self._last:020d}"

    @override
    def code(self) -> str:
        return self.new()[-8:]

    @override
    def voucher_code(self) -> str:
        made = self.new()
        return made[:6] + made[-10:]

    @override
    def secret(self) -> str:
        return self.new().zfill(43)

    @override
    def jitter(self) -> float:
        return 0.5


class OpenCipher(Cipher):
    """Hides nothing, so that equal rows look equal."""

    @override
    def encrypt(self, text: str, place: str) -> str:
        return text

    @override
    def decrypt(self, encrypted: str, place: str) -> str:
        return encrypted

    @override
    def fingerprint(self, text: str, place: str) -> str:
        return f"{place} {text}"


class _Store(SqlStore):
    def __init__(self, url: str, clock: FakeClock, ids: UnitIds) -> None:
        super().__init__(open_database(url), clock=clock, ids=ids, cipher=OpenCipher())
        self._unit_ids = ids

    @override
    def work(self, tenant: TenantId) -> SqlUnitOfWork:
        self._unit_ids.next_unit()
        return super().work(tenant)


def _nowhere() -> Redis:
    return Redis(unix_socket_path="/nowhere/queue.sock", retry=Retry(NoBackoff(), 0))


def _no_rendering(*_: object) -> Rendered:
    raise AssertionError


class Life:
    """What a process is made of; it opens its connections when it first needs them."""

    def __init__(self, url: str, now: datetime) -> None:
        self.url = url
        self.clock, self.ids = FakeClock(now), UnitIds()
        self.store: SqlStore = _Store(url, self.clock, self.ids)
        self.intake = Intake(self.store, self.clock, self.ids)
        self.runtime = Runtime(
            store=self.store,
            clock=self.clock,
            ids=self.ids,
            render=_no_rendering,
            pullers=Puller(self.store, self.intake, lambda _tenant, _channel: None),
        )
        self._hints = Hints(make_queue(_nowhere()))
        self.runs = Runs(
            store=self.store,
            clock=self.clock,
            runtime=self.runtime,
            hints=self._hints,
            seconds=PATIENCE_SECONDS,
            # One set of wallets per commit, however quick the machine is.
            held_seconds=0,
        )

    def acts(self, act: Callable[[Context], Any], who: str = "", *, contact: str = "") -> None:
        """Let the machine, or somebody, do something in one transaction with all it leads to."""

        def acting(ctx: Context) -> None:
            act(ctx)

        actor = partial(_contact, contact) if contact else partial(_member, who) if who else None
        self.runtime.act(MAIN, acting, actor=actor)

    def hears(self, who: str, content: Content, source: str = "said") -> None:
        """Take what somebody says or presses on DingTalk, as the web process does."""
        incoming = Incoming(DING, source, who, self.clock.now(), content)
        self.runtime.handle(MAIN, self.intake.receive(MAIN, incoming).item)

    def closes_day(self) -> None:
        """Seal the day that is over, as a scheduler does that has just begun."""
        chore = DayHeads(
            store=self.store, runtime=self.runtime, clock=self.clock, hints=self._hints
        )
        chore.close_day(MAIN)

    def close(self) -> None:
        """Close all connections."""
        self.store.close()


def _contact(who: str, work: Work) -> ContactActor:
    contact = work.customers.contact(ContactId(who))
    return ContactActor(contact, work.customers.get(contact.customer))


def _member(who: str, work: Work) -> MemberActor:
    return MemberActor(work.members.get(MemberId(who)))
