"""Rules going live: after a second person has said yes, taken back in time, or rolled back."""

from dataclasses import replace

from domain import drafts as life
from domain.approvals import Approval, ApprovalState
from domain.drafts import Document, Draft
from domain.errors import (
    NothingToRollBack,
    OwnApproval,
    TooLateToWithdraw,
    UnknownRule,
    VersionTaken,
)
from domain.facts import RulePublished, RuleWithdrawn
from domain.programme import Programme
from domain.repositories import Publication
from domain.rules.model import RuleVersion
from handlers.actors import member_of
from handlers.audit import write_note
from handlers.contract import Context
from handlers.menu import rights
from handlers.permissions import Permission, check
from handlers.usecases.drafts import family_of, in_use, refuse_errors


def publish(ctx: Context, approval: Approval) -> None:
    """Publish the drafts of an approval, or give them back to who has made them.

    Locks the drafts.

    Raises:
        VersionTaken: another version was published since this was asked for.
        OwnApproval: who approves has written one of the drafts.
        RuleHasErrors: beside what was published since, one can't be published any more.
        Conflict: another version was published at the same moment.
    """
    for draft in ctx.work.drafts.of_approval(approval.id):
        match approval.state:
            case ApprovalState.APPROVED:
                _publish(ctx, approval, draft)
            case ApprovalState.DECLINED:
                ctx.work.drafts.save(life.declined(draft))
            case _:
                ctx.work.drafts.save(life.reopened(draft))


def withdraw_version(ctx: Context, code: str, version: int) -> RuleVersion:
    """Take back a version before it begins.

    Raises:
        NotPermitted: the actor may not decide about rules.
        UnknownRule: there is no such version, or it was taken back before.
        TooLateToWithdraw: it has begun.
    """
    check(Permission.APPROVE, rights(ctx))
    by = member_of(ctx).id
    found = [
        rule
        for rule in in_use(ctx.work.rules.published())
        if (rule.code, rule.version) == (code, version)
    ]
    if not found:
        raise UnknownRule(f"{code} {version}")
    [rule] = found
    if rule.effective_from <= ctx.now:
        raise TooLateToWithdraw(code, version, rule.effective_from)
    ctx.work.rules.withdraw(code, version, ctx.now)
    write_note(ctx, "rule_withdrawn", f"rule:{code}", after={"version": version})
    ctx.work.emit(RuleWithdrawn(rule, by))
    return rule


def roll_back(ctx: Context, code: str) -> RuleVersion:
    """Let the version before the present one hold again, from now on, as a new version.

    It was approved once, so one person is enough; the supervisors are told. What was scheduled is
    taken back.

    Raises:
        NotPermitted: the actor may not decide about rules.
        UnknownRule: no such code.
        NothingToRollBack: no earlier version could hold now.
        RuleHasErrors: it can't be published beside the others any more.
        Conflict: another version was published at the same moment.
    """
    check(Permission.APPROVE, rights(ctx))
    by = member_of(ctx).id
    family = [rule for rule in in_use(ctx.work.rules.published()) if rule.code == code]
    if not family:
        raise UnknownRule(code)
    begun = [rule for rule in family if rule.effective_from <= ctx.now]
    earlier = [
        rule for rule in begun[:-1] if rule.effective_to is None or rule.effective_to > ctx.now
    ]
    if not earlier:
        raise NothingToRollBack(code)
    for rule in family:
        if rule.effective_from > ctx.now:
            withdraw_version(ctx, code, rule.version)
    number = family_of(ctx, code).last_number + 1
    again = replace(earlier[-1], version=number, effective_from=ctx.now)
    refuse_errors(ctx, again, 0)
    _add(ctx, again, Publication(ctx.now, by), action="rule_rolled_back")
    return again


def _publish(ctx: Context, approval: Approval, draft: Draft) -> None:
    last = family_of(ctx, draft.code).last_number
    if last != approval.payload[draft.code]:
        raise VersionTaken(draft.code, last)
    if approval.decided_by == draft.changed_by:
        raise OwnApproval(approval.number)
    document = draft.document
    refuse_errors(ctx, document, draft.number)
    start = max(document.effective_from, ctx.now)
    document = replace(document, version=last + 1, effective_from=start)
    publication = Publication(ctx.now, approval.asked_by, approval.decided_by)
    _add(ctx, document, publication, action="rule_published")
    ctx.work.drafts.save(life.published(draft, document.version))


def _add(ctx: Context, document: Document, publication: Publication, *, action: str) -> None:
    if isinstance(document, Programme):
        ctx.work.rules.add_programme(document, publication)
    else:
        ctx.work.rules.add(document, publication)
    write_note(
        ctx,
        action,
        f"rule:{life.code_of(document)}",
        after={
            "version": document.version,
            "effective_from": document.effective_from.isoformat(timespec="seconds"),
            "published_by": publication.by,
            "approved_by": publication.approved_by,
        },
    )
    ctx.work.emit(RulePublished(document, publication))
