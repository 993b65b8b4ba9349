"""An approval as one member sees it, with the buttons that member may press."""

from domain.approvals import Approval, ApprovalState
from domain.ids import MemberId
from domain.members import Member
from domain.tickets import TicketKind
from handlers.contract import Context
from handlers.permissions import Permission, rights_of
from handlers.reward_views import revisions_said
from handlers.rule_views import changes_said
from handlers.usecases.approvals import approvers
from handlers.usecases.statement import read_balance
from handlers.usecases.tickets import open_ticket
from handlers.views import (
    ApprovalCard,
    ApprovalLine,
    ApprovalVerdict,
    LotteryWanted,
    PrizeWanted,
    RecordWanted,
    UseWanted,
)


def approval_view(ctx: Context, approval: Approval, member: Member) -> ApprovalCard:
    """Show an approval to a member: to decide it, to take it back, or just to know."""
    is_mine = approval.asked_by == member.id
    is_pending = approval.state is ApprovalState.PENDING
    waiting_for = approvers(ctx, approval.asked_by) if is_mine and is_pending else []
    customer, available, debt = _customer(ctx, approval)
    changes, programme = changes_said(approval.summary.get("revisions", ()))
    revisions = approval.summary.get("rewards", ())
    return ApprovalCard(
        ticket=_ticket(ctx, approval, member) if is_pending else "",
        number=approval.number,
        kind=approval.kind,
        state=approval.state,
        is_mine=is_mine,
        customer=customer,
        name=approval.summary.get("name", ""),
        points=approval.summary.get("points", 0),
        grounds=approval.summary.get("grounds", ""),
        available=available,
        debt=debt,
        asked_by=_asker(ctx, approval),
        asked_at=approval.asked_at.isoformat(timespec="seconds"),
        expires_at=approval.expires_at.isoformat(timespec="seconds"),
        approvers=tuple(person.name for person in waiting_for),
        decided_by=_name(ctx, approval.decided_by),
        decided_at=_ended_at(approval),
        note=approval.note,
        expired_on=approval.summary.get("expired_on", ""),
        changes=changes,
        programme=programme,
        cost=approval.summary.get("cost", 0),
        rewards=revisions_said(ctx, revisions),
        reward_count=len(revisions),
        lottery=_lottery(approval),
        use=_use(ctx, approval),
        records=tuple(RecordWanted(**one) for one in approval.summary.get("records", ())),
    )


def approval_verdict(ctx: Context, approval: Approval) -> ApprovalVerdict:
    """Say how an approval ended."""
    customer, available, debt = _customer(ctx, approval)
    return ApprovalVerdict(
        number=approval.number,
        kind=approval.kind,
        state=approval.state,
        customer=customer,
        name=approval.summary.get("name", ""),
        points=approval.summary.get("points", 0),
        available=available,
        debt=debt,
        decided_by=_name(ctx, approval.decided_by),
        decided_at=_ended_at(approval),
        note=approval.note,
    )


def approval_line(ctx: Context, approval: Approval, member: Member) -> ApprovalLine:
    """Show a pending approval in a list."""
    customer = approval.customer
    return ApprovalLine(
        number=approval.number,
        kind=approval.kind,
        customer=ctx.work.customers.get(customer).name if customer else "",
        name=approval.summary.get("name", ""),
        points=approval.summary.get("points", 0),
        asked_by=_asker(ctx, approval),
        asked_at=approval.asked_at.isoformat(timespec="seconds"),
        is_mine=approval.asked_by == member.id,
    )


def _ticket(ctx: Context, approval: Approval, member: Member) -> str:
    if approval.asked_by == member.id:
        kind = TicketKind.REQUEST
    elif Permission.APPROVE in rights_of(member.roles):
        kind = TicketKind.APPROVAL
    else:
        return ""
    payload: dict[str, str] = {"approval": approval.id}
    return open_ticket(ctx.work, ctx.ids, kind, payload, now=ctx.now, member=member.id)


def _customer(ctx: Context, approval: Approval) -> tuple[str, int, int]:
    """Give the customer's name, and what can be spent and is owed now."""
    if approval.customer is None:
        return "", 0, 0
    wallet, _ = read_balance(ctx, approval.customer)
    return ctx.work.customers.get(approval.customer).name, wallet.available, wallet.debt


def _asker(ctx: Context, approval: Approval) -> str:
    return _name(ctx, approval.asked_by) or approval.summary.get("contact", "")


def _lottery(approval: Approval) -> LotteryWanted | None:
    asked = approval.summary.get("lottery")
    if asked is None:
        return None
    prizes = tuple(PrizeWanted(one["name"], one["count"], one["points"]) for one in asked["prizes"])
    return LotteryWanted(
        price=asked["price"],
        opens_at=asked["opens_at"],
        closes_at=asked["closes_at"],
        per_day=asked["per_day"],
        per_customer=asked["per_customer"],
        prizes=prizes,
    )


def _use(ctx: Context, approval: Approval) -> UseWanted | None:
    disputed = approval.summary.get("use")
    if disputed is None:
        return None
    last_day = disputed["last_day"]
    return UseWanted(**disputed, is_over=bool(last_day) and ctx.today.isoformat() > last_day)


def _name(ctx: Context, member: MemberId | None) -> str:
    return ctx.work.members.get(member).name if member else ""


def _ended_at(approval: Approval) -> str:
    return approval.decided_at.isoformat(timespec="seconds") if approval.decided_at else ""
