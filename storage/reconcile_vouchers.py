"""Comparing vouchers with what was used of them and with what was bought; nothing is changed."""

from collections.abc import Iterator

from domain.reconciling import DriftKind, Finding
from storage.db import Db

_USES = """
    SELECT v.customer_id, v.id, COALESCE(u.amount, 0), v.used
    FROM vouchers v LEFT JOIN (
        SELECT voucher_id,
               SUM(CASE WHEN takes_back IS NULL THEN amount ELSE -amount END) AS amount
        FROM voucher_uses WHERE tenant_id = :tenant GROUP BY voucher_id
    ) u ON u.voucher_id = v.id
    WHERE v.tenant_id = :tenant AND v.used <> COALESCE(u.amount, 0)
    ORDER BY v.customer_id, v.id LIMIT :limit
"""
# All that was bought, what of it is done with (used up or lapsed), and what was given back.
_BOUGHT = """
    SELECT r.customer_id, r.id, r.quantity, r.fulfilled, r.refunded,
           COALESCE(v.made, 0), COALESCE(v.done, 0), COALESCE(v.void, 0)
    FROM redemptions r LEFT JOIN (
        SELECT redemption_id, COUNT(*) AS made,
               SUM(CASE WHEN state IN ('used_up', 'expired') THEN 1 ELSE 0 END) AS done,
               SUM(CASE WHEN state = 'void' THEN 1 ELSE 0 END) AS void
        FROM vouchers WHERE tenant_id = :tenant GROUP BY redemption_id
    ) v ON v.redemption_id = r.id
    WHERE r.tenant_id = :tenant AND r.kind = 'voucher'
        AND r.state IN ('placed', 'fulfilled', 'refunded')
        AND (r.quantity <> COALESCE(v.made, 0) OR r.fulfilled <> COALESCE(v.done, 0)
            OR r.refunded <> COALESCE(v.void, 0))
    ORDER BY r.customer_id, r.id LIMIT :limit
"""


def compare_vouchers(db: Db, limit: int) -> Iterator[Finding]:
    """Give vouchers that don't agree with their uses, and purchases that don't with their vouchers.

    At most so many of each.
    """
    for customer, voucher, expected, found in db.all(_USES, limit=limit):
        yield Finding(DriftKind.VOUCHER_USES, customer, voucher, str(expected), str(found))
    for customer, redemption, *sides in db.all(_BOUGHT, limit=limit):
        bought, made = ("/".join(map(str, side)) for side in (sides[:3], sides[3:]))
        yield Finding(DriftKind.REDEMPTION_VOUCHERS, customer, redemption, bought, made)
