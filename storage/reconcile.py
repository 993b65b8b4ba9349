"""Comparing the ledger's records with each other, on one snapshot; nothing is ever changed.

What SQL can add up is compared by it; the outcomes of events are JSON, and are added up here.
"""

import json
from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from domain.calendar import business_date
from domain.reconciling import DriftKind, Finding
from domain.repositories import Reconciliation
from domain.tiers import month_of
from storage.db import Db, Row
from storage.reconcile_mall import mall_findings
from storage.reconcile_vouchers import compare_vouchers
from storage.values import json_of, time_of

_PAGE = 5_000
_ACCOUNTS = ("available", "held", "pending", "debt")


def _sum(account: str) -> str:
    """Word the sum of a wallet's account over its entries; a debt counts as what is owed."""
    sign = -1 if account == "debt" else 1
    return (
        f"SUM(CASE 'wallet.{account}' WHEN credit THEN {sign} WHEN debit THEN {-sign} ELSE 0 END"
        f" * points) AS {account}"
    )


_WALLETS = f"""
    SELECT w.customer_id, w.available, COALESCE(s.available, 0), w.held, COALESCE(s.held, 0),
           w.pending, COALESCE(s.pending, 0), w.debt, COALESCE(s.debt, 0)
    FROM wallets w LEFT JOIN (
        SELECT customer_id, {", ".join(map(_sum, _ACCOUNTS))}
        FROM entries WHERE tenant_id = :tenant GROUP BY customer_id
    ) s ON s.customer_id = w.customer_id
    WHERE w.tenant_id = :tenant AND (
        {" OR ".join(f"w.{a} <> COALESCE(s.{a}, 0)" for a in _ACCOUNTS)})
    ORDER BY w.customer_id LIMIT :limit
"""  # noqa: S608  made of constants
_HEADS = """
    SELECT w.customer_id, COALESCE(s.seq, 0), COALESCE(s.count, 0), COALESCE(e.hash, :genesis),
           w.seq, w.head
    FROM wallets w
    LEFT JOIN (
        SELECT customer_id, MAX(seq) AS seq, COUNT(*) AS count
        FROM entries WHERE tenant_id = :tenant GROUP BY customer_id
    ) s ON s.customer_id = w.customer_id
    LEFT JOIN entries e
        ON e.tenant_id = w.tenant_id AND e.customer_id = w.customer_id AND e.seq = s.seq
    WHERE w.tenant_id = :tenant AND (w.seq <> COALESCE(s.seq, 0) OR w.seq <> COALESCE(s.count, 0)
        OR w.head <> COALESCE(e.hash, :genesis))
    ORDER BY w.customer_id LIMIT :limit
"""
_WALLET_LOTS = """
    SELECT w.customer_id, COALESCE(s.available, 0), w.available, COALESCE(s.pending, 0), w.pending
    FROM wallets w LEFT JOIN (
        SELECT customer_id, SUM(CASE WHEN is_pending THEN 0 ELSE remaining END) AS available,
               SUM(CASE WHEN is_pending THEN remaining ELSE 0 END) AS pending
        FROM lots WHERE tenant_id = :tenant GROUP BY customer_id
    ) s ON s.customer_id = w.customer_id
    WHERE w.tenant_id = :tenant AND (w.available <> COALESCE(s.available, 0)
        OR w.pending <> COALESCE(s.pending, 0))
    ORDER BY w.customer_id LIMIT :limit
"""
_WALLET_HOLDS = """
    SELECT w.customer_id, COALESCE(s.held, 0), w.held
    FROM wallets w LEFT JOIN (
        SELECT customer_id, SUM(points) AS held
        FROM holds WHERE tenant_id = :tenant AND state = 'open' GROUP BY customer_id
    ) s ON s.customer_id = w.customer_id
    WHERE w.tenant_id = :tenant AND w.held <> COALESCE(s.held, 0)
    ORDER BY w.customer_id LIMIT :limit
"""
_LOT_USES = """
    SELECT l.customer_id, l.id, l.points - COALESCE(u.gone, 0), l.remaining
    FROM lots l LEFT JOIN (
        SELECT lot_id,
               SUM(CASE direction WHEN 'take' THEN 1 WHEN 'give_back' THEN -1 ELSE 0 END * points)
                   AS gone
        FROM lot_uses WHERE tenant_id = :tenant GROUP BY lot_id
    ) u ON u.lot_id = l.id
    WHERE l.tenant_id = :tenant AND l.remaining <> l.points - COALESCE(u.gone, 0)
    ORDER BY l.customer_id, l.id LIMIT :limit
"""
# An entry out of points that can be spent or are pending takes from lots; one into them opens a
# lot, gives back or lets mature. One that lets mature does nothing else.
_ENTRY_LOTS = """
    SELECT customer_id, id, out_expected, out_found, in_expected, in_found FROM (
        SELECT e.customer_id, e.id, e.seq,
               CASE WHEN e.debit IN ('wallet.available', 'wallet.pending')
                    AND e.reason <> 'maturity' THEN e.points ELSE 0 END AS out_expected,
               COALESCE(u.taken, 0) AS out_found,
               CASE WHEN e.credit IN ('wallet.available', 'wallet.pending') THEN e.points ELSE 0 END
                   AS in_expected,
               COALESCE(u.given, 0) + COALESCE(l.points, 0) AS in_found
        FROM entries e
        LEFT JOIN (
            SELECT entry_id, SUM(CASE direction WHEN 'take' THEN points ELSE 0 END) AS taken,
                   SUM(CASE direction WHEN 'take' THEN 0 ELSE points END) AS given
            FROM lot_uses WHERE tenant_id = :tenant GROUP BY entry_id
        ) u ON u.entry_id = e.id
        LEFT JOIN lots l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
        WHERE e.tenant_id = :tenant
    ) moved WHERE out_expected <> out_found OR in_expected <> in_found
    ORDER BY customer_id, seq LIMIT :limit
"""
_HOLD_ENTRIES = """
    SELECT h.customer_id, h.id, h.points, h.state,
           COALESCE(CASE WHEN e.reason = 'hold' THEN e.points END, 0),
           CASE WHEN s.id IS NOT NULL AND r.id IS NOT NULL THEN 'both' WHEN s.id IS NOT NULL
                THEN 'settled' WHEN r.id IS NOT NULL THEN 'released' ELSE 'open' END
    FROM holds h
    LEFT JOIN entries e ON e.tenant_id = h.tenant_id AND e.id = h.entry_id
    LEFT JOIN entries s ON s.tenant_id = h.tenant_id AND s.key = 'settle:' || h.id || '#0'
    LEFT JOIN entries r ON r.tenant_id = h.tenant_id AND r.key = 'release:' || h.id || '#0'
    WHERE h.tenant_id = :tenant AND (
        h.points <> COALESCE(CASE WHEN e.reason = 'hold' THEN e.points END, 0)
        OR (h.state = 'settled') <> (s.id IS NOT NULL)
        OR (h.state = 'released') <> (r.id IS NOT NULL))
    ORDER BY h.customer_id, h.id LIMIT :limit
"""
_UNDONE_STANDING = """
    SELECT e.customer_id, e.event_id, e.points, 0
    FROM event_undos u JOIN entries e ON e.tenant_id = u.tenant_id AND e.event_id = u.event_id
    WHERE u.tenant_id = :tenant AND e.reverses IS NULL
      AND e.reason IN ('award', 'debt_paid', 'penalty')
      AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.tenant_id = e.tenant_id AND r.reverses = e.id)
    ORDER BY e.customer_id, e.seq LIMIT :limit
"""
_REVERSED_STANDING = """
    SELECT r.customer_id, COALESCE(r.event_id, r.id), 0, r.points
    FROM entries r
    LEFT JOIN event_undos u ON u.tenant_id = r.tenant_id AND u.event_id = r.event_id
    WHERE r.tenant_id = :tenant AND r.reason = 'reversal' AND u.event_id IS NULL
    ORDER BY r.customer_id, r.seq LIMIT :limit
"""
_REVERSALS = """
    SELECT e.customer_id, e.id, e.points, SUM(r.points)
    FROM entries r JOIN entries e ON e.tenant_id = r.tenant_id AND e.id = r.reverses
    WHERE r.tenant_id = :tenant AND r.reason = 'reversal'
    GROUP BY e.customer_id, e.seq, e.id, e.points HAVING SUM(r.points) <> e.points
    ORDER BY e.customer_id, e.seq LIMIT :limit
"""
# What is left to be refunded is found out from the entries, so they must name what they refund.
_REFUNDS = """
    SELECT r.customer_id, COALESCE(e.id, MIN(r.id)),
           COALESCE(MAX(CASE WHEN e.reason = 'redemption' THEN e.points END), 0), SUM(r.points)
    FROM entries r LEFT JOIN entries e
        ON e.tenant_id = r.tenant_id AND e.id = r.reverses AND e.customer_id = r.customer_id
    WHERE r.tenant_id = :tenant AND r.reason = 'refund'
    GROUP BY r.customer_id, e.id
    HAVING SUM(r.points) > COALESCE(MAX(CASE WHEN e.reason = 'redemption' THEN e.points END), 0)
    ORDER BY r.customer_id, 2 LIMIT :limit
"""
# Both sides of a gift, so that the firm's account for gifts is empty over all customers.
_GIFTS = """
    SELECT giver_id, id, expected, CASE WHEN given <> expected THEN given ELSE received END
    FROM (
        SELECT g.giver_id, g.number, g.id,
               CASE g.state WHEN 'given' THEN g.points ELSE 0 END AS expected,
               COALESCE(o.points, 0) AS given, COALESCE(i.points, 0) AS received
        FROM gifts g
        LEFT JOIN (
            SELECT customer_id, note, SUM(points) AS points
            FROM entries WHERE tenant_id = :tenant AND credit = 'firm.gifts'
            GROUP BY customer_id, note
        ) o ON o.customer_id = g.giver_id AND o.note = 'gift:' || g.id
        LEFT JOIN (
            SELECT customer_id, note, SUM(points) AS points
            FROM entries WHERE tenant_id = :tenant AND debit = 'firm.gifts'
            GROUP BY customer_id, note
        ) i ON i.customer_id = g.receiver_id AND i.note = 'gift:' || g.id
        WHERE g.tenant_id = :tenant
    ) sides WHERE given <> expected OR received <> expected
    ORDER BY number LIMIT :limit
"""
_GIFTS_OF_NOBODY = """
    SELECT e.customer_id, e.id, 0, e.points
    FROM entries e LEFT JOIN gifts g
        ON g.tenant_id = e.tenant_id AND g.id = SUBSTR(e.note, 6)
        AND e.customer_id = CASE e.credit WHEN 'firm.gifts' THEN g.giver_id ELSE g.receiver_id END
    LEFT JOIN customer_merges m
        ON m.tenant_id = e.tenant_id AND 'merge:' || m.id = e.note
        AND e.customer_id IN (m.merged_id, m.kept_id)
    WHERE e.tenant_id = :tenant AND (e.credit = 'firm.gifts' OR e.debit = 'firm.gifts')
      AND g.id IS NULL AND m.id IS NULL
    ORDER BY e.customer_id, e.seq LIMIT :limit
"""
# Both sides of a merge and of its undo, which the double's side shows the other way round.
_MERGES = """
    SELECT merged_id, id, points || '/' || returned, gone || '/' || back FROM (
        SELECT m.merged_id, m.id, m.points, m.returned,
               COALESCE(SUM(CASE WHEN e.customer_id = m.merged_id AND e.credit = 'firm.gifts'
                   THEN e.points END), 0) AS gone,
               COALESCE(SUM(CASE WHEN e.customer_id = m.merged_id AND e.debit = 'firm.gifts'
                   THEN e.points END), 0) AS back,
               COALESCE(SUM(CASE WHEN e.customer_id = m.kept_id AND e.debit = 'firm.gifts'
                   THEN e.points END), 0) AS came,
               COALESCE(SUM(CASE WHEN e.customer_id = m.kept_id AND e.credit = 'firm.gifts'
                   THEN e.points END), 0) AS left_again
        FROM customer_merges m LEFT JOIN entries e
            ON e.tenant_id = m.tenant_id AND e.note = 'merge:' || m.id
        WHERE m.tenant_id = :tenant
        GROUP BY m.merged_id, m.id, m.points, m.returned
    ) sides WHERE gone <> points OR came <> points OR back <> returned OR left_again <> returned
    ORDER BY id LIMIT :limit
"""
_MERGED_MONTHS = """
    SELECT merged_id, kept_id, moved FROM customer_merges
    WHERE tenant_id = :tenant AND undone_at IS NULL
"""
_EVENTS = """
    SELECT e.id, e.customer_id, e.occurred_at, e.outcomes, e.seal,
           CASE WHEN u.event_id IS NULL THEN 0 ELSE 1 END
    FROM events e LEFT JOIN event_undos u ON u.tenant_id = e.tenant_id AND u.event_id = e.id
    WHERE e.tenant_id = :tenant AND e.id > :after ORDER BY e.id LIMIT :page
"""
# What an approval booked later is not among an event's outcomes.
_BOOKED = """
    SELECT event_id, rule, SUM(CASE WHEN credit LIKE 'wallet.%' THEN points ELSE -points END)
    FROM entries
    WHERE tenant_id = :tenant AND event_id >= :first AND event_id <= :last AND reverses IS NULL
      AND note IS NULL
    GROUP BY event_id, rule
"""
_COUNTERS = "SELECT key, points, times FROM cap_counters WHERE tenant_id = :tenant"
_EARNED = "SELECT customer_id, month, points FROM earned_months WHERE tenant_id = :tenant"
_SUMS: tuple[tuple[DriftKind, str, tuple[str, ...]], ...] = (
    (DriftKind.WALLET_LOTS, _WALLET_LOTS, ("available", "pending")),
    (DriftKind.WALLET_HOLDS, _WALLET_HOLDS, ("held",)),
)
_PAIRS = (
    (DriftKind.LOT_USES, _LOT_USES),
    (DriftKind.UNDO, _UNDONE_STANDING),
    (DriftKind.UNDO, _REVERSED_STANDING),
    (DriftKind.REVERSAL, _REVERSALS),
    (DriftKind.REVERSAL, _REFUNDS),
    (DriftKind.GIFT, _GIFTS),
    (DriftKind.GIFT, _GIFTS_OF_NOBODY),
    (DriftKind.GIFT, _MERGES),
)
_GENESIS = "0" * 64
Booked = dict[str, dict[str, int]]
"""What entries of events add up to, by event and rule."""


