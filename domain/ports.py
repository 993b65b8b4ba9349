"""What use cases need from the outside: the open transaction, the queues, clock and ids.

Storage implements these; tests have fakes that pass the same contract tests. Everything is
synchronous.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.backtest_orders import BacktestOrder
from domain.deliveries import Delivery, DeliveryState
from domain.facts import Fact
from domain.ids import (
    CardKey,
    ChannelId,
    DeliveryId,
    TenantId,
)
from domain.repositories import (
    Alerts,
    ApiKeys,
    ApiRequests,
    Approvals,
    Audit,
    BacktestOrders,
    Backtests,
    Batches,
    CapCounters,
    Card,
    Cards,
    Channels,
    Contracts,
    CustomerFields,
    CustomerFiles,
    Customers,
    Deliveries,
    Drafts,
    EarnedMonths,
    Endings,
    Events,
    Gifts,
    Holds,
    Identities,
    Inbox,
    Lotteries,
    Members,
    Merges,
    MonthBooks,
    Months,
    Projects,
    Proofs,
    Reconciliation,
    Recordings,
    Redemptions,
    Reviews,
    Rewards,
    Rules,
    Runs,
    Stocks,
    Tickets,
    Turnovers,
    Vouchers,
    VoucherUses,
    Wallets,
)


class Conflict(Exception):
    """Two units of work wanted the same thing; trying again may succeed."""


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Give the present instant, aware UTC."""
        ...


class Ids(Protocol):
    """The only source of identifiers and randomness."""

    def new(self) -> str:
        """Give a new time-ordered id of 26 letters and digits."""
        ...

    def code(self) -> str:
        """Give a one-time code people can type.

        8 letters and digits without look-alikes: 40 random bits.
        """
        ...

    def voucher_code(self) -> str:
        """Give the random part of a voucher's code: 16 letters and digits, 80 random bits.

        `domain.voucher_codes.complete` makes the code of it.
        """
        ...

    def secret(self) -> str:
        """Give a new secret of 256 random bits: 43 URL-safe characters."""
        ...

    def jitter(self) -> float:
        """Give a random number in [0, 1)."""
        ...


class Work(Protocol):
    """One open transaction of one tenant as a handler sees it: no commit, no send."""

    tenant: TenantId
    channels: Channels
    identities: Identities
    members: Members
    customers: Customers
    files: CustomerFiles
    customer_fields: CustomerFields
    contracts: Contracts
    projects: Projects
    events: Events
    batches: Batches
    rules: Rules
    drafts: Drafts
    counters: CapCounters
    earned: EarnedMonths
    months: Months
    wallets: Wallets
    holds: Holds
    rewards: Rewards
    stocks: Stocks
    redemptions: Redemptions
    gifts: Gifts
    merges: Merges
    turnovers: Turnovers
    vouchers: Vouchers
    voucher_uses: VoucherUses
    lotteries: Lotteries
    proofs: Proofs
    recordings: Recordings
    backtests: Backtests
    backtest_orders: BacktestOrders
    endings: Endings
    books: MonthBooks
    reconciliation: Reconciliation
    runs: Runs
    reviews: Reviews
    alerts: Alerts
    approvals: Approvals
    tickets: Tickets
    cards: Cards
    deliveries: Deliveries
    inbox: Inbox
    audit: Audit
    api_keys: ApiKeys
    api_requests: ApiRequests

    def emit(self, fact: Fact) -> None:
        """Say that something has happened; reactions run before the commit."""
        ...

    def take_facts(self) -> list[Fact]:
        """Take what has been emitted since the last call (the runtime's side of `emit`)."""
        ...


class UnitOfWork(Work, Protocol):
    """What the runtime holds: a Work that can be committed.

    Leaving the context without a commit rolls back.
    """

    def commit(self) -> None:
        """Keep everything.

        Raises:
            Conflict: the database could not serialise it.
        """
        ...

    def rollback(self) -> None:
        """Forget everything done so far; the unit of work stays usable in a new transaction."""
        ...


class Store(Protocol):
    """Opens units of work and the queues' own short transactions."""

    def work(self, tenant: TenantId) -> AbstractContextManager[UnitOfWork]:
        """Open a writing transaction (SQLite: waits for the one writer's place, in order)."""
        ...

    def reading(self, tenant: TenantId) -> AbstractContextManager[Work]:
        """Open a transaction that only reads and waits for no writer."""
        ...

    def together(self) -> AbstractContextManager["Store"]:
        """Let units of work share one commit, where many commits cost more than one.

        Gives a store for use within the context, by this thread. What a unit opened on it commits
        is seen by the next one at once and is durable when the context has been left.

        Raises:
            Exception: on leaving, when the shared commit failed; then no unit was kept.
        """
        ...

    def write_back(self) -> None:
        """Copy what has been committed to where it stays, in nobody's way; only SQLite puts it off.

        Who writes much in short transactions does so in between: once enough waits to be copied, a
        commit does it, and everybody who wants to write waits for that.
        """
        ...

    def tenants(self) -> list[TenantId]:
        """List every tenant."""
        ...


