"""Months as texts, and account lines that tie out."""

import pytest
from hypothesis import given, strategies as st

from domain.errors import InvalidMonth
from domain.ledger import Account, Reason
from domain.months import (
    Total,
    account_lines,
    end_of_month,
    month_after,
    number_of,
    parse_month,
    ties_out,
)
from tests.handlers.expiring import at


@pytest.mark.parametrize("month", ["2000-01", "2026-11", "2999-12"])
def test_months_are_read(month: str) -> None:
    assert parse_month(month) == month


@pytest.mark.parametrize("text", ["", "2026-13", "3000-01", "2026-11-01", " 2026-11", "2026/11"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidMonth) as refused:
        parse_month(text)
    assert refused.value.details() == {"asked": text}


@pytest.mark.parametrize(
    ("month", "after", "end"),
    [
        ("2026-11", "2026-12", "2026-12-01"),
        ("2026-12", "2027-01", "2027-01-01"),
        ("2028-02", "2028-03", "2028-03-01"),
    ],
)
def test_a_month_ends_at_midnight_in_shanghai(month: str, after: str, end: str) -> None:
    assert month_after(month) == after
    assert end_of_month(month) == at(end, "00:00")
    assert number_of(after) == number_of(month) + 1


ACCOUNTS = list(Account)
TOTALS = st.lists(
    st.builds(
        Total,
        st.just(Reason.AWARD),
        st.sampled_from(ACCOUNTS[:4]),
        st.sampled_from(ACCOUNTS[4:]),
        st.booleans(),
        st.integers(1, 10**9),
        st.integers(1, 9),
    ),
    max_size=20,
)


@given(TOTALS)
def test_double_entry_ties_out(totals: list[Total]) -> None:
    opening = {Account.AVAILABLE: 70, Account.ISSUED: -70}
    lines = account_lines(opening, totals)
    assert [line.account for line in lines] == ACCOUNTS
    assert ties_out(lines)
    assert sum(line.closing for line in lines) == 0


def test_what_comes_from_nowhere_does_not() -> None:
    assert not ties_out(account_lines({Account.AVAILABLE: 1}, []))
