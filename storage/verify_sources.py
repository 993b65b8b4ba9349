"""What an entry comes from, where that takes a closer look: its event, or the first release.

Entries of the first release are hashed in another form, and events from before sealing have no
seal; both are few in the end, so they are looked at one by one.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from domain.counting import TIER_RULE
from domain.ledger import instant_in_form_1, sealed_in_form_1
from domain.posting import month_text
from domain.programme import Programme
from domain.rules.codec import Malformed, read_as
from domain.sealing import instant
from domain.verification import Fault
from storage.db import Db, Row
from storage.events import SqlEvents
from storage.values import time_of
from storage.verify_chain import StoredEntry

_FORM_1 = """
    SELECT e.previous, e.id, e.customer_id, e.seq, e.debit, e.credit, e.points, e.reason,
           e.event_id, e.rule, e.rule_version, e.actor, e.effective_at, e.recorded_at, e.key,
           e.reverses, e.available_after, e.debt_after,
           e.cause_key, e.period, e.corrects, e.event_seal, e.note, e.qualifying
    FROM entries e
    WHERE e.tenant_id = :tenant AND e.form = 1 AND (e.customer_id, e.seq) > (:customer, :seq)
      AND (e.customer_id, e.seq) <= (:last_customer, :last_seq)
"""
_EVENT = """
    SELECT e.event_id, e.event_seal, v.id, v.seal FROM entries e
    LEFT JOIN events v ON v.tenant_id = e.tenant_id AND v.id = e.event_id
    WHERE e.tenant_id = :tenant AND e.id = :entry
"""
_RULES = "SELECT code, version FROM rule_versions WHERE tenant_id = :tenant"
_PROGRAMMES = "SELECT version, content FROM programme_versions WHERE tenant_id = :tenant"
_HASHED = 18
_EFFECTIVE_AT, _RECORDED_AT, _KEY = 12, 13, 14


def published_rules(db: Db) -> set[tuple[str | None, int | None]]:
    """List what an entry may name as its rule: a version, a programme's tier, or nothing."""
    found: set[tuple[str | None, int | None]] = {(None, None)}
    found.update(db.all(_RULES))
    for version, content in db.all(_PROGRAMMES):
        with suppress(Malformed, AttributeError, LookupError, TypeError, ValueError):
            policy = read_as(Programme, json.loads(content)).tiers
            tiers = () if policy is None else policy.tiers
            found.update((TIER_RULE + tier.code, version) for tier in tiers)
    return found


class Sources:
    """Looks at single entries of a range that has just been read."""

    def __init__(self, db: Db, between: Mapping[str, Any]) -> None:
        """Keep where the range begins and ends."""
        self._db = db
        self._between = between
        self._old: dict[str, Row] | None = None

    def fault(self, entry: StoredEntry) -> Fault | None:
        """Give what is wrong with where an entry comes from."""
        if entry.form == 1 and not self._is_as_hashed(entry):
            return Fault.CHANGED
        if entry.is_event_doubtful and not self._has_its_event(entry):
            return Fault.EVENT_DIFFERS
        return None

    def _is_as_hashed(self, entry: StoredEntry) -> bool:
        if self._old is None:
            rows = self._db.all(_FORM_1, **self._between)
            self._old = {row[1]: row for row in rows}
        row = self._old[entry.id]
        hashed, added = list(row[:_HASHED]), row[_HASHED:]
        for place in (_EFFECTIVE_AT, _RECORDED_AT):
            hashed[place] = instant_in_form_1(_text_of(row[place]))
        # What later releases have added says of these entries what the migration has put there.
        month = month_text(time_of(row[_EFFECTIVE_AT]))
        is_as_migrated = added == (row[_KEY], month, None, None, None, 0)
        return is_as_migrated and sealed_in_form_1(hashed) == entry.hash

    def _has_its_event(self, entry: StoredEntry) -> bool:
        row = self._db.one(_EVENT, entry=entry.id)
        if row is None:
            return False
        event, seal, found, seal_of_event = row
        if found is None or seal_of_event is not None:
            return False
        # From before sealing: its undo was sealed with what the event said then.
        if seal is None:
            return entry.form == 1
        return bool(SqlEvents(self._db).get(event).seal == seal)


def _text_of(at: Any) -> str:
    return at if isinstance(at, str) else instant(at)
