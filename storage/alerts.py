"""Alerts as rows; a new version only replaces the one before it."""

from typing import Any

from typing_extensions import override

from domain.alerts import Alert, AlertKind, AlertState, Cause, Measure, Severity
from domain.ids import AlertId
from domain.ports import Conflict
from domain.repositories import Alerts
from storage.counters import next_number
from storage.db import Db, Missing, Row
from storage.values import time_of, time_or_none

_SELECT = """
    SELECT id, number, kind, severity, dedupe_key, customer_id, project_id, review_id, opened_at,
           state, occurrences, taken_by, taken_at, resolved_at, confirmed_at, cause, measure,
           note, reopened, version, about
    FROM alerts WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND id = :id FOR UPDATE"
_FIND_NUMBER = _SELECT + " AND number = :number"
_IS_KNOWN = "SELECT 1 FROM alerts WHERE tenant_id = :tenant AND dedupe_key = :key LIMIT 1"
_FIND_OPEN = _SELECT + " AND dedupe_key = :dedupe_key AND state <> 'resolved' FOR UPDATE"
_OPEN = _SELECT + " AND state <> 'resolved' ORDER BY opened_at, number"
_ADD = """
    INSERT INTO alerts (tenant_id, id, number, kind, severity, dedupe_key, customer_id, project_id,
        review_id, opened_at, state, occurrences, taken_by, taken_at, resolved_at,
        confirmed_at, cause, measure, note, reopened, version, about)
    VALUES (:tenant, :id, :number, :kind, :severity, :dedupe_key, :customer, :project,
        :review, :opened_at, :state, :occurrences, :taken_by, :taken_at, :resolved_at,
        :confirmed_at, :cause, :measure, :note, :reopened, :version, :about)
"""
_SAVE = """
    UPDATE alerts SET number = :number, kind = :kind, severity = :severity,
        dedupe_key = :dedupe_key, customer_id = :customer, project_id = :project,
        review_id = :review, opened_at = :opened_at, state = :state, occurrences = :occurrences,
        taken_by = :taken_by, taken_at = :taken_at, resolved_at = :resolved_at,
        confirmed_at = :confirmed_at, cause = :cause, measure = :measure, note = :note,
        reopened = :reopened, version = :version, about = :about
    WHERE tenant_id = :tenant AND id = :id AND version = :version - 1
"""
_COUNTER = "alert"


class SqlAlerts(Alerts):
    """Alerts in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def next_number(self) -> int:
        return next_number(self._db, _COUNTER)

    @override
    def add(self, alert: Alert) -> None:
        self._db.run(_ADD, **_values(alert))

    @override
    def get(self, alert: AlertId) -> Alert:
        row = self._db.one(_GET, id=alert)
        if row is None:
            raise Missing("alert", alert)
        return _alert(row)

    @override
    def find_number(self, number: int) -> Alert | None:
        row = self._db.one(_FIND_NUMBER, number=number)
        return None if row is None else _alert(row)

    @override
    def find_open(self, dedupe_key: str) -> Alert | None:
        row = self._db.one(_FIND_OPEN, dedupe_key=dedupe_key)
        return None if row is None else _alert(row)

    @override
    def is_known(self, dedupe_key: str) -> bool:
        return self._db.one(_IS_KNOWN, key=dedupe_key) is not None

    @override
    def open(self) -> list[Alert]:
        return [_alert(row) for row in self._db.all(_OPEN)]

    @override
    def save(self, alert: Alert) -> None:
        if self._db.run(_SAVE, **_values(alert)) != 1:
            raise Conflict("alert")


def _values(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "number": alert.number,
        "kind": alert.kind,
        "severity": alert.severity,
        "dedupe_key": alert.dedupe_key,
        "customer": alert.customer,
        "project": alert.project,
        "review": alert.review,
        "opened_at": alert.opened_at,
        "state": alert.state,
        "occurrences": alert.occurrences,
        "taken_by": alert.taken_by,
        "taken_at": alert.taken_at,
        "resolved_at": alert.resolved_at,
        "confirmed_at": alert.confirmed_at,
        "cause": alert.cause,
        "measure": alert.measure,
        "note": alert.note,
        "reopened": alert.reopened,
        "version": alert.version,
        "about": alert.about,
    }


def _alert(row: Row) -> Alert:
    (id_, number, kind, severity, dedupe_key, customer, project, review, *life) = row
    (opened_at, state, occurrences, taken_by, taken_at, resolved_at, *closing) = life
    (confirmed_at, cause, measure, note, reopened, version, about) = closing
    return Alert(
        id=id_,
        number=number,
        kind=AlertKind(kind),
        severity=Severity(severity),
        dedupe_key=dedupe_key,
        customer=customer,
        project=project,
        review=review,
        opened_at=time_of(opened_at),
        state=AlertState(state),
        occurrences=occurrences,
        taken_by=taken_by,
        taken_at=time_or_none(taken_at),
        resolved_at=time_or_none(resolved_at),
        confirmed_at=time_or_none(confirmed_at),
        cause=None if cause is None else Cause(cause),
        measure=None if measure is None else Measure(measure),
        note=note,
        reopened=reopened,
        version=version,
        about=about,
    )
