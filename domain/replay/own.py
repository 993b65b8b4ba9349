"""What the ledger did without an event, repeated as far as the wallet of a course allows it."""

from datetime import datetime

from domain.giving import Part, give, give_held, receive
from domain.ids import EntryId
from domain.ledger import Account, Cause, Reason
from domain.merging import NOTE, give_again
from domain.posting import lot_end
from domain.refunding import Spent
from domain.replay.assembling import is_tick
from domain.replay.people import Person, Unpaid
from domain.replay.recorded import Own, RecordedLot, RecordedMove
from domain.starter import POINTS_LIVE_MONTHS


def move_own(person: Person, step: Own, cause: Cause) -> Unpaid | None:
    """Do what the ledger did without an event, as far as the wallet allows it here."""
    first = step.moves[0]
    points = sum(move.points for move in step.moves if not is_tick(move))
    if first.reason == Reason.HOLD:
        return _hold(person, first, cause, points)
    if first.debit == Account.HELD:
        _end_hold(person, step, cause, points)
        return None
    if first.debit == Account.REDEEMED:
        _refund(person, first, cause, points)
        return None
    if first.debit == Account.EXPIRED:
        _reinstate(person, step, cause)
        return None
    if first.debit == Account.GIFTS:
        receive(person.book, _parts(step, cause), cause)
        return None
    if first.debit.startswith("firm."):
        _give(person, step, cause, points)
        return None
    if first.reason == Reason.GIVEN:
        return _give_away(person, first, cause, points)
    return _take(person, step, cause, points)


def _hold(person: Person, first: RecordedMove, cause: Cause, points: int) -> Unpaid | None:
    """Set points aside; a redemption that can't be paid does not happen here."""
    book = person.book
    if book.available < points:
        return _unpaid(person, first, points)
    book.hold(points, cause)
    person.holds[first.id] = book.moves[-1].takes
    return None


def _give_away(person: Person, first: RecordedMove, cause: Cause, points: int) -> Unpaid | None:
    """Give points to another customer; a gift that can't be given does not happen here.

    The undo of a merge takes from the lots it was taken from, as far as they have something here.
    """
    if person.book.available < points:
        return _unpaid(person, first, points)
    if (cause.note or "").startswith(NOTE):
        known = [use for use in first.takes if use.lot in person.book.shelf.left]
        give_again(person.book, points, known, cause)
    else:
        give(person.book, points, cause)
    return None


def _unpaid(person: Person, first: RecordedMove, points: int) -> Unpaid:
    missing = points - person.book.available
    return Unpaid(person.book.customer, first.recorded_at, first.reason, points, missing)


def _end_hold(person: Person, step: Own, cause: Cause, points: int) -> None:
    taken = None if step.held_by is None else person.holds.pop(step.held_by, None)
    if taken is None:
        return
    first, book = step.moves[0], person.book
    if first.reason == Reason.REDEMPTION:
        book.settle(points, cause)
        person.spent[first.id] = Spent(book.moves[-1].id, points, taken)
    elif first.reason == Reason.GIVEN:
        give_held(book, points, cause)
    else:
        book.release(taken, cause)


def _refund(person: Person, first: RecordedMove, cause: Cause, points: int) -> None:
    """Give settled points back; none where they were not spent here."""
    settled = EntryId(first.reverses or "")
    spent, book = person.spent.get(settled), person.book
    if spent is not None:
        person.spent[settled] = book.refund(spent, points, cause)


def _parts(step: Own, cause: Cause) -> list[Part]:
    """Give what came from another customer, as recorded, whatever became of the gift there.

    Of points that paid a debt no end was recorded: they belong to the lot after them.
    """
    lot = next((move.opens for move in step.moves if move.opens is not None), None)
    parts, end = [], _end(cause, lot)
    for move in reversed([move for move in step.moves if not is_tick(move)]):
        end = end if move.opens is None else move.opens.expires_at
        parts.append(Part(end, move.points))
    return parts[::-1]


def _give(person: Person, step: Own, cause: Cause, points: int) -> None:
    first = step.moves[0]
    lot = next((move.opens for move in step.moves if move.opens is not None), None)
    reason = next((m.reason for m in step.moves if m.reason != Reason.DEBT_PAID), Reason.ADJUSTMENT)
    person.book.award(
        points,
        cause,
        expires_at=_end(cause, lot),
        matures_at=None if lot is None else lot.matures_at,
        reason=Reason(reason),
        source=Account(first.debit),
        qualifies=first.qualifying > 0,
    )


def _take(person: Person, step: Own, cause: Cause, points: int) -> Unpaid | None:
    """Take points by hand; where that made no debt it makes none here."""
    first, book = step.moves[0], person.book
    owes = any(move.debit == Account.DEBT for move in step.moves)
    done = book.deduct(
        points,
        cause,
        debt_max=None if owes else 0,
        reason=Reason(first.reason),
        to=Account(first.credit),
    )
    if done == points:
        return None
    return Unpaid(book.customer, first.recorded_at, first.reason, points, points - done)


def _reinstate(person: Person, step: Own, cause: Cause) -> None:
    """Give expired points back: those of the recorded expiry, here maybe of the last one."""
    book, first = person.book, step.moves[0]
    lot = next((move.opens for move in step.moves if move.opens is not None), None)
    if not person.expiries:
        return
    last = next(reversed(person.expiries.values()))
    original = person.expiries.get(EntryId(first.reverses or ""), last)
    del person.expiries[original.id]
    for use in original.takes:
        person.lapsed[use.lot] -= use.points
    paid = min(book.debt, original.points)
    if paid:
        legs = (Account.EXPIRED, Account.DEBT)
        book.write(legs, paid, Reason.REINSTATEMENT, cause, reverses=original.id)
    if original.points > paid:
        rest = original.points - paid
        opened = book.open_lot(rest, cause.effective_at, _end(cause, lot), None)
        legs = (Account.EXPIRED, Account.AVAILABLE)
        book.write(legs, rest, Reason.REINSTATEMENT, cause, opens=opened, reverses=original.id)


def _end(cause: Cause, lot: RecordedLot | None) -> datetime:
    """Give the end of points given by hand: as recorded, where something opened a lot."""
    return lot_end(cause.effective_at, POINTS_LIVE_MONTHS) if lot is None else lot.expires_at
