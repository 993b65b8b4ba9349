"""Counting a business event once, and undoing it once."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import AlreadyUndone, EventConflict
from domain.events import BusinessEvent, content_hash, facts_of
from domain.facts import PointsMoved
from domain.ledger import Cause, Entry, Wallet, plan_award, plan_penalty, plan_reversal
from domain.posting import Book, lot_end
from domain.repositories import AuditNote
from domain.rules import Direction, Outcome, evaluate
from domain.starter import POINTS_LIVE_MONTHS
from handlers.contract import Context


@dataclass(frozen=True, slots=True)
class Booked:
    """What an event made of a wallet."""

    event: BusinessEvent
    entries: tuple[Entry, ...]
    wallet: Wallet

    @property
    def points(self) -> int:
        """Give the signed change, debt included."""
        return sum(net_change(entry) for entry in self.entries)


def net_change(entry: Entry) -> int:
    """Give what an entry does to available points less debt."""
    if entry.credit.startswith("wallet."):
        return entry.points
    return -entry.points if entry.debit.startswith("wallet.") else 0


def preview(ctx: Context, event: BusinessEvent) -> int:
    """Give the signed points an event would be worth now; the same rules as `book`."""
    outcomes = _outcomes(ctx, event)
    return sum(o.points if o.rule.direction is Direction.EARN else -o.points for o in outcomes)


def book(ctx: Context, event: BusinessEvent) -> Booked:
    """Store an event and what the rules of its date make of it; once per (source, source id).

    Locks the wallet.

    Raises:
        EventConflict: the same source id came before with other content.
    """
    said = content_hash(event)
    if not ctx.work.events.add(event, said):
        return _repeat(ctx, event, said)
    outcomes = _outcomes(ctx, event)
    opened = _open_book(ctx, ctx.work.wallets.lock(event.customer))
    for outcome in outcomes:
        _write_outcome(opened, outcome, event, ctx)
    entries = _store(ctx, opened)
    _note(ctx, "event_recorded", event, entries)
    ctx.work.emit(PointsMoved(event.customer, event, entries, opened.wallet))
    return Booked(event, entries, opened.wallet)


def undo(ctx: Context, event: BusinessEvent) -> Booked:
    """Reverse everything an event booked, restoring the same lots and dates; once.

    Locks the wallet.

    Raises:
        AlreadyUndone: it has been reversed.
    """
    wallet = ctx.work.wallets.lock(event.customer)
    for entry in ctx.work.wallets.of_event(event.id):
        if ctx.work.wallets.is_reversed(entry.id):
            raise AlreadyUndone(entry.seq)
    opened = _reversed_book(ctx, event, wallet)
    entries = _store(ctx, opened)
    _note(ctx, "event_undone", event, entries)
    ctx.work.emit(PointsMoved(event.customer, event, entries, opened.wallet, is_undo=True))
    return Booked(event, entries, opened.wallet)


def preview_undo(ctx: Context, event: BusinessEvent) -> int:
    """Give the signed points undoing an event would move now; the same plan as `undo`."""
    opened = _reversed_book(ctx, event, ctx.work.wallets.read(event.customer))
    return sum(net_change(entry) for entry in _entries_of_events(opened))


def booked_before(ctx: Context, event: BusinessEvent) -> Booked:
    """Give what a stored event made of the wallet, as it was right after it."""
    entries = tuple(ctx.work.wallets.of_event(event.id))
    wallet = ctx.work.wallets.read(event.customer)
    if entries:
        last = entries[-1]
        wallet = replace(
            wallet,
            available=last.available_after,
            debt=last.debt_after,
            seq=last.seq,
            head=last.hash,
        )
    return Booked(event, entries, wallet)


def _reversed_book(ctx: Context, event: BusinessEvent, wallet: Wallet) -> Book:
    opened = _open_book(ctx, wallet)
    for entry in reversed(ctx.work.wallets.of_event(event.id)):
        _reverse(ctx, opened, entry, event)
    return opened


def _reverse(ctx: Context, opened: Book, entry: Entry, event: BusinessEvent) -> None:
    wallets = ctx.work.wallets
    lot = wallets.opened_by(entry.id)
    taken = wallets.uses(entry.id)
    opened.learn(wallets.lot(use.lot) for use in taken)
    drafts = plan_reversal(
        entry,
        opened=lot,
        taken=taken,
        lots=opened.open_lots(),
        wallet=opened.wallet,
        now=ctx.now,
        lot_expires_at=lot_end(ctx.now, POINTS_LIVE_MONTHS),
        lapsed=wallets.lapsed(lot) + opened.lapsed(lot) if lot else 0,
    )
    opened.write(drafts, _cause(ctx, event, key=f"undo:{entry.id}"))


def _outcomes(ctx: Context, event: BusinessEvent) -> list[Outcome]:
    rules = ctx.work.rules.published()
    return evaluate(rules, event.type, facts_of(event), event.occurred_at)


def _open_book(ctx: Context, wallet: Wallet) -> Book:
    lots = {lot.id: lot for lot in ctx.work.wallets.lots(wallet.customer)}
    opened = Book(wallet, lots, ctx.ids.new)
    opened.book_expiry(ctx.actor_name, ctx.now)
    return opened


def _write_outcome(opened: Book, outcome: Outcome, event: BusinessEvent, ctx: Context) -> None:
    rule = outcome.rule
    cause = _cause(ctx, event, key=f"event:{event.id}:{rule.code}", outcome=outcome)
    if rule.direction is Direction.EARN:
        expires = lot_end(event.occurred_at, rule.valid_months)
        opened.write(plan_award(opened.wallet, outcome.points, expires), cause)
    else:
        opened.write(plan_penalty(opened.open_lots(), outcome.points, ctx.now), cause)


def _cause(
    ctx: Context, event: BusinessEvent, *, key: str, outcome: Outcome | None = None
) -> Cause:
    return Cause(
        event=event.id,
        rule=outcome.rule.code if outcome else None,
        rule_version=outcome.rule.version if outcome else None,
        actor=ctx.actor_name,
        effective_at=event.occurred_at,
        recorded_at=ctx.now,
        key=key,
    )


def _store(ctx: Context, opened: Book) -> tuple[Entry, ...]:
    if opened.written:
        ctx.work.wallets.append(
            opened.wallet,
            [(w.entry, w.opens, w.takes, w.gives_back) for w in opened.written],
        )
    return _entries_of_events(opened)


def _entries_of_events(opened: Book) -> tuple[Entry, ...]:
    # Without what lapsed meanwhile: that is nothing the event has done.
    return tuple(w.entry for w in opened.written if w.entry.cause.event is not None)


def _repeat(ctx: Context, event: BusinessEvent, said: str) -> Booked:
    found = ctx.work.events.find(event.source, event.source_id)
    if found is None or found[1] != said:
        raise EventConflict(event.source, event.source_id)
    return booked_before(ctx, found[0])


def _note(ctx: Context, action: str, event: BusinessEvent, entries: tuple[Entry, ...]) -> None:
    after: dict[str, object] = {
        "type": event.type.value,
        "occurred_at": _iso(event.occurred_at),
        "entries": [entry.seq for entry in entries],
    }
    ctx.work.audit.write(
        AuditNote(
            at=ctx.now,
            actor=ctx.actor_name,
            channel=ctx.channel,
            action=action,
            subject=f"event:{event.id}",
            after=after,
            inbox=ctx.inbox,
        )
    )


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
