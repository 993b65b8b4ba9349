"""A firm at work on any store: it earns, spends, loses and undoes points through the use cases."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from domain.calendar import business_date
from domain.events import BusinessEvent, EventType
from domain.facts import Fact
from domain.ids import ChannelId, CustomerId, EventId, HoldId, MemberId
from domain.members import Role
from domain.ports import Ids
from domain.programme import Programme
from domain.repositories import Publication
from domain.rules.model import Cap, DebtPolicy, Direction, Fixed, Scope, Window
from domain.starter import starter_rules
from domain.tiers import Tier, TierPolicy
from handlers.contract import Context, Machine, MemberActor
from handlers.usecases.expiry import bring_up_to_date
from handlers.usecases.holds import hold_points
from handlers.usecases.points import book, undo
from tests.support.fakes import START, FakeClock
from tests.support.make import a_customer, a_member, a_rule, an_event
from tests.support.stores import MAIN, AnyStore

T = TypeVar("T")
BEGIN = datetime(2001, 1, 1, tzinfo=UTC)
CAPPED = a_rule(
    "check-in",
    trigger=EventType.CHECK_IN,
    formula=Fixed(5),
    caps=(Cap(Scope.CUSTOMER, Window.MONTH, points=12),),
    qualifies=True,
    effective_from=BEGIN,
)
PENDING = a_rule(
    "survey",
    trigger=EventType.SURVEY_COMPLETED,
    formula=Fixed(40),
    matures_after_days=7,
    effective_from=BEGIN,
)
ASKING = a_rule(
    "review",
    trigger=EventType.REVIEW_SUBMITTED,
    formula=Fixed(500),
    direction=Direction.DEDUCT,
    debt_policy=DebtPolicy.ASK,
    effective_from=BEGIN,
)
TIERS = TierPolicy((Tier("silver", "银级", 8, percent=120, gift=7),))


@dataclass
class Firm:
    """A firm with the customers C001 and C002, a supervisor and finance."""

    store: AnyStore
    clock: FakeClock
    ids: Ids
    facts: list[Fact] = field(default_factory=list)
    """What the last act has led to."""
    _count: int = 0

    def opens(self, *, tiers: TierPolicy | None = None) -> None:
        """Set the firm up."""
        with self.store.work(MAIN) as work:
            work.members.add(a_member("zhang", Role.SUPERVISOR))
            work.members.add(a_member("zhou", Role.FINANCE))
            for code, name in (("C001", "滨江置业"), ("C002", "城南建设")):
                work.customers.add(a_customer(code, name))
            for rule in (*starter_rules(BEGIN), CAPPED, PENDING, ASKING):
                work.rules.add(rule, Publication(START))
            work.rules.add_programme(Programme(1, BEGIN, tiers=tiers), Publication(START))
            work.commit()

    def acts(self, act: Callable[[Context], T], *, member: str = "") -> T:
        """Let the machine, or a member, do something in one transaction."""
        with self.store.work(MAIN) as work:
            now = self.clock.now()
            actor = MemberActor(work.members.get(MemberId(member))) if member else Machine()
            ctx = Context(
                work=work,
                now=now,
                today=business_date(now),
                ids=self.ids,
                actor=actor,
                channel=ChannelId(""),
                sender="",
                inbox=None,
                sent_at=now,
            )
            made = act(ctx)
            self.facts = work.take_facts()
            work.commit()
        return made

    def looks(self, look: Callable[[Any], T]) -> T:
        """Read something."""
        with self.store.reading(MAIN) as work:
            return look(work)

    def has(
        self, kind: EventType, customer: str = "C001", on: datetime | None = None, **data: Any
    ) -> BusinessEvent:
        """Let an event happen, now or at another time."""
        self._count += 1
        event = an_event(
            id=EventId(f"event-{self._count:04d}"),
            source_id=f"S-{self._count}",
            type=kind,
            customer=CustomerId(customer),
            project=None,
            occurred_at=on or self.clock.now(),
            recorded_at=self.clock.now(),
            data=data,
        )
        self.acts(lambda ctx: book(ctx, event))
        return event

    def signs(
        self, points: int, customer: str = "C001", on: datetime | None = None
    ) -> BusinessEvent:
        """Let a customer earn points by a contract."""
        return self.has(EventType.CONTRACT_SIGNED, customer, on, amount=points * 100_000)

    def complains(self, customer: str = "C001") -> BusinessEvent:
        """Take 50 points from a customer, or let them be owed."""
        return self.has(EventType.COMPLAINT_CLOSED, customer, satisfied=False)

    def undoes(self, event: BusinessEvent) -> None:
        """Take an event back."""
        self.acts(lambda ctx: undo(ctx, event))

    def holds(self, points: int, name: str, *, until: datetime, customer: str = "C001") -> HoldId:
        """Set points aside."""
        hold = HoldId(name)
        self.acts(
            lambda ctx: hold_points(
                ctx, hold, CustomerId(customer), points, purpose=name, expires_at=until
            )
        )
        return hold

    def catches_up(self, *customers: str) -> None:
        """Book what has matured and ended."""
        self.acts(lambda ctx: bring_up_to_date(ctx, [CustomerId(one) for one in customers]))
