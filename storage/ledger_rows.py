"""How entries and lots become values of columns and are read back."""

from typing import Any

from domain.ledger import Account, Cause, Entry, Reason
from domain.lots import Lot
from storage.db import Row
from storage.values import time_of, time_or_none


def entry_values(entry: Entry) -> dict[str, Any]:
    """Give the values of an entry's columns."""
    cause = entry.cause
    return {
        "id": entry.id,
        "customer": entry.customer,
        "seq": entry.seq,
        "debit": entry.debit,
        "credit": entry.credit,
        "points": entry.points,
        "reason": entry.reason,
        "event": cause.event,
        "rule": cause.rule,
        "rule_version": cause.rule_version,
        "actor": cause.actor,
        "effective_at": cause.effective_at,
        "recorded_at": cause.recorded_at,
        "cause_key": cause.key,
        "key": entry.key,
        "reverses": entry.reverses,
        "reversal_part": entry.reversal_part,
        "available_after": entry.available_after,
        "debt_after": entry.debt_after,
        "previous": entry.previous,
        "hash": entry.hash,
        "form": entry.form,
        "held_after": entry.held_after,
        "pending_after": entry.pending_after,
        "qualifying": entry.qualifying,
        "period": cause.period,
        "corrects": cause.corrects,
        "event_seal": entry.event_seal,
        "note": cause.note,
    }


def lot_values(entry: Entry, lot: Lot) -> dict[str, Any]:
    """Give the values of the columns of a lot that an entry opens."""
    return {
        "id": lot.id,
        "customer": entry.customer,
        "entry": entry.id,
        "points": lot.points,
        "earned_at": lot.earned_at,
        "expires_at": lot.expires_at,
        "matures_at": lot.matures_at,
        "is_pending": lot.is_pending,
    }


def lot_of(row: Row) -> Lot:
    """Read a lot."""
    id_, entry, points, remaining, earned_at, expires_at, matures_at, is_pending = row
    return Lot(
        id_,
        entry,
        points,
        remaining,
        time_of(earned_at),
        time_of(expires_at),
        time_or_none(matures_at),
        bool(is_pending),
    )


def entry_of(row: Row) -> Entry:
    """Read an entry."""
    (id_, customer, seq, debit, credit, points, reason, *rest) = row
    (event, rule, rule_version, actor, effective_at, recorded_at, cause_key, *rest) = rest
    (key, reverses, reversal_part, available_after, debt_after, previous, hash_, *rest) = rest
    (form, held_after, pending_after, qualifying, period, corrects, event_seal, note) = rest
    return Entry(
        id=id_,
        customer=customer,
        seq=seq,
        debit=Account(debit),
        credit=Account(credit),
        points=points,
        reason=Reason(reason),
        cause=Cause(
            actor=actor,
            effective_at=time_of(effective_at),
            recorded_at=time_of(recorded_at),
            key=cause_key,
            period=period,
            corrects=corrects,
            event=event,
            rule=rule,
            rule_version=rule_version,
            note=note,
        ),
        key=key,
        event_seal=event_seal,
        reverses=reverses,
        reversal_part=reversal_part,
        qualifying=qualifying,
        available_after=available_after,
        held_after=held_after,
        pending_after=pending_after,
        debt_after=debt_after,
        previous=previous,
        hash=hash_,
        form=form,
    )
