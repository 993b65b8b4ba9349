"""Wallets, entries and lots as rows: the ledger's hot path.

Entries and lot uses are only ever inserted; the database refuses everything else by triggers.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from typing_extensions import override

from domain.ids import CustomerId, EntryId, EventId, LotId
from domain.ledger import Entry, Wallet, Written
from domain.lots import Lot, LotUse
from domain.ports import Conflict
from domain.repositories import Wallets
from storage.db import Db, Missing
from storage.ledger_rows import entry_of, entry_values, lot_of, lot_values
from storage.lot_moves import move_lots
from storage.values import time_of

_READ = """
    SELECT customer_id, available, held, pending, debt, seq, head
    FROM wallets WHERE tenant_id = :tenant AND customer_id = :customer
"""
_LOCK = _READ + " FOR UPDATE"
_SEVERAL = 10
_THESE = "customer_id IN (" + ", ".join(f":customer_{place}" for place in range(_SEVERAL)) + ")"
_LOCK_ALL = f"""
    SELECT customer_id, available, held, pending, debt, seq, head
    FROM wallets WHERE tenant_id = :tenant AND {_THESE} ORDER BY customer_id FOR UPDATE
"""  # noqa: S608  constants
_OPEN = """
    INSERT INTO wallets (tenant_id, customer_id, available, held, pending, debt, seq, head)
    VALUES (:tenant, :customer, 0, 0, 0, 0, 0, :head)
    ON CONFLICT (tenant_id, customer_id) DO NOTHING
"""
_MOVE = """
    UPDATE wallets SET available = :available, held = :held, pending = :pending, debt = :debt,
        seq = :seq, head = :head
    WHERE tenant_id = :tenant AND customer_id = :customer AND seq = :seq_before
"""

_SELECT_LOT = """
    SELECT id, entry_id, points, remaining, earned_at, expires_at, matures_at, is_pending
    FROM lots WHERE tenant_id = :tenant
"""
_OPEN_LOTS = (
    _SELECT_LOT
    + """ AND customer_id = :customer AND remaining > 0 AND NOT is_pending
    AND (expires_at, id) > (:expires_at, :id) ORDER BY expires_at, id LIMIT :limit"""
)
_FIRST_LOTS = (
    _SELECT_LOT
    + """ AND customer_id = :customer AND remaining > 0 AND NOT is_pending
    ORDER BY expires_at, id LIMIT :limit"""
)
_ENDED = f"""
    SELECT id, entry_id, points, remaining, earned_at, expires_at, matures_at, is_pending,
           customer_id
    FROM lots WHERE tenant_id = :tenant AND {_THESE}
      AND remaining > 0 AND NOT is_pending AND expires_at <= :now
    ORDER BY customer_id, expires_at, id
"""  # noqa: S608  constants
_MATURING = (
    _SELECT_LOT
    + """ AND customer_id = :customer AND is_pending AND remaining > 0
    AND matures_at <= :now
    ORDER BY matures_at, id"""
)
_ENDINGS = """
    SELECT expires_at, SUM(remaining) FROM lots
    WHERE tenant_id = :tenant AND customer_id = :customer AND remaining > 0 AND NOT is_pending
      AND expires_at > :now
    GROUP BY expires_at ORDER BY expires_at LIMIT :limit
"""
_UNBOOKED = """
    SELECT COALESCE(SUM(remaining), 0) FROM lots
    WHERE tenant_id = :tenant AND customer_id = :customer AND remaining > 0 AND NOT is_pending
      AND expires_at <= :now
"""
_LOT = _SELECT_LOT + " AND id = :lot"
_LAPSED = """
    SELECT COALESCE(SUM(u.points), 0) FROM lot_uses u
    JOIN entries e ON e.tenant_id = u.tenant_id AND e.id = u.entry_id
    WHERE u.tenant_id = :tenant AND u.lot_id = :lot AND u.direction = 'take'
      AND e.reason = 'expiry'
      AND NOT EXISTS (
        SELECT 1 FROM entries r WHERE r.tenant_id = e.tenant_id AND r.reverses = e.id
          AND NOT EXISTS
            (SELECT 1 FROM entries u WHERE u.tenant_id = r.tenant_id AND u.reverses = r.id)
      )
"""
_OPENED_BY = "SELECT id FROM lots WHERE tenant_id = :tenant AND entry_id = :entry"
_OPENED_BY_ENTRIES = """
    SELECT l.id, l.entry_id, l.points, l.remaining, l.earned_at, l.expires_at, l.matures_at,
           l.is_pending
    FROM entries e JOIN lots l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
    WHERE e.tenant_id = :tenant AND e.customer_id = :customer AND e.seq BETWEEN :first AND :last
    ORDER BY e.seq
"""
_ADD_LOT = """
    INSERT INTO lots (tenant_id, id, customer_id, entry_id, points, remaining, earned_at,
        expires_at, matures_at, is_pending)
    VALUES (:tenant, :id, :customer, :entry, :points, :points, :earned_at, :expires_at,
        :matures_at, :is_pending)
