"""余额 and 明细: what a customer's wallet holds, and why."""

from datetime import timedelta

from domain.ids import CustomerId
from domain.proof import receipt_code
from handlers.views import (
    Balance,
    ExpiringLot,
    RecordPreview,
    Statement,
    StatementLine,
    UndoPreview,
)
from tests.support.chat import Chat
from tests.support.stores import MAIN

NOON = "2026-11-22T02:00:00+00:00"


def record(chat: Chat, text: str, who: str = "li") -> None:
    shown = chat.says(who, text)
    assert isinstance(shown, RecordPreview), shown
    chat.presses(who, shown, "confirm")


def undo(chat: Chat) -> None:
    shown = chat.says("li", "撤销")
    assert isinstance(shown, UndoPreview), shown
    chat.presses("li", shown, "confirm")


def test_a_new_customer_has_nothing(chat: Chat) -> None:
    assert chat.says("wang", "余额") == Balance("滨江置业", 0, 0, 0, 0, (), NOON)
    assert chat.says("wang", "明细") == Statement("滨江置业", 0, 0, (), NOON, "")


def test_the_balance_shows_points_and_when_they_end(chat: Chat) -> None:
    record(chat, "滨江一期 主体昨天验收通过")
    record(chat, "滨江一期 竣工2026年10月30日验收通过")
    assert chat.says("wang", "余额") == Balance(
        customer="滨江置业",
        available=100,
        held=0,
        pending=0,
        debt=0,
        expiring=(ExpiringLot(50, "2028-10-31"), ExpiringLot(50, "2028-11-30")),
        as_of=NOON,
    )


def test_points_that_end_on_one_day_are_one_line(chat: Chat) -> None:
    record(chat, "滨江一期 主体昨天验收通过")
    record(chat, "滨江一期 竣工昨天验收通过")
    view = chat.says("wang", "余额")
    assert isinstance(view, Balance)
    assert view.expiring == (ExpiringLot(100, "2028-11-30"),)


def test_a_customer_sees_the_own_wallet_only(chat: Chat) -> None:
    record(chat, "滨江一期 主体昨天验收通过")
    assert chat.says("chen", "余额") == Balance("城南建设", 0, 0, 0, 0, (), NOON)
    assert chat.says("chen", "明细") == Statement("城南建设", 0, 0, (), NOON, "")


def test_a_debt_is_shown(chat: Chat) -> None:
    record(chat, "滨江二期 主体昨天验收通过")
    view = chat.says("wang", "余额")
    assert isinstance(view, Balance)
    assert (view.available, view.debt) == (0, 20)


def test_what_has_ended_no_longer_counts_even_before_it_is_booked(chat: Chat) -> None:
    record(chat, "滨江一期 主体昨天验收通过")
    # The end of 30 November 2028 in Shanghai.
    chat.clock.at = chat.clock.at.replace(year=2028, month=11, day=30, hour=16) - timedelta(
        microseconds=1
    )
    last = chat.says("wang", "余额")
    assert isinstance(last, Balance)
    assert (last.available, last.expiring) == (50, (ExpiringLot(50, "2028-11-30"),))
    chat.clock.forward(timedelta(microseconds=1))
    over = chat.says("wang", "余额")
    assert isinstance(over, Balance)
    assert (over.available, over.expiring) == (0, ())
    statement = chat.says("wang", "明细")
    assert isinstance(statement, Statement)
    assert statement.available == 0


def head_of(chat: Chat) -> str:
    return chat.store.committed(MAIN).wallets["C001"].head


def line(
    seq: int, reason: str, points: int, debt_change: int, after: tuple[int, int]
) -> StatementLine:
    is_late = reason == "penalty"
    return StatementLine(
        seq=seq,
        on=NOON,
        reason=reason,
        points=points,
        debt_change=debt_change,
        subject="滨江二期 主体验收" if is_late else "滨江一期 主体验收",
        days_late=20 if is_late else -4,
        rule="milestone-late" if is_late else "milestone-on-time",
        rule_version=1,
        available_after=after[0],
        debt_after=after[1],
    )


def test_the_statement_explains_every_entry_newest_first(chat: Chat) -> None:
    record(chat, "滨江二期 主体昨天验收通过")
    record(chat, "滨江一期 主体昨天验收通过")
    view = chat.says("wang", "明细")
    assert view == Statement(
        customer="滨江置业",
        available=30,
        debt=0,
        lines=(
            line(3, "award", 30, 0, (30, 0)),
            line(2, "debt_paid", 0, -20, (0, 0)),
            line(1, "penalty", 0, 20, (0, 20)),
        ),
        as_of=NOON,
        receipt=receipt_code(CustomerId("C001"), 3, head_of(chat)),
    )


def test_an_undo_is_a_line_of_its_own_without_a_rule(chat: Chat) -> None:
    record(chat, "滨江一期 主体昨天验收通过")
    undo(chat)
    view = chat.says("wang", "明细")
    assert isinstance(view, Statement)
    newest = view.lines[0]
    assert (newest.reason, newest.points, newest.rule, newest.rule_version) == (
        "reversal",
        -50,
        "",
        None,
    )
    assert newest.subject == "滨江一期 主体验收"


def test_an_expiry_is_a_line_without_a_cause(chat: Chat) -> None:
    record(chat, "滨江一期 主体2020年6月30日验收通过")
    view = chat.says("wang", "明细")
    assert isinstance(view, Statement)
    newest = view.lines[0]
    assert (newest.reason, newest.points, newest.subject, newest.days_late) == (
        "expiry",
        -50,
        "",
        None,
    )


def test_the_statement_holds_the_last_eight_entries(chat: Chat) -> None:
    for _ in range(5):
        record(chat, "滨江一期 主体昨天验收通过")
        undo(chat)
    view = chat.says("wang", "明细")
    assert isinstance(view, Statement)
    assert [entry.seq for entry in view.lines] == list(range(10, 2, -1))
