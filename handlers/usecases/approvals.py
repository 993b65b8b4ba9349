"""Asking a second person: who is asked, and finding what was asked for.

Deciding stands apart, in decisions.py: it knows the effects of every kind, and effects may ask.
"""

from datetime import datetime

from domain.approvals import APPROVAL_VALID, Approval, ApprovalKind, Summary
from domain.errors import ApprovalPending, NoApprover, UnknownApproval
from domain.events import EventValue
from domain.facts import ApprovalAsked
from domain.ids import ApprovalId, CustomerId, MemberId
from domain.members import Member
from handlers.audit import write_note
from handlers.contract import Context, MemberActor
from handlers.parsing.numbers import parse_number
from handlers.permissions import Permission, rights_of


def ask(
    ctx: Context,
    kind: ApprovalKind,
    subject: str,
    payload: dict[str, EventValue],
    summary: Summary,
    *,
    customer: CustomerId | None = None,
    until: datetime | None = None,
) -> Approval:
    """Ask for something that a second person has to decide; the actor is the first one.

    Everybody who may decide gets a card. It ends after a week, if not at `until`.

    Raises:
        ApprovalPending: the subject waits for a decision already.
        NoApprover: there is nobody else who may decide.
    """
    before = ctx.work.approvals.find_pending(subject)
    if before is not None:
        asker = ctx.work.members.get(before.asked_by).name if before.asked_by else ""
        raise ApprovalPending(before.number, asker, before.asked_at)
    asked_by = ctx.actor.member.id if isinstance(ctx.actor, MemberActor) else None
    if not approvers(ctx, asked_by):
        raise NoApprover
    approval = Approval(
        id=ApprovalId(ctx.ids.new()),
        number=ctx.work.approvals.next_number(),
        kind=kind,
        subject=subject,
        payload=payload,
        summary=summary,
        customer=customer,
        asked_by=asked_by,
        asked_at=ctx.now,
        expires_at=until or ctx.now + APPROVAL_VALID,
    )
    ctx.work.approvals.add(approval)
    write_note(
        ctx,
        "approval_asked",
        f"approval:{approval.id}",
        after={"kind": kind.value, "about": subject, "number": approval.number},
    )
    ctx.work.emit(ApprovalAsked(approval))
    return approval


def approvers(ctx: Context, asked_by: MemberId | None) -> list[Member]:
    """List who may decide what this person has asked for."""
    return [
        member
        for member in ctx.work.members.all()
        if member.is_active
        and member.id != asked_by
        and Permission.APPROVE in rights_of(member.roles)
    ]


def find_approval(ctx: Context, typed: str) -> Approval:
    """Find an approval by the number people type.

    Raises:
        UnknownApproval: no such number.
    """
    number = parse_number(typed)
    found = None if number is None else ctx.work.approvals.find_number(number)
    if found is None:
        raise UnknownApproval(typed)
    return found
