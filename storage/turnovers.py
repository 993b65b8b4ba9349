"""What the report on rewards counts: one statement over what was bought, one over who has what."""

from collections.abc import Mapping
from datetime import datetime

from typing_extensions import override

from domain.ids import RewardId
from domain.repositories import Sold, Turnovers
from storage.db import Db

_SOLD = """
    SELECT reward_id,
           SUM(CASE WHEN held_at >= :recent THEN quantity - refunded ELSE 0 END),
           SUM(quantity - refunded),
           SUM((quantity - refunded) * points_each),
           COUNT(DISTINCT CASE WHEN refunded < quantity THEN customer_id END)
    FROM redemptions
    WHERE tenant_id = :tenant AND held_at >= :since AND points_each > 0
        AND state IN ('placed', 'fulfilled', 'refunded')
    GROUP BY reward_id
"""
_BALANCES = """
    SELECT COALESCE(wallets.available, 0) AS available
    FROM customers LEFT JOIN wallets
        ON wallets.tenant_id = customers.tenant_id AND wallets.customer_id = customers.id
    WHERE customers.tenant_id = :tenant
    ORDER BY available
"""


class SqlTurnovers(Turnovers):
    """Counts over the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def sold(self, since: datetime, recent: datetime) -> Mapping[RewardId, Sold]:
        # PostgreSQL adds big integers up to decimals.
        return {
            reward: Sold(*map(int, counted))
            for reward, *counted in self._db.all(_SOLD, since=since, recent=recent)
        }

    @override
    def balances(self) -> list[int]:
        return [available for (available,) in self._db.all(_BALANCES)]
