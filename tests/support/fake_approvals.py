"""The fake repository of what waits for a second person."""

from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from domain.approvals import Approval, ApprovalState
from domain.ids import ApprovalId
from domain.repositories import Approvals
from storage.db import StatementFailed
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import as_json, first


class FakeApprovals(FakeRepository, Approvals):
    @override
    def next_number(self) -> int:
        number = self._state.counters.get("approval", 0) + 1
        self._state.counters["approval"] = number
        return number

    @override
    def add(self, approval: Approval) -> None:
        self._check_people(approval)
        taken = self.find_number(approval.number) is not None
        is_pending = approval.state is ApprovalState.PENDING
        stored = replace(
            approval, payload=as_json(approval.payload), summary=as_json(approval.summary)
        )
        self._transaction.insert(
            self._state.approvals,
            approval.id,
            stored,
            taken,
            is_pending and self.find_pending(approval.subject) is not None,
        )

    @override
    def find(self, approval: ApprovalId) -> Approval | None:
        return self._state.approvals.get(approval)

    @override
    def find_number(self, number: int) -> Approval | None:
        return first(a for a in self._state.approvals.values() if a.number == number)

    @override
    def find_pending(self, subject: str) -> Approval | None:
        return first(approval for approval in self.pending() if approval.subject == subject)

    @override
    def pending(self) -> list[Approval]:
        found = [a for a in self._state.approvals.values() if a.state is ApprovalState.PENDING]
        return sorted(found, key=lambda approval: (approval.asked_at, approval.number))

    @override
    def lapsed(self, now: datetime) -> list[Approval]:
        found = [approval for approval in self.pending() if approval.expires_at <= now]
        return sorted(found, key=lambda approval: approval.number)

    @override
    def save(self, approval: Approval) -> None:
        stored = self._state.approvals.get(approval.id)
        if stored is None or stored.version != approval.version - 1:
            raise self._transaction.conflict("approval")
        if stored.state is not ApprovalState.PENDING:
            self._refuse("decided")
        self._check_people(approval)
        self._state.approvals[approval.id] = replace(
            stored,
            state=approval.state,
            decided_by=approval.decided_by,
            decided_at=approval.decided_at,
            note=approval.note,
            version=approval.version,
        )

    def _check_people(self, approval: Approval) -> None:
        if approval.decided_by is not None and approval.decided_by == approval.asked_by:
            self._refuse("two_people")

    def _refuse(self, constraint: str) -> None:
        self._transaction.has_failed = True
        raise StatementFailed(constraint)
