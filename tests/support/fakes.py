"""Stand-ins for what the outside gives: a store in memory, a clock to set, ids in sequence.

They pass the same contract tests as the real store (tests/contracts). What the fake store does not
do: foreign keys, and waiting for each other (two open units of work end in a Conflict instead).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from typing_extensions import override

from domain.apikeys import ApiKey
from domain.facts import Fact
from domain.ids import ApiKeyId, TenantId
from domain.ports import Clock, Conflict, Ids, Store, UnitOfWork
from storage.beats import Beat
from storage.channels import ChannelConfig
from storage.db import StatementFailed
from tests.support.fake_api import FakeApiKeys, FakeApiRequests
from tests.support.fake_approvals import FakeApprovals
from tests.support.fake_backtest_orders import FakeBacktestOrders, FakeBacktestQueue
from tests.support.fake_backtests import FakeBacktests, FakeRecordings
from tests.support.fake_care import FakeAlerts, FakeReviews
from tests.support.fake_drafts import FakeDrafts
from tests.support.fake_files import FakeContracts, FakeCustomerFields, FakeCustomerFiles
from tests.support.fake_gifts import FakeGifts
from tests.support.fake_ledger import FakeHolds, FakeWallets
from tests.support.fake_lotteries import FakeLotteries
from tests.support.fake_mall import FakeRedemptions, FakeRewards, FakeStocks, FakeTurnovers
from tests.support.fake_merges import FakeMerges
from tests.support.fake_messages import (
    FakeAudit,
    FakeCards,
    FakeDeliveries,
    FakeInbox,
    FakeTickets,
)
from tests.support.fake_people import (
    FakeChannels,
    FakeCustomers,
    FakeIdentities,
    FakeMembers,
    FakeProjects,
)
from tests.support.fake_points import (
    FakeBatches,
    FakeCapCounters,
    FakeEarnedMonths,
    FakeEvents,
    FakeMonths,
    FakeRules,
)
from tests.support.fake_proofs import FakeProofs
from tests.support.fake_queue import FakeDeliveryQueue
from tests.support.fake_runs import FakeEndings, FakeMonthBooks, FakeReconciliation, FakeRuns
from tests.support.fake_state import FakeTransaction, TenantState
from tests.support.fake_vouchers import FakeVouchers, FakeVoucherUses

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
"""When fake clocks begin: a Sunday, ten in the morning in Shanghai."""


class FakeClock(Clock):
    """A clock that stands until it is moved, or moves on by `pace` whenever somebody looks."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at
        self.pace = timedelta(0)

    @override
    def now(self) -> datetime:
        self.at += self.pace
        return self.at

    def forward(self, by: timedelta) -> datetime:
        """Move the clock on; give the new time."""
        self.at += by
        return self.at


class SequenceIds(Ids):
    """Ids that count up, codes to be set, jitter in the middle."""

    def __init__(self) -> None:
        self._last = 0
        self._codes = 0
        self._secrets = 0
        self._voucher_codes = 0

    @override
    def new(self) -> str:
        self._last += 1
        return f"{self._last:026d}"

    @override
    def code(self) -> str:
        self._codes += 1
        return f"CODE{self._codes:04d}"

    @override
    def voucher_code(self) -> str:
        self._voucher_codes += 1
        return f"V{self._voucher_codes:015d}"

    @override
    def secret(self) -> str:
        self._secrets += 1
        return f"{self._secrets:043d}"

    @override
    def jitter(self) -> float:
        return 0.5


