"""The unit of work and the store that opens it: one transaction, one tenant, all repositories."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from typing_extensions import override

from domain.apikeys import ApiKey
from domain.facts import Fact
from domain.ids import ApiKeyId, TenantId
from domain.ports import Clock, Ids, Store, UnitOfWork
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
from storage.alerts import SqlAlerts
from storage.apikeys import SqlApiKeys, find_api_key
from storage.apirequests import SqlApiRequests
from storage.approvals import SqlApprovals
from storage.audit import SqlAudit
from storage.backtest_orders import SqlBacktestOrders, SqlBacktestQueue
from storage.backtests import SqlBacktests
from storage.beats import Beat, beat, last_beat
from storage.cards import SqlCards
from storage.channels import ChannelConfig, SqlChannels
from storage.cipher import Cipher
from storage.contracts import SqlContracts
from storage.customer_fields import SqlCustomerFields
from storage.customer_files import SqlCustomerFiles
from storage.customers import SqlCustomers
from storage.db import Db, reading, writing
from storage.deliveries import SqlDeliveries
from storage.drafts import SqlDrafts
from storage.engine import Database, open_database
from storage.events import SqlEvents
from storage.gifts import SqlGifts
from storage.holds import SqlHolds
from storage.identities import SqlIdentities
from storage.inbox import SqlInbox
from storage.lotteries import SqlLotteries
from storage.members import SqlMembers
from storage.merges import SqlMerges
from storage.month_books import SqlMonthBooks
from storage.projects import SqlProjects
from storage.proofs import SqlProofs
from storage.queue import SqlDeliveryQueue
from storage.reconcile import SqlReconciliation
from storage.recordings import SqlRecordings
from storage.redemptions import SqlRedemptions
from storage.reviews import SqlReviews
from storage.rewards import SqlRewards, SqlStocks
from storage.rules import SqlRules
from storage.runs import SqlEndings, SqlRuns
from storage.tallies import SqlBatches, SqlCapCounters, SqlEarnedMonths, SqlMonths
from storage.tenants import add_tenant, all_tenants
from storage.tickets import SqlTickets
from storage.together import Whole, together
from storage.turnovers import SqlTurnovers
from storage.voucher_uses import SqlVoucherUses
from storage.vouchers import SqlVouchers
from storage.wallets import SqlWallets

_REPOSITORIES: dict[str, type[Any]] = {
    "channels": SqlChannels,
    "identities": SqlIdentities,
    "members": SqlMembers,
    "customer_fields": SqlCustomerFields,
    "contracts": SqlContracts,
    "projects": SqlProjects,
    "events": SqlEvents,
    "batches": SqlBatches,
    "rules": SqlRules,
    "drafts": SqlDrafts,
    "counters": SqlCapCounters,
    "earned": SqlEarnedMonths,
    "months": SqlMonths,
    "wallets": SqlWallets,
    "holds": SqlHolds,
    "rewards": SqlRewards,
    "stocks": SqlStocks,
    "redemptions": SqlRedemptions,
    "gifts": SqlGifts,
    "merges": SqlMerges,
    "turnovers": SqlTurnovers,
    "voucher_uses": SqlVoucherUses,
    "proofs": SqlProofs,
    "recordings": SqlRecordings,
    "backtests": SqlBacktests,
    "backtest_orders": SqlBacktestOrders,
    "endings": SqlEndings,
    "books": SqlMonthBooks,
    "reconciliation": SqlReconciliation,
    "runs": SqlRuns,
    "reviews": SqlReviews,
    "alerts": SqlAlerts,
    "approvals": SqlApprovals,
    "tickets": SqlTickets,
    "cards": SqlCards,
    "deliveries": SqlDeliveries,
    "api_keys": SqlApiKeys,
}
_WITH_CIPHER: dict[str, type[Any]] = {
    "customers": SqlCustomers,
    "vouchers": SqlVouchers,
    "inbox": SqlInbox,
    "files": SqlCustomerFiles,
    "api_requests": SqlApiRequests,
    "lotteries": SqlLotteries,
}


@dataclass(frozen=True, slots=True)
class Tools:
    """What single repositories need beside the transaction."""

    clock: Clock
    ids: Ids
    cipher: Cipher


class SqlUnitOfWork(UnitOfWork):
    """One transaction of one tenant, from its first statement to `commit` or `rollback`.

    Repositories are made when they are first asked for: a message uses a few of them.
    """

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

    def __init__(self, db: Db, tenant: TenantId, tools: Tools) -> None:
        self.tenant = tenant
        self._db = db
        self._tools = tools
        self._facts: list[Fact] = []

    def __getattr__(self, name: str) -> Any:
        """Make a repository that is asked for the first time."""
        repository: Any
        if name in _REPOSITORIES:
            repository = _REPOSITORIES[name](self._db)
        elif name in _WITH_CIPHER:
            repository = _WITH_CIPHER[name](self._db, self._tools.cipher)
        elif name == "audit":
            repository = SqlAudit(self._db, self._tools.ids)
        else:
            raise AttributeError(name)
        setattr(self, name, repository)
        return repository

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.rollback()

    @override
    def emit(self, fact: Fact) -> None:
        self._facts.append(fact)

    @override
    def take_facts(self) -> list[Fact]:
        facts, self._facts = self._facts, []
        return facts

    @override
    def commit(self) -> None:
        self._db.commit()

    @override
    def rollback(self) -> None:
        self._facts = []
        self._db.rollback()


class SqlStore(Store):
    """The database of all tenants."""

    def __init__(self, database: Database, *, clock: Clock, ids: Ids, cipher: Cipher) -> None:
        self.database = database
        self.queue = SqlDeliveryQueue(database)
        self.backtest_queue = SqlBacktestQueue(database)
        self._tools = Tools(clock, ids, cipher)

    @override
    def work(self, tenant: TenantId) -> SqlUnitOfWork:
        return SqlUnitOfWork(Db(self.database, tenant, writes=True), tenant, self._tools)

    @override
    def reading(self, tenant: TenantId) -> SqlUnitOfWork:
        return SqlUnitOfWork(Db(self.database, tenant, writes=False), tenant, self._tools)

    @override
    @contextmanager
    def together(self) -> Iterator[Store]:
        if self.has_one_writer:
            with together(self.database) as whole:
                yield _SharingStore(self, whole, self._tools)
        else:
            yield self

    @override
    def write_back(self) -> None:
        self.database.write_back()

    @property
    def has_one_writer(self) -> bool:
        """Tell whether all writers wait for one place, so that more threads write no faster."""
        return self.database.place is not None

    @override
    def tenants(self) -> list[TenantId]:
        return all_tenants(self.database)

    def add_tenant(self, tenant: TenantId, name: str) -> bool:
        """Make a tenant; False when there is one with this id, which stays as it is."""
        return add_tenant(self.database, tenant, name, self._tools.clock.now())

    def find_api_key(self, key: ApiKeyId) -> tuple[TenantId, ApiKey] | None:
        """Find a key of the open API and the tenant it belongs to."""
        return find_api_key(self.database, key)

    def channel_configs(self, tenant: TenantId) -> list[ChannelConfig]:
        """List a tenant's channels with their settings and encrypted secrets."""
        with reading(self.database, tenant) as db:
            return SqlChannels(db).configs()

    def save_channel(self, tenant: TenantId, config: ChannelConfig) -> None:
        """Insert or replace a channel's settings.

        Raises:
            Conflict: another channel of the kind has the account.
        """
        with writing(self.database, tenant) as db:
            SqlChannels(db).save(config)

    def beat(self, name: str, at: datetime, detail: dict[str, Any] | None = None) -> None:
        """Note that something that runs regularly has run."""
        beat(self.database, Beat(name, at, detail or {}))

    def last_beat(self, name: str) -> Beat | None:
        """Give the last time something has run."""
        return last_beat(self.database, name)

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.database.close()


