"""Closing months: past ones, in order, by finance, when the records agree."""

from dataclasses import replace

import pytest

from domain.errors import (
    DomainError,
    InvalidMonth,
    MonthHasDrift,
    MonthNotOver,
    MonthOutOfOrder,
    NotPermitted,
)
from domain.ids import CustomerId, MemberId
from domain.ledger import Account
from domain.members import Member
from domain.reconciling import Finding
from handlers.contract import Context
from handlers.usecases.months import close_month, read_liability, read_month
from tests.handlers.expiring import at, entries, sees, sign
from tests.support.chat import Chat
from tests.support.stores import MAIN


def close(chat: Chat, month: str, by: str | None = "zhou") -> str:
    """Close a month as a member, after comparing the records."""

    def closing(ctx: Context) -> str:
        member: Member | None = ctx.work.members.get(MemberId(by)) if by else None
        findings: list[Finding] = ctx.work.reconciliation.findings(10)
        return close_month(ctx, month, member, findings)

    closed: str = chat.acts(closing)
    return closed


def refused(chat: Chat, month: str, by: str | None = "zhou") -> DomainError:
    """Let a month not be closed; nothing changes."""
    before = chat.state()
    with pytest.raises(DomainError) as found:
        close(chat, month, by)
    assert chat.state() == before
    return found.value


def test_a_past_month_is_closed_and_written_down(chat: Chat) -> None:
    assert close(chat, "2026-10") == "2026-10"
    assert list(chat.store.committed(MAIN).months) == ["2026-10"]
    [note] = [
        one for one in chat.store.committed(MAIN).audit.values() if one.action == "month_closed"
    ]
    assert (note.actor, note.subject) == ("member:zhou", "month:2026-10")


def test_the_operator_may_close_without_a_name(chat: Chat) -> None:
    close(chat, "2026-10", by=None)
    [note] = [
        one for one in chat.store.committed(MAIN).audit.values() if one.action == "month_closed"
    ]
    assert note.actor == "system"


@pytest.mark.parametrize("who", ["li", "sun", "fang", "zhang"])
def test_only_finance_and_admins_close(chat: Chat, who: str) -> None:
    error = refused(chat, "2026-10", who)
    assert isinstance(error, NotPermitted)
    assert error.permission == "close_month"
    assert close(chat, "2026-10", "qian") == "2026-10"


@pytest.mark.parametrize("asked", ["2026-11", "2026-12", "2027-01"])
def test_a_month_that_runs_or_comes_is_not_closed(chat: Chat, asked: str) -> None:
    assert isinstance(refused(chat, asked), MonthNotOver)


def test_a_month_is_over_at_midnight_in_shanghai(chat: Chat) -> None:
    chat.clock.at = at("2026-11-30", "23:59")
    refused(chat, "2026-11")
    chat.clock.at = at("2026-12-01", "00:00")
    assert close(chat, "2026-11") == "2026-11"


@pytest.mark.parametrize(
    "asked",
    ["", "2026", "2026-13", "2026-00", "2026-1", "26-10", "２０２６-10", "1999-12", "2026-10\n"],
)
def test_what_is_no_month_is_refused(chat: Chat, asked: str) -> None:
    assert isinstance(refused(chat, asked), InvalidMonth)


def test_months_are_closed_in_order_and_once(chat: Chat) -> None:
    close(chat, "2026-08")
    for asked in ("2026-08", "2026-10", "2026-07"):
        error = refused(chat, asked)
        assert isinstance(error, MonthOutOfOrder)
        assert (error.month, error.expected) == (asked, "2026-09")
    close(chat, "2026-09")
    close(chat, "2026-10")


def test_over_a_years_end(chat: Chat) -> None:
    chat.clock.at = at("2027-02-01")
    close(chat, "2026-12")
    assert close(chat, "2027-01") == "2027-01"


def test_records_that_do_not_agree_are_explained_first(chat: Chat) -> None:
    sign(chat, 100)
    state = chat.store.committed(MAIN)
    wallet = state.wallets["C001"]
    state.wallets["C001"] = replace(wallet, available=99)
    error = refused(chat, "2026-10")
    assert isinstance(error, MonthHasDrift)
    assert (error.month, error.findings) == ("2026-10", 1)


def test_late_facts_of_a_closed_month_correct_it(chat: Chat) -> None:
    close(chat, "2026-10")
    sign(chat, 100, on="2026-10-20")
    [entry] = entries(chat)
    assert (entry.cause.period, entry.cause.corrects) == ("2026-11", "2026-10")
    assert sees(chat, lambda work: read_month(work, "2026-10")).totals == ()
    november = sees(chat, lambda work: read_month(work, "2026-11"))
    assert [total.is_correction for total in november.totals] == [True]
    assert (november.is_closed, november.month) == (False, "2026-11")
    assert sees(chat, lambda work: read_month(work, "2026-10")).is_closed


def test_what_is_owed_is_read_at_a_months_end(chat: Chat) -> None:
    sign(chat, 100)
    found = sees(chat, lambda work: read_liability(work, "2026-11"))
    assert (found.points, found.expected, found.held, found.fen) == (100, 100, 0, 10_000)
    assert sees(chat, lambda work: read_liability(work, "2026-10")).points == 0
    with pytest.raises(InvalidMonth):
        sees(chat, lambda work: read_liability(work, "2026"))
    with pytest.raises(InvalidMonth):
        sees(chat, lambda work: read_month(work, "2026"))


def test_accounts_carry_over(chat: Chat) -> None:
    sign(chat, 100)
    chat.clock.at = at("2026-12-05")
    sign(chat, 10, customer="C002")
    december = sees(chat, lambda work: read_month(work, "2026-12"))
    lines = {line.account: line for line in december.accounts}
    available = lines[Account.AVAILABLE]
    assert (available.opening, available.credited, available.debited, available.closing) == (
        100,
        10,
        0,
        110,
    )
    assert lines[Account.ISSUED].closing == -110
    assert CustomerId("C002") in chat.store.committed(MAIN).wallets
