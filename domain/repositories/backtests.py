"""What a back-test reads, and where orders and results are kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.backtest_orders import BacktestOrder
from domain.ids import BacktestId, CustomerId, MemberId
from domain.replay.assembling import Rows
from domain.replay.drafts import Laws


class Recordings(Protocol):
    """Everything that was recorded, for reading in bulk.

    What is given belongs to the open transaction: one that only reads sees one moment throughout.
    """

    def laws(self) -> Laws:
        """Give all published rules and programmes and all closed months, with their instants."""
        ...

    def customers(self) -> list[tuple[CustomerId, int]]:
        """List the customers with a wallet by id, each with the number of its entries."""
        ...

    def of_customers(self, first: CustomerId, last: CustomerId) -> Rows:
        """Read everything of the customers between two ids, both included."""
        ...

    def in_time(self) -> Iterator[tuple[Rows, datetime]]:
        """Read everything of everybody in the order of time, part by part.

        With each part comes the instant up to which everything has been read. The undos of a
        part's events come with it, whenever they were.
        """
        ...


@dataclass(frozen=True, slots=True)
class Backtest:
    """A back-test that has been run."""

    id: BacktestId
    content_hash: str
    """Of exactly what was tested; empty when only the past was replayed."""
    first: date | None
    last: date | None
    started_at: datetime
    finished_at: datetime
    by: MemberId | None
    is_exact: bool
    """Whether the past came out as it was recorded."""
    result: str
    """JSON."""


class Backtests(Protocol):
    """Results of back-tests; append-only in the database too."""

    def add(self, backtest: Backtest) -> None:
        """Store a new one."""
        ...

    def get(self, backtest: BacktestId) -> Backtest | None:
        """Find one."""
        ...

    def latest(self, content_hash: str) -> Backtest | None:
        """Find the last one of a content."""
        ...


class BacktestOrders(Protocol):
    """Orders of back-tests; working them off is `domain.ports.BacktestQueue`'s."""

    def add(self, order: BacktestOrder) -> None:
        """Store a new one, due at once."""
        ...

    def get(self, backtest: BacktestId) -> BacktestOrder | None:
        """Find the order of a back-test."""
        ...

    def finish(self, claimed: BacktestOrder, at: datetime) -> bool:
        """Note that it is done; False when somebody else has claimed it meanwhile."""
        ...
