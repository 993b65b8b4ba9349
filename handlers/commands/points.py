"""balance, endings, statement."""

from domain.customers import Customer
from domain.events import BusinessEvent, facts_of
from handlers.actors import contact_of
from handlers.contract import Context, Reply
from handlers.ending_reactions import points_source
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.expiry import read_endings
from handlers.usecases.gifts import other_side
from handlers.usecases.proof import receipt_of
from handlers.usecases.statement import Explained, read_balance, read_statement
from handlers.usecases.why import standing_of
from handlers.views import Balance, EndingLine, EndingList, ExpiringLot, Statement, StatementLine

ENDINGS_SHOWN = 3


@router.command("balance", needs=Permission.SEE_POINTS, is_private=True)
def balance(words: str, ctx: Context) -> Reply:
    """Show the customer's points."""
    del words
    _, customer = contact_of(ctx)
    wallet, endings = read_balance(ctx, customer.id)
    stands = standing_of(ctx, customer.id)
    return Reply(
        Balance(
            customer=customer.name,
            available=wallet.available,
            held=wallet.held,
            pending=wallet.pending,
            debt=wallet.debt,
            expiring=tuple(
                ExpiringLot(e.points, e.last_day.isoformat()) for e in endings[:ENDINGS_SHOWN]
            ),
            as_of=ctx.now.isoformat(timespec="seconds"),
            tier=stands.tier.name if stands and stands.tier else "",
            next_tier=stands.next_tier.name if stands and stands.next_tier else "",
            missing=stands.missing if stands else 0,
            tier_ends_on=stands.falls_on.isoformat() if stands and stands.falls_on else "",
        )
    )


@router.command("endings", needs=Permission.SEE_POINTS, is_private=True)
def endings(words: str, ctx: Context) -> Reply:
    """Show when the customer's points end, and what had earned them."""
    del words
    _, customer = contact_of(ctx)
    return Reply(
        EndingList(
            customer=customer.name,
            lines=tuple(
                EndingLine(
                    points=ending.points,
                    last_day=ending.last_day.isoformat(),
                    sources=tuple(points_source(ctx, source) for source in sources),
                )
                for ending, sources in read_endings(ctx, customer.id)
            ),
            as_of=ctx.now.isoformat(timespec="seconds"),
        )
    )


@router.command("statement", needs=Permission.SEE_POINTS, is_private=True)
def statement(words: str, ctx: Context) -> Reply:
    """Show the last entries, each with its reason."""
    del words
    _, customer = contact_of(ctx)
    return Reply(statement_of(ctx, customer))


def statement_of(ctx: Context, customer: Customer) -> Statement:
    """Show the last entries of a customer, each with its reason."""
    wallet, explained = read_statement(ctx, customer.id)
    return Statement(
        customer=customer.name,
        available=wallet.available,
        debt=wallet.debt,
        lines=tuple(_line(ctx, item) for item in explained),
        as_of=ctx.now.isoformat(timespec="seconds"),
        receipt=receipt_of([item.entry for item in explained]),
    )


def _line(ctx: Context, item: Explained) -> StatementLine:
    entry = item.entry
    return StatementLine(
        seq=entry.seq,
        on=entry.cause.recorded_at.isoformat(timespec="seconds"),
        reason=entry.reason,
        points=entry.change,
        debt_change=item.debt_change,
        subject=_subject(ctx, item.event) or other_side(ctx, entry),
        days_late=_days_late(item.event),
        rule=entry.cause.rule or "",
        rule_version=entry.cause.rule_version,
        available_after=entry.available_after,
        debt_after=entry.debt_after,
    )


def _subject(ctx: Context, event: BusinessEvent | None) -> str:
    if event is None or event.project is None:
        return ""
    return f"{ctx.work.projects.get(event.project).name} {event.data.get('milestone', '')}".strip()


def _days_late(event: BusinessEvent | None) -> int | None:
    value = facts_of(event).get("days_late") if event else None
    return value if isinstance(value, int) else None
