"""Daily heads and wallet seals as rows; the database refuses to change either by triggers."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from typing_extensions import override

from domain.ids import CustomerId
from domain.ledger import Written
from domain.lots import Lot, LotUse
from domain.proof import DayHead, Published, Totals, WalletSeal
from domain.proof_check import BrokenSeal
from domain.repositories import Proofs
from storage.db import Db, Row
from storage.values import date_of, exact_date, exact_time, json_of, time_of, time_or_none
from storage.wallets import SqlWallets

_SELECT_HEAD = """
    SELECT day, root, wallets, entries, available, held, pending, debt, sealed_at, previous, hash
    FROM day_heads WHERE tenant_id = :tenant
"""
_HEADS = _SELECT_HEAD + " ORDER BY day"
_LAST = _SELECT_HEAD + " ORDER BY day DESC LIMIT 1"
_FIND = _SELECT_HEAD + " AND day = :day"
_ADD_HEAD = """
    INSERT INTO day_heads (tenant_id, day, root, wallets, entries, available, held, pending, debt,
        sealed_at, previous, hash)
    VALUES (:tenant, :day, :root, :wallets, :entries, :available, :held, :pending, :debt,
        :sealed_at, :previous, :hash)
"""
_ADD_SEAL = """
    INSERT INTO wallet_seals (tenant_id, customer_id, day, seq, head)
    VALUES (:tenant, :customer, :day, :seq, :head)
"""
_WALLETS = """
    SELECT customer_id, seq, head, available, held, pending, debt
    FROM wallets WHERE tenant_id = :tenant AND seq > 0
"""
# From the wallets, so that a seal costs one look per wallet and not one per seal ever made.
_SEALED = """
    SELECT s.customer_id, s.seq, s.head FROM wallets w
    JOIN wallet_seals s ON s.tenant_id = w.tenant_id AND s.customer_id = w.customer_id
      AND s.day = (SELECT MAX(l.day) FROM wallet_seals l
                   WHERE l.tenant_id = w.tenant_id AND l.customer_id = w.customer_id
                     AND l.day <= :until)
    WHERE w.tenant_id = :tenant
"""
_MOVED = """
    SELECT day, customer_id, seq, head FROM wallet_seals
    WHERE tenant_id = :tenant AND day > :after AND day <= :until ORDER BY day, customer_id
"""
_BROKEN = """
    SELECT s.day, s.customer_id, s.seq, s.head, e.hash FROM wallet_seals s
    LEFT JOIN entries e ON e.tenant_id = s.tenant_id AND e.customer_id = s.customer_id
      AND e.seq = s.seq
    WHERE s.tenant_id = :tenant AND (e.hash IS NULL OR e.hash <> s.head)
"""
_LOTS = """
    SELECT l.id, l.entry_id, l.points, l.points, l.earned_at, l.expires_at, l.matures_at
    FROM entries e JOIN lots l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
    WHERE e.tenant_id = :tenant AND e.customer_id = :customer
"""
_USES = """
    SELECT entry_id, direction, lot_id, points FROM lot_uses
    WHERE tenant_id = :tenant AND entry_id IN
        (SELECT id FROM entries WHERE tenant_id = :tenant AND customer_id = :customer)
    ORDER BY entry_id, place
"""
_POSTED = """
    SELECT data FROM deliveries WHERE tenant_id = :tenant AND view = 'day_head_notice'
"""
# By id, for ids are made in time's order and lead the key.
_BEGAN = "SELECT recorded_at FROM entries WHERE tenant_id = :tenant ORDER BY id LIMIT 1"


class SqlProofs(Proofs):
    """Heads and seals in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def last(self) -> DayHead | None:
        row = self._db.one(_LAST)
        return None if row is None else _head(row)

    @override
    def heads(self) -> list[DayHead]:
        return [_head(row) for row in self._db.all(_HEADS)]

    @override
    def find(self, day: date) -> DayHead | None:
        row = self._db.one(_FIND, day=day)
        return None if row is None else _head(row)

    @override
    def add(self, head: DayHead, moved: Sequence[WalletSeal]) -> None:
        self._db.run(
            _ADD_HEAD,
            day=head.day,
            root=head.root,
            wallets=head.wallets,
            entries=head.entries,
            available=head.totals.available,
            held=head.totals.held,
            pending=head.totals.pending,
            debt=head.totals.debt,
            sealed_at=head.sealed_at,
            previous=head.previous,
            hash=head.hash,
        )
        rows = [
            {"customer": seal.customer, "day": head.day, "seq": seal.seq, "head": seal.head}
            for seal in moved
        ]
        self._db.many(_ADD_SEAL, rows)

    @override
    def wallets(self) -> tuple[list[WalletSeal], Totals]:
        rows = self._db.all(_WALLETS)
        points = zip(*(row[3:] for row in rows), strict=True)
        return [WalletSeal(*row[:3]) for row in rows], Totals(*(sum(each) for each in points))

    @override
    def sealed(self, until: date) -> list[WalletSeal]:
        return [WalletSeal(*row) for row in self._db.all(_SEALED, until=until)]

    @override
    def moved(self, after: date, until: date) -> list[tuple[date, WalletSeal]]:
        rows = self._db.all(_MOVED, after=after, until=until)
        return [(date_of(day), WalletSeal(*seal)) for day, *seal in rows]

    @override
    def written(self, customer: CustomerId) -> list[Written]:
        wallets = SqlWallets(self._db)
        entries = wallets.latest(customer, wallets.read(customer).seq)
        opened = {row[1]: _opened(row) for row in self._db.all(_LOTS, customer=customer)}
        uses: defaultdict[tuple[str, str], list[LotUse]] = defaultdict(list)
        for entry, direction, lot, points in self._db.all(_USES, customer=customer):
            uses[entry, direction].append(LotUse(lot, points))
        return [
            Written(
                entry,
                opens=opened.get(entry.id),
                takes=tuple(uses[entry.id, "take"]),
                gives_back=tuple(uses[entry.id, "give_back"]),
                matures=next(iter(uses[entry.id, "mature"]), None),
            )
            for entry in reversed(entries)
        ]

    @override
    def broken(self) -> list[BrokenSeal]:
        self._db.expect_scans()
        return [
            BrokenSeal(date_of(day), WalletSeal(customer, seq, head), found)
            for day, customer, seq, head, found in self._db.all(_BROKEN)
        ]

    @override
    def posted(self) -> list[Published]:
        notices = [json_of(row[0]) for row in self._db.all(_POSTED)]
        kept = {(date.fromisoformat(data["day"]), data["hash"]) for data in notices}
        return [Published(*each) for each in sorted(kept)]

    @override
    def began_at(self) -> datetime | None:
        row = self._db.one(_BEGAN)
        return None if row is None else time_of(row[0])


def _opened(row: Row) -> Lot:
    """Read a lot as it was when it was opened."""
    id_, entry, points, remaining, earned_at, expires_at, matures_at = row
    return Lot(
        id_,
        entry,
        points,
        remaining,
        time_of(earned_at),
        time_of(expires_at),
        time_or_none(matures_at),
        is_pending=matures_at is not None,
    )


def _head(row: Row) -> DayHead:
    day, root, wallets, entries, available, held, pending, debt, *rest = row
    sealed_at, previous, hash_ = rest
    return DayHead(
        day=exact_date(day),
        root=root,
        wallets=wallets,
        entries=entries,
        totals=Totals(available, held, pending, debt),
        sealed_at=exact_time(sealed_at),
        previous=previous,
        hash=hash_,
    )
