"""Customers with their contacts and projects with their milestones, by the codes people use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.customer_files import Contract, Details
from domain.customers import Contact, Customer
from domain.errors import UnknownCustomer, UnknownProject
from domain.members import Member
from domain.projects import Milestone, Project
from handlers.contract import Context
from handlers.usecases.customer_files import Given, open_file
from handlers.usecases.duplicates import Alike
from handlers.usecases.setup import add_milestone, add_project, member_named


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A customer with everything its file says."""

    customer: Customer
    contacts: list[Contact]
    segments: tuple[str, ...]
    manager: Member | None
    details: Details
    contracts: list[Contract]
    alike: tuple[Alike, ...] = ()
    """Who may be the same unit; known only when the file has just been opened."""


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


def open_customer(ctx: Context, given: Given, *, is_anyway: bool = False) -> CustomerFile:
    """Add a customer with all that is given, unless the unit is there already.

    Raises:
        CodeTaken: there is one of this code.
        CustomerExists: the unit is a customer already.
        CustomerAlike: it likely is, and `is_anyway` doesn't say otherwise.
        InvalidCreditCode, UnknownField, InvalidField: what the details hold that can't be.
    """
    customer, alike = open_file(ctx, given, is_anyway=is_anyway)
    return customer_file(ctx, customer, tuple(alike))


def read_customer(ctx: Context, code: str) -> CustomerFile:
    """Read a customer with everything its file says.

    Raises:
        UnknownCustomer: no such code.
    """
    return customer_file(ctx, customer_of_code(ctx, code))


def customer_file(ctx: Context, customer: Customer, alike: tuple[Alike, ...] = ()) -> CustomerFile:
    """Read everything the file of a customer says."""
    work = ctx.work
    return CustomerFile(
        customer=customer,
        contacts=work.customers.contacts(customer.id),
        segments=work.customers.segments(customer.id),
        manager=work.members.get(customer.account_manager) if customer.account_manager else None,
        details=work.files.get(customer.id),
        contracts=work.contracts.of_customer(customer.id),
        alike=alike,
    )


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


def _project_file(ctx: Context, project: Project) -> ProjectFile:
    work = ctx.work
    return ProjectFile(
        project=project,
        customer=work.customers.get(project.customer),
        manager=work.members.get(project.manager) if project.manager else None,
        milestones=work.projects.milestones(project.id),
    )
