"""Events that other systems tell: what they name is looked up, then they are counted once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.customers import Customer
from domain.errors import (
    CustomerMismatch,
    FutureDate,
    MilestoneRecorded,
    TimeOutOfRange,
)
from domain.events import BusinessEvent, EventType, EventValue
from domain.ids import EventId
from domain.projects import Milestone, Project
from handlers.contract import Context, MemberActor
from handlers.usecases.directory import customer_of_code, project_of_code
from handlers.usecases.points import Booked, book

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD_MAX = timedelta(days=1)
"""Clocks of other systems may be a little fast, or in another zone."""


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as another system tells it: customer and project by their codes, at least one."""

    source: str
    source_id: str
    type: EventType
    customer: str | None
    project: str | None
    occurred_at: datetime
    data: dict[str, EventValue]


@dataclass(frozen=True, slots=True)
class Taken:
    """A fact as it has been counted."""

    customer: Customer
    project: Project | None
    booked: Booked


def take_event(ctx: Context, told: Told) -> Taken:
    """Count a fact once per (source, source id); the same again gives what it made then.

    An accepted milestone that the project has is marked as accepted. Locks the milestone, then the
    wallet.

    Raises:
        TimeOutOfRange: it can't have happened then.
        UnknownCustomer, UnknownProject: no such code.
        CustomerMismatch: the project is another customer's.
        MilestoneRecorded: the milestone has been accepted before.
        FutureDate: acceptance can't lie ahead.
        EventConflict: the same source id came before with other content.
    """
    latest = ctx.now + AHEAD_MAX
    if not EARLIEST <= told.occurred_at <= latest:
        raise TimeOutOfRange(told.occurred_at, EARLIEST, latest)
    customer, project = _about(ctx, told)
    event = BusinessEvent(
        id=EventId(ctx.ids.new()),
        source=told.source,
        source_id=told.source_id,
        type=told.type,
        customer=customer.id,
        project=project.id if project else None,
        occurred_at=told.occurred_at.astimezone(UTC),
        recorded_at=ctx.now,
        recorded_by=ctx.actor.member.id if isinstance(ctx.actor, MemberActor) else None,
        data=told.data,
        evidence=ctx.sender,
    )
    if told.type is EventType.MILESTONE_ACCEPTED and project is not None:
        _accept(ctx, project, told)
    return Taken(customer, project, book(ctx, event))


def _about(ctx: Context, told: Told) -> tuple[Customer, Project | None]:
    project = project_of_code(ctx, told.project) if told.project is not None else None
    customer = customer_of_code(ctx, told.customer) if told.customer is not None else None
    if project is None:
        if customer is None:
            raise ValueError("an event is about a customer or a project")
        return customer, None
    if customer is None:
        customer = ctx.work.customers.get(project.customer)
    elif customer.id != project.customer:
        raise CustomerMismatch(customer.code, project.code)
    return customer, project


def _accept(ctx: Context, project: Project, told: Told) -> None:
    milestone = _milestone(ctx, project, str(told.data["milestone"]))
    # Asked after the lock: the same event at the same moment may just have been counted.
    if milestone is None or ctx.work.events.find(told.source, told.source_id) is not None:
        return
    on = date.fromisoformat(str(told.data["accepted_on"]))
    if milestone.accepted_on is not None:
        raise MilestoneRecorded(project.name, milestone.name, milestone.accepted_on)
    if on > ctx.today:
        raise FutureDate(on.isoformat(), ctx.today)
    ctx.work.projects.set_accepted(milestone.id, on)


def _milestone(ctx: Context, project: Project, name: str) -> Milestone | None:
    """Find and lock the milestone of a name, if the project has it."""
    for milestone in ctx.work.projects.milestones(project.id):
        if milestone.name == name:
            return ctx.work.projects.milestone(milestone.id)
    return None