class SqlReconciliation(Reconciliation):
    """Compares the records in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def findings(self, limit: int) -> list[Finding]:
        self._db.expect_scans()
        found = [*self._wallets(limit), *self._lots(limit), *self._holds(limit)]
        for kind, statement in _PAIRS:
            for customer, place, expected, stands in self._db.all(statement, limit=limit):
                found.append(_finding(kind, customer, place, expected, stands))
        found += compare_vouchers(self._db, limit)
        found += mall_findings(self._db, limit)
        tally = _Tally()
        for page in self._pages():
            found += tally.add(page, self._booked(page))
        tally.move_months(self._db.all(_MERGED_MONTHS))
        found += tally.differences(self._db.all(_COUNTERS), self._db.all(_EARNED))
        return found

    def _wallets(self, limit: int) -> Iterator[Finding]:
        for customer, *sums in self._db.all(_WALLETS, limit=limit):
            for account, stands, expected in zip(_ACCOUNTS, sums[::2], sums[1::2], strict=True):
                if stands != expected:
                    yield _finding(DriftKind.WALLET_ENTRIES, customer, account, expected, stands)
        for customer, *head in self._db.all(_HEADS, limit=limit, genesis=_GENESIS):
            last, count, hash_, seq, stands = head
            expected = f"{last}/{count} {hash_}"
            yield _finding(DriftKind.WALLET_HEAD, customer, "head", expected, f"{seq} {stands}")
        for kind, statement, accounts in _SUMS:
            for customer, *sums in self._db.all(statement, limit=limit):
                for account, expected, stands in zip(accounts, sums[::2], sums[1::2], strict=True):
                    if stands != expected:
                        yield _finding(kind, customer, account, expected, stands)

    def _lots(self, limit: int) -> Iterator[Finding]:
        for customer, entry, *sums in self._db.all(_ENTRY_LOTS, limit=limit):
            expected, stands = f"-{sums[0]}+{sums[2]}", f"-{sums[1]}+{sums[3]}"
            yield _finding(DriftKind.ENTRY_LOTS, customer, entry, expected, stands)

    def _holds(self, limit: int) -> Iterator[Finding]:
        for customer, hold, *sides in self._db.all(_HOLD_ENTRIES, limit=limit):
            points, state, booked, ended = sides
            expected, stands = f"{booked} {ended}", f"{points} {state}"
            yield _finding(DriftKind.HOLD_ENTRIES, customer, hold, expected, stands)

    def _pages(self) -> Iterator[list[Row]]:
        after = ""
        while page := self._db.all(_EVENTS, after=after, page=_PAGE):
            if page[-1][0] <= after:
                return  # it is no text any more; the verification names it
            yield page
            after = page[-1][0]

    def _booked(self, page: list[Row]) -> Booked:
        booked: Booked = {}
        for event, rule, net in self._db.all(_BOOKED, first=page[0][0], last=page[-1][0]):
            booked.setdefault(event, {})[rule] = int(net)
        return booked


class _Tally:
    """What the outcomes of events add up to."""

    def __init__(self) -> None:
        self._caps: dict[str, tuple[int, int]] = {}
        self._earned: dict[tuple[str, int], int] = {}

    def add(self, page: list[Row], booked: Booked) -> Iterator[Finding]:
        """Add a page of events; give those whose entries are not what their outcomes say."""
        for event, customer, occurred_at, outcomes, seal, is_undone in page:
            if seal is None:
                continue  # Counted before outcomes were kept.
            said: dict[str, int] = {}
            for one in json.loads(outcomes):
                net = one["applied"] if one["direction"] == "earn" else -one["applied"]
                said[one["rule"]] = said.get(one["rule"], 0) + net
                if not is_undone:
                    self._count(one, customer, occurred_at)
            there = booked.get(event, {})
            for rule in sorted({*said, *there}):
                expected, stands = said.get(rule, 0), there.get(rule, 0)
                if expected != stands:
                    place = f"{event} {rule}"
                    yield _finding(DriftKind.EVENT_ENTRIES, customer, place, expected, stands)

    def _count(self, outcome: dict[str, Any], customer: str, occurred_at: Any) -> None:
        for key, points, times in outcome.get("meters", ()):
            before = self._caps.get(key, (0, 0))
            self._caps[key] = (before[0] + points, before[1] + times)
        if outcome.get("qualifies"):
            month = month_of(business_date(time_of(occurred_at)))
            earned = self._earned.get((customer, month), 0)
            self._earned[customer, month] = earned + outcome["applied"]

    def move_months(self, merges: list[Row]) -> None:
        """Let months that merges have moved count for the record that is kept."""
        for merged, kept, moved in merges:
            for month, points in json_of(moved)["months"]:
                for customer, change in ((merged, -points), (kept, points)):
                    earned = self._earned.get((customer, month), 0)
                    self._earned[customer, month] = earned + change

    def differences(self, counters: list[Row], earned: list[Row]) -> Iterator[Finding]:
        """Give counters and months that are not what the outcomes add up to."""
        stands = {key: (points, times) for key, points, times in counters}
        for key in sorted({*stands, *self._caps}):
            there, said = stands.get(key, (0, 0)), self._caps.get(key, (0, 0))
            if there != said:
                texts = (f"{said[0]}/{said[1]}", f"{there[0]}/{there[1]}")
                yield _finding(DriftKind.CAP_COUNTER, "", key, *texts)
        months = {(customer, month): points for customer, month, points in earned}
        for customer, month in sorted({*months, *self._earned}):
            there_points = months.get((customer, month), 0)
            said_points = self._earned.get((customer, month), 0)
            if there_points != said_points:
                place = f"{month // 12:04d}-{month % 12 + 1:02d}"
                yield _finding(DriftKind.EARNED_MONTH, customer, place, said_points, there_points)


def _finding(kind: DriftKind, customer: str, place: str, expected: Any, found: Any) -> Finding:
    return Finding(kind, customer, place, str(expected), str(found))
