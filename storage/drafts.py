"""Drafts of rules and of the programme as rows."""

from typing import Any

from typing_extensions import override

from domain.drafts import Draft, DraftKind, DraftState
from domain.ids import ApprovalId
from domain.ports import Conflict
from domain.repositories import Drafts
from storage.counters import next_number
from storage.db import Db, Row
from storage.values import time_of

_SELECT = """
    SELECT id, number, kind, code, content, created_by, created_at, changed_by, changed_at, state,
           backtest_id, approval_id, published_version, version
    FROM rule_drafts WHERE tenant_id = :tenant
"""
_FIND_NUMBER = _SELECT + " AND number = :number FOR UPDATE"
_OF_APPROVAL = (
    _SELECT + " AND approval_id = :approval AND state = 'submitted' ORDER BY number FOR UPDATE"
)
_OPEN = _SELECT + " AND state IN ('draft', 'submitted', 'declined') ORDER BY number"
_ADD = """
    INSERT INTO rule_drafts (tenant_id, id, number, kind, code, content, created_by, created_at,
        changed_by, changed_at, state, backtest_id, approval_id, published_version, version)
    VALUES (:tenant, :id, :number, :kind, :code, :content, :created_by, :created_at, :changed_by,
        :changed_at, :state, :backtest, :approval, :published_version, :version)
"""
_SAVE = """
    UPDATE rule_drafts SET code = :code, content = :content, changed_by = :changed_by,
        changed_at = :changed_at, state = :state, backtest_id = :backtest,
        approval_id = :approval, published_version = :published_version, version = :version
    WHERE tenant_id = :tenant AND id = :id AND version = :version - 1
"""
_COUNTER = "rule_draft"


class SqlDrafts(Drafts):
    """Drafts in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def next_number(self) -> int:
        return next_number(self._db, _COUNTER)

    @override
    def add(self, draft: Draft) -> None:
        self._db.run(_ADD, **_values(draft))

    @override
    def find_number(self, number: int) -> Draft | None:
        row = self._db.one(_FIND_NUMBER, number=number)
        return None if row is None else _draft(row)

    @override
    def of_approval(self, approval: ApprovalId) -> list[Draft]:
        return [_draft(row) for row in self._db.all(_OF_APPROVAL, approval=approval)]

    @override
    def open(self) -> list[Draft]:
        return [_draft(row) for row in self._db.all(_OPEN)]

    @override
    def save(self, draft: Draft) -> None:
        if self._db.run(_SAVE, **_values(draft)) != 1:
            raise Conflict("draft")


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "number": draft.number,
        "kind": draft.kind,
        "code": draft.code,
        "content": draft.content,
        "created_by": draft.created_by,
        "created_at": draft.created_at,
        "changed_by": draft.changed_by,
        "changed_at": draft.changed_at,
        "state": draft.state,
        "backtest": draft.backtest,
        "approval": draft.approval,
        "published_version": draft.published_version,
        "version": draft.version,
    }


def _draft(row: Row) -> Draft:
    (id_, number, kind, code, content, created_by, created_at, *life) = row
    (changed_by, changed_at, state, backtest, approval, published_version, version) = life
    return Draft(
        id=id_,
        number=number,
        kind=DraftKind(kind),
        code=code,
        content=content,
        created_by=created_by,
        created_at=time_of(created_at),
        changed_by=changed_by,
        changed_at=time_of(changed_at),
        state=DraftState(state),
        backtest=backtest,
        approval=approval,
        published_version=published_version,
        version=version,
    )
