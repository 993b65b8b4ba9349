"""Whatever is changed in whichever column, behind the program's back, is found and named."""

from contextlib import suppress
from typing import Any

import psycopg
import pytest
from sqlmodel import SQLModel

from domain.verification import Fault, Finding
from tests.verification.tampering import Tampered, columns, other

UNCOVERED = {
    ("events", "twin_key"): "how likely repeats are looked up; nobody gets points by it",
    ("rule_versions", "published_at"): "who published stands in the audit, beside the rule",
    ("rule_versions", "published_by"): "the same",
    ("rule_versions", "approved_by"): "the same",
    ("rule_versions", "withdrawn_at"): "changes by right; the audit says who withdrew",
    ("programme_versions", "published_at"): "who published stands in the audit",
    ("programme_versions", "published_by"): "the same",
    ("programme_versions", "approved_by"): "the same",
}
"""What nothing is sealed of, and why."""
EMPTY = {
    ("wallets", "tenant_id"): "a wallet without entries says nothing, wherever it is",
    ("wallets", "customer_id"): "the same",
    ("events", "tenant_id"): "an event that booked nothing stands in no chain",
    ("rule_versions", "tenant_id"): "a rule that booked nothing is missed by nobody",
}
"""Where rows with nothing behind them are left out, and why."""
WITH_ENTRIES = {
    "wallets": "EXISTS (SELECT 1 FROM entries e WHERE e.customer_id = t.customer_id)",
    "events": "EXISTS (SELECT 1 FROM entries e WHERE e.event_id = t.id)",
    "rule_versions": "EXISTS (SELECT 1 FROM entries e WHERE e.rule = t.code)",
}
OWNER = {
    "entries": "SELECT customer_id, seq FROM entries WHERE {row}",
    "wallets": "SELECT customer_id, NULL FROM wallets WHERE {row}",
    "lots": "SELECT e.customer_id, e.seq FROM lots t JOIN entries e ON e.id = t.entry_id"
    " WHERE t.{row}",
    "lot_uses": "SELECT e.customer_id, e.seq FROM lot_uses t JOIN entries e ON e.id = t.entry_id"
    " WHERE t.{row}",
}
"""Whose a row is, and which entry has to be named."""
KINDS = {
    "events": {Fault.EVENT_CHANGED, Fault.EVENT_DIFFERS},
    "event_undos": {Fault.UNDO_DIFFERS},
    "rule_versions": {Fault.RULE_CHANGED, Fault.RULE_MISSING},
    "programme_versions": {Fault.RULE_CHANGED, Fault.RULE_MISSING},
    "day_heads": {Fault.HEAD_CHANGED, Fault.HEAD_MISSING},
    "wallet_seals": {
        *(Fault.HEAD_CHANGED, Fault.HEAD_MISSING, Fault.REHASHED, Fault.CUT_BELOW_SEAL),
    },
}
CHECKED = [each for each in columns() if each not in UNCOVERED]


def is_named(findings: list[Finding], customer: str, seq: int | None) -> bool:
    """Tell whether an entry is named, and none of the customer's before it."""
    named = [each.seq for each in findings if each.customer == customer and each.seq is not None]
    return bool(named) and (seq is None or min(named) == seq)


def changes(ledger: Tampered, table: str, column: str) -> list[tuple[Any, Any]]:
    """List rows and what to put there: another value, and none where that is allowed."""
    found = []
    places = ledger.places(table)
    if (table, column) in EMPTY:
        where = WITH_ENTRIES[table]
        places = [row[0] for row in ledger.run(f"SELECT t.rowid FROM {table} t WHERE {where}")]
    for place in places[:: max(1, len(places) // 6)]:
        value = ledger.value(table, column, place)
        found.append((place, other(table, column, value)))
        if value is not None and SQLModel.metadata.tables[table].columns[column].nullable:
            found.append((place, None))
    return found


def test_an_untouched_ledger_has_no_finding(ledger: Tampered) -> None:
    assert ledger.findings() == []


@pytest.mark.parametrize(("table", "column"), CHECKED)
def test_a_change_is_found_and_named(ledger: Tampered, table: str, column: str) -> None:
    for place, value in changes(ledger, table, column):
        owner = ledger.run(OWNER[table].format(row="rowid = ?"), place) if table in OWNER else []
        with ledger.changed(table, column, place, value):
            findings = ledger.findings()
        told = f"{table}.{column} of row {place} to {value!r}: {findings}"
        if owner:
            assert is_named(findings, *owner[0]), told
        else:
            assert {each.fault for each in findings} & KINDS[table], told
    assert ledger.findings() == []


def test_what_is_not_covered_is_a_column_and_makes_no_finding(ledger: Tampered) -> None:
    for table, column in UNCOVERED:
        place = ledger.places(table)[0]
        value = other(table, column, ledger.value(table, column, place))
        with ledger.changed(table, column, place, value):
            assert ledger.findings() == []


def test_a_change_is_found_and_named_on_postgresql_too(postgres_ledger: Tampered) -> None:
    """Take one row of each column of the chains; what a constraint refuses needs no finding."""
    for table, column in CHECKED:
        if table not in OWNER:
            continue
        place = postgres_ledger.places(table)[-2]
        owner = postgres_ledger.run(OWNER[table].format(row="ctid = ?"), place)
        value = other(table, column, postgres_ledger.value(table, column, place))
        with (
            suppress(psycopg.errors.IntegrityError, psycopg.errors.NumericValueOutOfRange),
            postgres_ledger.changed(table, column, place, value),
        ):
            findings = postgres_ledger.findings()
            assert is_named(findings, *owner[0]), (table, column, value, findings)
    assert postgres_ledger.findings() == []
