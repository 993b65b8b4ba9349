"""Counting a business event once, and undoing it once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.calendar import business_date
from domain.caps import Used
from domain.counting import TIER_RULE, cause_of
from domain.errors import AlreadyUndone, EventConflict
from domain.events import BusinessEvent, Counted
from domain.facts import PointsMoved, TierChanged
from domain.ids import CustomerId
from domain.ledger import Entry, Wallet
from domain.outcomes import Ending, Outcome, outcomes_of
from domain.ports import Conflict
from domain.posting import Book, lot_end
from domain.starter import POINTS_LIVE_MONTHS
from domain.tiers import month_of, tier_at
from domain.undoing import Reversible, reverse
from handlers.audit import write_note
from handlers.contract import Context
from handlers.usecases.books import all_written, open_book, peek_book, store_books, told
from handlers.usecases.counting import Counting, Entered, Repeated, Tally
from handlers.usecases.deductions import ask_deductions


@dataclass(frozen=True, slots=True)
class Booked:
    """What an event made of a wallet."""

    event: BusinessEvent
    outcomes: tuple[Outcome, ...]
    entries: tuple[Entry, ...]
    wallet: Wallet

    @property
    def points(self) -> int:
        """Give the signed change, debt included."""
        return sum(entry.net for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an event would be worth now."""

    outcomes: tuple[Outcome, ...]
    points: int
    """The signed change, debt included."""

    @property
    def kept_back(self) -> int:
        """Count the points that caps keep back."""
        return sum(one.shortfall for one in self.outcomes if one.ending is Ending.CAPPED)


def preview(ctx: Context, event: BusinessEvent) -> Foreseen:
    """Give what an event would be worth now, by the same way as `book`; changes nothing."""
    [found] = Tally(ctx, is_locking=False).count([event])
    if isinstance(found, Entered):
        return Foreseen(found.outcomes, found.points)
    return Foreseen((), 0)


def book(ctx: Context, event: BusinessEvent, *, tells: bool = True) -> Booked:
    """Store an event and what the rules of its date make of it; once per (source, source id).

    `tells` the customer. Locks the wallet, then the caps' counters in the order of their keys.

    Raises:
        EventConflict: the same source id came before with other content.
        Conflict: the same source id is being stored by somebody else.
    """
    [booked] = book_all(ctx, [event], tells=tells)
    if isinstance(booked, EventConflict):
        raise booked
    return booked


def book_all(
    ctx: Context, events: Sequence[BusinessEvent], *, tells: bool
) -> list[Booked | EventConflict]:
    """Store events in their order, each as `book` would; a refused one does not stop the others.

    Locks the wallets in the order of their customers, then the caps' counters by their keys.

    Raises:
        Conflict: one of the source ids is being stored by somebody else.
    """
    tally = Tally(ctx, is_locking=True)
    counted = tally.count(events)
    entered = [one for one in counted if isinstance(one, Entered)]
    if len(ctx.work.events.add([one.counted for one in entered])) < len(entered):
        raise Conflict("event")
    books = {one.book.customer: one.book for one in entered}
    seals = {one.counted.event.id: one.counted.seal for one in entered}
    postings = store_books(ctx, books.values(), seals)
    written = {wallet.customer: [one.entry for one in all_] for wallet, all_ in postings}
    tally.counters.store(ctx.work.counters)
    if tally.earned:
        ctx.work.earned.add_all(tally.earned)
    found = [_found(ctx, one, written) for one in counted]
    new = [
        booked
        for one, booked in zip(counted, found, strict=True)
        if isinstance(one, Entered) and isinstance(booked, Booked)
    ]
    for one in new:
        ask_deductions(ctx, one.event, list(one.outcomes))
    _note_all(ctx, new)
    if tells:
        for one in new:
            ctx.work.emit(PointsMoved(one.event.customer, one.event, one.entries, one.wallet))
        _tell_promotions(ctx, tally, new)
    return found


def undo(ctx: Context, event: BusinessEvent, *, tells: bool = True) -> Booked:
    """Reverse everything an event booked: the same lots and dates, caps and tier; once.

    Locks the wallet, then the caps' counters in the order of their keys.

    Raises:
        AlreadyUndone: it has been reversed.
    """
    opened = open_book(ctx, event.customer)
    if not ctx.work.events.undo(event.id, ctx.now, ctx.actor_name):
        booked = ctx.work.wallets.of_event(event.id)
        raise AlreadyUndone(booked[0].seq if booked else 0)
    counted = ctx.work.events.get(event.id)
    outcomes = outcomes_of(counted.outcomes)
    _reverse_all(ctx, opened, event)
    postings = store_books(ctx, [opened], {event.id: counted.seal})
    _give_caps_back(ctx, outcomes)
    _unearn(ctx, event, outcomes)
    entries = _of_events([one.entry for one in all_written(postings)])
    wallet = postings[0][0] if postings else opened.opened
    _note(ctx, "event_undone", event, entries)
    if tells:
        ctx.work.emit(PointsMoved(event.customer, event, entries, wallet, is_undo=True))
    return Booked(event, tuple(outcomes), entries, wallet)


def preview_undo(ctx: Context, event: BusinessEvent) -> int:
    """Give the signed points undoing an event would move now; the same plan as `undo`."""
    opened = peek_book(ctx, event.customer)
    before = len(opened.moves)
    _reverse_all(ctx, opened, event)
    return sum(move.net for move in opened.moves[before:] if move.cause.event is not None)


