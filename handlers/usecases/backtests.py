"""Back-tests: what a draft would have made of the recorded past.

Planning and playing only read, in one transaction that sees one moment and keeps no writer
waiting; keeping the result is a short transaction of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.backtest_orders import BacktestOrder
from domain.events import json_text
from domain.ids import BacktestId, CustomerId
from domain.ports import Work
from domain.replay.assembling import Assembly
from domain.replay.drafts import Draft, Period, needs_everybody
from domain.replay.report import Json, is_exact, report
from domain.replay.running import Plan, Replayed, Run
from domain.repositories import Backtest, Recordings
from handlers.audit import write_note
from handlers.contract import Context, MemberActor
from handlers.usecases.backtest_orders import finish

ENTRIES_AT_ONCE = 1_000
"""About so many entries are read and played before the next customers are: what is played should
still be in the processor's caches, and four queries for a thousand entries are nothing."""

Tell = Callable[[int], None]
"""Hears how many entries have been played since the last time."""


@dataclass(frozen=True, slots=True)
class Part:
    """Customers that are read together, by the first and last id."""

    first: CustomerId
    last: CustomerId
    entries: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How the recorded past is read."""

    entries: int
    parts: tuple[Part, ...] | None
    """None: everybody together in the order of time, because a cap counts customers together."""

    def shares(self, count: int) -> "list[Layout]":
        """Split it into so many, of customers as many entries each as can be, for one run each."""
        if self.parts is None:
            return [self]
        shares: list[list[Part]] = [[] for _ in range(count)]
        passed = 0
        for part in self.parts:
            middle = 2 * passed + part.entries
            shares[middle * count // (2 * self.entries + 1)].append(part)
            passed += part.entries
        return [
            Layout(sum(part.entries for part in share), tuple(share)) for share in shares if share
        ] or [self]


def plan(
    work: Work, now: datetime, draft: Draft | None, period: Period, *, checks: bool = True
) -> Plan:
    """Collect what a back-test goes by: everything that is published, and what is to be tested."""
    return Plan(work.recordings.laws(), now, draft, period, checks)


def layout(work: Work, planned: Plan) -> Layout:
    """Decide how the recorded past is read for a plan."""
    customers = work.recordings.customers()
    entries = sum(count for _, count in customers)
    if needs_everybody(planned.laws, planned.draft):
        return Layout(entries, None)
    return Layout(entries, tuple(parts_of(customers)))


def play(recordings: Recordings, planned: Plan, part: Layout, tell: Tell) -> Replayed:
    """Replay the recorded past of a layout, or of a share of one."""
    run = Run(planned)
    if part.parts is None:
        _play_everybody(recordings, run, tell)
        return run.replayed
    for customers in part.parts:
        rows = recordings.of_customers(customers.first, customers.last)
        run.play(Assembly().steps(rows))
        run.close()
        tell(customers.entries)
    return run.replayed


def keep(
    ctx: Context, planned: Plan, replayed: Replayed, claimed: BacktestOrder | None = None
) -> tuple[Backtest, Json]:
    """Store what came out; the period, what was tested and who ran it stand with it.

    An order for which it was run is done with that.

    Raises:
        OrderLost: the order was claimed anew meanwhile.
    """
    # The report takes its time; the first statement begins the transaction, and others wait then.
    found = report(planned, replayed)
    result = json_text(found)
    if claimed is not None:
        finish(ctx, claimed)
    backtest = Backtest(
        id=claimed.id if claimed else BacktestId(ctx.ids.new()),
        content_hash="" if planned.draft is None else planned.draft.hash,
        first=planned.period.first,
        last=planned.period.last,
        started_at=planned.as_of,
        finished_at=ctx.now,
        by=ctx.actor.member.id if isinstance(ctx.actor, MemberActor) else None,
        is_exact=is_exact(planned, replayed),
        result=result,
    )
    ctx.work.backtests.add(backtest)
    write_note(
        ctx,
        "backtest_run",
        f"backtest:{backtest.id}",
        after={"content_hash": backtest.content_hash, "is_exact": backtest.is_exact},
    )
    return backtest, found


def is_tested(ctx: Context, draft: Draft, since: datetime) -> bool:
    """Tell whether exactly this draft was tested since an instant, by an exact replay."""
    found = ctx.work.backtests.latest(draft.hash)
    return found is not None and found.is_exact and found.finished_at >= since


def parts_of(customers: Sequence[tuple[CustomerId, int]]) -> Iterator[Part]:
    """Join customers, by id and with the number of their entries, to what is read together."""
    first, entries = None, 0
    for customer, count in customers:
        first = first or customer
        entries += count
        if entries >= ENTRIES_AT_ONCE:
            yield Part(first, customer, entries)
            first, entries = None, 0
    if first is not None:
        yield Part(first, customers[-1][0], entries)


def _play_everybody(recordings: Recordings, run: Run, tell: Tell) -> None:
    assembly = Assembly()
    for rows, until in recordings.in_time():
        before = run.replayed.entries
        run.play(assembly.steps(rows, until))
        tell(run.replayed.entries - before)
    run.close()
