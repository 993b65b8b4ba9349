"""alerts, take_alert, resolve_alert: the words behind the buttons, for people who type."""

from domain.alerts import Cause, Measure
from domain.errors import UnknownAlert, UsageError
from handlers.actors import member_of
from handlers.alert_views import alert_view
from handlers.contract import Context, Reply
from handlers.parsing.closing import parse_closing
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases import alerts as usecase
from handlers.views import AlertLine, AlertList

ALERTS_SHOWN = 10


@router.command("alerts", needs=Permission.ALERTS, is_private=True)
def list_alerts(words: str, ctx: Context) -> Reply:
    """List what is not resolved, oldest first."""
    del words
    lines = []
    for alert in ctx.work.alerts.open()[:ALERTS_SHOWN]:
        review = ctx.work.reviews.get(alert.review) if alert.review else None
        lines.append(
            AlertLine(
                number=alert.number,
                state=alert.state,
                severity=alert.severity,
                customer=ctx.work.customers.get(alert.customer).name if alert.customer else "",
                project=ctx.work.projects.get(alert.project).name if alert.project else "",
                stars=review.stars if review else 0,
                opened_at=alert.opened_at.isoformat(timespec="seconds"),
                taken_by=ctx.work.members.get(alert.taken_by).name if alert.taken_by else "",
                kind=alert.kind,
            )
        )
    return Reply(AlertList(tuple(lines)))


@router.command("take_alert", needs=Permission.ALERTS, is_private=True)
def take(words: str, ctx: Context) -> Reply:
    """Take the alert of a number."""
    member = member_of(ctx)
    alert = usecase.find_alert(ctx, words)
    taken = usecase.take_alert(ctx, alert.id, member)
    return Reply(alert_view(ctx, taken, member), subject=f"alert:{alert.id}")


@router.command("resolve_alert", needs=Permission.ALERTS, is_private=True)
def resolve(words: str, ctx: Context) -> Reply:
    """Close the alert of a number with cause, measure and a note."""
    member = member_of(ctx)
    number, _, rest = words.partition(" ")
    if not number:
        raise UnknownAlert(words)
    alert = usecase.find_alert(ctx, number)
    closing = parse_closing(rest)
    if closing is None:
        raise UsageError("resolve_alert", "cause_missing")
    resolved = usecase.resolve_alert(
        ctx,
        alert.id,
        member,
        cause=Cause(closing.cause),
        measure=Measure(closing.measure),
        note=closing.note,
    )
    return Reply(alert_view(ctx, resolved, member), subject=f"alert:{alert.id}")
