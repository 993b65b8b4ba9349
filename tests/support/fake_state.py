"""What the fake store keeps of one tenant, and the rules all fake repositories share."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

from domain.alerts import Alert
from domain.apikeys import ApiKey
from domain.approvals import Approval
from domain.backtest_orders import BacktestOrder
from domain.caps import Used
from domain.channels import Identity
from domain.customer_files import Contract, Details, TypeField
from domain.customers import BindingTries, Contact, Customer, Invitation
from domain.deliveries import Delivery
from domain.drafts import Draft
from domain.draws import Draw
from domain.events import Counted
from domain.gifts import Gift
from domain.holds import Hold
from domain.ids import DeliveryId, MemberId, TenantId
from domain.inbox import InboxItem
from domain.ledger import Wallet, Written
from domain.lots import Lot
from domain.lotteries import Lottery
from domain.members import Member
from domain.merging import Merge
from domain.ports import Attempt, Conflict
from domain.programme import Programme
from domain.projects import Milestone, Project
from domain.proof import DayHead, WalletSeal
from domain.redemptions import Redemption
from domain.repositories import Answered, AuditNote, Backtest, Batch, Card, Moved, Published
from domain.reviews import Review
from domain.rewards import Reward, Stock
from domain.tickets import Ticket
from domain.vouchers import Voucher, VoucherUse
from storage.channels import ChannelConfig
from storage.db import Missing

T = TypeVar("T")


@dataclass(frozen=True)
class Outgoing:
    """A delivery with what only the sender's side knows of it."""

    delivery: Delivery
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    platform_ref: str | None = None
    since: datetime | None = None
    told_by: MemberId | None = None
    carried_by: DeliveryId | None = None


@dataclass(frozen=True)
class Incoming:
    """An inbox item with what only the sweep and support know of it."""

    item: InboxItem
    next_at: datetime
    finished_at: datetime | None = None
    reference: str | None = None


@dataclass(frozen=True)
class Ordered:
    """The order of a back-test with what only its queue knows of it."""

    order: BacktestOrder
    due_at: datetime


@dataclass
class TenantState:
    """All rows of one tenant, by key. Rows are frozen, so a copy of the dicts is a copy."""

    channels: dict[str, ChannelConfig] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    identities: dict[tuple[str, str], Identity] = field(default_factory=dict)
    tries: dict[tuple[str, str], BindingTries] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    milestones: dict[str, Milestone] = field(default_factory=dict)
    details: dict[str, Details] = field(default_factory=dict)
    customer_fields: dict[tuple[str, str], TypeField] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    segments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    events: dict[str, Counted] = field(default_factory=dict)
    undone: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    rules: dict[tuple[str, int], Published] = field(default_factory=dict)
    programmes: dict[int, Programme] = field(default_factory=dict)
    programme_issues: dict[int, datetime] = field(default_factory=dict)
    cap_counters: dict[str, Used] = field(default_factory=dict)
    earned: dict[tuple[str, int], int] = field(default_factory=dict)
    months: dict[str, datetime] = field(default_factory=dict)
    wallets: dict[str, Wallet] = field(default_factory=dict)
    lots: dict[str, Lot] = field(default_factory=dict)
    lot_owners: dict[str, str] = field(default_factory=dict)
    booked: dict[str, Written] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    rewards: dict[str, Reward] = field(default_factory=dict)
    stocks: dict[str, Stock] = field(default_factory=dict)
    stock_moves: dict[str, Moved] = field(default_factory=dict)
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    gifts: dict[str, Gift] = field(default_factory=dict)
    merges: dict[str, Merge] = field(default_factory=dict)
    vouchers: dict[str, Voucher] = field(default_factory=dict)
    voucher_codes: dict[str, str] = field(default_factory=dict)
    voucher_reminders: dict[str, int] = field(default_factory=dict)
    voucher_uses: dict[str, VoucherUse] = field(default_factory=dict)
    voucher_tries: dict[str, BindingTries] = field(default_factory=dict)
    lotteries: dict[str, Lottery] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)
    draws: dict[str, Draw] = field(default_factory=dict)
    heads: dict[date, DayHead] = field(default_factory=dict)
    seals: dict[tuple[date, str], WalletSeal] = field(default_factory=dict)
    backtests: dict[str, Backtest] = field(default_factory=dict)
    backtest_orders: dict[str, Ordered] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    expiry_notices: dict[tuple[str, datetime, int], int] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    deliveries: dict[str, Outgoing] = field(default_factory=dict)
    attempts: dict[tuple[str, int], Attempt] = field(default_factory=dict)
    inbox: dict[str, Incoming] = field(default_factory=dict)
    audit: dict[int, AuditNote] = field(default_factory=dict)
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    api_requests: dict[tuple[str, str], Answered] = field(default_factory=dict)
    changes: int = 0
    """How many commits there have been, to notice two transactions at once."""

    def copy(self) -> "TenantState":
        """Copy all rows for a transaction."""
        rows: dict[str, Any] = {
            kept.name: dict(getattr(self, kept.name))
            for kept in fields(self)
            if kept.name != "changes"
        }
        return replace(self, **rows)


class FakeTransaction:
    """One copy of a tenant's state, made when it is first needed."""

    def __init__(self, tenants: dict[TenantId, TenantState], tenant: TenantId) -> None:
        self._tenants = tenants
        self._tenant = tenant
        self._state: TenantState | None = None
        self.has_failed = False

    @property
    def state(self) -> TenantState:
        """The rows as this transaction sees them."""
        if self._state is None:
            self._state = self._tenants[self._tenant].copy()
        return self._state

    @property
    def is_open(self) -> bool:
        """Tell whether anything has been read or written."""
        return self._state is not None

    def end(self) -> None:
        """Forget the copy; the next use begins anew."""
        self._state = None
        self.has_failed = False

    def conflict(self, what: str) -> Conflict:
        """Mark the transaction as failed, as a database does; give what to raise."""
        self.has_failed = True
        return Conflict(what)

    def insert(self, rows: dict[Any, T], key: Any, row: T, *taken: bool) -> None:
        """Add a row unless its key, or something else unique, is taken.

        Raises:
            Conflict: it is.
        """
        if key in rows or any(taken):
            raise self.conflict(type(row).__name__)
        rows[key] = row


def get(rows: dict[Any, T], key: Any) -> T:
    """Read a row that must be there.

    Raises:
        Missing: it isn't.
    """
    if key not in rows:
        raise Missing(key)
    return rows[key]


def as_json(value: T) -> T:
    """Give what a JSON column gives back; fails on what it would refuse."""
    return json.loads(json.dumps(value))  # type: ignore[no-any-return]


def first(rows: Iterable[T]) -> T | None:
    """Give the first row, if any."""
    return next(iter(rows), None)
