"""The repositories use cases work through, one Protocol per noun, and the records they exchange.

All methods belong to one open unit of work of one tenant: they see nothing of any other tenant,
and nothing is kept unless the unit of work commits.
"""

from domain.repositories.api import Answered, ApiKeys, ApiRequests
from domain.repositories.approvals import Approvals
from domain.repositories.backtests import Backtest, BacktestOrders, Backtests, Recordings
from domain.repositories.books import MonthBooks
from domain.repositories.care import Alerts, Reviews
from domain.repositories.drafts import Drafts
from domain.repositories.files import Contracts, CustomerFields, CustomerFiles
from domain.repositories.gifts import Gifts
from domain.repositories.ledger import Holds, Wallets
from domain.repositories.lotteries import Lotteries
from domain.repositories.mall import Moved, Redemptions, Rewards, Sold, Stocks, Turnovers
from domain.repositories.merges import Merges
from domain.repositories.messages import Audit, AuditNote, Card, Cards, Deliveries, Inbox, Tickets
from domain.repositories.people import Channels, Customers, Identities, Members, Projects
from domain.repositories.points import (
    Batch,
    Batches,
    CapCounters,
    EarnedMonths,
    Events,
    Months,
    Rules,
)
from domain.repositories.proofs import Proofs
from domain.repositories.runs import Endings, Reconciliation, Runs, Source
from domain.repositories.vouchers import Vouchers, VoucherUses
from domain.rules.publishing import Publication, Published

__all__ = [
    "Alerts",
    "Answered",
    "ApiKeys",
    "ApiRequests",
    "Approvals",
    "Audit",
    "AuditNote",
    "Backtest",
    "BacktestOrders",
    "Backtests",
    "Batch",
    "Batches",
    "CapCounters",
    "Card",
    "Cards",
    "Channels",
    "Contracts",
    "CustomerFields",
    "CustomerFiles",
    "Customers",
    "Deliveries",
    "Drafts",
    "EarnedMonths",
    "Endings",
    "Events",
    "Gifts",
    "Holds",
    "Identities",
    "Inbox",
    "Lotteries",
    "Members",
    "Merges",
    "MonthBooks",
    "Months",
    "Moved",
    "Projects",
    "Proofs",
    "Publication",
    "Published",
    "Reconciliation",
    "Recordings",
    "Redemptions",
    "Reviews",
    "Rewards",
    "Rules",
    "Runs",
    "Sold",
    "Source",
    "Stocks",
    "Tickets",
    "Turnovers",
    "VoucherUses",
    "Vouchers",
    "Wallets",
]
