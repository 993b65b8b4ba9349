"""Months of the firm's books: when they end, and what they add up to."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from domain.calendar import BUSINESS_ZONE
from domain.errors import InvalidMonth
from domain.ledger import Account, Reason

_MONTH = re.compile(r"2[0-9]{3}-(?:0[1-9]|1[0-2])", re.ASCII)


def parse_month(text: str) -> str:
    """Read "2026-11".

    Raises:
        InvalidMonth: it is something else.
    """
    if not _MONTH.fullmatch(text):
        raise InvalidMonth(text)
    return text


def number_of(month: str) -> int:
    """Count a month from year 0, as tiers do."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def month_after(month: str) -> str:
    """Give the next month."""
    year, place = divmod(number_of(month) + 1, 12)
    return f"{year:04d}-{place + 1:02d}"


def end_of_month(month: str) -> datetime:
    """Give the first instant (UTC) that no longer belongs to a month in the firm's zone."""
    year, place = divmod(number_of(month) + 1, 12)
    return datetime.combine(date(year, place + 1, 1), time.min, BUSINESS_ZONE).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Total:
    """What moved in a month for one reason between two accounts."""

    reason: Reason
    debit: Account
    credit: Account
    is_correction: bool
    """It belongs to a month that was closed before."""
    points: int
    entries: int


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account's month; opening + credited - debited = closing."""

    account: Account
    opening: int
    debited: int
    credited: int

    @property
    def closing(self) -> int:
        """Give what stands at the end of the month."""
        return self.opening + self.credited - self.debited


def account_lines(openings: Mapping[Account, int], totals: Sequence[Total]) -> list[AccountLine]:
    """Give every account's month; over all accounts each column adds up: it is double entry."""
    return [
        AccountLine(
            account,
            openings.get(account, 0),
            _points(one for one in totals if one.debit is account),
            _points(one for one in totals if one.credit is account),
        )
        for account in Account
    ]


def ties_out(lines: Sequence[AccountLine]) -> bool:
    """Tell whether nothing has come from nowhere."""
    opening = sum(line.opening for line in lines)
    debited = sum(line.debited for line in lines)
    credited = sum(line.credited for line in lines)
    return opening == 0 and debited == credited


def _points(totals: Iterable[Total]) -> int:
    return sum(one.points for one in totals)
