"""Logging a delivery event: what it would mean, recording it once, undoing it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from domain.calendar import BUSINESS_ZONE, business_date
from domain.customers import Customer
from domain.errors import FutureDate, MilestoneRecorded, NothingToUndo, NotPermitted
from domain.events import CHAT_SOURCE, BusinessEvent, EventType
from domain.ids import EventId, MilestoneId, ProjectId
from domain.members import Member
from domain.projects import Milestone, Project
from domain.tickets import Ticket, TicketKind
from handlers.actors import member_of, recordable_projects
from handlers.contract import Context
from handlers.permissions import Permission
from handlers.usecases.points import Booked, book, booked_before, preview, undo
from handlers.usecases.tickets import open_ticket, use_ticket

UNDO_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Understood:
    """A delivery event as it was understood, with what it would be worth."""

    project: Project
    customer: Customer
    milestone: Milestone
    accepted_on: date
    points: int
    note: str
    ticket: str
    short: int
    """How many points caps keep back."""
    twin: BusinessEvent | None
    """The same fact, told another way before."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A delivery event as it has been counted."""

    project: Project
    customer: Customer
    milestone: Milestone
    accepted_on: date
    booked: Booked


def understand(
    ctx: Context, project: Project, milestone: Milestone, on: date, note: str
) -> Understood:
    """Show what a sentence would record; writes nothing but the ticket that can confirm it.

    Raises:
        MilestoneRecorded: it has been accepted before.
        FutureDate: acceptance can't lie ahead.
    """
    if milestone.accepted_on is not None:
        raise MilestoneRecorded(project.name, milestone.name, milestone.accepted_on)
    if on > ctx.today:
        raise FutureDate(on.isoformat(), ctx.today)
    ticket = open_ticket(
        ctx.work,
        ctx.ids,
        TicketKind.RECORD,
        {
            "project": project.id,
            "milestone": milestone.id,
            "on": on.isoformat(),
            "note": note,
            "inbox": ctx.inbox or "",
        },
        now=ctx.now,
        member=member_of(ctx).id,
    )
    event = _event(ctx, ticket, milestone, on, note)
    foreseen = preview(ctx, event)
    # Another milestone of ours that was accepted on the same day is no twin.
    twins = [
        twin
        for twin in ctx.work.events.twins(event)
        if twin.data.get("milestone_id") in {None, milestone.id}
    ]
    return Understood(
        project=project,
        customer=ctx.work.customers.get(project.customer),
        milestone=milestone,
        accepted_on=on,
        points=foreseen.points,
        note=note,
        ticket=ticket,
        short=foreseen.kept_back,
        twin=twins[-1] if twins else None,
    )


def record(ctx: Context, ticket: Ticket) -> Recorded:
    """Record what a ticket's preview showed; the same ticket again gives the same record.

    Locks the ticket, then the milestone, then the wallet.

    Raises:
        MilestoneRecorded: another record was faster.
        NotPermitted: the project is no longer the member's to record.
    """
    project = ctx.work.projects.get(ProjectId(ticket.payload["project"]))
    on = date.fromisoformat(ticket.payload["on"])
    customer = ctx.work.customers.get(project.customer)
    found = ctx.work.events.find(CHAT_SOURCE, ticket.id)
    if found is None:
        use_ticket(ctx, ticket)
    milestone = ctx.work.projects.milestone(MilestoneId(ticket.payload["milestone"]))
    if found is not None:
        return Recorded(project, customer, milestone, on, booked_before(ctx, found))
    if project.id not in {p.id for p in recordable_projects(ctx)}:
        raise NotPermitted(Permission.RECORD_EVENT)
    if milestone.accepted_on is not None:
        raise MilestoneRecorded(project.name, milestone.name, milestone.accepted_on)
    event = _event(ctx, ticket.id, milestone, on, ticket.payload["note"])
    ctx.work.projects.set_accepted(milestone.id, on)
    booked = book(ctx, replace(event, evidence=ticket.payload["inbox"] or None))
    return Recorded(project, customer, replace(milestone, accepted_on=on), on, booked)


def understand_undo(ctx: Context, member: Member) -> Recorded:
    """Find the member's last record that can still be undone.

    Raises:
        NothingToUndo: there is none from the last 24 hours.
    """
    for event in ctx.work.events.latest_by(member.id, EventType.MILESTONE_ACCEPTED):
        if ctx.now - event.recorded_at > UNDO_WITHIN:
            break
        if event.source != CHAT_SOURCE:
            # What another system has told in the member's name is that system's to correct.
            continue
        if ctx.work.events.is_undone(event.id):
            continue
        milestone = ctx.work.projects.milestone(MilestoneId(str(event.data["milestone_id"])))
        if _stands(event, milestone):
            return _recorded_of(ctx, event, milestone)
    raise NothingToUndo


def open_undo(ctx: Context, member: Member, recorded: Recorded) -> str:
    """Make the ticket that can confirm an undo."""
    return open_ticket(
        ctx.work,
        ctx.ids,
        TicketKind.UNDO,
        {"event": recorded.booked.event.id},
        now=ctx.now,
        member=member.id,
    )


def undo_record(ctx: Context, ticket: Ticket) -> Recorded:
    """Undo a recorded delivery event once: points, lots, dates and the milestone's state.

    Raises:
        TicketUsed: this button has done it.
        AlreadyUndone: it has been undone another way.
        NothingToUndo: it was worth nothing and the milestone is no longer as it left it.
    """
    use_ticket(ctx, ticket)
    event = ctx.work.events.get(EventId(ticket.payload["event"])).event
    milestone = ctx.work.projects.milestone(MilestoneId(str(event.data["milestone_id"])))
    recorded = _recorded_of(ctx, event, milestone)
    booked = undo(ctx, event)
    if not _stands(event, milestone):
        raise NothingToUndo
    ctx.work.projects.set_accepted(milestone.id, None)
    return replace(recorded, booked=booked)


def _stands(event: BusinessEvent, milestone: Milestone) -> bool:
    # An event that was worth nothing leaves no entry to reverse: only the milestone tells whether
    # it has been undone, and perhaps recorded anew by somebody else.
    return milestone.accepted_on == business_date(event.occurred_at)


def _recorded_of(ctx: Context, event: BusinessEvent, milestone: Milestone) -> Recorded:
    project = ctx.work.projects.get(milestone.project)
    customer = ctx.work.customers.get(event.customer)
    return Recorded(
        project,
        customer,
        milestone,
        business_date(event.occurred_at),
        booked_before(ctx, ctx.work.events.get(event.id)),
    )


def _event(
    ctx: Context, source_id: str, milestone: Milestone, on: date, note: str
) -> BusinessEvent:
    project = ctx.work.projects.get(milestone.project)
    return BusinessEvent(
        id=EventId(ctx.ids.new()),
        source=CHAT_SOURCE,
        source_id=source_id,
        type=EventType.MILESTONE_ACCEPTED,
        customer=project.customer,
        project=project.id,
        # Noon in the firm's zone: the day stays the same day in every zone people read it in.
        occurred_at=datetime.combine(on, time(12), BUSINESS_ZONE).astimezone(UTC),
        recorded_at=ctx.now,
        recorded_by=member_of(ctx).id,
        data={
            "milestone": milestone.name,
            "milestone_id": milestone.id,
            "planned_on": milestone.planned_on.isoformat(),
            "accepted_on": on.isoformat(),
            "note": note,
        },
    )
