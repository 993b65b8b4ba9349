"""Merging a double into the record that is kept, and undoing it: asked for, checked, done.

Two people do it: one asks, another approves. Everything that may be in the way is looked at again
when it is approved, under the locks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from domain.approvals import Approval, ApprovalKind, ApprovalState, RecordAsked
from domain.customer_files import clean_aliases
from domain.customers import Customer
from domain.errors import (
    HasMerged,
    MergeBlocked,
    MergeIntoItself,
    MergeUndoShort,
    NotMerged,
    UnknownCustomer,
)
from domain.giving import give, receive
from domain.ids import ApprovalId, CustomerId, LotId
from domain.ledger import Cause, Reason
from domain.lots import LotUse
from domain.merging import NOTE, Merge, Parted, Unfinished, give_again
from domain.posting import Book
from handlers.audit import write_note
from handlers.contract import Context
from handlers.parsing.names import fold
from handlers.usecases.approvals import ask
from handlers.usecases.books import (
    machine_cause,
    open_book,
    peek_book,
    refuse_merged,
    store_books,
)
from handlers.usecases.statement import read_balance


def ask_merge(ctx: Context, merged: Customer, kept: Customer) -> Approval:
    """Ask for a double to be merged into the record that is kept.

    Raises:
        MergeIntoItself, CustomerMerged, HasMerged, MergeBlocked: see `check_merge`.
        ApprovalPending: a merge of this double waits for a decision already.
        NoApprover: there is nobody else who may decide.
    """
    _check_records(ctx, merged, kept)
    wallet, _ = read_balance(ctx, merged.id)
    unfinished = ctx.work.merges.unfinished(merged.id, None)
    waits = ctx.work.approvals.find_pending(_subject(merged.id))
    if waits is None:
        _refuse_blocked(merged, (wallet.held, wallet.pending, wallet.debt), unfinished)
    return ask(
        ctx,
        ApprovalKind.MERGE,
        _subject(merged.id),
        {"merged": merged.id, "kept": kept.id},
        {"records": [_asked(ctx, merged), _asked(ctx, kept)]},
        customer=merged.id,
    )


def record_of_code(ctx: Context, code: str) -> Customer:
    """Find the record that itself has a code, merged or not.

    Raises:
        UnknownCustomer: there is none.
    """
    found = [one for one in ctx.work.customers.ever() if one.code == code]
    if not found:
        raise UnknownCustomer(code)
    return found[0]


def find_merged(ctx: Context, typed: str) -> Customer:
    """Find the merged record of exactly this code or name; width, blanks and case don't count.

    Raises:
        NotMerged: there is none, or there are several.
    """
    wanted = fold(typed)
    merged = [one for one in ctx.work.customers.ever() if one.merged_into is not None]
    by_code = [one for one in merged if fold(one.code) == wanted]
    found = by_code or [one for one in merged if fold(one.name) == wanted]
    if len(found) != 1:
        raise NotMerged(typed)
    return found[0]


def ask_unmerge(ctx: Context, merged: Customer) -> Approval:
    """Ask for a merge to be undone.

    Raises:
        NotMerged: the record is in no other one.
        MergeUndoShort: the kept record can't give the points back.
        ApprovalPending: that waits for a decision already.
        NoApprover: there is nobody else who may decide.
    """
    merge = _in_force(ctx, merged)
    kept = ctx.work.customers.get(merge.kept)
    _returned(ctx, merge, peek_book(ctx, kept.id), _brought(ctx, merge))
    return ask(
        ctx,
        ApprovalKind.UNMERGE,
        _subject(merged.id),
        {"merged": merged.id},
        {"records": [_asked(ctx, merged), _asked(ctx, kept)]},
        customer=kept.id,
    )


def merge_records(ctx: Context, approval: Approval) -> None:
    """Do an approved merge; one that ended otherwise changes nothing.

    Locks the wallets in the order of their customers, then the entering of customers.

    Raises:
        CustomerMerged, HasMerged, MergeBlocked: something has come in the way meanwhile.
    """
    if approval.state is not ApprovalState.APPROVED:
        return
    ids = [CustomerId(str(approval.payload[name])) for name in ("merged", "kept")]
    books = {one: open_book(ctx, one) for one in sorted(ids)}
    merged, kept = (ctx.work.customers.get(one) for one in ids)
    _check_records(ctx, merged, kept)
    giver, receiver = books[merged.id], books[kept.id]
    unfinished = ctx.work.merges.unfinished(merged.id, approval.id)
    _refuse_blocked(merged, (giver.held, giver.pending, giver.debt), unfinished)
    points = giver.available
    if points:
        parts = give(giver, points, _cause(ctx, "merge", approval.id))
        receive(receiver, parts, _cause(ctx, "merged", approval.id))
    store_books(ctx, books.values(), {})
    months = ctx.work.earned.of(merged.id)
    _move_months(ctx, months, merged.id, kept.id)
    merge = Merge(
        id=approval.id,
        merged=merged.id,
        kept=kept.id,
        points=points,
        at=ctx.now,
        key=ctx.ids.new(),
        belongings=ctx.work.merges.belongings(merged.id),
        months=months,
        aliases=_call_besides(ctx, merged, kept),
    )
    ctx.work.merges.hand_over(merge.belongings, merged.id, kept.id)
    ctx.work.merges.add(merge)
    _note(ctx, "customer_merged", merge, points)


def part_records(ctx: Context, approval: Approval) -> None:
    """Undo a merge when that was approved; what ended otherwise changes nothing.

    Points go back to lots with the ends they had, as far as those are unspent. Locks the wallets in
    the order of their customers, then the entering of customers.

    Raises:
        NotMerged: it was undone meanwhile.
        MergeUndoShort: the kept record can no longer give the points back.
    """
    if approval.state is not ApprovalState.APPROVED:
        return
    merged = ctx.work.customers.get(CustomerId(str(approval.payload["merged"])))
    merge = _in_force(ctx, merged)
    units = sorted((merge.merged, merge.kept))
    books = {one: open_book(ctx, one, may_be_merged=True) for one in units}
    receiver, giver = books[merge.merged], books[merge.kept]
    lots = _brought(ctx, merge)
    points = _returned(ctx, merge, giver, lots)
    if points:
        wanted = [ctx.work.wallets.lot(lot) for lot in lots]
        for lot in wanted:
            giver.shelf.learn(lot)
        own = [LotUse(lot.id, lot.points) for lot in wanted]
        parts = give_again(giver, points, own, _cause(ctx, "unmerge", merge.id))
        receive(receiver, parts, _cause(ctx, "unmerged", merge.id))
    store_books(ctx, books.values(), {})
    _move_months(ctx, merge.months, merge.kept, merge.merged)
    _forget_aliases(ctx, merge)
    ctx.work.merges.hand_over(merge.belongings, merge.kept, merge.merged)
    ctx.work.merges.part(replace(merge, parted=Parted(ctx.now, ctx.ids.new(), points)))
    _note(ctx, "customer_parted", merge, points)


def _subject(merged: CustomerId) -> str:
    """Name what an approval is about: a merge and its undo never wait at once."""
    return f"merge:{merged}"


def _asked(ctx: Context, customer: Customer) -> RecordAsked:
    owned = ctx.work.merges.belongings(customer.id)
    wallet, _ = read_balance(ctx, customer.id)
    return {
        "code": customer.code,
        "name": customer.name,
        "points": wallet.available,
        "contacts": len(owned.contacts),
        "projects": len(owned.projects),
        "contracts": len(owned.contracts),
    }


def _check_records(ctx: Context, merged: Customer, kept: Customer) -> None:
    if merged.id == kept.id:
        raise MergeIntoItself(merged.name)
    for one in (merged, kept):
        refuse_merged(ctx, one)
    if others := ctx.work.merges.into(merged.id):
        names = tuple(ctx.work.customers.get(one.merged).name for one in others)
        raise HasMerged(merged.name, names)


def _refuse_blocked(merged: Customer, points: tuple[int, int, int], unfinished: Unfinished) -> None:
    if any(points) or unfinished != Unfinished():
        raise MergeBlocked(
            merged.name,
            *points,
            orders=unfinished.orders,
            vouchers=unfinished.vouchers,
            gifts=unfinished.gifts,
            approvals=unfinished.approvals,
        )


def _in_force(ctx: Context, merged: Customer) -> Merge:
    merge = ctx.work.merges.of_merged(merged.id)
    if merge is None:
        raise NotMerged(merged.name)
    return merge


def _cause(ctx: Context, what: str, merge: ApprovalId) -> Cause:
    """Make the cause of one wallet's side: out by merge, in by merged; unmerge, unmerged back."""
    return machine_cause(ctx, f"{what}:{merge}", ctx.now, note=f"{NOTE}{merge}")


