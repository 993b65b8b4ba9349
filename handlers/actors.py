"""Who is speaking, as the handler that answers needs it.

The router has checked the permission before, so asking for the wrong kind of actor is a bug.
"""

from collections.abc import Iterable

from domain.customers import Contact, Customer
from domain.ids import ContactId, CustomerId, MemberId, ProjectId
from domain.members import Member, Role
from domain.projects import Project
from handlers.contract import ContactActor, Context, MemberActor
from handlers.parsing.names import Named, NameIndex


def member_of(ctx: Context) -> Member:
    """Give the member who is speaking."""
    if not isinstance(ctx.actor, MemberActor):
        raise TypeError(type(ctx.actor).__name__)
    return ctx.actor.member


def contact_of(ctx: Context) -> tuple[Contact, Customer]:
    """Give the contact who is speaking, and the customer."""
    if not isinstance(ctx.actor, ContactActor):
        raise TypeError(type(ctx.actor).__name__)
    return ctx.actor.contact, ctx.actor.customer


def owner_of(ctx: Context) -> tuple[MemberId | None, ContactId | None]:
    """Give who a ticket belongs to that the speaker gets or presses; nobody for a stranger."""
    match ctx.actor:
        case MemberActor(member):
            return member.id, None
        case ContactActor(contact, _):
            return None, contact.id
        case _:
            return None, None


def account_manager(ctx: Context, customer: Customer) -> Member | None:
    """Give the member who looks after a customer, if there is one who still works here."""
    if customer.account_manager is None:
        return None
    manager = ctx.work.members.get(customer.account_manager)
    return manager if manager.is_active else None


def account_managers(ctx: Context, customer: CustomerId) -> list[MemberId]:
    """Give who looks after a customer; without an account manager the supervisors do."""
    manager = account_manager(ctx, ctx.work.customers.get(customer))
    if manager is not None:
        return [manager.id]
    return [member.id for member in ctx.work.members.with_role(Role.SUPERVISOR)]


def seeing(ctx: Context, customer: CustomerId) -> list[Contact]:
    """List the contacts who see a customer's points, and so learn of them."""
    return [contact for contact in ctx.work.customers.contacts(customer) if contact.may_see]


def redeeming(ctx: Context, customer: CustomerId) -> list[Contact]:
    """List the contacts who may spend a customer's points."""
    return [contact for contact in ctx.work.customers.contacts(customer) if contact.may_redeem]


def visible_projects(ctx: Context) -> list[Project]:
    """List the projects the speaker may name.

    A customer's own, a manager's own, all for other members, none for a stranger.
    """
    match ctx.actor:
        case ContactActor(_, customer):
            return ctx.work.projects.of_customer(customer.id)
        case MemberActor(member) if member.roles == {Role.PROJECT_MANAGER}:
            return ctx.work.projects.managed_by(member.id)
        case MemberActor():
            return ctx.work.projects.all()
        case _:
            return []


def recordable_projects(ctx: Context) -> list[Project]:
    """List the projects whose events the speaker may log: all for an admin, else the own."""
    member = member_of(ctx)
    if Role.ADMIN in member.roles:
        return ctx.work.projects.all()
    return ctx.work.projects.managed_by(member.id)


def project_index(ctx: Context) -> NameIndex[ProjectId]:
    """Index the visible projects by name and code."""
    return index_of(visible_projects(ctx))


def index_of(projects: Iterable[Project]) -> NameIndex[ProjectId]:
    """Index projects by name and code."""
    return NameIndex(Named(p.id, p.name, p.code) for p in projects)


def customer_index(ctx: Context) -> NameIndex[CustomerId]:
    """Index all customers by name, code, full name and what people call them besides."""
    spelled = ctx.work.files.spellings()
    return NameIndex(
        Named(c.id, c.name, c.code, spelled.get(c.id, ())) for c in ctx.work.customers.all()
    )
