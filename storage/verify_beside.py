"""Checking what stands beside the chains: events and undos, rules, and lots that nobody opened."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256

from domain.ids import TenantId
from domain.outcomes import outcomes_of
from domain.programme import Programme
from domain.rules.codec import Malformed, content_hash, read_as, rule_from_json
from domain.verification import Checked, Fault, Finding
from storage.db import Db, Row, reading
from storage.engine import Database
from storage.framing import EVENT_COLUMNS, framed_sql
from storage.values import exact_time

_CHUNK = 2000


def _events(dialect: str, bound: str) -> str:
    return f"""
    SELECT v.id, v.customer_id, v.seal, {framed_sql(dialect, "v", EVENT_COLUMNS)},
           CASE WHEN v.seal IS NULL THEN v.twin_key END,
           CASE WHEN v.outcomes <> '[]' AND NOT EXISTS
               (SELECT 1 FROM entries e WHERE e.tenant_id = v.tenant_id AND e.event_id = v.id)
           THEN v.outcomes END
    FROM events v WHERE v.tenant_id = :tenant AND v.id > :after {bound}
    ORDER BY v.id LIMIT :limit
    """  # noqa: S608  constants


# As in storage/verify: a bound that may be empty is in no index.
_EVENTS = {
    (dialect, has_end): _events(dialect, "AND v.id <= :last" if has_end else "")
    for dialect in ("sqlite", "postgresql")
    for has_end in (False, True)
}
_LOTS_OF_NOBODY = """
    SELECT l.customer_id, l.id FROM lots l
    WHERE l.tenant_id = :tenant AND NOT EXISTS
        (SELECT 1 FROM entries e WHERE e.tenant_id = l.tenant_id AND e.id = l.entry_id)
"""
_USES_OF_NOBODY = """
    SELECT NULL, u.entry_id FROM lot_uses u
    WHERE u.tenant_id = :tenant AND NOT EXISTS
        (SELECT 1 FROM entries e WHERE e.tenant_id = u.tenant_id AND e.id = u.entry_id)
"""
_UNDO_DIFFERS = """
    SELECT e.customer_id, e.seq, u.event_id FROM event_undos u
    JOIN entries e ON e.tenant_id = u.tenant_id AND e.event_id = u.event_id
    WHERE u.tenant_id = :tenant AND e.reverses IS NOT NULL AND e.cause_key LIKE 'undo:%'
      AND (e.actor <> u.actor OR e.recorded_at <> u.undone_at)
"""
# A cross join, and a condition no index has: SQLite would go through all entries for a few undos.
_UNDO_WITHOUT_REVERSAL = """
    SELECT e.customer_id, NULL, u.event_id FROM event_undos u CROSS JOIN entries e
    WHERE u.tenant_id = :tenant AND e.tenant_id = u.tenant_id AND e.event_id = u.event_id
      AND e.reverses IS NULL AND NOT EXISTS
        (SELECT 1 FROM entries r WHERE r.tenant_id = e.tenant_id AND r.reverses = e.id)
"""
_REVERSAL_WITHOUT_UNDO = """
    SELECT e.customer_id, e.seq, e.event_id FROM entries e
    WHERE e.tenant_id = :tenant AND e.reverses IS NOT NULL AND COALESCE(e.event_id, '') <> ''
      AND e.form > 1 AND e.cause_key LIKE 'undo:%' AND NOT EXISTS
        (SELECT 1 FROM event_undos u WHERE u.tenant_id = e.tenant_id AND u.event_id = e.event_id)
"""
_UNDOS = (_UNDO_DIFFERS, _UNDO_WITHOUT_REVERSAL, _REVERSAL_WITHOUT_UNDO)
_GIFT_DIFFERS = """
    SELECT note FROM entries
    WHERE tenant_id = :tenant AND (credit = 'firm.gifts' OR debit = 'firm.gifts')
    GROUP BY note
    HAVING SUM(CASE credit WHEN 'firm.gifts' THEN points ELSE -points END) <> 0
"""
_RULES = """
    SELECT content, content_hash, code, version, name, event_type, effective_from, effective_to
    FROM rule_versions WHERE tenant_id = :tenant
