"""A ledger made by what really happens: use cases on a store, and the clock going on between.

What has no use case yet is written as every use case writes: into a book, sealed and stored.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from domain.approvals import Verdict
from domain.calendar import business_date
from domain.customers import Customer
from domain.errors import GiftLimitReached, GiftShort, RefundTooLarge, ShortOfPoints
from domain.events import BusinessEvent, EventType, EventValue
from domain.holds import HoldState
from domain.ids import ChannelId, CustomerId, EntryId, EventId, GiftId, HoldId, ProjectId
from domain.ledger import Account, Reason
from domain.members import Role
from domain.ports import Ids
from domain.posting import lot_end
from domain.programme import Programme
from domain.projects import Project
from domain.replay.drafts import Draft, Period
from domain.replay.report import Json, report
from domain.replay.running import Plan, Replayed
from domain.repositories import Publication
from domain.rules.model import RuleVersion
from handlers.contract import Context, Machine
from handlers.usecases import backtests
from handlers.usecases.books import machine_cause, open_book, store_books
from handlers.usecases.holds import hold_points, refund_hold, release_hold, settle_hold
from handlers.usecases.points import Booked, book, undo
from tests.support.fakes import FakeClock
from tests.support.gifts import APPROVER, decides, gives
from tests.support.make import a_contact, a_member
from tests.support.stores import MAIN, AnyStore

T = TypeVar("T")
EVER = datetime(2000, 1, 1, tzinfo=UTC)


class History:
    """One firm's past on a store."""

    def __init__(self, store: AnyStore, clock: FakeClock, ids: Ids) -> None:
        self.store, self.clock, self.ids = store, clock, ids
        self.events: list[BusinessEvent] = []

    def act(self, act: Callable[[Context], T]) -> T:
        """Do something in a transaction of its own."""
        with self.store.work(MAIN) as work:
            found = act(self._context(work))
            work.commit()
        return found

    def pass_by(self, **parts: float) -> None:
        """Let time pass."""
        self.clock.forward(timedelta(**parts))

    def customer(self, code: str) -> None:
        """Make a customer with a project of its own."""

        def make(ctx: Context) -> None:
            ctx.work.customers.add(Customer(CustomerId(code), code, f"客户{code}", None))
            ctx.work.projects.add(
                Project(ProjectId(f"P-{code}"), f"P-{code}", f"项目{code}", CustomerId(code), None)
            )
            if not ctx.work.members.all():
                ctx.work.members.add(a_member(APPROVER, Role.SUPERVISOR))
            ctx.work.customers.add_contact(a_contact(f"of-{code}", code))

        self.act(make)

    def publish(self, *rules: RuleVersion) -> None:
        """Let rules go live now."""

        def add(ctx: Context) -> None:
            for rule in rules:
                ctx.work.rules.add(rule, Publication(ctx.now))

        self.act(add)

    def proclaim(self, programme: Programme) -> None:
        """Let a programme go live now."""
        self.act(lambda ctx: ctx.work.rules.add_programme(programme, Publication(ctx.now)))

    def happens(
        self, customer: str, kind: EventType, *, days_ago: int = 0, **data: EventValue
    ) -> Booked:
        """Count an event."""

        def count(ctx: Context) -> Booked:
            event = BusinessEvent(
                id=EventId(ctx.ids.new()),
                source="test",
                source_id=f"{len(self.events)}",
                type=kind,
                customer=CustomerId(customer),
                project=ProjectId(f"P-{customer}"),
                occurred_at=ctx.now - timedelta(days=days_ago),
                recorded_at=ctx.now,
                recorded_by=None,
                data=dict(data),
            )
            self.events.append(event)
            return book(ctx, event)

        return self.act(count)

    def undo(self, number: int) -> None:
        """Undo the event that happened as this number, from 0."""
        self.act(lambda ctx: undo(ctx, self.events[number]))

    def tick(self, customer: str) -> None:
        """Book what has matured and expired, as the nightly run does."""

        def run(ctx: Context) -> None:
            store_books(ctx, [open_book(ctx, CustomerId(customer))], {})

        self.act(run)

    def hold(self, customer: str, points: int, name: str) -> bool:
        """Set points aside for a redemption; False when there are not as many."""
        until = self.clock.now() + timedelta(days=30)
        try:
            self.act(
                lambda ctx: hold_points(
                    ctx,
                    HoldId(name),
                    CustomerId(customer),
                    points,
                    purpose=f"redemption:{name}",
                    expires_at=until,
                )
            )
        except ShortOfPoints:
            return False
        return True

    def end_hold(self, name: str, state: HoldState) -> None:
        """Settle or release a hold."""
        end = settle_hold if state is HoldState.SETTLED else release_hold
        assert self.act(lambda ctx: end(ctx, HoldId(name)))

    def refund(self, name: str, points: int) -> bool:
        """Give back of a settled hold; False when there is not as much left of it."""
        try:
            self.act(
                lambda ctx: refund_hold(ctx, HoldId(name), points, part=ctx.ids.new()),
            )
        except RefundTooLarge:
            return False
        return True

    def gift(self, giver: str, receiver: str, points: int) -> bool:
        """Give points of one customer to another, or ask for it; False when that is refused."""
        try:
            self.act(lambda ctx: gives(ctx, giver, receiver, points))
        except (GiftShort, GiftLimitReached):
            return False
        return True

    def end_gift(self, verdict: Verdict) -> bool:
        """Let somebody in the firm decide on the oldest gift that waits; False without one."""

        def end(ctx: Context) -> bool:
            pending = ctx.work.approvals.pending()
            if pending:
                decides(ctx, ctx.work.gifts.get(GiftId(str(pending[0].payload["gift"]))), verdict)
            return bool(pending)

        return self.act(end)

    def adjust(self, customer: str, points: int) -> None:
        """Give points by hand, or take as many as are there."""

        def move(ctx: Context) -> None:
            opened = open_book(ctx, CustomerId(customer))
            cause = machine_cause(ctx, f"approval:{ctx.ids.new()}", ctx.now, note="approval:1")
            if points > 0:
                end = lot_end(ctx.now, 12)
                opened.award(points, cause, expires_at=end, reason=Reason.ADJUSTMENT)
            elif opened.available >= -points:
                opened.deduct(-points, cause, reason=Reason.ADJUSTMENT, to=Account.ISSUED)
            store_books(ctx, [opened], {})

        self.act(move)

    def reinstate(self, customer: str) -> bool:
        """Give back what the last expiry took, once; False when there is nothing."""

        def give(ctx: Context) -> bool:
            opened = open_book(ctx, CustomerId(customer))
            found = next(
                (
                    entry
                    for entry in ctx.work.wallets.latest(CustomerId(customer), 1000)
                    if entry.reason is Reason.EXPIRY and not ctx.work.wallets.is_reversed(entry.id)
                ),
                None,
            )
            if found is None:
                return False
            cause = machine_cause(ctx, f"approval:{found.id}", ctx.now, note="approval:2")
            paid = min(opened.debt, found.points)
            if paid:
                legs = (Account.EXPIRED, Account.DEBT)
                opened.write(legs, paid, Reason.REINSTATEMENT, cause, reverses=found.id)
            if found.points > paid:
                end = lot_end(ctx.now, 3)
                lot = opened.open_lot(found.points - paid, ctx.now, end, None)
                legs = (Account.EXPIRED, Account.AVAILABLE)
                opened.write(
                    legs,
                    found.points - paid,
                    Reason.REINSTATEMENT,
                    cause,
                    opens=lot,
                    reverses=EntryId(found.id),
                )
            store_books(ctx, [opened], {})
            return True

        return self.act(give)

    def close_month(self, month: str) -> None:
        """Let finance close a month."""
        self.act(lambda ctx: ctx.work.months.close(month, ctx.now, None))

    def plan(self, draft: Draft | None = None, period: Period | None = None) -> Plan:
        """Plan a back-test as of now."""
        with self.store.reading(MAIN) as work:
            return backtests.plan(work, self.clock.now(), draft, period or Period())

    def replay(self, plan: Plan, jobs: int = 1) -> Replayed:
        """Run a back-test, in as many shares as wanted, one after the other."""
        with self.store.reading(MAIN) as work:
            shares = backtests.layout(work, plan).shares(jobs)
            played = [
                backtests.play(work.recordings, plan, share, lambda _: None) for share in shares
            ]
        for other in played[1:]:
            played[0].add(other)
        return played[0]

    def backtest(self, draft: Draft | None = None, period: Period | None = None) -> Json:
        """Run a back-test and give its report."""
        return self.report_of(self.plan(draft, period))

    def report_of(self, plan: Plan) -> Json:
        """Run a planned back-test and give its report."""
        return report(plan, self.replay(plan))

    def customers(self) -> list[tuple[CustomerId, int]]:
        """List the customers with the number of their entries."""
        with self.store.reading(MAIN) as work:
            return work.recordings.customers()

    def rules_in_force(self) -> tuple[RuleVersion, ...]:
        """Give all published rules."""
        with self.store.reading(MAIN) as work:
            return tuple(one.rule for one in work.rules.published())

    def _context(self, work: object) -> Context:
        now: datetime = self.clock.now()
        return Context(
            work=work,  # type: ignore[arg-type]
            now=now,
            today=business_date(now),
            ids=self.ids,
            actor=Machine(),
            channel=ChannelId(""),
            sender="",
            inbox=None,
            sent_at=now,
        )
