"""Wallets, entries and lots as rows: the ledger's hot path.

Entries and lot uses are only ever inserted; the database refuses everything else by triggers.
"""

from collections.abc import Sequence

from typing_extensions import override

from domain.ids import CustomerId, EntryId, EventId, LotId
from domain.ledger import Account, Cause, Entry, Reason, Wallet
from domain.lots import Lot, LotUse
from domain.ports import Conflict
from domain.repositories import Wallets
from storage.db import Db, Missing, Row
from storage.values import time_of

_READ = """
    SELECT customer_id, available, held, pending, debt, seq, head
    FROM wallets WHERE tenant_id = :tenant AND customer_id = :customer
"""
_LOCK = _READ + " FOR UPDATE"
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
    SELECT id, entry_id, points, remaining, earned_at, expires_at
    FROM lots WHERE tenant_id = :tenant
"""
_LOTS = _SELECT_LOT + " AND customer_id = :customer AND remaining > 0 ORDER BY expires_at, id"
_LOT = _SELECT_LOT + " AND id = :lot"
_LAPSED = """
    SELECT COALESCE(SUM(u.points), 0) FROM lot_uses u
    JOIN entries e ON e.tenant_id = u.tenant_id AND e.id = u.entry_id
    WHERE u.tenant_id = :tenant AND u.lot_id = :lot AND u.direction = 'take'
      AND e.reason = 'expiry'
"""
_OPENED_BY = "SELECT id FROM lots WHERE tenant_id = :tenant AND entry_id = :entry"
_ADD_LOT = """
    INSERT INTO lots (tenant_id, id, customer_id, entry_id, points, remaining, earned_at,
        expires_at)
    VALUES (:tenant, :id, :customer, :entry, :points, :remaining, :earned_at, :expires_at)
"""
_CHANGE_LOT = """
    UPDATE lots SET remaining = remaining + :points
    WHERE tenant_id = :tenant AND id = :lot AND customer_id = :customer
"""
_ADD_USE = """
    INSERT INTO lot_uses (tenant_id, entry_id, place, lot_id, direction, points)
    VALUES (:tenant, :entry, :place, :lot, :direction, :points)
"""
_USES = """
    SELECT lot_id, points FROM lot_uses
    WHERE tenant_id = :tenant AND entry_id = :entry AND direction = 'take' ORDER BY place
"""

_SELECT_ENTRY = """
    SELECT id, customer_id, seq, debit, credit, points, reason, event_id, rule, rule_version, actor,
           effective_at, recorded_at, cause_key, reverses, available_after, debt_after, previous,
           hash
    FROM entries WHERE tenant_id = :tenant
"""
_LATEST = _SELECT_ENTRY + " AND customer_id = :customer ORDER BY seq DESC LIMIT :limit"
_OF_EVENT = _SELECT_ENTRY + " AND event_id = :event AND reverses IS NULL ORDER BY seq"
_IS_REVERSED = "SELECT 1 FROM entries WHERE tenant_id = :tenant AND reverses = :entry LIMIT 1"
_ADD_ENTRY = """
    INSERT INTO entries (tenant_id, id, customer_id, seq, debit, credit, points, reason, event_id,
        rule, rule_version, actor, effective_at, recorded_at, cause_key, key, reverses,
        reversal_part, available_after, debt_after, previous, hash)
    VALUES (:tenant, :id, :customer, :seq, :debit, :credit, :points, :reason, :event,
        :rule, :rule_version, :actor, :effective_at, :recorded_at, :cause_key, :key, :reverses,
        :reversal_part, :available_after, :debt_after, :previous, :hash)
