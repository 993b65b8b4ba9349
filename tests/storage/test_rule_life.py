"""The whole life of a rule on both engines, and what happens when two are at it at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.intake import Intake
from bot.pulls import Puller
from bot.runtime import Runtime
from domain.approvals import Verdict
from domain.drafts import DraftState
from domain.errors import ApprovalClosed, DomainError, OwnApproval, RuleHasErrors, VersionTaken
from domain.events import BusinessEvent, EventType
from domain.ids import BacktestId, CustomerId, EventId, MemberId
from domain.members import Role
from domain.ports import Conflict, Work
from handlers.contract import Context, MemberActor
from handlers.usecases import drafts, publishing, setup
from handlers.usecases.decisions import decide_draft
from handlers.usecases.points import book
from storage.work import SqlStore
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.stores import MAIN

RULE: dict[str, Any] = {
    "code": "contract-amount",
    "trigger": "contract_signed",
    "conditions": [],
    "formula": {"kind": "fixed", "points": 7},
    "direction": "earn",
}
DAY = timedelta(days=1)


class Firm:
    """A firm on a real database in which members act."""

    def __init__(self, store: SqlStore, clock: FakeClock, ids: SequenceIds) -> None:
        self.store, self.clock = store, clock
        puller = Puller(store, Intake(store, clock, ids), lambda _tenant, _channel: None)
        self.runtime = Runtime(store=store, clock=clock, ids=ids, render=_unseen, pullers=puller)
        self.members: dict[str, MemberId] = {}
        self.customer = CustomerId("")
        self.runtime.act(MAIN, self._furnish)

    def acts(self, who: str, act: Callable[[Context], Any]) -> Any:
        """Let a member do something, as a request of its own."""
        made: list[Any] = []

        def actor(work: Work) -> MemberActor:
            return MemberActor(work.members.get(self.members[who]))

        self.runtime.act(MAIN, lambda ctx: made.append(act(ctx)), actor=actor)
        return made[-1]

    def saves(self, who: str, number: int | None = None, **changes: Any) -> int:
        saved = self.acts(who, lambda ctx: drafts.save_draft(ctx, RULE | changes, number=number))
        found: int = saved.number
        return found

    def tests(self, number: int) -> None:
        def act(ctx: Context) -> None:
            says = drafts.find_draft(ctx, str(number)).says
            drafts.note_backtest(ctx, number, BacktestId(f"bt-{number}"), says)

        self.acts("zhou", act)

    def submits(self, who: str, number: int) -> None:
        self.acts(who, lambda ctx: drafts.submit_drafts(ctx, [number]))

    def approves(self, who: str, number: int) -> None:
        self.acts(who, lambda ctx: decide_draft(ctx, number, Verdict.APPROVE, ""))

    def signs(self, number: int, at: datetime) -> int:
        """Let a contract be signed; give the points it brings."""
        event = BusinessEvent(
            id=EventId(f"e-{number:04d}"),
            source="erp",
            source_id=f"HT-{number}",
            type=EventType.CONTRACT_SIGNED,
            customer=self.customer,
            project=None,
            occurred_at=at,
            recorded_at=self.clock.now(),
            recorded_by=None,
            data={"amount": 100_000_000},
        )
        points: int = self.acts("zhou", lambda ctx: book(ctx, event).points)
        return points

    def state(self, number: int) -> DraftState:
        with self.store.reading(MAIN) as work:
            found = work.drafts.find_number(number)
            assert found is not None
            return found.state

    def versions(self) -> list[int]:
        with self.store.reading(MAIN) as work:
            return [
                one.rule.version
                for one in work.rules.published()
                if one.rule.code == "contract-amount"
            ]

    def _furnish(self, ctx: Context) -> None:
        setup.publish_starter_rules(ctx, START - timedelta(days=365))
        for name, role in (
            ("zhou", Role.FINANCE),
            ("zhang", Role.SUPERVISOR),
            ("zhao", Role.SUPERVISOR),
        ):
            self.members[name] = setup.add_member(ctx, name, [role]).id
        self.customer = setup.add_customer(ctx, "C001", "滨江置业", None).id


def _unseen(*_: Any) -> Any:
    raise AssertionError


@pytest.fixture
def firm(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    return Firm(store, clock, ids)


def test_the_whole_life_of_a_rule(firm: Firm) -> None:
    clock = firm.clock
    assert firm.signs(1, clock.now()) == 1_000
    starts = clock.now() + 2 * DAY
    number = firm.saves("zhou", valid_months=0, effective_from=starts.isoformat())
    firm.tests(number)
    with pytest.raises(RuleHasErrors):
        firm.submits("zhou", number)
    firm.saves("zhou", number, effective_from=starts.isoformat())
    firm.tests(number)
    firm.submits("zhou", number)
    with pytest.raises(DomainError):
        firm.approves("zhou", number)
    assert firm.state(number) is DraftState.SUBMITTED
    firm.approves("zhang", number)
    assert firm.state(number) is DraftState.PUBLISHED

    assert firm.signs(2, clock.now()) == 1_000
    clock.forward(timedelta(days=3))
    assert firm.signs(3, clock.now()) == 7
    assert firm.signs(4, starts - DAY) == 1_000

    later = firm.saves("zhou", priority=9, effective_from=(clock.now() + DAY).isoformat())
    firm.tests(later)
    firm.submits("zhou", later)
    firm.approves("zhang", later)
    firm.acts("zhang", lambda ctx: publishing.withdraw_version(ctx, "contract-amount", 3))
    clock.forward(timedelta(days=2))
    assert firm.signs(5, clock.now()) == 7

    again = firm.acts("zhang", lambda ctx: publishing.roll_back(ctx, "contract-amount"))
    assert again.version == 4
    assert firm.signs(6, clock.now()) == 1_000
    assert firm.signs(7, clock.now() - DAY) == 7
    assert firm.versions() == [1, 2, 3, 4]


def test_who_asks_is_refused_whatever_the_right(firm: Firm) -> None:
    number = firm.saves("zhang")
    firm.submits("zhang", number)
    with pytest.raises(OwnApproval):
        firm.approves("zhang", number)
    assert (firm.state(number), firm.versions()) == (DraftState.SUBMITTED, [1])


def at_once(*acts: Callable[[], None]) -> list[Exception | None]:
    """Do several things at the same moment; give what each was refused with."""

    def done(act: Callable[[], None]) -> Exception | None:
        try:
            act()
        except (DomainError, Conflict) as refused:
            return refused
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(done, acts))


def test_of_two_approvals_at_once_one_publishes(firm: Firm) -> None:
    number = firm.saves("zhou")
    firm.submits("zhou", number)
    ends = at_once(lambda: firm.approves("zhang", number), lambda: firm.approves("zhao", number))
    [refused] = [end for end in ends if end is not None]
    assert isinstance(refused, ApprovalClosed)
    assert firm.versions() == [1, 2]


def test_of_two_drafts_of_one_rule_the_second_is_judged_anew(firm: Firm) -> None:
    one, two = firm.saves("zhou"), firm.saves("zhou", priority=9)
    for number in (one, two):
        firm.submits("zhou", number)
    ends = at_once(lambda: firm.approves("zhang", one), lambda: firm.approves("zhao", two))
    [refused] = [end for end in ends if end is not None]
    assert isinstance(refused, VersionTaken)
    assert firm.versions() == [1, 2]
    states = {firm.state(one), firm.state(two)}
    assert states == {DraftState.PUBLISHED, DraftState.SUBMITTED}


def test_while_a_version_goes_live_each_event_meets_exactly_one(firm: Firm) -> None:
    number = firm.saves("zhou")
    firm.submits("zhou", number)
    now = firm.clock.now()
    points: list[int] = []

    def sign(first: int) -> Callable[[], None]:
        def act() -> None:
            for n in range(first, first + 8):
                points.append(firm.signs(n, now))  # noqa: PERF401  a thread's list fills as it goes

        return act

    ends = at_once(sign(100), lambda: firm.approves("zhang", number), sign(200))
    assert ends == [None, None, None]
    assert set(points) <= {1_000, 7}
    assert firm.signs(300, now) == 7
    with firm.store.reading(MAIN) as work:
        booked = work.wallets.latest(firm.customer, 50)
    assert {entry.cause.rule_version for entry in booked} <= {1, 2}
    assert sorted(entry.points for entry in booked) == sorted([*points, 7])
