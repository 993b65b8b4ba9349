"""Who learns of approvals: all who may decide, then everybody with a card, and who has asked."""

from collections.abc import Iterable

from domain.approvals import Approval
from domain.facts import ApprovalAsked, ApprovalDecided, PointsAdjusted
from handlers.actors import seeing
from handlers.addressing import Push, ToCards, ToContact, ToMember
from handlers.approval_views import approval_verdict, approval_view
from handlers.contract import Context, MemberActor
from handlers.usecases.approvals import approvers
from handlers.views import AdjustmentNotice


def approval_asked(ctx: Context, fact: ApprovalAsked) -> Iterable[Push]:
    """Give everybody who may decide a card, where they want what asks for something."""
    approval = fact.approval
    for member in approvers(ctx, approval.asked_by):
        yield ToMember(
            member.id,
            lambda member: approval_view(ctx, approval, member),
            f"{_subject(approval)}:asked",
            subject=_subject(approval),
            is_alert=True,
        )


def approval_decided(ctx: Context, fact: ApprovalDecided) -> Iterable[Push]:
    """Change everybody's card, and tell who has asked unless they have ended it themselves."""
    approval = fact.approval
    key = f"{_subject(approval)}:v{approval.version}"
    yield ToCards(_subject(approval), lambda member: approval_view(ctx, approval, member), key)
    asker = approval.asked_by
    is_own_doing = isinstance(ctx.actor, MemberActor) and ctx.actor.member.id == asker
    if asker is not None and not is_own_doing:
        verdict = approval_verdict(ctx, approval)
        yield ToMember(asker, lambda _: verdict, f"{key}:verdict")


def points_adjusted(ctx: Context, fact: PointsAdjusted) -> Iterable[Push]:
    """Tell the customer that points were moved by hand, and why."""
    notice = AdjustmentNotice(
        customer=ctx.work.customers.get(fact.customer).name,
        points=fact.points,
        grounds=fact.approval.summary.get("grounds", ""),
        available_after=fact.wallet.available,
        debt_after=fact.wallet.debt,
    )
    for contact in seeing(ctx, fact.customer):
        yield ToContact(contact, notice, f"{_subject(fact.approval)}:adjusted")


def _subject(approval: Approval) -> str:
    return f"approval:{approval.id}"
