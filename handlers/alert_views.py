"""An alert as one member sees it, with the button that fits its state."""

from domain.alerts import Alert, AlertState
from domain.members import Member
from domain.reviews import BAD_STARS_MAX
from domain.tickets import TicketKind
from handlers.contract import Context
from handlers.usecases.tickets import open_ticket
from handlers.views import AlertCard


def alert_view(ctx: Context, alert: Alert, member: Member | None) -> AlertCard:
    """Show an alert to a member, with a ticket when there is something to press, or to a group."""
    work = ctx.work
    review = work.reviews.get(alert.review) if alert.review else None
    contact = work.customers.contact(review.contact) if review else None
    project = work.projects.get(alert.project) if alert.project else None
    manager = work.members.get(project.manager).name if project and project.manager else ""
    is_mine = member is not None and alert.taken_by == member.id
    ticket = ""
    is_open = alert.state is AlertState.NEW or (alert.state is AlertState.TAKEN and is_mine)
    if member is not None and is_open:
        ticket = open_ticket(
            work, ctx.ids, TicketKind.ALERT, {"alert": alert.id}, now=ctx.now, member=member.id
        )
    return AlertCard(
        ticket=ticket,
        number=alert.number,
        state=alert.state,
        severity=alert.severity,
        customer=work.customers.get(alert.customer).name if alert.customer else "",
        contact=contact.name if contact else "",
        # A group may have readers who have no business with a customer's number.
        phone=(contact.phone or "") if contact and member else "",
        project=project.name if project else "",
        manager=manager,
        stars=review.stars if review else 0,
        stars_limit=BAD_STARS_MAX,
        text=review.text if review else "",
        opened_at=alert.opened_at.isoformat(timespec="seconds"),
        occurrences=alert.occurrences,
        reopened=alert.reopened,
        taken_by=work.members.get(alert.taken_by).name if alert.taken_by else "",
        taken_at=alert.taken_at.isoformat(timespec="seconds") if alert.taken_at else "",
        is_mine=is_mine,
        resolved_at=alert.resolved_at.isoformat(timespec="seconds") if alert.resolved_at else "",
        confirmed_at=alert.confirmed_at.isoformat(timespec="seconds") if alert.confirmed_at else "",
        cause=alert.cause or "",
        measure=alert.measure or "",
        note=alert.note,
        kind=alert.kind,
        about=alert.about,
    )
