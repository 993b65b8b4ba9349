"""Ending approvals: deciding, taking back, running out. First verdict wins, with its effect.

The effect belongs to the same transaction: what it refuses leaves the approval pending.
"""

from domain.approvals import Approval, ApprovalState, Verdict, approve, decline, expire, withdraw
from domain.errors import UnknownApproval, UnknownDraft
from domain.facts import ApprovalDecided
from domain.ids import ApprovalId
from handlers.actors import member_of
from handlers.approval_effects import EFFECTS
from handlers.audit import write_note
from handlers.contract import Context, Machine
from handlers.menu import rights
from handlers.permissions import Permission, check


def decide(ctx: Context, approval_id: ApprovalId, verdict: Verdict, note: str) -> Approval:
    """Approve or decline what somebody else has asked for. Locks the approval.

    Raises:
        NotPermitted: the actor may not decide anything.
        UnknownApproval: there is none of this id.
        OwnApproval: the actor has asked for it, on whatever platform.
        ApprovalClosed: somebody was faster, or it was taken back.
        ApprovalExpired: nobody decided in time.
        DomainError: what the kind's effect refuses; then nothing is decided.
    """
    check(Permission.APPROVE, rights(ctx))
    member = member_of(ctx)
    before = _locked(ctx, approval_id)
    end = approve if verdict is Verdict.APPROVE else decline
    after = end(
        before, member.id, decided_by_name=_decider(ctx, before), note=note.strip(), now=ctx.now
    )
    _end(ctx, before, after)
    return after


def decide_draft(ctx: Context, number: int, verdict: Verdict, note: str) -> Approval:
    """Approve or decline a draft of rules by its own number; locks draft and approval.

    Raises:
        UnknownDraft: no such number.
        UnknownApproval: it was not handed to anybody.
        DomainError: as `decide`.
    """
    check(Permission.APPROVE, rights(ctx))
    found = ctx.work.drafts.find_number(number)
    if found is None:
        raise UnknownDraft(str(number))
    if found.approval is None:
        raise UnknownApproval(str(number))
    return decide(ctx, found.approval, verdict, note)


def take_back(ctx: Context, approval_id: ApprovalId) -> Approval:
    """Withdraw what the actor has asked for; the machine may withdraw anything.

    Locks the approval.

    Raises:
        UnknownApproval: there is none of this id.
        ApprovalNotYours: somebody else has asked for it.
        ApprovalClosed: it has ended before.
        ApprovalExpired: nobody decided in time.
    """
    by = None if isinstance(ctx.actor, Machine) else member_of(ctx).id
    before = _locked(ctx, approval_id)
    after = withdraw(before, by, decided_by_name=_decider(ctx, before), now=ctx.now)
    _end(ctx, before, after)
    return after


def lock_pending(ctx: Context, subject: str) -> Approval | None:
    """Find and lock what waits for a decision about a subject; None when nothing does."""
    found = ctx.work.approvals.find_pending(subject)
    locked = None if found is None else ctx.work.approvals.find(found.id)
    return locked if locked and locked.state is ApprovalState.PENDING else None


def call_off(ctx: Context, pending: Approval) -> None:
    """End what waits about a subject that is over, whoever has asked and however late it is.

    The caller has locked it by `lock_pending`, before its subject.
    """
    if ctx.now >= pending.expires_at:
        _end(ctx, pending, expire(pending, ctx.now))
    else:
        _end(ctx, pending, withdraw(pending, None, decided_by_name="", now=ctx.now))


def withdraw_for_contact(ctx: Context, approval_id: ApprovalId) -> bool:
    """Withdraw what nobody of the firm has asked for; False when it has ended before.

    Who may do so is for the caller to check. Locks the approval.

    Raises:
        ApprovalExpired: nobody decided in time.
    """
    before = _locked(ctx, approval_id)
    if before.state is not ApprovalState.PENDING:
        return False
    _end(ctx, before, withdraw(before, None, decided_by_name="", now=ctx.now))
    return True


def expire_overdue(ctx: Context, approval_id: ApprovalId) -> None:
    """End what nobody has decided in time; doing so again changes nothing. Locks the approval.

    Each in a transaction of its own: it goes on to lock wallets and stock, one customer's only.
    """
    before = _locked(ctx, approval_id)
    if before.state is ApprovalState.PENDING and ctx.now >= before.expires_at:
        _end(ctx, before, expire(before, ctx.now))


def _locked(ctx: Context, approval_id: ApprovalId) -> Approval:
    found = ctx.work.approvals.find(approval_id)
    if found is None:
        raise UnknownApproval(approval_id)
    return found


def _decider(ctx: Context, approval: Approval) -> str:
    return ctx.work.members.get(approval.decided_by).name if approval.decided_by else ""


def _end(ctx: Context, before: Approval, after: Approval) -> None:
    ctx.work.approvals.save(after)
    write_note(
        ctx,
        f"approval_{after.state}",
        f"approval:{after.id}",
        before={"state": before.state.value},
        after={"state": after.state.value, "kind": after.kind.value},
    )
    EFFECTS[after.kind](ctx, after)
    ctx.work.emit(ApprovalDecided(after))
