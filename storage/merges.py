"""Merged records of one unit as rows, and what hung on the double."""

from typing_extensions import override

from domain.ids import ApprovalId, CustomerId
from domain.merging import Belongings, Merge, Parted, Unfinished
from domain.ports import Conflict
from domain.repositories import Merges
from storage.db import Db, Row
from storage.values import Json, json_of, time_of

_SELECT = """
    SELECT id, merged_id, kept_id, points, moved, merged_at, joined_key, undone_at, parted_key,
        returned
    FROM customer_merges WHERE tenant_id = :tenant
"""
_OF_MERGED = _SELECT + " AND merged_id = :customer AND undone_at IS NULL"
_INTO = _SELECT + " AND kept_id = :customer AND undone_at IS NULL ORDER BY merged_at, id"
_WERE_ONE = """
    SELECT 1 FROM customer_merges
    WHERE tenant_id = :tenant AND (merged_id = :one AND kept_id = :other
        OR merged_id = :other AND kept_id = :one)
    LIMIT 1
"""
_ADD = """
    INSERT INTO customer_merges (tenant_id, id, merged_id, kept_id, points, moved, merged_at,
        joined_key, returned)
    VALUES (:tenant, :id, :merged, :kept, :points, :moved, :at, :key, 0)
"""
_PART = """
    UPDATE customer_merges SET undone_at = :at, parted_key = :key, returned = :points
    WHERE tenant_id = :tenant AND id = :id AND undone_at IS NULL
"""
_UNFINISHED = """
    SELECT
        (SELECT COUNT(*) FROM redemptions WHERE tenant_id = :tenant AND customer_id = :customer
            AND state IN ('held', 'placed')),
        (SELECT COUNT(*) FROM vouchers WHERE tenant_id = :tenant AND customer_id = :customer
            AND state = 'open'),
        (SELECT COUNT(*) FROM gifts WHERE tenant_id = :tenant AND state = 'pending'
            AND (giver_id = :customer OR receiver_id = :customer)),
        (SELECT COUNT(*) FROM approvals WHERE tenant_id = :tenant AND state = 'pending'
            AND customer_id = :customer AND id <> :besides)
"""
_BELONGINGS = tuple(
    f"SELECT id FROM {table} WHERE tenant_id = :tenant AND customer_id = :customer ORDER BY id"  # noqa: S608
    for table in ("contacts", "projects", "contracts")
)
_HAND_OVER = {
    table: f"""
    UPDATE {table} SET customer_id = :receiver
    WHERE tenant_id = :tenant AND id = :id AND customer_id = :giver
    """  # noqa: S608  constants
    for table in ("contacts", "projects", "contracts")
}


class SqlMerges(Merges):
    """Merges in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, merge: Merge) -> None:
        owned = merge.belongings
        moved = {
            "months": [[month, points] for month, points in sorted(merge.months.items())],
            "contacts": list(owned.contacts),
            "projects": list(owned.projects),
            "contracts": list(owned.contracts),
            "aliases": list(merge.aliases),
        }
        self._db.run(
            _ADD,
            id=merge.id,
            merged=merge.merged,
            kept=merge.kept,
            points=merge.points,
            moved=Json(moved),
            at=merge.at,
            key=merge.key,
        )

    @override
    def part(self, merge: Merge) -> None:
        parted = merge.parted
        if parted is None:
            raise ValueError(merge.id)
        values = {"at": parted.at, "key": parted.key, "points": parted.points}
        if self._db.run(_PART, id=merge.id, **values) != 1:
            raise Conflict("merge")

    @override
    def of_merged(self, customer: CustomerId) -> Merge | None:
        row = self._db.one(_OF_MERGED, customer=customer)
        return None if row is None else _merge(row)

    @override
    def into(self, customer: CustomerId) -> list[Merge]:
        return [_merge(row) for row in self._db.all(_INTO, customer=customer)]

    @override
    def were_one(self, one: CustomerId, other: CustomerId) -> bool:
        return self._db.one(_WERE_ONE, one=one, other=other) is not None

    @override
    def unfinished(self, customer: CustomerId, besides: ApprovalId | None) -> Unfinished:
        row = self._db.one(_UNFINISHED, customer=customer, besides=besides or "")
        return Unfinished(*map(int, row or ()))

    @override
    def belongings(self, customer: CustomerId) -> Belongings:
        ids = [
            tuple(id_ for (id_,) in self._db.all(statement, customer=customer))
            for statement in _BELONGINGS
        ]
        return Belongings(*ids)

    @override
    def hand_over(self, owned: Belongings, giver: CustomerId, receiver: CustomerId) -> None:
        every = (owned.contacts, owned.projects, owned.contracts)
        for statement, ids in zip(_HAND_OVER.values(), every, strict=True):
            for id_ in ids:
                self._db.run(statement, id=id_, giver=giver, receiver=receiver)


def _merge(row: Row) -> Merge:
    id_, merged, kept, points, moved, at, key, undone_at, parted_key, returned = row
    said = json_of(moved)
    owned = Belongings(tuple(said["contacts"]), tuple(said["projects"]), tuple(said["contracts"]))
    return Merge(
        id=id_,
        merged=merged,
        kept=kept,
        points=points,
        at=time_of(at),
        key=key,
        belongings=owned,
        months=dict(said["months"]),
        aliases=tuple(said["aliases"]),
        parted=None if undone_at is None else Parted(time_of(undone_at), parted_key, returned),
    )