def _brought(ctx: Context, merge: Merge) -> list[LotId]:
    """List the lots a merge has opened in the kept record's wallet, soonest end first."""
    lots: list[LotId] = []
    place = 0
    while entry := ctx.work.wallets.of_key(f"merged:{merge.id}#{place}"):
        place += 1
        if lot := ctx.work.wallets.opened_by(entry.id):
            lots.append(lot)
    return lots


def _returned(ctx: Context, merge: Merge, book: Book, lots: Sequence[LotId]) -> int:
    """Give how many points go back: what was moved but for what has ended meanwhile.

    Raises:
        MergeUndoShort: the kept record has fewer.
    """
    points = merge.points - _ended(ctx, book, lots)
    if book.available < points:
        raise MergeUndoShort(ctx.work.customers.get(merge.kept).name, book.available, points)
    return points


def _ended(ctx: Context, book: Book, lots: Iterable[LotId]) -> int:
    """Add up what has ended of lots, as booked before and when the wallet was opened."""
    known = set(lots)
    now = sum(
        use.points
        for move in book.moves
        if move.reason is Reason.EXPIRY
        for use in move.takes
        if use.lot in known
    )
    return now + sum(map(ctx.work.wallets.lapsed, known))


def _move_months(
    ctx: Context, months: Mapping[int, int], giver: CustomerId, receiver: CustomerId
) -> None:
    for month, points in sorted(months.items()):
        ctx.work.earned.add(giver, month, -points)
        ctx.work.earned.add(receiver, month, points)


