"""Customers with their contacts and projects with their milestones, by the codes people use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.customers import Contact, Customer
from domain.errors import UnknownCustomer, UnknownProject
from domain.members import Member
from domain.projects import Milestone, Project
from handlers.contract import Context
from handlers.usecases.setup import (
    add_contact,
    add_customer,
    add_milestone,
    add_project,
    member_named,
)


@dataclass(frozen=True, slots=True)
class NewContact:
    """A person to be added; a right that isn't said is given as usual."""

    name: str
    phone: str | None = None
    see: bool | None = None
    redeem: bool | None = None


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A customer with its contacts, by name."""

    customer: Customer
    contacts: list[Contact]
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A project with who it belongs to, who manages it and its milestones, by planned day."""

    project: Project
    customer: Customer
    manager: Member | None
    milestones: list[Milestone]


def customer_of_code(ctx: Context, code: str) -> Customer:
    """Find a customer by its code.

    Raises:
        UnknownCustomer: there is none.
    """
    customer = ctx.work.customers.find_by_code(code)
    if customer is None:
        raise UnknownCustomer(code)
    return customer


def project_of_code(ctx: Context, code: str) -> Project:
    """Find a project by its code.

    Raises:
        UnknownProject: there is none.
    """
    project = ctx.work.projects.find_by_code(code)
    if project is None:
        raise UnknownProject(code)
    return project


def open_customer(
    ctx: Context,
    named: tuple[str, str],
    *,
    customer_type: str,
    segments: Iterable[str],
    contacts: Iterable[NewContact],
) -> CustomerFile:
    """Add a customer, named by code and name, with its contacts.

    Who is said to redeem does; if nobody is, the first who sees the points and isn't kept from it.

    Raises:
        CodeTaken: there is one of this code.
    """
    customer = add_customer(ctx, *named, None, customer_type=customer_type, segments=segments)
    wanted = list(contacts)
    is_said = any(one.redeem for one in wanted)
    for one in wanted:
        redeem = False if one.redeem is None and is_said else one.redeem
        add_contact(ctx, customer, one.name, one.phone, see=one.see, redeem=redeem)
    return _customer_file(ctx, customer)


def read_customer(ctx: Context, code: str) -> CustomerFile:
    """Read a customer with its contacts.

    Raises:
        UnknownCustomer: no such code.
    """
    return _customer_file(ctx, customer_of_code(ctx, code))


def open_project(
    ctx: Context,
    named: tuple[str, str],
    *,
    customer: str,
    manager: str | None,
    project_type: str,
    milestones: Iterable[tuple[str, date]],
) -> ProjectFile:
    """Add a project, named by code and name, with its milestones and their planned days.

    Raises:
        UnknownCustomer: no such code.
        UnknownMember: no member of the manager's name.
        CodeTaken: there is a project of this code.
    """
    owner = customer_of_code(ctx, customer)
    manager_id = member_named(ctx, manager).id if manager is not None else None
    project = add_project(ctx, *named, owner, manager_id, project_type=project_type)
    for name, planned_on in milestones:
        add_milestone(ctx, project, name, planned_on)
    return _project_file(ctx, project)


def read_project(ctx: Context, code: str) -> ProjectFile:
    """Read a project with its milestones.

    Raises:
        UnknownProject: no such code.
    """
    return _project_file(ctx, project_of_code(ctx, code))


def _customer_file(ctx: Context, customer: Customer) -> CustomerFile:
    customers = ctx.work.customers
    return CustomerFile(customer, customers.contacts(customer.id), customers.segments(customer.id))


def _project_file(ctx: Context, project: Project) -> ProjectFile:
    work = ctx.work
    return ProjectFile(
        project=project,
        customer=work.customers.get(project.customer),
        manager=work.members.get(project.manager) if project.manager else None,
        milestones=work.projects.milestones(project.id),
    )
