"""A yes and 取消 at the same moment on both engines: one counts, and nothing is half done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from domain.errors import TicketUsed
from domain.ids import CustomerId, MemberId, ProjectId
from domain.members import Role
from handlers.contract import Context, MemberActor, View
from handlers.dispatch import answer
from handlers.incoming import Pressed, Said
from handlers.views import (
    Cancelled,
    GiftDone,
    GiftDropped,
    RecordCancelled,
    RecordDone,
    RedeemDropped,
    RedemptionCard,
)
from storage.verify_all import check_all
from storage.work import SqlStore
from tests.storage.test_gift_races import at_once
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.firm import Firm
from tests.support.gifts import as_contact, people_of_gifts
from tests.support.make import a_member, a_milestone, a_project, a_reward
from tests.support.stores import MAIN

STEPS = ("地基基础", "主体结构", "机电安装", "外墙装饰", "室内装修", "竣工验收")
PROJECT = ProjectId("P001")


def as_manager(ctx: Context) -> Context:
    return replace(ctx, actor=MemberActor(ctx.work.members.get(MemberId("li"))))


def as_customer(ctx: Context) -> Context:
    return as_contact(ctx, "C001")


def recorded(work: Any) -> int:
    """Count what stands as accepted; its event and its points must stand beside it."""
    accepted = [one for one in work.projects.milestones(PROJECT) if one.accepted_on]
    assert len(accepted) == len(work.events.latest_by(MemberId("li"), "milestone_accepted"))
    return len(accepted)


def spent(work: Any) -> int:
    """Count by tens what the customer has less than at the beginning."""
    wallet = work.wallets.read(CustomerId("C001"))
    assert wallet.held == 0
    return int(1_000 - wallet.available) // 10


@dataclass(frozen=True)
class Flow:
    """Something that is previewed, then confirmed or dropped."""

    who: Callable[[Context], Context]
    words: Sequence[str]
    done: type[View]
    dropped: type[View]
    count: Callable[[Any], int]


FLOWS = {
    "record": Flow(
        as_manager,
        [f"记录 滨江一期 {step} 昨天验收通过" for step in STEPS],
        RecordDone,
        RecordCancelled,
        recorded,
    ),
    "gift": Flow(as_customer, ["赠送 城南建设 10"] * 6, GiftDone, GiftDropped, spent),
    "redeem": Flow(as_customer, ["兑换 1"] * 6, RedemptionCard, RedeemDropped, spent),
}


def furnish(ctx: Context) -> None:
    people_of_gifts(ctx, "C001", "C002")
    ctx.work.members.add(a_member("li", Role.PROJECT_MANAGER))
    ctx.work.projects.add(a_project(PROJECT, "滨江一期", "C001", "li"))
    for step in STEPS:
        ctx.work.projects.add_milestone(a_milestone(PROJECT, step, date(2026, 12, 31)))
    ctx.work.rewards.add(a_reward(points=10, cost=1_000))


@pytest.fixture
def firm(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    made = Firm(store, clock, ids)
    made.opens()
    made.acts(furnish)
    made.signs(1_000)
    return made


def says(flow: Flow, words: str, ctx: Context) -> Any:
    return answer(flow.who(ctx), Said(words)).view


def confirms(flow: Flow, ticket: str, ctx: Context) -> View:
    return answer(flow.who(ctx), Pressed(f"{ticket}:confirm")).view


@pytest.mark.parametrize("name", FLOWS)
def test_of_a_yes_and_a_cancel_one_counts(firm: Firm, store: SqlStore, name: str) -> None:
    flow, expected = FLOWS[name], 0
    for words in flow.words:
        ticket = firm.acts(partial(says, flow, words)).ticket
        yes, no = at_once(firm, partial(confirms, flow, ticket), partial(says, flow, "取消"))
        if yes is TicketUsed:
            assert type(no) is flow.dropped
        else:
            assert type(yes) is flow.done
            # Whoever comes right behind a purchase is shown it.
            is_late = no is TicketUsed or type(no) is RedemptionCard
            assert is_late or (type(no) is Cancelled and not no.had_something)
            expected += 1
        assert firm.looks(flow.count) == expected
    assert not firm.looks(lambda work: work.reconciliation.findings(9))
    assert not check_all(store.database, MAIN)[1]


def test_several_cancels_at_once_drop_each_preview_once_the_newest_first(firm: Firm) -> None:
    flow = FLOWS["gift"]
    older, newer = (firm.acts(partial(says, flow, flow.words[0])).ticket for _ in range(2))
    said = at_once(firm, *[partial(says, flow, "取消")] * 4)
    # Who comes later than the others finds the one before to be the newest.
    dropped = [one for one in said if type(one) is GiftDropped]
    assert 1 <= len(dropped) <= 2
    found = firm.looks(lambda work: [work.tickets.find(ticket) for ticket in (newer, older)])
    assert [ticket.used_at is not None for ticket in found] == [True, len(dropped) == 2]
    assert firm.looks(spent) == 0
