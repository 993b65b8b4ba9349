"""Deductions from a wallet that is short, whose rule says: ask. A supervisor decides."""

from collections.abc import Sequence
from dataclasses import replace

from domain.approvals import Approval, ApprovalKind, ApprovalState
from domain.counting import cause_of
from domain.errors import AlreadyUndone, NoApprover
from domain.events import BusinessEvent
from domain.facts import PointsAdjusted
from domain.ids import EventId
from domain.outcomes import Ending, Outcome
from handlers.audit import write_note
from handlers.contract import Context
from handlers.usecases.approvals import ask
from handlers.usecases.books import open_book, store_books, told


def ask_deductions(ctx: Context, event: BusinessEvent, outcomes: Sequence[Outcome]) -> None:
    """Ask for every deduction that an event's rules left to a supervisor.

    Where nobody may decide nothing is taken; the audit record says so.
    """
    for outcome in outcomes:
        if outcome.ending is Ending.ASKED:
            try:
                _ask(ctx, event, outcome)
            except NoApprover:
                _note(ctx, "deduction_unasked", event.id, outcome.rule, outcome.requested)


def deduct(ctx: Context, approval: Approval) -> None:
    """Take the points of an approved deduction, owing what is missing; otherwise drop it.

    Locks the wallet.

    Raises:
        AlreadyUndone: the event was undone meanwhile.
    """
    if approval.state is not ApprovalState.APPROVED:
        return
    event_id = EventId(str(approval.payload["event"]))
    rule, points = str(approval.payload["rule"]), int(approval.payload["points"])
    counted = ctx.work.events.get(event_id)
    event = counted.event
    opened = open_book(ctx, event.customer)
    if ctx.work.events.is_undone(event_id):
        booked = ctx.work.wallets.of_event(event_id)
        raise AlreadyUndone(booked[0].seq if booked else 0)
    key = f"approval:{approval.id}"
    version = int(approval.payload["version"])
    cause = cause_of(told(ctx, event, {}), key, rule, version)
    opened.deduct(points, replace(cause, recorded_at=ctx.now, note=key))
    [(wallet, _)] = store_books(ctx, [opened], {event_id: counted.seal})
    _note(ctx, "deduction_booked", event_id, rule, points)
    ctx.work.emit(PointsAdjusted(approval, event.customer, -points, wallet))


def _ask(ctx: Context, event: BusinessEvent, outcome: Outcome) -> None:
    ask(
        ctx,
        ApprovalKind.DEDUCTION,
        f"deduction:{event.id}:{outcome.rule}",
        {
            "event": event.id,
            "rule": outcome.rule,
            "version": outcome.version,
            "points": outcome.requested,
        },
        {"name": outcome.name or outcome.rule, "points": -outcome.requested},
        customer=event.customer,
    )


def _note(ctx: Context, action: str, event: EventId, rule: str, points: int) -> None:
    write_note(ctx, action, f"event:{event}", after={"rule": rule, "points": points})
