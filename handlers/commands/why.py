"""why: where points come from and what comes next."""

from collections.abc import Sequence

from domain.calendar import business_date
from domain.errors import UsageError
from domain.events import BusinessEvent, facts_of
from domain.outcomes import Outcome
from handlers.actors import contact_of
from handlers.contract import Context, Reply
from handlers.parsing.entries import NotAnEntry, parse_entry
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.gifts import other_side
from handlers.usecases.statement import Ending
from handlers.usecases.why import Explained, explain, last_day
from handlers.views import ExpiringLot, Why, WhyLimit


@router.command("why", needs=Permission.SEE_POINTS, is_private=True)
def why(words: str, ctx: Context) -> Reply:
    """Explain the entry of a number, or the newest one."""
    _, customer = contact_of(ctx)
    try:
        seq = parse_entry(words)
    except NotAnEntry:
        raise UsageError("why", "number_refused") from None
    return Reply(why_view(ctx, customer.name, explain(ctx, customer.id, seq)))


def why_view(ctx: Context, customer: str, found: Explained) -> Why:
    """Show an explained entry."""
    entry, event, outcome = found.entry, found.event, found.outcome
    standing, lot = found.standing, found.opened
    facts = facts_of(event) if event else {}
    return Why(
        customer=customer,
        seq=entry.seq,
        on=entry.cause.recorded_at.isoformat(timespec="seconds"),
        reason=entry.reason,
        points=entry.net,
        event=event.type if event else "",
        subject=_subject(ctx, event) or other_side(ctx, entry),
        happened_on=business_date(entry.cause.effective_at).isoformat(),
        amount_fen=_whole(facts.get("amount")),
        days_late=_whole(facts.get("days_late")),
        rule=outcome.rule if outcome else "",
        rule_name=outcome.name if outcome else "",
        rule_version=outcome.version if outcome else None,
        requested=outcome.requested if outcome else 0,
        percent=outcome.percent if outcome else 0,
        base=outcome.base if outcome else 0,
        limits=_limits(outcome),
        ending=outcome.ending if outcome else "",
        owed=outcome.owed if outcome else 0,
        spendable_until=last_day(lot).isoformat() if lot and not lot.is_pending else "",
        pending_until=(
            business_date(lot.matures_at).isoformat()
            if lot and lot.is_pending and lot.matures_at
            else ""
        ),
        taken=_lots(found.taken),
        corrects=entry.cause.corrects or "",
        is_undone=found.is_undone,
        available=entry.available_after,
        debt=entry.debt_after,
        next_points=found.next_ending.points if found.next_ending else 0,
        next_day=found.next_ending.last_day.isoformat() if found.next_ending else "",
        tier=standing.tier.name if standing and standing.tier else "",
        next_tier=standing.next_tier.name if standing and standing.next_tier else "",
        missing=standing.missing if standing else 0,
        tier_ends_on=(standing.falls_on.isoformat() if standing and standing.falls_on else ""),
        given_back=_lots(found.given_back),
        refunded=found.refunded,
    )


def _lots(endings: Sequence[Ending]) -> tuple[ExpiringLot, ...]:
    return tuple(ExpiringLot(one.points, one.last_day.isoformat()) for one in endings)


def _limits(outcome: Outcome | None) -> tuple[WhyLimit, ...]:
    if outcome is None:
        return ()
    return tuple(
        WhyLimit(one.scope, one.window, one.points, one.times, one.used_points, one.used_times)
        for one in outcome.limits
    )


def _subject(ctx: Context, event: BusinessEvent | None) -> str:
    if event is None or event.project is None:
        return ""
    return f"{ctx.work.projects.get(event.project).name} {event.data.get('milestone', '')}".strip()


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
