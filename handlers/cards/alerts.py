"""Buttons of alert cards: take, resolve (asks), submit; and the customer's word afterwards."""

from domain.alerts import Cause, Measure
from domain.errors import UsageError
from domain.ids import AlertId
from domain.tickets import TicketKind, fresh
from handlers.actors import member_of
from handlers.alert_views import alert_view
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases import alerts as usecase
from handlers.usecases.tickets import open_ticket, use_ticket
from handlers.views import AlertForm, FollowUpThanks


@router.press(TicketKind.ALERT, "take", "resolve", needs=Permission.ALERTS)
def press_alert(press: Press, ctx: Context) -> Reply:
    """Take the alert, or ask for cause and measure; the card then shows the state it has."""
    member = member_of(ctx)
    fresh(press.ticket, ctx.now)
    alert_id = AlertId(press.ticket.payload["alert"])
    subject = f"alert:{alert_id}"
    if press.choice == "resolve":
        alert = usecase.take_alert(ctx, alert_id, member)
        form = AlertForm(
            ticket=open_ticket(
                ctx.work,
                ctx.ids,
                TicketKind.ALERT_FORM,
                {"alert": alert_id},
                now=ctx.now,
                member=member.id,
            ),
            number=alert.number,
            customer=ctx.work.customers.get(alert.customer).name if alert.customer else "",
            project=ctx.work.projects.get(alert.project).name if alert.project else "",
            causes=tuple(Cause),
            measures=tuple(Measure),
        )
        return Reply(form, replaces_card=True, subject=subject)
    taken = usecase.take_alert(ctx, alert_id, member)
    return Reply(alert_view(ctx, taken, member), replaces_card=True, subject=subject)


@router.press(TicketKind.ALERT_FORM, "submit", needs=Permission.ALERTS)
def submit_form(press: Press, ctx: Context) -> Reply:
    """Close the alert with what was chosen."""
    member = member_of(ctx)
    fresh(press.ticket, ctx.now)
    cause, measure = press.form.get("cause", ""), press.form.get("measure", "")
    if cause not in set(Cause) or measure not in set(Measure):
        raise UsageError("resolve_alert", "cause_missing")
    resolved = usecase.resolve_alert(
        ctx,
        AlertId(press.ticket.payload["alert"]),
        member,
        cause=Cause(cause),
        measure=Measure(measure),
        note=press.form.get("note", ""),
    )
    return Reply(
        alert_view(ctx, resolved, member), replaces_card=True, subject=f"alert:{resolved.id}"
    )


@router.press(TicketKind.FOLLOW_UP, "solved", "unsolved", needs=Permission.CUSTOMER)
def answer_follow_up(press: Press, ctx: Context) -> Reply:
    """Note whether the customer's problem is solved; "no" opens the alert again."""
    use_ticket(ctx, press.ticket)
    is_solved = press.choice == "solved"
    alert = usecase.answer_follow_up(
        ctx, AlertId(press.ticket.payload["alert"]), is_solved=is_solved
    )
    project = ctx.work.projects.get(alert.project).name if alert.project else ""
    return Reply(FollowUpThanks(project, is_solved=is_solved), replaces_card=True)
