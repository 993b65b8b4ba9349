"""Buttons of record and undo previews: confirm, cancel."""

from domain.ids import EventId, MilestoneId
from domain.projects import days_late
from domain.tickets import TicketKind
from handlers.actors import member_of
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.reachability import read_reach
from handlers.usecases.records import Recorded, record as record_event, undo_record
from handlers.usecases.tickets import use_ticket
from handlers.views import RecordCancelled, RecordDone, UndoDone


@router.press(TicketKind.RECORD, "confirm", "cancel", needs=Permission.RECORD_EVENT)
def press_record(press: Press, ctx: Context) -> Reply:
    """Record what the preview showed, or drop it."""
    member = member_of(ctx)
    if press.choice == "cancel":
        use_ticket(ctx, press.ticket)
        return _cancelled(ctx, press.ticket.payload["milestone"])
    recorded = record_event(ctx, press.ticket)
    return Reply(
        RecordDone(
            project=recorded.project.name,
            customer=recorded.customer.name,
            milestone=recorded.milestone.name,
            accepted_on=recorded.accepted_on.isoformat(),
            days_late=days_late(recorded.milestone.planned_on, recorded.accepted_on),
            points=recorded.booked.points,
            available_after=recorded.booked.wallet.available,
            debt_after=recorded.booked.wallet.debt,
            notice=_notice(ctx, recorded),
            recorded_by=member.name,
            recorded_at=recorded.booked.event.recorded_at.isoformat(timespec="seconds"),
        ),
        replaces_card=True,
    )


@router.press(TicketKind.UNDO, "confirm", "cancel", needs=Permission.RECORD_EVENT)
def press_undo(press: Press, ctx: Context) -> Reply:
    """Undo the record, or leave it."""
    if press.choice == "cancel":
        use_ticket(ctx, press.ticket)
        event = ctx.work.events.get(EventId(press.ticket.payload["event"])).event
        return _cancelled(ctx, str(event.data["milestone_id"]), is_undo=True)
    undone = undo_record(ctx, press.ticket)
    return Reply(
        UndoDone(
            project=undone.project.name,
            customer=undone.customer.name,
            milestone=undone.milestone.name,
            points=undone.booked.points,
            available_after=undone.booked.wallet.available,
            debt_after=undone.booked.wallet.debt,
        ),
        replaces_card=True,
    )


def _cancelled(ctx: Context, milestone_id: str, *, is_undo: bool = False) -> Reply:
    milestone = ctx.work.projects.milestone(MilestoneId(milestone_id))
    project = ctx.work.projects.get(milestone.project)
    view = RecordCancelled(project.name, milestone.name, is_undo=is_undo)
    return Reply(view, replaces_card=True)


def _notice(ctx: Context, recorded: Recorded) -> str:
    """Say how the customer learns of it: "pushed", "by_hand", "nobody" or "unseen"."""
    contacts = read_reach(ctx, recorded.customer.id)
    if not contacts:
        return "nobody"
    seeing = [found for found in contacts if found.contact.may_see]
    if not seeing:
        return "unseen"
    return "pushed" if any(found.is_open for found in seeing) else "by_hand"
