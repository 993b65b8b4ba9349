"""Lotteries and what was drawn."""

from datetime import datetime
from typing import Protocol

from domain.draws import Draw
from domain.ids import CustomerId, LotteryId
from domain.lotteries import Lottery


class Lotteries(Protocol):
    """Lotteries with their urns and draws; terms and draws never change, in the database too."""

    def next_number(self) -> int:
        """Give the next number; locks the counter until the commit, so ask last."""
        ...

    def add(self, lottery: Lottery) -> None:
        """Store a draft.

        Raises:
            Conflict: its number is taken.
        """
        ...

    def get(self, lottery: LotteryId) -> Lottery:
        """Read one by its id; a missing one is a bug."""
        ...

    def lock(self, lottery: LotteryId) -> Lottery:
        """Read and lock one by its id; a missing one is a bug."""
        ...

    def find_number(self, number: int) -> Lottery | None:
        """Find one by its number."""
        ...

    def all(self) -> list[Lottery]:
        """List all of the tenant by number."""
        ...

    def overdue(self, now: datetime) -> list[LotteryId]:
        """List those that are open though their time is over, by number."""
        ...

    def publish(self, lottery: Lottery, seed: str) -> None:
        """Replace the draft before this version, and keep the seed where nobody can read it.

        Raises:
            Conflict: the stored version is not the one before.
        """
        ...

    def secret(self, lottery: LotteryId) -> str:
        """Read the seed of a lottery that was published; it must go nowhere before closing."""
        ...

    def save(self, lottery: Lottery) -> None:
        """Replace the version before this one; a closed one's seed can be read from then on.

        Raises:
            Conflict: the stored version is not the one before.
        """
        ...

    def add_draw(self, draw: Draw) -> None:
        """Keep a draw.

        Raises:
            Conflict: its number or its source has one.
        """
        ...

    def find_draw(self, source: str) -> Draw | None:
        """Find what was drawn for a source."""
        ...

    def draws(self, lottery: LotteryId) -> list[Draw]:
        """List what was drawn, in order."""
        ...

    def count(self, lottery: LotteryId, customer: CustomerId, since: datetime) -> tuple[int, int]:
        """Count a customer's draws: since an instant, and ever.

        Nobody else draws for the customer meanwhile while the caller holds the lock of the wallet.
        """
        ...
