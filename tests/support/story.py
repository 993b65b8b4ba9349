"""A ledger with everything in it, written by the use cases and the engine as the firm would.

Awards and penalties, debts and what pays them, an undo, pending points that mature, points held,
spent and given back, an expiry, a cap that bites, a tier with its gift, an event worth nothing, and
two daily heads with more booked after the second.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.calendar import business_date
from domain.customers import Customer
from domain.events import BusinessEvent, EventType
from domain.ids import ChannelId, CustomerId, EventId, TenantId
from domain.ledger import Cause, Written
from domain.posting import Book, month_text
from domain.programme import Programme
from domain.proof import DayHead
from domain.repositories import Publication
from domain.rules.model import Cap, Direction, Fixed, RuleVersion, Scope, Window
from domain.starter import starter_rules
from domain.tiers import Tier, TierPolicy
from handlers.contract import Context, Machine
from handlers.usecases.books import all_written, open_book, store_books
from handlers.usecases.points import book, undo
from handlers.usecases.proof import plan_day, seal_day
from storage.work import SqlStore
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.make import a_member
from tests.support.stores import MAIN

ACME = Customer(CustomerId("c-acme"), "K001", "滨江置业", None)
BETA = Customer(CustomerId("c-beta"), "K002", "城南建设", None)
IDLE = Customer(CustomerId("c-idle"), "K003", "静水", None)
"""Has a wallet and no entries."""
WAN = 1_000_000
"""Ten thousand yuan in fen."""


class Story:
    """Writes into a store, day by day."""

    def __init__(self, store: SqlStore, tenant: TenantId = MAIN) -> None:
        """Begin on the day the tests begin."""
        self.store, self.tenant = store, tenant
        self.clock, self.ids = FakeClock(START), SequenceIds()
        self._told = 0

    def act(self, act: Callable[[Context], None]) -> None:
        """Do something in one transaction, as the machine."""
        with self.store.work(self.tenant) as work:
            now = self.clock.now()
            act(
                Context(
                    work=work,
                    now=now,
                    today=business_date(now),
                    ids=self.ids,
                    actor=Machine(),
                    channel=ChannelId(""),
                    sender="",
                    inbox=None,
                    sent_at=now,
                )
            )
            work.commit()

    def happens(
        self, kind: EventType, customer: Customer, **data: int | str | bool
    ) -> BusinessEvent:
        """Let something happen to a customer an hour before now, and be counted."""
        self._told += 1
        now = self.clock.now()
        event = BusinessEvent(
            id=EventId(f"event-{self._told:02d}"),
            source="erp",
            source_id=f"单据/{self._told}",
            type=kind,
            customer=customer.id,
            project=None,
            occurred_at=now - timedelta(hours=1),
            recorded_at=now,
            recorded_by=None,
            data=dict(data),
            evidence="合同.pdf" if self._told == 1 else None,
        )

        def act(ctx: Context) -> None:
            book(ctx, event, tells=False)

        self.act(act)
        return event

    def undoes(self, event: BusinessEvent) -> None:
        """Take an event back."""

        def act(ctx: Context) -> None:
            undo(ctx, event, tells=False)

        self.act(act)

    def writes(self, customer: Customer, write: Callable[[Book, Cause], None]) -> list[Written]:
        """Write into a wallet by hand, without an event."""
        self._told += 1
        now = self.clock.now()
        cause = Cause(
            "member:zhou", now, now, f"by-hand:{self._told}", month_text(now), note="冲抵"
        )
        written: list[Written] = []

        def act(ctx: Context) -> None:
            opened = open_book(ctx, customer.id)
            write(opened, cause)
            written.extend(all_written(store_books(ctx, [opened], {})))

        self.act(act)
        return written

    def closes_the_day(self) -> DayHead:
        """Pass to five past the next midnight and seal the day that is over."""
        night = self.clock.at.replace(hour=16, minute=5)
        self.clock.at = night if night > self.clock.at else night + timedelta(days=1)
        with self.store.reading(self.tenant) as work:
            plan = plan_day(work, self.clock.now())
        assert plan is not None
        self.act(lambda ctx: seal_day(ctx, plan))
        return plan.head

    def passes(self, **time: int) -> None:
        """Let time pass."""
        self.clock.at += timedelta(**time)


def firm(story: Story) -> None:
    """Set up customers, rules and a programme."""

    def act(ctx: Context) -> None:
        for name in ("li", "zhou"):
            ctx.work.members.add(a_member(name))
        for customer in (ACME, BETA, IDLE):
            ctx.work.customers.add(customer)
        published = Publication(START, a_member("li").id, a_member("zhou").id)
        for rule in rules(START - timedelta(days=30)):
            ctx.work.rules.add(rule, published)
        ctx.work.rules.add_programme(programme(START - timedelta(days=30)), published)
        ctx.work.wallets.lock(IDLE.id)

    story.act(act)


def rules(since: datetime) -> list[RuleVersion]:
    """Give the starter rules, with a cap and a short life, and one whose points mature."""
    found = []
    for rule in starter_rules(since):
        if rule.code == "suggestion-adopted":
            month = Cap(Scope.CUSTOMER, Window.MONTH, points=50)
            rule = replace(rule, caps=(month,), valid_months=0, name="采纳建议")  # noqa: PLW2901
        if rule.code == "referral-signed":
            rule = replace(rule, matures_after_days=3)  # noqa: PLW2901
        found.append(rule)
    survey = replace(found[0], code="survey", trigger=EventType.SURVEY_COMPLETED)
    ended = since + timedelta(days=1)
    return [*found, replace(survey, formula=Fixed(5), direction=Direction.EARN, effective_to=ended)]


def programme(since: datetime) -> Programme:
    """Give a programme with one tier."""
    tiers = TierPolicy((Tier("silver", "银卡", 400, percent=120, gift=66),))
    return Programme(1, since, tiers=tiers)


def tell(store: SqlStore, tenant: TenantId = MAIN) -> list[DayHead]:
    """Write the whole ledger; give its daily heads."""
    story = Story(store, tenant)
    firm(story)
    kinds = EventType
    late = {"milestone": "主体", "planned_on": "2026-11-01", "accepted_on": "2026-11-09"}
    story.happens(kinds.CONTRACT_SIGNED, ACME, amount=40 * WAN)
    story.happens(kinds.MILESTONE_ACCEPTED, BETA, **late)
    story.happens(kinds.CHECK_IN, BETA)
    mistaken = story.happens(kinds.CONTRACT_SIGNED, ACME, amount=9 * WAN)
    story.happens(kinds.SUGGESTION_ADOPTED, BETA, title="导视")
    first = story.closes_the_day()
    story.passes(hours=10)
    story.undoes(mistaken)
    story.happens(kinds.SUGGESTION_ADOPTED, ACME, title="坡道")
    story.happens(kinds.SUGGESTION_ADOPTED, ACME, title="扶手")
    story.happens(kinds.REFERRAL_SIGNED, ACME, referred="城南")
    held = story.writes(ACME, lambda opened, cause: opened.hold(40, cause))
    story.writes(ACME, lambda opened, cause: opened.settle(30, cause))
    given = tuple(use for one in held for use in one.takes)[-1:]

    def release(opened: Book, cause: Cause) -> None:
        with store.reading(tenant) as work:
            opened.shelf.learn(work.wallets.lot(given[0].lot))
        opened.release(given, cause)

    story.writes(ACME, release)
    second = story.closes_the_day()
    # The referral's points mature, and what the suggestions gave is over with the month.
    story.passes(days=12)
    story.happens(kinds.MILESTONE_ACCEPTED, ACME, **late)
    story.happens(kinds.REFERRAL_SIGNED, ACME, referred="远山")
    story.happens(kinds.COMPLAINT_CLOSED, BETA, satisfied=False)
    return [first, second]