def booked_before(ctx: Context, counted: Counted) -> Booked:
    """Give what a stored event made of the wallet, as it was right after it."""
    event = counted.event
    entries = tuple(ctx.work.wallets.of_event(event.id))
    wallet = _after(ctx.work.wallets.read(event.customer), entries)
    return Booked(event, tuple(outcomes_of(counted.outcomes)), entries, wallet)


def reversible(ctx: Context, entry: Entry, opened: Book) -> Reversible:
    """Read what undoing an entry needs, and let the open book know the lots it touches."""
    wallets = ctx.work.wallets
    lot = wallets.opened_by(entry.id)
    taken = tuple(wallets.uses(entry.id))
    for known in [use.lot for use in taken] + ([lot] if lot else []):
        opened.shelf.learn(wallets.lot(known))
    lapsed = 0
    if lot is not None:
        lapsed = wallets.lapsed(lot) + sum(
            use.points
            for move in opened.moves
            if move.cause.key.startswith("expiry:")
            for use in move.takes
            if use.lot == lot
        )
    return Reversible(entry, lot, taken, lapsed)


def _reverse_all(ctx: Context, opened: Book, event: BusinessEvent) -> None:
    about = told(ctx, event, {})
    for entry in reversed(ctx.work.wallets.of_event(event.id)):
        cause = replace(cause_of(about, f"undo:{entry.id}"), recorded_at=ctx.now)
        original = reversible(ctx, entry, opened)
        reverse(opened, original, cause, expires_at=lot_end(ctx.now, POINTS_LIVE_MONTHS))


def _give_caps_back(ctx: Context, outcomes: list[Outcome]) -> None:
    moved: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        for meter in outcome.meters:
            points, times = moved.get(meter.key, (0, 0))
            moved[meter.key] = (points + meter.points, times + meter.times)
    ctx.work.counters.take(sorted(moved))
    ctx.work.counters.add_all(
        {key: Used(-points, -times) for key, (points, times) in moved.items()}
    )


def _unearn(ctx: Context, event: BusinessEvent, outcomes: list[Outcome]) -> None:
    earned = sum(one.applied for one in outcomes if one.qualifies)
    if earned:
        month = month_of(business_date(event.occurred_at))
        ctx.work.earned.add(event.customer, month, -earned)


def _of_events(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    # Without what lapsed or matured meanwhile: that is nothing the event has done.
    return tuple(entry for entry in entries if entry.cause.event is not None)


def _found(
    ctx: Context, counting: Counting, written: Mapping[CustomerId, Sequence[Entry]]
) -> Booked | EventConflict:
    if isinstance(counting, Entered):
        event, opened = counting.counted.event, counting.book.opened
        own = written.get(event.customer, ())[counting.first : counting.end]
        before = written.get(event.customer, ())[max(0, counting.end - 1) : counting.end]
        return Booked(event, counting.outcomes, _of_events(own), _after(opened, before))
    if isinstance(counting, Repeated):
        return booked_before(ctx, counting.counted)
    return counting


def _after(wallet: Wallet, entries: Sequence[Entry]) -> Wallet:
    """Give the wallet as it is after entries."""
    if not entries:
        return wallet
    last = entries[-1]
    return Wallet(
        wallet.customer,
        last.available_after,
        last.held_after,
        last.pending_after,
        last.debt_after,
        last.seq,
        last.hash,
    )


def _note_all(ctx: Context, booked: Sequence[Booked]) -> None:
    """Keep one record of what was stored together."""
    if len(booked) == 1:
        _note(ctx, "event_recorded", booked[0].event, booked[0].entries)
    elif booked:
        after: dict[str, object] = {
            "events": len(booked),
            "last": booked[-1].event.id,
            "entries": sum(len(one.entries) for one in booked),
        }
        subject = f"event:{booked[0].event.id}"
        write_note(ctx, "events_recorded", subject, after=after)


def _tell_promotions(ctx: Context, tally: Tally, new: Sequence[Booked]) -> None:
    """Say who has risen to a higher tier; one that is lost is found by the day's run."""
    policy, month = tally.programme_at(ctx.now).tiers, month_of(ctx.today)
    if policy is None:
        return
    by_customer: dict[CustomerId, list[Booked]] = {}
    for one in new:
        by_customer.setdefault(one.event.customer, []).append(one)
    for customer, booked in by_customer.items():
        after = tally.standings[customer].earned
        before = {
            month: points - tally.earned.get((customer, month), 0)
            for month, points in after.items()
        }
        change = TierChanged(
            customer,
            before=tier_at(policy, before, month),
            after=tier_at(policy, after, month),
            gift=sum(_gifts(one.outcomes) for one in booked),
            cause=f"event:{booked[-1].event.id}",
        )
        if change.is_promotion:
            ctx.work.emit(change)


def _gifts(outcomes: Sequence[Outcome]) -> int:
    return sum(
        one.applied for one in outcomes if one.rule.startswith(TIER_RULE) and not one.percent
    )


def _note(ctx: Context, action: str, event: BusinessEvent, entries: tuple[Entry, ...]) -> None:
    after: dict[str, object] = {
        "type": event.type.value,
        "occurred_at": event.occurred_at.isoformat(timespec="seconds"),
        "entries": [entry.seq for entry in entries],
    }
    write_note(ctx, action, f"event:{event.id}", after=after)
