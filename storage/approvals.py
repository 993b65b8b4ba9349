"""Approvals as rows; what was asked for is written once, a new version only ends it."""

from datetime import datetime

from typing_extensions import override

from domain.approvals import Approval, ApprovalKind, ApprovalState
from domain.ids import ApprovalId
from domain.ports import Conflict
from domain.repositories import Approvals
from storage.counters import next_number
from storage.db import Db, Row
from storage.values import Json, json_of, time_of, time_or_none

_SELECT = """
    SELECT id, number, kind, subject, payload, summary, customer_id, asked_by, asked_at, expires_at,
           state, decided_by, decided_at, note, version
    FROM approvals WHERE tenant_id = :tenant
"""
_FIND = _SELECT + " AND id = :id FOR UPDATE"
_FIND_NUMBER = _SELECT + " AND number = :number"
_FIND_PENDING = _SELECT + " AND subject = :subject AND state = 'pending' FOR UPDATE"
_PENDING = _SELECT + " AND state = 'pending' ORDER BY asked_at, number"
_LAPSED = _SELECT + " AND state = 'pending' AND expires_at <= :now ORDER BY number FOR UPDATE"
_ADD = """
    INSERT INTO approvals (tenant_id, id, number, kind, subject, payload, summary, customer_id,
        asked_by, asked_at, expires_at, state, decided_by, decided_at, note, version)
    VALUES (:tenant, :id, :number, :kind, :subject, :payload, :summary, :customer,
        :asked_by, :asked_at, :expires_at, :state, :decided_by, :decided_at, :note, :version)
"""
_SAVE = """
    UPDATE approvals SET state = :state, decided_by = :decided_by, decided_at = :decided_at,
        note = :note, version = :version
    WHERE tenant_id = :tenant AND id = :id AND version = :version - 1
"""
_COUNTER = "approval"


class SqlApprovals(Approvals):
    """Approvals in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def next_number(self) -> int:
        return next_number(self._db, _COUNTER)

    @override
    def add(self, approval: Approval) -> None:
        self._db.run(
            _ADD,
            id=approval.id,
            number=approval.number,
            kind=approval.kind,
            subject=approval.subject,
            payload=Json(approval.payload),
            summary=Json(approval.summary),
            customer=approval.customer,
            asked_by=approval.asked_by,
            asked_at=approval.asked_at,
            expires_at=approval.expires_at,
            state=approval.state,
            decided_by=approval.decided_by,
            decided_at=approval.decided_at,
            note=approval.note,
            version=approval.version,
        )

    @override
    def find(self, approval: ApprovalId) -> Approval | None:
        row = self._db.one(_FIND, id=approval)
        return None if row is None else _approval(row)

    @override
    def find_number(self, number: int) -> Approval | None:
        row = self._db.one(_FIND_NUMBER, number=number)
        return None if row is None else _approval(row)

    @override
    def find_pending(self, subject: str) -> Approval | None:
        row = self._db.one(_FIND_PENDING, subject=subject)
        return None if row is None else _approval(row)

    @override
    def pending(self) -> list[Approval]:
        return [_approval(row) for row in self._db.all(_PENDING)]

    @override
    def lapsed(self, now: datetime) -> list[Approval]:
        return [_approval(row) for row in self._db.all(_LAPSED, now=now)]

    @override
    def save(self, approval: Approval) -> None:
        changed = self._db.run(
            _SAVE,
            id=approval.id,
            state=approval.state,
            decided_by=approval.decided_by,
            decided_at=approval.decided_at,
            note=approval.note,
            version=approval.version,
        )
        if changed != 1:
            raise Conflict("approval")


def _approval(row: Row) -> Approval:
    (id_, number, kind, subject, payload, summary, customer, *life) = row
    (asked_by, asked_at, expires_at, state, decided_by, decided_at, note, version) = life
    return Approval(
        id=id_,
        number=number,
        kind=ApprovalKind(kind),
        subject=subject,
        payload=json_of(payload),
        summary=json_of(summary),
        customer=customer,
        asked_by=asked_by,
        asked_at=time_of(asked_at),
        expires_at=time_of(expires_at),
        state=ApprovalState(state),
        decided_by=decided_by,
        decided_at=time_or_none(decided_at),
        note=note,
        version=version,
    )
