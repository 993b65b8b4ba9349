"""A month's books out of entries and lots, added up by the database."""

from collections.abc import Iterator
from datetime import timedelta

from typing_extensions import override

from domain.calendar import business_date
from domain.ledger import Account, Reason
from domain.liability import Balance, Spent
from domain.months import Total, end_of_month
from domain.repositories.books import BookLine, MonthBooks
from domain.tiers import month_of
from storage.db import Db, Row
from storage.values import time_of

_PAGE = 2_000
_INSTANT = timedelta(microseconds=1)
"""Points end at the first instant after their last day."""
_LINES = """
    SELECT customer_id, seq, recorded_at, effective_at, debit, credit, points, reason, event_id,
           rule, rule_version, actor, corrects, note
    FROM entries
    WHERE tenant_id = :tenant AND period = :month AND (customer_id, seq) > (:customer, :seq)
    ORDER BY customer_id, seq LIMIT :page
"""
_TOTALS = """
    SELECT reason, debit, credit, CASE WHEN corrects IS NULL THEN 0 ELSE 1 END, SUM(points),
           COUNT(*)
    FROM entries WHERE tenant_id = :tenant AND period = :month
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_OPENINGS = """
    SELECT account, SUM(points) FROM (
        SELECT credit AS account, points FROM entries
        WHERE tenant_id = :tenant AND period < :month
        UNION ALL
        SELECT debit, -points FROM entries WHERE tenant_id = :tenant AND period < :month
    ) legs GROUP BY account HAVING SUM(points) <> 0
"""
# "2026-11" as the number of its month, counted from year 0.
_EARNED = "CAST(SUBSTR(e.period, 1, 4) AS INTEGER) * 12 + CAST(SUBSTR(e.period, 6, 2) AS INTEGER)"
_BALANCES = f"""
    SELECT {_EARNED} - 1, l.expires_at, SUM(l.points - COALESCE(u.gone, 0))
    FROM lots l
    JOIN entries e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    LEFT JOIN (
        SELECT m.lot_id,
               SUM(CASE m.direction WHEN 'take' THEN 1 WHEN 'give_back' THEN -1 ELSE 0 END
                   * m.points) AS gone
        FROM lot_uses m JOIN entries d ON d.tenant_id = m.tenant_id AND d.id = m.entry_id
        WHERE m.tenant_id = :tenant AND d.period <= :month GROUP BY m.lot_id
    ) u ON u.lot_id = l.id
    WHERE l.tenant_id = :tenant AND e.period <= :month
    GROUP BY 1, 2 HAVING SUM(l.points - COALESCE(u.gone, 0)) <> 0 ORDER BY 1, 2
"""  # noqa: S608  made of constants
_USED = _EARNED.replace("e.", "d.")
# Points leave a lot for a redemption when they are set aside, and come back when it is cancelled
# or refunded. What is held for a gift is no redemption.
_SPENT = f"""
    SELECT {_EARNED} - 1, {_USED} - 1,
           SUM(CASE d.reason WHEN 'hold' THEN m.points WHEN 'release' THEN -m.points
               WHEN 'refund' THEN -m.points ELSE 0 END),
           SUM(CASE d.reason WHEN 'expiry' THEN m.points ELSE 0 END)
    FROM lots l
    JOIN entries e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    JOIN lot_uses m ON m.tenant_id = l.tenant_id AND m.lot_id = l.id
    JOIN entries d ON d.tenant_id = m.tenant_id AND d.id = m.entry_id
    WHERE l.tenant_id = :tenant AND l.expires_at <= :ended AND d.period <= :month
      AND d.reason IN ('hold', 'release', 'refund', 'expiry')
      AND COALESCE(d.note, '') NOT LIKE 'gift:%'
    GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608  made of constants


class SqlMonthBooks(MonthBooks):
    """A month's books in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def lines(self, month: str) -> Iterator[BookLine]:
        customer, seq = "", 0
        while True:
            rows = self._db.all(_LINES, month=month, customer=customer, seq=seq, page=_PAGE)
            for row in rows:
                yield _line(row)
            if len(rows) < _PAGE:
                return
            customer, seq = rows[-1][:2]

    @override
    def totals(self, month: str) -> list[Total]:
        return [
            Total(Reason(reason), Account(debit), Account(credit), bool(is_late), int(sum_), count)
            for reason, debit, credit, is_late, sum_, count in self._db.all(_TOTALS, month=month)
        ]

    @override
    def openings(self, month: str) -> dict[Account, int]:
        rows = self._db.all(_OPENINGS, month=month)
        return {Account(account): int(points) for account, points in rows}

    @override
    def balances(self, month: str) -> list[Balance]:
        self._db.expect_scans()
        ends: dict[tuple[int, int], int] = {}
        for earned, expires_at, points in self._db.all(_BALANCES, month=month):
            last = month_of(business_date(time_of(expires_at) - _INSTANT))
            ends[earned, last] = ends.get((earned, last), 0) + int(points)
        return [Balance(earned, last, points) for (earned, last), points in sorted(ends.items())]

    @override
    def spent(self, month: str) -> list[Spent]:
        self._db.expect_scans()
        rows = self._db.all(_SPENT, month=month, ended=end_of_month(month))
        return [
            Spent(earned, spent, int(redeemed), int(expired))
            for earned, spent, redeemed, expired in rows
        ]


def _line(row: Row) -> BookLine:
    customer, seq, recorded_at, effective_at, debit, credit, points, reason, *cause = row
    event, rule, rule_version, actor, corrects, note = cause
    return BookLine(
        customer=customer,
        seq=seq,
        recorded_at=time_of(recorded_at),
        effective_at=time_of(effective_at),
        debit=Account(debit),
        credit=Account(credit),
        points=points,
        reason=Reason(reason),
        event=event,
        rule=rule,
        rule_version=rule_version,
        actor=actor,
        corrects=corrects,
        note=note,
    )
