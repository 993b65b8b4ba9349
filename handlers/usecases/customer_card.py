"""What staff see of a customer at a glance, out of everything that is kept."""

from dataclasses import dataclass

from domain.alerts import Alert
from domain.customers import Contact, Customer
from domain.ledger import Wallet
from domain.projects import Milestone, Project
from domain.reviews import Review
from handlers.contract import Context
from handlers.usecases.directory import CustomerFile, customer_file
from handlers.usecases.statement import Explained, explain, read_balance
from handlers.usecases.why import standing_of

MOVEMENTS = 2


@dataclass(frozen=True, slots=True)
class Glance:
    """A customer's file and how things stand."""

    file: CustomerFile
    field_names: tuple[str, ...]
    """The fields of its type in their order, then those that are only kept."""
    tier: str
    """Empty where the firm has none, or the customer has reached none."""
    wallet: Wallet
    bound: frozenset[str]
    """The contacts that have an account."""
    projects: list[tuple[Project, list[Milestone]]]
    review: Review | None
    alerts: list[Alert]
    movements: list[Explained]


def look_at(ctx: Context, customer: Customer) -> Glance:
    """Look at a customer."""
    work = ctx.work
    file = customer_file(ctx, customer)
    wallet, _ = read_balance(ctx, customer.id)
    standing = standing_of(ctx, customer.id)
    return Glance(
        file=file,
        field_names=_field_names(ctx, file),
        tier=standing.tier.name if standing and standing.tier else "",
        wallet=wallet,
        bound=frozenset(one.id for one in file.contacts if _is_bound(ctx, one)),
        projects=[
            (project, work.projects.milestones(project.id))
            for project in work.projects.of_customer(customer.id)
        ],
        review=work.reviews.latest_of(customer.id),
        alerts=[alert for alert in work.alerts.open() if alert.customer == customer.id],
        movements=explain(ctx, work.wallets.latest(customer.id, MOVEMENTS)),
    )


def _field_names(ctx: Context, file: CustomerFile) -> tuple[str, ...]:
    known = [
        one.name
        for one in ctx.work.customer_fields.all()
        if one.customer_type == file.customer.type and one.name in file.details.fields
    ]
    return tuple(dict.fromkeys((*known, *sorted(file.details.fields))))


def _is_bound(ctx: Context, contact: Contact) -> bool:
    return bool(ctx.work.identities.of_contact(contact.id))