"""
_PROGRAMMES = """
    SELECT content, content_hash, version, effective_from
    FROM programme_versions WHERE tenant_id = :tenant
"""


def check_events(
    database: Database, tenant: TenantId, between: tuple[str, str]
) -> tuple[Checked, list[Finding]]:
    """Check that events are as they were sealed, and that what was applied has entries."""
    findings: list[Finding] = []
    seen = 0
    with reading(database, tenant) as db:
        for rows in _pages(db, database.dialect.name, between):
            seen += len(rows)
            for id_, customer, seal, framed, twin, unbooked in rows:
                # Before sealing there were no twins either.
                if sha256(framed.encode()).hexdigest() != seal and twin != "":
                    findings.append(Finding(Fault.EVENT_CHANGED, customer, subject=id_))
                if unbooked is not None and _is_applied(unbooked):
                    findings.append(Finding(Fault.EVENT_UNBOOKED, customer, subject=id_))
    return Checked(events=seen), findings


def _pages(db: Db, dialect: str, between: tuple[str, str]) -> Iterator[list[Row]]:
    """Read the events in pages, each event once.

    An id that is no text any more is read as another one, which may stand elsewhere in the order:
    going on from the last one of a page could lead back for ever.
    """
    after, last = between
    statement = _EVENTS[dialect, bool(last)]
    bound = {"last": last, "limit": _CHUNK} if last else {"limit": _CHUNK}
    known: set[str] = set()
    while rows := db.all(statement, after=after, **bound):
        page = [row for row in rows if row[0] not in known]
        if not page:
            return
        yield page
        known = {row[0] for row in rows}
        after = max(after, *known)


def _is_applied(outcomes: str) -> bool:
    """Tell whether anything was booked; outcomes that can't be read are another finding."""
    try:
        return any(one.applied for one in outcomes_of(outcomes))
    except (AttributeError, LookupError, TypeError, ValueError):
        return False


def check_beside(database: Database, tenant: TenantId) -> tuple[Checked, list[Finding]]:
    """Check undos and gifts by their entries, lots and uses without entry, and rules."""
    with reading(database, tenant) as db:
        db.expect_scans()
        findings = [
            Finding(Fault.LOT_OF_NOBODY, customer, subject=subject)
            for statement in (_LOTS_OF_NOBODY, _USES_OF_NOBODY)
            for customer, subject in db.all(statement)
        ]
        findings += [
            Finding(Fault.UNDO_DIFFERS, customer, seq, event)
            for statement in _UNDOS
            for customer, seq, event in db.all(statement)
        ]
        findings += [
            Finding(Fault.GIFT_DIFFERS, subject=str(note)) for (note,) in db.all(_GIFT_DIFFERS)
        ]
        findings += [
            Finding(Fault.RULE_CHANGED, subject=f"{row[2]} {row[3]}")
            for row in db.all(_RULES)
            if not _is_as_published(row, _terms_of_rule)
        ]
        findings += [
            Finding(Fault.RULE_CHANGED, subject=f"programme {row[2]}")
            for row in db.all(_PROGRAMMES)
            if not _is_as_published(row, _terms_of_programme)
        ]
    return Checked(), findings


def _is_as_published(row: Row, terms_of: Callable[[Row], bool]) -> bool:
    content, hash_, *_ = row
    try:
        return content_hash(content) == hash_ and terms_of(row)
    except (Malformed, AttributeError, LookupError, TypeError, ValueError):
        return False


def _terms_of_rule(row: Row) -> bool:
    """Compare the columns that rules are looked up by with the document."""
    rule = rule_from_json(json.loads(row[0]))
    code, version, name, trigger, begins, ends = row[2:]
    return (code, version, name, trigger, exact_time(begins), ends and exact_time(ends)) == (
        rule.code,
        rule.version,
        rule.name,
        rule.trigger,
        rule.effective_from,
        rule.effective_to,
    )


def _terms_of_programme(row: Row) -> bool:
    programme = read_as(Programme, json.loads(row[0]))
    version, begins = row[2:]
    return (version, exact_time(begins)) == (programme.version, programme.effective_from)
