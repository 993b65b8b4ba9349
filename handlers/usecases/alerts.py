"""Taking, resolving and reopening alerts. First click wins."""

from domain.alerts import Alert, Cause, Measure, confirm, reopen, repeat, resolve, take
from domain.errors import UnknownAlert
from domain.facts import AlertChanged
from domain.ids import AlertId
from domain.members import Member
from handlers.audit import write_note
from handlers.contract import Context
from handlers.parsing.numbers import parse_number


def find_alert(ctx: Context, typed: str) -> Alert:
    """Find an alert by the number people type.

    Raises:
        UnknownAlert: no such number.
    """
    number = parse_number(typed)
    found = None if number is None else ctx.work.alerts.find_number(number)
    if found is None:
        raise UnknownAlert(typed)
    return found


def take_alert(ctx: Context, alert_id: AlertId, member: Member) -> Alert:
    """Take an alert for a member; doing so again changes nothing. Locks the alert.

    Raises:
        AlertTaken: somebody else was first.
        AlertClosed: it is resolved.
    """
    before = ctx.work.alerts.get(alert_id)
    holder = ctx.work.members.get(before.taken_by).name if before.taken_by else ""
    after = take(before, member.id, holder, ctx.now)
    if after is not before:
        _keep(ctx, before, after, "alert_taken")
    return after


def resolve_alert(
    ctx: Context, alert_id: AlertId, member: Member, *, cause: Cause, measure: Measure, note: str
) -> Alert:
    """Close an alert with its cause and measure; the customer is asked whether it helped.

    Locks the alert.

    Raises:
        AlertNotTaken: only who has taken it can close it.
        AlertClosed: it is resolved already.
    """
    before = ctx.work.alerts.get(alert_id)
    after = resolve(before, member.id, cause=cause, measure=measure, note=note, now=ctx.now)
    _keep(ctx, before, after, "alert_resolved")
    return after


def answer_follow_up(ctx: Context, alert_id: AlertId, *, is_solved: bool) -> Alert:
    """Note the customer's word on whether the problem is solved; "no" opens the alert again.

    When a newer alert of the same cause is open, "no" counts there: only one may be open.
    """
    before = ctx.work.alerts.get(alert_id)
    newer = ctx.work.alerts.find_open(before.dedupe_key)
    if not is_solved and newer is not None and newer.id != before.id:
        after = repeat(newer, before.severity, newer.review)
        _keep(ctx, newer, after, "alert_repeated")
        return after
    after = confirm(before, ctx.now) if is_solved else reopen(before, ctx.now)
    if after is before:
        _note(ctx, before, before, "follow_up_answered")
    else:
        _keep(ctx, before, after, "alert_confirmed" if is_solved else "alert_reopened")
    return after


def _keep(ctx: Context, before: Alert, after: Alert, action: str) -> None:
    ctx.work.alerts.save(after)
    _note(ctx, before, after, action)
    ctx.work.emit(AlertChanged(after, before))


def _note(ctx: Context, before: Alert, after: Alert, action: str) -> None:
    write_note(
        ctx,
        action,
        f"alert:{after.id}",
        before={"state": before.state.value, "taken_by": before.taken_by},
        after={
            "state": after.state.value,
            "taken_by": after.taken_by,
            "cause": after.cause,
            "measure": after.measure,
        },
    )
