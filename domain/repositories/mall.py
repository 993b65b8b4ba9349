"""What points buy, what of it there is, and what was bought."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import CustomerId, RedemptionId, RewardId
from domain.redemptions import Redemption
from domain.rewards import Reward, Stock, StockMove


@dataclass(frozen=True, slots=True)
class Moved:
    """One move of stock as it is kept."""

    id: str
    reward: RewardId
    move: StockMove
    quantity: int
    redemption: RedemptionId | None
    actor: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sold:
    """What was bought of one reward in a time, less what was given back; prizes don't count."""

    recent: int = 0
    """Pieces in the last part of it."""
    quantity: int = 0
    points: int = 0
    customers: int = 0
    """Different ones."""


class Rewards(Protocol):
    """Rewards as they are now; what they were is in the audit record."""

    def next_number(self) -> int:
        """Give the next number people call a reward by."""
        ...

    def add(self, reward: Reward) -> None:
        """Store a new one.

        Raises:
            Conflict: its number is taken.
        """
        ...

    def get(self, reward: RewardId) -> Reward:
        """Read one by its id; a missing one is a bug."""
        ...

    def find_number(self, number: int) -> Reward | None:
        """Find one by its number."""
        ...

    def all(self) -> list[Reward]:
        """List all of the tenant by number."""
        ...

    def save(self, reward: Reward) -> None:
        """Replace the version before this one.

        Raises:
            Conflict: the stored version is not the one before.
        """
        ...


class Stocks(Protocol):
    """What there is of rewards that have a stock: available, held and gone make what came in.

    In the database too; every move is kept and never changes.
    """

    def all(self) -> Mapping[RewardId, Stock]:
        """Read what there is of everything."""
        ...

    def of(self, reward: RewardId) -> Stock:
        """Read what there is of one; nothing where nothing ever moved."""
        ...

    def move(self, moved: Moved) -> bool:
        """Move some and keep the move; False when there are not as many, and then nothing is kept.

        Locks the reward's stock. The same id again is a bug.
        """
        ...

    def moves(self, reward: RewardId, limit: int) -> list[Moved]:
        """List the last moves, newest first."""
        ...


class Redemptions(Protocol):
    """What was bought; what it was bought on never changes."""

    def next_number(self) -> int:
        """Give the next number; locks the counter until the commit, so ask last."""
        ...

    def add(self, redemption: Redemption) -> None:
        """Store a new one.

        Raises:
            Conflict: its source has one.
        """
        ...

    def find(self, redemption: RedemptionId) -> Redemption | None:
        """Find and lock one by its id, or None."""
        ...

    def find_number(self, number: int) -> Redemption | None:
        """Find one by its number."""
        ...

    def find_source(self, source: str) -> Redemption | None:
        """Find what was bought for a source."""
        ...

    def of_customer(self, customer: CustomerId, limit: int) -> list[Redemption]:
        """List a customer's last ones, newest first."""
        ...

    def taken(self, customer: CustomerId, reward: RewardId, since: datetime | None) -> int:
        """Count what counts against a limit since an instant, or ever.

        Nobody else buys for the customer meanwhile while the caller holds the lock of the wallet.
        """
        ...

    def overdue(self, now: datetime, limit: int) -> list[RedemptionId]:
        """List those that are HELD for too long, oldest first."""
        ...

    def to_hand_over(self, limit: int) -> list[Redemption]:
        """List those that are PLACED and wait for the firm (no vouchers), oldest first."""
        ...

    def save(self, redemption: Redemption) -> None:
        """Replace the version before this one; what it was bought on stays.

        Raises:
            Conflict: the stored version is not the one before.
        """
        ...


class Turnovers(Protocol):
    """What the report on rewards counts."""

    def sold(self, since: datetime, recent: datetime) -> Mapping[RewardId, Sold]:
        """Count what was bought since an instant, and how much of it since a later one."""
        ...

    def balances(self) -> list[int]:
        """List what each customer can spend, rising; 0 for one who never had points."""
        ...
