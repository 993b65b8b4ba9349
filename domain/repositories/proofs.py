"""What the ledger has committed to: daily heads and the seals of wallets below them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from domain.ids import CustomerId
from domain.ledger import Written
from domain.proof import DayHead, Published, Totals, WalletSeal
from domain.proof_check import BrokenSeal


class Proofs(Protocol):
    """Daily heads and wallet seals; both are append-only in the database too."""

    def last(self) -> DayHead | None:
        """Read the newest head."""
        ...

    def heads(self) -> list[DayHead]:
        """List every head, oldest day first."""
        ...

    def find(self, day: date) -> DayHead | None:
        """Find the head of a day."""
        ...

    def add(self, head: DayHead, moved: Sequence[WalletSeal]) -> None:
        """Store a head with the seals of the wallets that have moved since the one before.

        Raises:
            Conflict: the day has a head, or another one follows the same head already.
        """
        ...

    def wallets(self) -> tuple[list[WalletSeal], Totals]:
        """Read how far every wallet with entries is, and all wallets' points together."""
        ...

    def sealed(self, until: date) -> list[WalletSeal]:
        """List every wallet's newest seal that is not of a later day."""
        ...

    def moved(self, after: date, until: date) -> list[tuple[date, WalletSeal]]:
        """List the seals of the days after one day up to and including another, oldest first."""
        ...

    def written(self, customer: CustomerId) -> list[Written]:
        """List a wallet's entries, oldest first, with what each did to lots."""
        ...

    def broken(self) -> list[BrokenSeal]:
        """List the seals whose entry is gone or has another hash than was sealed."""
        ...

    def posted(self) -> list[Published]:
        """List the heads that stand in messages to the supervisors, each once, oldest day first."""
        ...

    def began_at(self) -> datetime | None:
        """Give when the first entry of all was recorded."""
        ...
