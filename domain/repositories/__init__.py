"""The repositories use cases work through, one Protocol per noun, and the records they exchange.

All methods belong to one open unit of work of one tenant: they see nothing of any other tenant,
and nothing is kept unless the unit of work commits.
"""

from domain.repositories.messages import Audit, AuditNote, Card, Cards, Deliveries, Inbox, Tickets
from domain.repositories.people import Channels, Customers, Identities, Members, Projects
from domain.repositories.points import Alerts, Events, Reviews, Rules, Wallets

__all__ = [
    "Alerts",
    "Audit",
    "AuditNote",
    "Card",
    "Cards",
    "Channels",
    "Customers",
    "Deliveries",
    "Events",
    "Identities",
    "Inbox",
    "Members",
    "Projects",
    "Reviews",
    "Rules",
    "Tickets",
    "Wallets",
]
