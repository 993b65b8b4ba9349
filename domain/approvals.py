"""Approvals: what one person (or the machine) asks for and another one decides.

    PENDING --approve--> APPROVED
            --decline--> DECLINED
            --withdraw (who asked, or the machine)--> WITHDRAWN
            --expire (nobody decided in time)--> EXPIRED

Who asks never decides, by person: a member is one person on every platform. What was asked for
never changes, so that what is approved is what was read.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypedDict

from domain.errors import ApprovalClosed, ApprovalExpired, ApprovalNotYours, OwnApproval
from domain.events import EventValue
from domain.ids import ApprovalId, CustomerId, MemberId

APPROVAL_VALID = timedelta(days=7)
REASON_MAX = 200
"""Characters; longer reasons and notes are cut."""


class ApprovalKind(StrEnum):
    """What needs a second person."""

    RULE = "rule"
    """Putting a points rule in force."""
    REINSTATEMENT = "reinstatement"
    """Giving back points that have expired."""
    DEDUCTION = "deduction"
    """A deduction from a wallet that is short, whose rule says: ask."""
    ADJUSTMENT = "adjustment"
    """Points moved by hand."""
    GIFT = "gift"
    """A customer's gift to another that is more than a contact gives alone."""
    REDEMPTION = "redemption"
    """Something a customer buys for many points."""
    REFUND = "refund"
    """Points given back for what was bought and not handed over."""
    REWARD = "reward"
    """Terms on which a reward gives more for its points."""
    LOTTERY = "lottery"
    """Opening a lottery."""
    MERGE = "merge"
    """Merging a customer's record into another one of the same unit."""
    UNMERGE = "unmerge"
    """Undoing that."""
    VOUCHER_USE = "voucher_use"
    """Taking back a use of a voucher that was wrong."""


class ApprovalState(StrEnum):
    """Where an approval is in its life; all but PENDING are final."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Verdict(StrEnum):
    """What the second person can say."""

    APPROVE = "approve"
    DECLINE = "decline"


class Revision(TypedDict):
    """What a rule or the programme said, and what it is to say, as canonical JSON."""

    kind: str
    """A `DraftKind` value."""
    before: str
    """Empty for what is new."""
    after: str
    is_tested: bool
    """Whether exactly this was tested on the recorded past."""


class RewardRevision(TypedDict):
    """What a reward was, and what it is to be: terms by name, see domain/reward_terms."""

    number: int
    """0 for a new one."""
    before: dict[str, Any]
    """Empty for a new one."""
    after: dict[str, Any]
    """Only what differs, where there was one before."""
    stock: int
    """Signed: what comes in or is taken out."""


class PrizeAsked(TypedDict):
    """What an urn is to hold of one prize."""

    name: str
    count: int
    points: int
    """0 for what is no points."""


class LotteryAsked(TypedDict):
    """What a lottery is to be; days are instants as ISO texts, 0 is no limit."""

    price: int
    opens_at: str
    closes_at: str
    per_day: int
    per_customer: int
    prizes: list[PrizeAsked]


class UseDisputed(TypedDict):
    """A use of a voucher that is to be taken back."""

    number: int
    tail: str
    """The voucher's."""
    amount: int
    """In fen."""
    project: str
    """Empty: the customer has none."""
    used_by: str
    used_at: str
    """An instant as ISO text."""
    last_day: str
    """The voucher's, as ISO text; empty: no end."""


class RecordAsked(TypedDict):
    """A customer's record in a merge."""

    code: str
    name: str
    points: int
    """What can be spent."""
    contacts: int
    projects: int
    contracts: int