class FakeUnitOfWork(UnitOfWork):
    """One transaction on a copy of a tenant's rows."""

    def __init__(self, tenants: dict[TenantId, TenantState], tenant: TenantId) -> None:
        self.tenant = tenant
        self._tenants = tenants
        self._transaction = FakeTransaction(tenants, tenant)
        self._facts: list[Fact] = []
        self.channels = FakeChannels(self._transaction)
        self.identities = FakeIdentities(self._transaction)
        self.members = FakeMembers(self._transaction)
        self.customers = FakeCustomers(self._transaction)
        self.files = FakeCustomerFiles(self._transaction)
        self.customer_fields = FakeCustomerFields(self._transaction)
        self.contracts = FakeContracts(self._transaction)
        self.projects = FakeProjects(self._transaction)
        self.events = FakeEvents(self._transaction)
        self.batches = FakeBatches(self._transaction)
        self.rules = FakeRules(self._transaction)
        self.drafts = FakeDrafts(self._transaction)
        self.counters = FakeCapCounters(self._transaction)
        self.earned = FakeEarnedMonths(self._transaction)
        self.months = FakeMonths(self._transaction)
        self.wallets = FakeWallets(self._transaction)
        self.holds = FakeHolds(self._transaction)
        self.rewards = FakeRewards(self._transaction)
        self.stocks = FakeStocks(self._transaction)
        self.redemptions = FakeRedemptions(self._transaction)
        self.gifts = FakeGifts(self._transaction)
        self.merges = FakeMerges(self._transaction)
        self.turnovers = FakeTurnovers(self._transaction)
        self.vouchers = FakeVouchers(self._transaction)
        self.voucher_uses = FakeVoucherUses(self._transaction)
        self.lotteries = FakeLotteries(self._transaction)
        self.proofs = FakeProofs(self._transaction)
        self.recordings = FakeRecordings(self._transaction)
        self.backtests = FakeBacktests(self._transaction)
        self.backtest_orders = FakeBacktestOrders(self._transaction)
        self.endings = FakeEndings(self._transaction)
        self.books = FakeMonthBooks(self._transaction)
        self.reconciliation = FakeReconciliation(self._transaction)
        self.runs = FakeRuns(self._transaction)
        self.reviews = FakeReviews(self._transaction)
        self.alerts = FakeAlerts(self._transaction)
        self.approvals = FakeApprovals(self._transaction)
        self.tickets = FakeTickets(self._transaction)
        self.cards = FakeCards(self._transaction)
        self.deliveries = FakeDeliveries(self._transaction)
        self.inbox = FakeInbox(self._transaction)
        self.audit = FakeAudit(self._transaction)
        self.api_keys = FakeApiKeys(self._transaction)
        self.api_requests = FakeApiRequests(self._transaction)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._transaction.end()

    @override
    def emit(self, fact: Fact) -> None:
        self._facts.append(fact)

    @override
    def take_facts(self) -> list[Fact]:
        facts, self._facts = self._facts, []
        return facts

    @override
    def commit(self) -> None:
        if not self._transaction.is_open:
            return
        state, has_failed = self._transaction.state, self._transaction.has_failed
        self._transaction.end()
        if has_failed:
            raise StatementFailed("a statement before the commit has failed")
        if state.changes != self._tenants[self.tenant].changes:
            raise Conflict("somebody else has committed meanwhile")
        state.changes += 1
        self._tenants[self.tenant] = state

    @override
    def rollback(self) -> None:
        self._facts = []
        self._transaction.end()


class FakeStore(Store):
    """A store in memory; looks like `storage.work.SqlStore` from outside."""

    def __init__(self, *tenants: str) -> None:
        self._tenants = {TenantId(tenant): TenantState() for tenant in tenants or ("main",)}
        self._beats: dict[str, Beat] = {}
        self.queue = FakeDeliveryQueue(self._tenants)
        self.backtest_queue = FakeBacktestQueue(self._tenants)

    @override
    def work(self, tenant: TenantId) -> FakeUnitOfWork:
        return FakeUnitOfWork(self._tenants, tenant)

    @override
    def reading(self, tenant: TenantId) -> FakeUnitOfWork:
        return FakeUnitOfWork(self._tenants, tenant)

    @override
    @contextmanager
    def together(self) -> Iterator[Store]:
        yield self

    @override
    def write_back(self) -> None:
        """Nothing is put off here."""

    @override
    def tenants(self) -> list[TenantId]:
        return sorted(self._tenants)

    def add_tenant(self, tenant: TenantId, name: str) -> bool:
        """Make a tenant; False when there is one with this id."""
        del name
        if tenant in self._tenants:
            return False
        self._tenants[tenant] = TenantState()
        return True

    def committed(self, tenant: TenantId) -> TenantState:
        """Give all rows of a tenant, for tests that compare before and after."""
        return self._tenants[tenant]

    def find_api_key(self, key: ApiKeyId) -> tuple[TenantId, ApiKey] | None:
        """Find a key of the open API and the tenant it belongs to."""
        for tenant, state in self._tenants.items():
            if key in state.api_keys:
                return tenant, state.api_keys[key]
        return None

    def channel_configs(self, tenant: TenantId) -> list[ChannelConfig]:
        """List a tenant's channels with their settings."""
        return [config for _, config in sorted(self._tenants[tenant].channels.items())]

    def save_channel(self, tenant: TenantId, config: ChannelConfig) -> None:
        """Insert or replace a channel's settings.

        Raises:
            Conflict: another channel of the kind has the account.
        """
        state = self._tenants[tenant]
        channels = state.channels
        for other in channels.values():
            is_other = other.channel.id != config.channel.id
            if is_other and (other.channel.kind, other.account) == (
                config.channel.kind,
                config.account,
            ):
                raise Conflict("channel")
        known = channels.get(config.channel.id)
        url = config.channel.contact_url
        if known is not None:
            is_same = known.account == config.account
            url = known.channel.contact_url if is_same else None
            if not is_same:
                state.cursors.pop(config.channel.id, None)
        channel = replace(config.channel, contact_url=url)
        channels[config.channel.id] = replace(config, channel=channel)

    def beat(self, name: str, at: datetime, detail: dict[str, Any] | None = None) -> None:
        """Note that something that runs regularly has run."""
        last = self._beats.get(name)
        if last is None or last.at <= at:
            self._beats[name] = Beat(name, at, detail or {})

    def last_beat(self, name: str) -> Beat | None:
        """Give the last time something has run."""
        return self._beats.get(name)

    def close(self) -> None:
        """Do nothing: there are no connections."""
