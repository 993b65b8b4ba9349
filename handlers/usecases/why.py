"""Why points moved: an entry with its rule, what went into it, its lots, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar import business_date
from domain.errors import UnknownEntry
from domain.events import BusinessEvent
from domain.ids import CustomerId
from domain.ledger import Entry, Reason
from domain.lots import Lot, LotUse
from domain.outcomes import Outcome, outcomes_of
from domain.tiers import Outlook, month_of, outlook
from handlers.contract import Context
from handlers.usecases.statement import Ending, read_balance


@dataclass(frozen=True, slots=True)
class Explained:
    """An entry with everything that led to it."""

    entry: Entry
    event: BusinessEvent | None
    outcome: Outcome | None
    """What the entry's rule made of the event."""
    opened: Lot | None
    taken: tuple[Ending, ...]
    """What was taken from lots, by the last day they could have been spent."""
    given_back: tuple[Ending, ...]
    """What was given back to lots, the same way."""
    is_undone: bool
    refunded: int
    """How many points of a redemption have come back."""
    next_ending: Ending | None
    standing: Outlook | None
    """Where the customer stands between tiers; None where the firm has none."""


def explain(ctx: Context, customer: CustomerId, seq: int | None) -> Explained:
    """Explain an entry of a customer's wallet, the newest if none is named.

    Raises:
        UnknownEntry: the wallet has no such entry.
    """
    wallets = ctx.work.wallets
    if seq is None:
        latest = wallets.latest(customer, 1)
        entry = latest[0] if latest else None
    else:
        entry = wallets.entry(customer, seq)
    if entry is None:
        raise UnknownEntry(seq or 0, wallets.read(customer).seq)
    event, outcome = _cause(ctx, entry)
    opened, reversals = wallets.opened_by(entry.id), wallets.reversals(entry.id)
    _, endings = read_balance(ctx, customer)
    return Explained(
        entry=entry,
        event=event,
        outcome=outcome,
        opened=None if opened is None else wallets.lot(opened),
        taken=_by_end(ctx, wallets.uses(entry.id)),
        given_back=_by_end(ctx, wallets.given_back(entry.id)),
        is_undone=any(one.reason is not Reason.REFUND for one in reversals),
        refunded=sum(one.points for one in reversals if one.reason is Reason.REFUND),
        next_ending=endings[0] if endings else None,
        standing=standing_of(ctx, customer),
    )


def standing_of(ctx: Context, customer: CustomerId) -> Outlook | None:
    """Tell where a customer stands between tiers; None where the firm has none."""
    policy = ctx.work.rules.programmes().at(ctx.now).tiers
    if policy is None:
        return None
    return outlook(policy, ctx.work.earned.of(customer), month_of(ctx.today))


def last_day(lot: Lot) -> date:
    """Give the last day on which a lot can be spent."""
    return business_date(lot.expires_at - timedelta(microseconds=1))


def _cause(ctx: Context, entry: Entry) -> tuple[BusinessEvent | None, Outcome | None]:
    if entry.cause.event is None:
        return None, None
    counted = ctx.work.events.get(entry.cause.event)
    rule = entry.cause.rule
    if rule is None and entry.reverses is not None:
        rule = ctx.work.wallets.get(entry.reverses).cause.rule
    outcomes = [one for one in outcomes_of(counted.outcomes) if one.rule == rule]
    return counted.event, outcomes[0] if outcomes else None


def _by_end(ctx: Context, uses: Sequence[LotUse]) -> tuple[Ending, ...]:
    by_day: dict[date, int] = {}
    for use in uses:
        day = last_day(ctx.work.wallets.lot(use.lot))
        by_day[day] = by_day.get(day, 0) + use.points
    return tuple(Ending(points, day) for day, points in sorted(by_day.items()))