class Summary(TypedDict, total=False):
    """What the card shows of what is asked for: facts, no sentences; each where there is one."""

    name: str
    """What people call it: a rule, an event."""
    points: int
    """Signed: what the customer's points would change by."""
    expired_on: str
    """The last day of points that are to be given back."""
    grounds: str
    """Why, as typed by who asks."""
    contact: str
    """Which person of the customer wants it."""
    cost: int
    """What it costs the firm, in fen."""
    revisions: list[Revision]
    """What rules are to say."""
    rewards: list[RewardRevision]
    """What rewards are to be."""
    lottery: LotteryAsked
    """What a lottery is to be."""
    use: UseDisputed
    """What is to be taken back."""
    records: list[RecordAsked]
    """The double and the record that is kept, as they were when it was asked for."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Something that waits for a second person; at most one per subject is pending."""

    id: ApprovalId
    number: int
    """What people call it by; counts up within the tenant."""
    kind: ApprovalKind
    subject: str
    """What it is about ("rule_draft:<id>")."""
    payload: dict[str, EventValue]
    """What the effect needs to know; never shown."""
    summary: Summary
    customer: CustomerId | None
    asked_by: MemberId | None
    """None when the machine asks."""
    asked_at: datetime
    expires_at: datetime
    state: ApprovalState = ApprovalState.PENDING
    decided_by: MemberId | None = None
    """Who approved or declined; nobody when it was withdrawn or ran out."""
    decided_at: datetime | None = None
    """When it ended, in whatever way."""
    note: str = ""
    version: int = 1
    """Grows with every change; a stored approval is only replaced by the version after it."""


def approve(
    approval: Approval, by: MemberId, *, decided_by_name: str, note: str, now: datetime
) -> Approval:
    """Approve what somebody else has asked for.

    Raises:
        OwnApproval: the same person has asked for it.
        ApprovalClosed: it has ended before (`decided_by_name` names who decided).
        ApprovalExpired: nobody decided in time.
    """
    return _decided(
        approval,
        ApprovalState.APPROVED,
        by,
        decided_by_name=decided_by_name,
        note=note,
        now=now,
    )


def decline(
    approval: Approval, by: MemberId, *, decided_by_name: str, note: str, now: datetime
) -> Approval:
    """Decline what somebody else has asked for.

    Raises:
        OwnApproval: the same person has asked for it; taking it back is `withdraw`.
        ApprovalClosed: it has ended before (`decided_by_name` names who decided).
        ApprovalExpired: nobody decided in time.
    """
    return _decided(
        approval,
        ApprovalState.DECLINED,
        by,
        decided_by_name=decided_by_name,
        note=note,
        now=now,
    )


def withdraw(
    approval: Approval, by: MemberId | None, *, decided_by_name: str, now: datetime
) -> Approval:
    """Take back what one has asked for; the machine (`by` is None) may take back anything.

    Raises:
        ApprovalNotYours: somebody else has asked for it.
        ApprovalClosed: it has ended before (`decided_by_name` names who decided).
        ApprovalExpired: nobody decided in time.
    """
    _refuse_ended(approval, decided_by_name, now)
    if by is not None and by != approval.asked_by:
        raise ApprovalNotYours(approval.number)
    return _ended(approval, ApprovalState.WITHDRAWN, now)


def expire(approval: Approval, now: datetime) -> Approval:
    """End a pending approval that nobody has decided in time; one that isn't due is a bug."""
    if approval.state is not ApprovalState.PENDING or now < approval.expires_at:
        raise ValueError(approval.number)
    return _ended(approval, ApprovalState.EXPIRED, now)


def _decided(
    approval: Approval,
    state: ApprovalState,
    by: MemberId,
    *,
    decided_by_name: str,
    note: str,
    now: datetime,
) -> Approval:
    _refuse_ended(approval, decided_by_name, now)
    if by == approval.asked_by:
        raise OwnApproval(approval.number)
    return replace(_ended(approval, state, now), decided_by=by, note=note[:REASON_MAX])


def _ended(approval: Approval, state: ApprovalState, now: datetime) -> Approval:
    return replace(approval, state=state, decided_at=now, version=approval.version + 1)


def _refuse_ended(approval: Approval, decided_by_name: str, now: datetime) -> None:
    is_lapsed = approval.state is ApprovalState.PENDING and now >= approval.expires_at
    if is_lapsed or approval.state is ApprovalState.EXPIRED:
        raise ApprovalExpired(approval.number, approval.expires_at)
    if approval.decided_at is not None:
        raise ApprovalClosed(approval.number, approval.state, decided_by_name, approval.decided_at)