class _SharingStore(Store):
    """A store whose writing units of work are parts of one transaction."""

    def __init__(self, store: SqlStore, whole: Whole, tools: Tools) -> None:
        self._store = store
        self._whole = whole
        self._tools = tools

    @override
    def work(self, tenant: TenantId) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._whole.part(tenant), tenant, self._tools)

    @override
    def reading(self, tenant: TenantId) -> SqlUnitOfWork:
        return self._store.reading(tenant)

    @override
    @contextmanager
    def together(self) -> Iterator[Store]:
        yield self

    @override
    def write_back(self) -> None:
        self._store.write_back()

    @override
    def tenants(self) -> list[TenantId]:
        return self._store.tenants()


def open_store(
    url: str,
    *,
    clock: Clock,
    ids: Ids,
    cipher: Cipher,
    pool_size: int = 16,
    wait_seconds_max: float | None = None,
) -> SqlStore:
    """Open the store of a database URL; the database has been migrated before.

    `pool_size` and `wait_seconds_max` are those of `open_database`.

    Raises:
        UnsupportedDatabase: neither PostgreSQL nor an SQLite file.
    """
    database = open_database(url, pool_size=pool_size, wait_seconds_max=wait_seconds_max)
    return SqlStore(database, clock=clock, ids=ids, cipher=cipher)
