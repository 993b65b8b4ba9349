"""Writing what entries do to lots: the uses, what is left, and what has matured."""

from collections.abc import Sequence
from typing import Any

from domain.ids import LotId
from domain.ledger import Written
from domain.ports import Conflict
from storage.db import Db

_CHANGE_LOT = """
    UPDATE lots SET remaining = remaining + :points
    WHERE tenant_id = :tenant AND id = :lot AND customer_id = :customer
"""
_MATURE_LOT = """
    UPDATE lots SET is_pending = :no
    WHERE tenant_id = :tenant AND id = :lot AND customer_id = :customer AND is_pending
"""
_ADD_USE = """
    INSERT INTO lot_uses (tenant_id, entry_id, place, lot_id, direction, points)
    VALUES (:tenant, :entry, :place, :lot, :direction, :points)
"""
_IN_ARRAYS = {
    _ADD_USE: """
        INSERT INTO lot_uses (tenant_id, entry_id, place, lot_id, direction, points)
        SELECT :tenant, entry, place, lot, direction, points
        FROM unnest(:entry::text[], :place::int[], :lot::text[], :direction::text[],
            :points::bigint[]) AS one (entry, place, lot, direction, points)
    """,
    _CHANGE_LOT: """
        UPDATE lots SET remaining = remaining + one.points
        FROM unnest(:lot::text[], :customer::text[], :points::bigint[])
            AS one (lot, customer, points)
        WHERE tenant_id = :tenant AND id = one.lot AND customer_id = one.customer
    """,
}
"""What is done to lots, many rows at once: on PostgreSQL a third of the time of one by one."""
_ARRAYS_FROM = 3
"""Fewer rows are faster one by one."""


def move_lots(db: Db, everything: Sequence[Written]) -> None:
    """Write what entries do to lots: in three statements, however many lots there are.

    Raises:
        Conflict: a lot is another customer's, or has matured before.
    """
    uses, matured = [], []
    changed: dict[LotId, dict[str, Any]] = {}
    for one in everything:
        customer = one.entry.customer
        moves = [(use, "take", -use.points) for use in one.takes]
        moves += [(use, "give_back", use.points) for use in one.gives_back]
        if one.matures is not None:
            moves.append((one.matures, "mature", 0))
        for place, (use, direction, points) in enumerate(moves, 1):
            uses.append(
                {
                    "entry": one.entry.id,
                    "place": place,
                    "lot": use.lot,
                    "direction": direction,
                    "points": use.points,
                }
            )
            if points:
                # All at once changes a row once.
                lot = {"lot": use.lot, "customer": customer, "points": 0}
                changed.setdefault(use.lot, lot)["points"] += points
            else:
                matured.append({"lot": use.lot, "customer": customer, "no": False})
    _at_once(db, _ADD_USE, uses)
    if _at_once(db, _CHANGE_LOT, [*changed.values()]) != len(changed):
        raise Conflict("lot")
    if matured and db.many(_MATURE_LOT, matured) != len(matured):
        raise Conflict("lot")


def _at_once(db: Db, statement: str, rows: Sequence[dict[str, Any]]) -> int:
    if len(rows) < _ARRAYS_FROM or not db.has_arrays:
        return db.many(statement, rows)
    arrays = {name: [row[name] for row in rows] for name in rows[0]}
    return db.run(_IN_ARRAYS[statement], **arrays)