def _call_besides(ctx: Context, merged: Customer, kept: Customer) -> tuple[str, ...]:
    """Let the kept record be found by what the double is called; give what is new of that."""
    ctx.work.files.lock_entry()
    known, gone = ctx.work.files.get(kept.id), ctx.work.files.get(merged.id)
    called = (merged.name, merged.code, gone.full_name, *gone.aliases)
    added = clean_aliases(called, (kept.name, known.full_name, *known.aliases))
    ctx.work.files.save(kept.id, replace(known, aliases=tuple(sorted({*known.aliases, *added}))))
    return added


def _forget_aliases(ctx: Context, merge: Merge) -> None:
    ctx.work.files.lock_entry()
    known = ctx.work.files.get(merge.kept)
    left = tuple(alias for alias in known.aliases if alias not in merge.aliases)
    ctx.work.files.save(merge.kept, replace(known, aliases=left))


def _note(ctx: Context, action: str, merge: Merge, points: int) -> None:
    owned = merge.belongings
    after: dict[str, object] = {
        "kept": merge.kept,
        "points": points,
        "contacts": list(owned.contacts),
        "projects": list(owned.projects),
        "contracts": list(owned.contracts),
        "approval": merge.id,
    }
    write_note(ctx, action, f"customer:{merge.merged}", after=after)