"""
_USES = """
    SELECT lot_id, points FROM lot_uses
    WHERE tenant_id = :tenant AND entry_id = :entry AND direction = 'take' ORDER BY place
"""
_GIVEN_BACK = _USES.replace("'take'", "'give_back'")
_LAPSING = """
    SELECT customer_id, MIN(expires_at) FROM lots
    WHERE tenant_id = :tenant AND remaining > 0 AND NOT is_pending AND expires_at <= :now
    GROUP BY customer_id ORDER BY 2, 1 LIMIT :limit
"""
_RIPE = """
    SELECT customer_id, MIN(matures_at) FROM lots
    WHERE tenant_id = :tenant AND is_pending AND remaining > 0 AND matures_at <= :now
    GROUP BY customer_id ORDER BY 2, 1 LIMIT :limit
"""

_SELECT_ENTRY = """
    SELECT id, customer_id, seq, debit, credit, points, reason, event_id, rule, rule_version, actor,
           effective_at, recorded_at, cause_key, key, reverses, reversal_part, available_after,
           debt_after, previous, hash, form, held_after, pending_after, qualifying, period,
           corrects, event_seal, note
    FROM entries WHERE tenant_id = :tenant
"""
_LATEST = _SELECT_ENTRY + " AND customer_id = :customer ORDER BY seq DESC LIMIT :limit"
_BEFORE = (
    _SELECT_ENTRY + " AND customer_id = :customer AND seq < :before ORDER BY seq DESC LIMIT :limit"
)
_ENTRY = _SELECT_ENTRY + " AND customer_id = :customer AND seq = :seq"
_GET_ENTRY = _SELECT_ENTRY + " AND id = :entry"
_OF_EVENT = _SELECT_ENTRY + " AND event_id = :event AND reverses IS NULL ORDER BY seq"
_OF_KEY = _SELECT_ENTRY + " AND key = :key"
_REVERSALS = _SELECT_ENTRY + " AND reverses = :entry ORDER BY seq"
_IS_REVERSED = "SELECT 1 FROM entries WHERE tenant_id = :tenant AND reverses = :entry LIMIT 1"
_HAS_GIFT = """
    SELECT 1 FROM entries e
    WHERE e.tenant_id = :tenant AND e.customer_id = :customer AND e.rule = :rule
      AND e.cause_key LIKE 'gift:%' AND e.reverses IS NULL
      AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.tenant_id = e.tenant_id AND r.reverses = e.id)
    LIMIT 1
"""
_ADD_ENTRY = """
    INSERT INTO entries (tenant_id, id, customer_id, seq, debit, credit, points, reason, event_id,
        rule, rule_version, actor, effective_at, recorded_at, cause_key, key, reverses,
        reversal_part, available_after, debt_after, previous, hash, form, held_after,
        pending_after, qualifying, period, corrects, event_seal, note)
    VALUES (:tenant, :id, :customer, :seq, :debit, :credit, :points, :reason, :event,
        :rule, :rule_version, :actor, :effective_at, :recorded_at, :cause_key, :key, :reverses,
        :reversal_part, :available_after, :debt_after, :previous, :hash, :form, :held_after,
        :pending_after, :qualifying, :period, :corrects, :event_seal, :note)
