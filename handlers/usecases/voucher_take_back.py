"""Taking back a wrong use of a voucher: one asks, another approves, the value is there again.

What takes it back is a use of its own that refers to it. A use is settled once, by a payment or by
what takes it back, never by both.
"""

from domain.approvals import REASON_MAX, Approval, ApprovalKind, ApprovalState, UseDisputed
from domain.errors import UnknownUse, UsageError, UseDeducted, UseTakenBack
from domain.facts import VoucherReturned
from domain.ids import VoucherUseId
from domain.vouchers import Voucher, VoucherState, VoucherUse, check_take_back, take_back
from handlers.actors import member_of
from handlers.audit import write_note
from handlers.contract import Context
from handlers.menu import rights
from handlers.parsing.numbers import parse_number
from handlers.permissions import Permission, check
from handlers.usecases.approvals import ask
from handlers.usecases.redemption_moves import locked, reopen_unit


def ask_take_back(ctx: Context, typed: str, reason: str) -> Approval:
    """Ask for a use to be taken back, by the number people type.

    Nobody can approve it later than it could be asked for.

    Raises:
        NotPermitted: the actor may not ask.
        UsageError: no reason.
        UnknownUse: no such number.
        UseTakenBack, UseDeducted: it is settled.
        TakeBackOver: it is too old.
        ApprovalPending: it waits for a decision already.
        NoApprover: there is nobody else who may decide.
    """
    check(Permission.USE_VOUCHERS, rights(ctx))
    grounds = reason.strip()[:REASON_MAX]
    if not grounds:
        raise UsageError("take_back_use", "reason_missing")
    use = _find(ctx, typed)
    if use.deducted_from:
        raise _settled(ctx, use)
    until = check_take_back(use, ctx.now)
    voucher = ctx.work.vouchers.get(use.voucher)
    return ask(
        ctx,
        ApprovalKind.VOUCHER_USE,
        f"voucher_use:{use.id}",
        {"use": use.number},
        {"name": voucher.name, "grounds": grounds, "use": _said(ctx, voucher, use)},
        customer=use.customer,
        until=until,
    )


def take_back_use(ctx: Context, approval: Approval) -> None:
    """Take back what a second person has approved; one that ended otherwise changes nothing.

    Locks the redemption, then the use, the stock and the counter.

    Raises:
        UseTakenBack, UseDeducted: it was settled meanwhile.
    """
    if approval.state is not ApprovalState.APPROVED:
        return
    number = str(approval.payload["use"])
    use = _find(ctx, number)
    redemption = locked(ctx, ctx.work.vouchers.get(use.voucher).redemption)
    # Under the lock nobody else uses the voucher.
    before = ctx.work.vouchers.get(use.voucher)
    counter = VoucherUseId(ctx.ids.new())
    if not ctx.work.voucher_uses.deduct(use.id, f"use:{counter}"):
        raise _settled(ctx, _find(ctx, number))
    after = take_back(before, use.amount, ctx.today, ctx.now)
    ctx.work.vouchers.save(after)
    if before.state is VoucherState.USED_UP and after.state is VoucherState.OPEN:
        reopen_unit(ctx, redemption)
    _note(ctx, approval, use, after, counter)


def refuse_taken_back(ctx: Context, use: VoucherUse) -> None:
    """Let a use pass that stands.

    Raises:
        UseTakenBack: it does not any more.
    """
    counter = ctx.work.voucher_uses.find_counter(use.id)
    if counter is not None:
        by = ctx.work.members.get(counter.member).name
        raise UseTakenBack(use.number, counter.used_at, by)


def _note(
    ctx: Context, approval: Approval, use: VoucherUse, after: Voucher, counter: VoucherUseId
) -> None:
    """Write down what was taken back, and let the customer learn of it."""
    number = ctx.work.voucher_uses.next_number()
    ctx.work.voucher_uses.add(
        VoucherUse(
            id=counter,
            number=number,
            source=f"approval:{approval.id}",
            voucher=use.voucher,
            customer=use.customer,
            project=use.project,
            amount=use.amount,
            member=member_of(ctx).id,
            used_at=ctx.now,
            deducted_from=f"use:{use.id}",
            takes_back=use.id,
        )
    )
    write_note(
        ctx,
        "voucher_use_taken_back",
        f"voucher:{after.id}",
        before={"used": after.used + use.amount, "use": use.number},
        after={"used": after.used, "use": number, "state": after.state.value},
    )
    ctx.work.emit(VoucherReturned(after, use, approval.summary.get("grounds", "")))


def _find(ctx: Context, typed: str) -> VoucherUse:
    number = parse_number(typed)
    found = None if number is None else ctx.work.voucher_uses.find_number(number)
    if found is None or found.takes_back is not None:
        raise UnknownUse(typed)
    return found


def _settled(ctx: Context, use: VoucherUse) -> UseDeducted:
    """Give the refusal of a use that a payment was lower by.

    Raises:
        UseTakenBack: it was taken back instead.
    """
    refuse_taken_back(ctx, use)
    return UseDeducted(use.number, use.deducted_from)


def _said(ctx: Context, voucher: Voucher, use: VoucherUse) -> UseDisputed:
    return {
        "number": use.number,
        "tail": voucher.tail,
        "amount": use.amount,
        "project": "" if use.project is None else ctx.work.projects.get(use.project).name,
        "used_by": ctx.work.members.get(use.member).name,
        "used_at": use.used_at.isoformat(timespec="seconds"),
        "last_day": "" if voucher.last_day is None else voucher.last_day.isoformat(),
    }
