"""The fake repository of drafts of rules and of the programme."""

from dataclasses import replace

from typing_extensions import override

from domain.drafts import OPEN, Draft, DraftState
from domain.ids import ApprovalId
from domain.repositories import Drafts
from storage.db import StatementFailed
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import first


class FakeDrafts(FakeRepository, Drafts):
    @override
    def next_number(self) -> int:
        number = self._state.counters.get("rule_draft", 0) + 1
        self._state.counters["rule_draft"] = number
        return number

    @override
    def add(self, draft: Draft) -> None:
        taken = self.find_number(draft.number) is not None
        self._check(draft)
        self._transaction.insert(self._state.drafts, draft.id, draft, taken)

    @override
    def find_number(self, number: int) -> Draft | None:
        return first(draft for draft in self._state.drafts.values() if draft.number == number)

    @override
    def of_approval(self, approval: ApprovalId) -> list[Draft]:
        return [
            draft
            for draft in self.open()
            if draft.approval == approval and draft.state is DraftState.SUBMITTED
        ]

    @override
    def open(self) -> list[Draft]:
        lasting = OPEN | {DraftState.SUBMITTED}
        found = [draft for draft in self._state.drafts.values() if draft.state in lasting]
        return sorted(found, key=lambda draft: draft.number)

    @override
    def save(self, draft: Draft) -> None:
        stored = self._state.drafts.get(draft.id)
        if stored is None or stored.version != draft.version - 1:
            raise self._transaction.conflict("draft")
        if stored.state in {DraftState.PUBLISHED, DraftState.DROPPED}:
            self._refuse("ended")
        if stored.state is DraftState.SUBMITTED and stored.content != draft.content:
            self._refuse("submitted")
        self._check(draft)
        self._state.drafts[draft.id] = replace(
            draft,
            number=stored.number,
            kind=stored.kind,
            created_by=stored.created_by,
            created_at=stored.created_at,
        )

    def _check(self, draft: Draft) -> None:
        if draft.state is DraftState.SUBMITTED and draft.approval is None:
            self._refuse("submitted")
        if (draft.state is DraftState.PUBLISHED) != (draft.published_version is not None):
            self._refuse("published")

    def _refuse(self, constraint: str) -> None:
        self._transaction.has_failed = True
        raise StatementFailed(constraint)
