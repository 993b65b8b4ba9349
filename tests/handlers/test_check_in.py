"""签到: one a day for a customer, whichever contact is first; what it gives the rules say."""

from datetime import timedelta

import pytest

from domain.errors import ErrorCode
from domain.events import CHAT_SOURCE, EventType
from domain.repositories import Publication
from domain.rules.model import Cap, Direction, Fixed, Scope, Window
from handlers.usecases.points import undo
from handlers.views import CheckInDone, PointsNotice, Refusal, Statement
from tests.handlers.expiring import at, entries, purse
from tests.support.chat import Chat
from tests.support.firm import BEGIN
from tests.support.make import a_contact, a_rule
from tests.support.stores import MAIN


@pytest.fixture
def chat(two_phones: Chat) -> Chat:
    """Let 滨江置业 have two contacts."""
    return two_phones


def checks_in(chat: Chat, who: str = "wang", words: str = "签到") -> CheckInDone:
    view = chat.says(who, words)
    assert isinstance(view, CheckInDone), view
    return view


def rule(chat: Chat, **changes: object) -> None:
    """Let check-ins give five points, or something else."""
    terms = {"trigger": EventType.CHECK_IN, "formula": Fixed(5), "effective_from": BEGIN}
    with chat.store.work(MAIN) as work:
        work.rules.add(a_rule("visit", **(terms | changes)), Publication(BEGIN))
        work.commit()


def test_a_check_in_is_booked_by_the_rules_and_told(chat: Chat) -> None:
    rule(chat)
    view = checks_in(chat)
    assert (view.customer, view.is_new, view.by, view.days) == ("滨江置业", True, "wang", 1)
    assert (view.points, view.pending, view.has_rule, view.kept_back) == (5, 0, True, 0)
    assert (view.available_after, purse(chat).available) == (5, 5)
    [counted] = chat.store.committed(MAIN).events.values()
    event = counted.event
    assert (event.source, event.source_id) == (CHAT_SOURCE, "check-in:C001:2026-11-22")
    assert (event.type, event.contact, event.recorded_by) == (EventType.CHECK_IN, "wang", None)
    statement = chat.says("lin", "明细")
    assert isinstance(statement, Statement)
    assert [line.points for line in statement.lines] == [5]


def test_one_a_day_and_the_others_are_told_who_did(chat: Chat) -> None:
    rule(chat)
    first = checks_in(chat)
    before = entries(chat)
    chat.clock.forward(timedelta(hours=2))
    for who in ("lin", "wang"):
        again = checks_in(chat, who)
        assert (again.is_new, again.by, again.at) == (False, "wang", first.at)
        assert (again.points, again.days, again.available_after) == (5, 1, 5)
    assert entries(chat) == before
    assert len(chat.store.committed(MAIN).events) == 1


def test_another_customers_check_in_is_its_own(chat: Chat) -> None:
    rule(chat)
    checks_in(chat)
    assert checks_in(chat, "chen").is_new
    assert (purse(chat).available, purse(chat, "C002").available) == (5, 5)


def test_days_in_a_row_are_counted_by_the_firms_midnight(chat: Chat) -> None:
    rule(chat)
    days = []
    for day, clock in (
        ("2026-11-23", "23:59"),
        ("2026-11-24", "00:00"),
        ("2026-11-25", "12:00"),
        ("2026-11-27", "09:00"),
    ):
        chat.clock.at = at(day, clock)
        view = checks_in(chat)
        days.append((view.is_new, view.days))
    assert days == [(True, 1), (True, 2), (True, 3), (True, 1)]
    assert purse(chat).available == 20


def test_without_a_rule_it_says_that_nothing_is_given(chat: Chat) -> None:
    view = checks_in(chat)
    assert (view.is_new, view.has_rule, view.points, view.days) == (True, False, 0, 1)
    assert entries(chat) == []
    assert not checks_in(chat, "lin").has_rule


def test_a_cap_that_is_reached_is_said(chat: Chat) -> None:
    rule(chat, caps=(Cap(Scope.CUSTOMER, Window.MONTH, points=7),))
    gave = []
    for day in ("2026-11-23", "2026-11-24", "2026-11-25"):
        chat.clock.at = at(day)
        view = checks_in(chat)
        gave.append((view.points, view.kept_back))
    assert gave == [(5, 0), (2, 3), (0, 5)]


def test_points_that_wait_are_told_as_pending(chat: Chat) -> None:
    rule(chat, matures_after_days=7)
    view = checks_in(chat)
    assert (view.points, view.pending, view.available_after) == (5, 5, 0)


def test_a_rule_that_takes_is_told_too(chat: Chat) -> None:
    rule(chat, direction=Direction.DEDUCT)
    view = checks_in(chat)
    assert (view.points, view.debt_after) == (-5, 5)


def test_an_undone_check_in_is_no_day_in_a_row(chat: Chat) -> None:
    rule(chat)
    checks_in(chat)
    [counted] = chat.store.committed(MAIN).events.values()
    chat.acts(lambda ctx: undo(ctx, counted.event))
    again = checks_in(chat)
    assert (again.is_new, again.days) == (False, 0)
    assert purse(chat).available == 0


def test_nobody_gets_a_notice_of_every_check_in(chat: Chat) -> None:
    rule(chat)
    checks_in(chat)
    for who in ("wang", "lin"):
        assert not [view for view in chat.phone(who) if isinstance(view, PointsNotice)]


def test_who_may_not_see_points_checks_in_and_sees_none(chat: Chat) -> None:
    rule(chat)
    blind = a_contact("wang", may_see=False, may_redeem=False)
    chat.acts(lambda ctx: ctx.work.customers.change_contact(blind))
    view = checks_in(chat)
    assert (view.is_new, view.days, view.may_see) == (True, 1, False)
    assert (view.points, view.pending, view.has_rule, view.kept_back) == (0, 0, False, 0)
    assert (view.available_after, view.debt_after) == (0, 0)
    assert purse(chat).available == 5
    assert checks_in(chat, "lin").points == 5


def test_members_do_not_check_in(chat: Chat) -> None:
    rule(chat)
    before = chat.state()
    view = chat.says("li", "签到")
    assert isinstance(view, Refusal)
    assert view.code == ErrorCode.NOT_PERMITTED
    assert chat.state() == before


def test_a_check_in_is_not_for_a_group(chat: Chat) -> None:
    before = chat.state()
    view = chat.says("wang", "签到", group=True)
    assert isinstance(view, Refusal)
    assert view.code == ErrorCode.PRIVATE_ONLY
    assert chat.state() == before