"""
_PAGES = (4, 32, 256)
"""How many lots each page has: most postings need the soonest one or none."""


class SqlWallets(Wallets):
    """The ledger in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def lock(self, customer: CustomerId) -> Wallet:
        row = self._db.one(_LOCK, customer=customer)
        if row is None:
            self._db.run(_OPEN, customer=customer, head=Wallet(customer).head)
            row = self._db.one(_LOCK, customer=customer)
        if row is None:
            raise Conflict("wallet")
        return Wallet(*row)

    @override
    def read(self, customer: CustomerId) -> Wallet:
        row = self._db.one(_READ, customer=customer)
        return Wallet(customer) if row is None else Wallet(*row)

    @override
    def lock_all(self, customers: Sequence[CustomerId]) -> list[Wallet]:
        return [
            Wallet(*row)
            for some in _several(sorted(customers))
            for row in self._db.all(_LOCK_ALL, **some)
        ]

    @override
    def ended(self, customers: Sequence[CustomerId], now: datetime) -> dict[CustomerId, list[Lot]]:
        found: dict[CustomerId, list[Lot]] = {}
        for some in _several(customers):
            for *lot, customer in self._db.all(_ENDED, now=now, **some):
                found.setdefault(customer, []).append(lot_of(tuple(lot)))
        return found

    @override
    def open_lots(self, customer: CustomerId) -> Iterator[Lot]:
        last: Lot | None = None
        page = 0
        while True:
            limit = _PAGES[min(page, len(_PAGES) - 1)]
            if last is None:
                rows = self._db.all(_FIRST_LOTS, customer=customer, limit=limit)
            else:
                rows = self._db.all(
                    _OPEN_LOTS,
                    customer=customer,
                    expires_at=last.expires_at,
                    id=last.id,
                    limit=limit,
                )
            for row in rows:
                last = lot_of(row)
                yield last
            if len(rows) < limit:
                return
            page += 1

    @override
    def endings(
        self, customer: CustomerId, now: datetime, limit: int
    ) -> list[tuple[datetime, int]]:
        rows = self._db.all(_ENDINGS, customer=customer, now=now, limit=limit)
        return [(time_of(expires_at), int(points)) for expires_at, points in rows]

    @override
    def unbooked(self, customer: CustomerId, now: datetime) -> int:
        row = self._db.one(_UNBOOKED, customer=customer, now=now)
        return 0 if row is None else int(row[0])

    @override
    def maturing(self, customer: CustomerId, now: datetime) -> list[Lot]:
        return [lot_of(row) for row in self._db.all(_MATURING, customer=customer, now=now)]

    @override
    def lot(self, lot: LotId) -> Lot:
        row = self._db.one(_LOT, lot=lot)
        if row is None:
            raise Missing(lot)
        return lot_of(row)

    @override
    def lapsed(self, lot: LotId) -> int:
        row = self._db.one(_LAPSED, lot=lot)
        return 0 if row is None else int(row[0])

    @override
    def append(self, postings: Sequence[tuple[Wallet, Sequence[Written]]]) -> None:
        wallets = [_wallet_values(wallet, len(written)) for wallet, written in postings]
        if self._db.many(_MOVE, wallets) != len(wallets):
            raise Conflict("wallet")
        everything = [one for _, written in postings for one in written]
        self._db.many(_ADD_ENTRY, [entry_values(one.entry) for one in everything])
        opened = [lot_values(one.entry, one.opens) for one in everything if one.opens is not None]
        if opened:
            self._db.many(_ADD_LOT, opened)
        move_lots(self._db, everything)

    @override
    def latest(self, customer: CustomerId, limit: int, before: int | None = None) -> list[Entry]:
        if before is None:
            rows = self._db.all(_LATEST, customer=customer, limit=limit)
        else:
            rows = self._db.all(_BEFORE, customer=customer, limit=limit, before=before)
        return [entry_of(row) for row in rows]

    @override
    def entry(self, customer: CustomerId, seq: int) -> Entry | None:
        row = self._db.one(_ENTRY, customer=customer, seq=seq)
        return None if row is None else entry_of(row)

    @override
    def get(self, entry: EntryId) -> Entry:
        row = self._db.one(_GET_ENTRY, entry=entry)
        if row is None:
            raise Missing(entry)
        return entry_of(row)

    @override
    def opened_by_entries(self, customer: CustomerId, first: int, last: int) -> list[Lot]:
        rows = self._db.all(_OPENED_BY_ENTRIES, customer=customer, first=first, last=last)
        return [lot_of(row) for row in rows]

    @override
    def of_event(self, event: EventId) -> list[Entry]:
        return [entry_of(row) for row in self._db.all(_OF_EVENT, event=event)]

    @override
    def is_reversed(self, entry: EntryId) -> bool:
        return self._db.one(_IS_REVERSED, entry=entry) is not None

    @override
    def of_key(self, key: str) -> Entry | None:
        row = self._db.one(_OF_KEY, key=key)
        return None if row is None else entry_of(row)

    @override
    def reversals(self, entry: EntryId) -> list[Entry]:
        return [entry_of(row) for row in self._db.all(_REVERSALS, entry=entry)]

    @override
    def has_gift(self, customer: CustomerId, rule: str) -> bool:
        return self._db.one(_HAS_GIFT, customer=customer, rule=rule) is not None

    @override
    def uses(self, entry: EntryId) -> list[LotUse]:
        return [LotUse(lot, points) for lot, points in self._db.all(_USES, entry=entry)]

    @override
    def given_back(self, entry: EntryId) -> list[LotUse]:
        return [LotUse(lot, points) for lot, points in self._db.all(_GIVEN_BACK, entry=entry)]

    @override
    def opened_by(self, entry: EntryId) -> LotId | None:
        row = self._db.one(_OPENED_BY, entry=entry)
        return None if row is None else row[0]

    @override
    def lapsing(self, now: datetime, limit: int) -> list[CustomerId]:
        return [customer for customer, _ in self._db.all(_LAPSING, now=now, limit=limit)]

    @override
    def ripe(self, now: datetime, limit: int) -> list[CustomerId]:
        return [customer for customer, _ in self._db.all(_RIPE, now=now, limit=limit)]


def _several(customers: Sequence[CustomerId]) -> Iterator[dict[str, Any]]:
    """Name as many customers as a statement takes; the last ones are named again to fill it."""
    for start in range(0, len(customers), _SEVERAL):
        some = customers[start : start + _SEVERAL]
        yield {f"customer_{place}": some[min(place, len(some) - 1)] for place in range(_SEVERAL)}


def _wallet_values(wallet: Wallet, entries: int) -> dict[str, Any]:
    return {
        "customer": wallet.customer,
        "available": wallet.available,
        "held": wallet.held,
        "pending": wallet.pending,
        "debt": wallet.debt,
        "seq": wallet.seq,
        "head": wallet.head,
        "seq_before": wallet.seq - entries,
    }