"""


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
    def lots(self, customer: CustomerId) -> list[Lot]:
        return [_lot(row) for row in self._db.all(_LOTS, customer=customer)]

    @override
    def lot(self, lot: LotId) -> Lot:
        row = self._db.one(_LOT, lot=lot)
        if row is None:
            raise Missing(lot)
        return _lot(row)

    @override
    def lapsed(self, lot: LotId) -> int:
        row = self._db.one(_LAPSED, lot=lot)
        return 0 if row is None else int(row[0])

    @override
    def append(
        self,
        wallet: Wallet,
        entries: Sequence[tuple[Entry, Lot | None, Sequence[LotUse], Sequence[LotUse]]],
    ) -> None:
        moved = self._db.run(
            _MOVE,
            customer=wallet.customer,
            available=wallet.available,
            held=wallet.held,
            pending=wallet.pending,
            debt=wallet.debt,
            seq=wallet.seq,
            head=wallet.head,
            seq_before=wallet.seq - len(entries),
        )
        if moved != 1:
            raise Conflict("wallet")
        parts: dict[EntryId, int] = {}
        for entry, lot, takes, gives_back in entries:
            part = None
            if entry.reverses is not None:
                part = parts[entry.reverses] = parts.get(entry.reverses, 0) + 1
            self._add_entry(entry, part)
            if lot is not None:
                self._add_lot(entry, lot)
            place = 0
            for use in takes:
                place += 1
                self._use_lot(entry, use, place, sign=-1)
            for use in gives_back:
                place += 1
                self._use_lot(entry, use, place, sign=1)

    @override
    def latest(self, customer: CustomerId, limit: int) -> list[Entry]:
        return [_entry(row) for row in self._db.all(_LATEST, customer=customer, limit=limit)]

    @override
    def of_event(self, event: EventId) -> list[Entry]:
        return [_entry(row) for row in self._db.all(_OF_EVENT, event=event)]

    @override
    def is_reversed(self, entry: EntryId) -> bool:
        return self._db.one(_IS_REVERSED, entry=entry) is not None

    @override
    def uses(self, entry: EntryId) -> list[LotUse]:
        return [LotUse(lot, points) for lot, points in self._db.all(_USES, entry=entry)]

    @override
    def opened_by(self, entry: EntryId) -> LotId | None:
        row = self._db.one(_OPENED_BY, entry=entry)
        return None if row is None else row[0]

    def _add_entry(self, entry: Entry, reversal_part: int | None) -> None:
        cause = entry.cause
        self._db.run(
            _ADD_ENTRY,
            id=entry.id,
            customer=entry.customer,
            seq=entry.seq,
            debit=entry.debit,
            credit=entry.credit,
            points=entry.points,
            reason=entry.reason,
            event=cause.event,
            rule=cause.rule,
            rule_version=cause.rule_version,
            actor=cause.actor,
            effective_at=cause.effective_at,
            recorded_at=cause.recorded_at,
            cause_key=cause.key,
            key=entry.key,
            reverses=entry.reverses,
            reversal_part=reversal_part,
            available_after=entry.available_after,
            debt_after=entry.debt_after,
            previous=entry.previous,
            hash=entry.hash,
        )

    def _add_lot(self, entry: Entry, lot: Lot) -> None:
        self._db.run(
            _ADD_LOT,
            id=lot.id,
            customer=entry.customer,
            entry=lot.entry,
            points=lot.points,
            remaining=lot.remaining,
            earned_at=lot.earned_at,
            expires_at=lot.expires_at,
        )

    def _use_lot(self, entry: Entry, use: LotUse, place: int, *, sign: int) -> None:
        self._db.run(
            _ADD_USE,
            entry=entry.id,
            place=place,
            lot=use.lot,
            direction="give_back" if sign > 0 else "take",
            points=use.points,
        )
        changed = self._db.run(
            _CHANGE_LOT, lot=use.lot, customer=entry.customer, points=sign * use.points
        )
        if changed != 1:
            raise Conflict("lot")


def _lot(row: Row) -> Lot:
    id_, entry, points, remaining, earned_at, expires_at = row
    return Lot(id_, entry, points, remaining, time_of(earned_at), time_of(expires_at))


def _entry(row: Row) -> Entry:
    (id_, customer, seq, debit, credit, points, reason, *rest) = row
    (event, rule, rule_version, actor, effective_at, recorded_at, cause_key, *rest) = rest
    (reverses, available_after, debt_after, previous, hash_) = rest
    return Entry(
        id=id_,
        customer=customer,
        seq=seq,
        debit=Account(debit),
        credit=Account(credit),
        points=points,
        reason=Reason(reason),
        cause=Cause(
            event=event,
            rule=rule,
            rule_version=rule_version,
            actor=actor,
            effective_at=time_of(effective_at),
            recorded_at=time_of(recorded_at),
            key=cause_key,
        ),
        reverses=reverses,
        available_after=available_after,
        debt_after=debt_after,
        previous=previous,
        hash=hash_,
    )
