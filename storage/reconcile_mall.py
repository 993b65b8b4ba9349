"""Comparing stock, redemptions and the holds of their points with each other."""

from collections.abc import Iterator

from domain.reconciling import DriftKind, Finding
from storage.db import Db

_PLACES = ("available", "held", "gone")
_STOCK_MOVES = """
    SELECT s.reward_id, s.available, COALESCE(m.available, 0), s.held, COALESCE(m.held, 0),
           s.gone, COALESCE(m.gone, 0)
    FROM stocks s LEFT JOIN (
        SELECT reward_id,
               SUM(CASE move WHEN 'receive' THEN quantity WHEN 'release' THEN quantity
                   WHEN 'remove' THEN -quantity WHEN 'hold' THEN -quantity ELSE 0 END)
                   AS available,
               SUM(CASE move WHEN 'hold' THEN quantity WHEN 'release' THEN -quantity
                   WHEN 'hand_over' THEN -quantity WHEN 'take_back' THEN quantity ELSE 0 END)
                   AS held,
               SUM(CASE move WHEN 'hand_over' THEN quantity WHEN 'take_back' THEN -quantity
                   ELSE 0 END) AS gone
        FROM stock_moves WHERE tenant_id = :tenant GROUP BY reward_id
    ) m ON m.reward_id = s.reward_id
    WHERE s.tenant_id = :tenant AND (s.available <> COALESCE(m.available, 0)
        OR s.held <> COALESCE(m.held, 0) OR s.gone <> COALESCE(m.gone, 0))
    ORDER BY s.reward_id LIMIT :limit
"""
# What is set aside is somebody's, or still in the urn of a lottery.
_STOCK_REDEMPTIONS = """
    SELECT s.reward_id, COALESCE(r.outstanding, 0) + COALESCE(u.tickets, 0), s.held
    FROM stocks s LEFT JOIN (
        SELECT reward_id, SUM(quantity - fulfilled - refunded) AS outstanding
        FROM redemptions
        WHERE tenant_id = :tenant AND has_stock AND state IN ('held', 'placed')
        GROUP BY reward_id
    ) r ON r.reward_id = s.reward_id
    LEFT JOIN (
        SELECT p.reward_id, SUM(p.remaining) AS tickets
        FROM lottery_prizes p JOIN lotteries l
            ON l.tenant_id = p.tenant_id AND l.id = p.lottery_id AND l.state = 'open'
        WHERE p.tenant_id = :tenant AND p.has_stock
        GROUP BY p.reward_id
    ) u ON u.reward_id = s.reward_id
    WHERE s.tenant_id = :tenant
        AND s.held <> COALESCE(r.outstanding, 0) + COALESCE(u.tickets, 0)
    ORDER BY s.reward_id LIMIT :limit
"""
# What was bought has a hold of the same id: open while it waits, settled once it is bought,
# released when it ended before that. A prize has cost no points and has none.
_REDEMPTION_HOLDS = """
    SELECT customer_id, id, points, ends, hold_points, hold_state FROM (
        SELECT r.customer_id, r.id, r.points_each * r.quantity AS points,
               CASE WHEN r.points_each = 0 THEN 'none' WHEN r.state = 'held' THEN 'open'
                   WHEN r.state IN ('placed', 'fulfilled', 'refunded') THEN 'settled'
                   ELSE 'released' END AS ends,
               COALESCE(h.points, 0) AS hold_points, COALESCE(h.state, 'none') AS hold_state
        FROM redemptions r
        LEFT JOIN holds h ON h.tenant_id = r.tenant_id AND h.id = r.id
        WHERE r.tenant_id = :tenant
    ) compared WHERE points <> hold_points OR ends <> hold_state
    ORDER BY customer_id, id LIMIT :limit
"""
_HOLDS_ALONE = """
    SELECT h.customer_id, h.id, 0, 'none', h.points, h.state
    FROM holds h
    LEFT JOIN redemptions r ON r.tenant_id = h.tenant_id AND r.id = h.id
    WHERE h.tenant_id = :tenant AND h.purpose = 'redemption:' || h.id AND r.id IS NULL
    ORDER BY h.customer_id, h.id LIMIT :limit
"""


def mall_findings(db: Db, limit: int) -> Iterator[Finding]:
    """Give what does not agree, at most so many of each kind."""
    for reward, *sums in db.all(_STOCK_MOVES, limit=limit):
        for place, stands, moved in zip(_PLACES, sums[::2], sums[1::2], strict=True):
            if stands != moved:
                about = f"{reward} {place}"
                yield Finding(DriftKind.STOCK_MOVES, "", about, str(moved), str(stands))
    for reward, outstanding, held in db.all(_STOCK_REDEMPTIONS, limit=limit):
        yield Finding(DriftKind.STOCK_REDEMPTIONS, "", reward, str(outstanding), str(held))
    for statement in (_REDEMPTION_HOLDS, _HOLDS_ALONE):
        for customer, redemption, *sides in db.all(statement, limit=limit):
            points, ends, hold_points, state = sides
            expected, found = f"{points} {ends}", f"{hold_points} {state}"
            yield Finding(DriftKind.REDEMPTION_HOLDS, customer, redemption, expected, found)
