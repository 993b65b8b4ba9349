"""Drafts: what somebody would like rules or the programme to say, until two people have agreed.

    DRAFT --submit--> SUBMITTED --publish (approved)--> PUBLISHED
                                --decline--> DECLINED
                                --reopen (withdrawn, run out)--> DRAFT
    DRAFT, DECLINED --change--> DRAFT
                    --drop--> DROPPED

What was submitted does not change until it is decided, so that what is approved is what was read.
What was tested and what was approved are told by a hash of what a draft says; the number of the
version and its begin belong to the publication, not to what is said.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from domain.errors import DraftClosed, RuleMalformed
from domain.ids import ApprovalId, BacktestId, DraftId, MemberId
from domain.programme import Programme
from domain.rules.codec import Malformed, canonical, content_hash, read_as, rule_from_json
from domain.rules.model import RuleVersion

PROGRAMME_CODE = "*programme"
"""What a draft of the programme goes by; no rule can have this code."""
UNPUBLISHED = datetime(2000, 1, 1, tzinfo=UTC)
Document = RuleVersion | Programme


class DraftKind(StrEnum):
    """What a draft is of."""

    RULE = "rule"
    PROGRAMME = "programme"


class DraftState(StrEnum):
    """Where a draft is in its life."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DECLINED = "declined"
    PUBLISHED = "published"
    DROPPED = "dropped"


OPEN = frozenset({DraftState.DRAFT, DraftState.DECLINED})
"""What can be changed, tested, submitted and dropped."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of a rule's or the programme's next version."""

    id: DraftId
    number: int
    """What people call it by; counts up within the tenant."""
    kind: DraftKind
    code: str
    content: str
    """The canonical JSON of what it would say."""
    created_by: MemberId
    created_at: datetime
    changed_by: MemberId
    changed_at: datetime
    state: DraftState = DraftState.DRAFT
    backtest: BacktestId | None = None
    """The last back-test of exactly what it says."""
    approval: ApprovalId | None = None
    published_version: int | None = None
    version: int = 1
    """Grows with every change; a stored draft is only replaced by the version after it."""

    @property
    def document(self) -> Document:
        """Read what it would say."""
        return read_text(self.content, self.kind)

    @property
    def says(self) -> str:
        """Give the hash of what it would say."""
        return what_it_says(self.document)


def what_it_says(document: Document) -> str:
    """Hash what a rule or programme says, whatever its number and begin."""
    return content_hash(canonical(replace(document, version=0, effective_from=UNPUBLISHED)))


def read_document(written: object, kind: DraftKind) -> Document:
    """Read a rule or programme from JSON, strictly.

    Raises:
        RuleMalformed: it isn't one, with the place and the problem's name.
    """
    try:
        if kind is DraftKind.RULE:
            return rule_from_json(written)
        programme: Programme = read_as(Programme, written)
    except Malformed as malformed:
        raise RuleMalformed(malformed.place, malformed.problem) from None
    return programme


def read_text(content: str, kind: DraftKind) -> Document:
    """Read the canonical text of a rule or programme."""
    return read_document(json.loads(content), kind)


def code_of(document: Document) -> str:
    """Give the code a document goes by."""
    return document.code if isinstance(document, RuleVersion) else PROGRAMME_CODE


def change(draft: Draft, document: Document, by: MemberId, now: datetime) -> Draft:
    """Say something else; what was tested counts on only if it says the same.

    Raises:
        DraftClosed: it waits for a verdict, or has ended.
    """
    refuse_closed(draft)
    is_same = what_it_says(document) == draft.says
    return _next(
        draft,
        code=code_of(document),
        content=canonical(document),
        state=DraftState.DRAFT,
        changed_by=by,
        changed_at=now,
        backtest=draft.backtest if is_same else None,
        approval=None,
    )


def note_tested(draft: Draft, backtest: BacktestId) -> Draft:
    """Keep the back-test of exactly what it says.

    Raises:
        DraftClosed: it waits for a verdict, or has ended.
    """
    refuse_closed(draft)
    return _next(draft, backtest=backtest)


def submit(draft: Draft, approval: ApprovalId) -> Draft:
    """Hand it to a second person.

    Raises:
        DraftClosed: that was done before, or it has ended.
    """
    refuse_closed(draft)
    return _next(draft, state=DraftState.SUBMITTED, approval=approval)


def drop(draft: Draft) -> Draft:
    """Give it up.

    Raises:
        DraftClosed: it waits for a verdict, or has ended.
    """
    refuse_closed(draft)
    return _next(draft, state=DraftState.DROPPED)


def published(draft: Draft, version: int) -> Draft:
    """Note that it was approved and published as a version."""
    return _next(draft, state=DraftState.PUBLISHED, published_version=version)


def declined(draft: Draft) -> Draft:
    """Note that a second person has said no; it can be changed and submitted again."""
    return _next(draft, state=DraftState.DECLINED)


def reopened(draft: Draft) -> Draft:
    """Note that nobody decides any more: it was taken back, or ran out."""
    return _next(draft, state=DraftState.DRAFT, approval=None)


def refuse_closed(draft: Draft) -> None:
    """Let pass what can still be changed.

    Raises:
        DraftClosed: it waits for a verdict, or has ended.
    """
    if draft.state not in OPEN:
        raise DraftClosed(draft.number, draft.state)


def _next(draft: Draft, **changes: object) -> Draft:
    return replace(draft, version=draft.version + 1, **changes)  # type: ignore[arg-type]