PUT_OFF = "put_off"
"""The outcome of a claim that sent nothing, because the moment was not right: no try is used up."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one try to send went."""

    delivery: DeliveryId
    at: datetime
    outcome: str
    """sent, retry, put_off, held, dead, merged; and from outside: queued, by_hand, moved."""
    code: str | None = None
    """The platform's error code or a short name; never its text. For "moved": from where."""


class DeliveryQueue(Protocol):
    """The sender's side of deliveries, across tenants.

    Each method is its own committed transaction.
    """

    def claim(
        self, tenant: TenantId, delivery: DeliveryId, now: datetime, lease_until: datetime
    ) -> Delivery | None:
        """Take one due delivery: QUEUED→SENDING, or one whose lease has lapsed.

        None when it is not due or taken, and while an older delivery of the same account is still
        SENDING, or QUEUED and due, so that the order per person is kept. One that waits for its
        next try lets younger ones pass, with one exception: the change of a card that has been
        overtaken by a younger change of the same card ends as MERGED here and is never sent.
        Younger is what has the greater id: ids are given under the lock of what is told.
        """
        ...

    def claim_queued_of(
        self,
        tenant: TenantId,
        channel: ChannelId,
        external_id: str,
        now: datetime,
        lease_until: datetime,
        *,
        limit: int,
    ) -> list[Delivery]:
        """Take the oldest queued pushes of one account that are due, for merging."""
        ...

    def sent_since(
        self, tenant: TenantId, channel: ChannelId, external_id: str, since: datetime
    ) -> int:
        """Count what went out to an account as its own message since an instant."""
        ...

    def answers_waiting(self, tenant: TenantId, channel: ChannelId, external_id: str) -> int:
        """Count the answers still to be sent to an account."""
        ...

    def is_told(self, tenant: TenantId, change: Delivery) -> bool:
        """Tell whether the account has a message as new as this change about the same subject.

        Sent, or still to be sent; then a card that can't be changed needs no further message.
        """
        ...

    def finish(
        self,
        tenant: TenantId,
        claimed: Delivery,
        state: DeliveryState,
        attempt: Attempt,
        *,
        next_at: datetime | None = None,
        card: Card | None = None,
        replaces: CardKey | None = None,
        counts: bool = False,
        platform_ref: str | None = None,
        carried_by: DeliveryId | None = None,
    ) -> None:
        """Record how a try went, where the delivery stands now and the card it put on a phone.

        `claimed` is the delivery as it was claimed: who has lost it to another claim meanwhile
        does not move it. The outcome `PUT_OFF` gives the claim's try back.
        `card` as new takes its subject over from the account's older cards; of a known card only
        the view and the right to change it are kept, the latter unless there is a newer one.
        `replaces` says that a change went out as a message of its own instead: the delivery is a
        PUSH from now on, the card it could not change leaves its subject, and queued changes that
        are younger go to `card`.
        `counts` uses one message of the account's allowance. `carried_by` is the message that has
        said a merged one.

        Raises:
            Conflict: nothing was recorded.
        """
        ...

    def next_of(
        self, tenant: TenantId, channel: ChannelId, external_id: str, now: datetime
    ) -> DeliveryId | None:
        """Give the account's oldest delivery that is due, to go on with after one is finished."""
        ...

    def due(self, now: datetime, limit: int) -> list[tuple[TenantId, DeliveryId]]:
        """List queued deliveries whose time has come and lapsed leases, oldest first."""
        ...

    def oldest_due_seconds(self, now: datetime) -> float:
        """Give the age of the oldest delivery that should have gone; 0 when there is none."""
        ...


class BacktestQueue(Protocol):
    """The worker's side of ordered back-tests, across tenants.

    Each method is its own committed transaction. `claimed` is the order as it was claimed: who has
    lost it to another claim meanwhile moves nothing.
    """

    def claim(self, now: datetime, lease_until: datetime) -> tuple[TenantId, BacktestOrder] | None:
        """Take the oldest order that is due: WAITING→RUNNING, or one whose lease has lapsed.

        A try is counted. None when nothing is due, or somebody else was faster.
        """
        ...

    def prolong(self, tenant: TenantId, claimed: BacktestOrder, lease_until: datetime) -> bool:
        """Go on holding a claim and note its `entries` and `played`; False when it is lost."""
        ...

    def put_back(
        self, tenant: TenantId, claimed: BacktestOrder, due_at: datetime, *, is_counted: bool
    ) -> None:
        """Let it wait for another try; this one is forgotten unless it `is_counted`."""
        ...

    def fail(self, tenant: TenantId, claimed: BacktestOrder, reason: str, at: datetime) -> None:
        """Note that it has failed for good."""
        ...

    def oldest_due_seconds(self, now: datetime) -> float:
        """Give how long the oldest order has been due while nobody works on any; else 0."""
        ...
