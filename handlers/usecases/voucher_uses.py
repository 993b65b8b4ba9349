"""Taking what a voucher is worth off what its customer has to pay: find, offer, use, list.

Who types codes that no voucher has is locked out like somebody who guesses binding codes.
"""

from dataclasses import dataclass

from domain.customers import BindingTries, Customer
from domain.errors import (
    Ambiguous,
    UnknownProject,
    UsageError,
    VoucherLocked,
    VoucherUnknown,
)
from domain.facts import VoucherTaken
from domain.ids import ProjectId, TicketId, VoucherId, VoucherUseId
from domain.projects import Project
from domain.tickets import Ticket, TicketKind
from domain.vouchers import (
    Voucher,
    VoucherState,
    VoucherUse,
    check_amount,
    check_usable,
    use as used,
)
from handlers.actors import index_of, member_of
from handlers.audit import write_note
from handlers.contract import Context
from handlers.parsing.names import One, Several, decide
from handlers.usecases.redemption_ends import lock_refund
from handlers.usecases.redemption_moves import locked
from handlers.usecases.tickets import open_ticket, use_ticket
from handlers.usecases.voucher_ends import finish_units
from handlers.usecases.voucher_take_back import refuse_taken_back

PROJECTS_MAX = 5
"""Projects to choose from on one card; each has a button."""
WAITING_MAX = 200
"""Deductions of all projects that are listed at once."""
_PLACES = ("use1", "use2", "use3", "use4", "use5")
CHOICES = (*_PLACES, "cancel")
"""What the buttons of a preview do: use it for one of the projects, or drop it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What using a voucher would do."""

    voucher: Voucher
    customer: Customer
    amount: int
    """In fen."""
    projects: tuple[Project, ...]
    """Whose next payment may be lower by it; empty when the customer has none."""


@dataclass(frozen=True, slots=True)
class Used:
    """A voucher was used, now or by an earlier press of the same button."""

    use: VoucherUse
    voucher: Voucher


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be taken off payments."""

    uses: list[VoucherUse]
    """The oldest of them."""
    count: int
    """Of all, as `amount`."""
    amount: int
    """In fen."""


def find_voucher(ctx: Context, code: str) -> Voucher | VoucherUnknown | VoucherLocked:
    """Find the voucher that has a code.

    Codes that are made up, were replaced or belong to another firm look the same; the refusal is
    given back instead of raised, because the member's count of wrong codes has to be kept.
    """
    member = member_of(ctx).id
    tries = ctx.work.vouchers.tries(member)
    if tries.is_locked(ctx.now) and tries.locked_until is not None:
        return VoucherLocked(tries.locked_until)
    voucher = ctx.work.vouchers.find_code(code)
    if voucher is not None:
        if tries.failed:
            ctx.work.vouchers.set_tries(member, BindingTries())
        return voucher
    after = tries.after_failure(ctx.now)
    ctx.work.vouchers.set_tries(member, after)
    if after.locked_until is None:
        return VoucherUnknown(after.left)
    write_note(ctx, "voucher_codes_locked", f"member:{member}")
    return VoucherLocked(after.locked_until)


def plan_use(ctx: Context, voucher: Voucher, amount: int | None, typed: str) -> Planned:
    """Work out what using a voucher would do; None uses all that is left. Changes nothing.

    Raises:
        VoucherUsedUp, VoucherVoid, VoucherExpired: it can't be used.
        ValueExceeded, NotPartlyUsable: not for this amount.
        UnknownProject: the customer has none of that name.
        Ambiguous: there are too many to choose from.
    """
    check_usable(voucher, ctx.today, _last_user(ctx, voucher))
    return Planned(
        voucher=voucher,
        customer=ctx.work.customers.get(voucher.customer),
        amount=check_amount(voucher, amount),
        projects=_projects(ctx, voucher, typed),
    )


def offer_use(ctx: Context, planned: Planned) -> TicketId:
    """Make the ticket whose buttons use a voucher as planned."""
    payload: dict[str, str] = {
        "voucher": planned.voucher.id,
        "issue": planned.voucher.issue,
        "amount": str(planned.amount),
    }
    payload |= {
        choice: project.id for choice, project in zip(_PLACES, planned.projects, strict=False)
    }
    return open_ticket(
        ctx.work,
        ctx.ids,
        TicketKind.VOUCHER,
        payload,
        now=ctx.now,
        member=member_of(ctx).id,
    )


def use_voucher(ctx: Context, ticket: Ticket, choice: str) -> Used:
    """Use a voucher as its preview has shown, for the project that was chosen; once.

    Pressed again it gives what was done. Two members at once use it one after the other, and the
    second hears what the first has left. Locks a refund that waits, the redemption, the stock, the
    counter.

    Raises:
        UseTakenBack: what was done has been taken back since.
        TicketUsed, TicketExpired: the preview was dropped, or is too old.
        UsageError: the preview has offered no such project.
        VoucherUnknown: the code that was typed was replaced meanwhile.
        VoucherUsedUp, VoucherVoid, VoucherExpired: it can't be used any more.
        ValueExceeded: less is left by now.
    """
    voucher = ctx.work.vouchers.get(VoucherId(ticket.payload["voucher"]))
    pending = lock_refund(ctx, voucher.redemption)
    redemption = locked(ctx, voucher.redemption)
    # Somebody may have used it while this waited for the lock.
    voucher = ctx.work.vouchers.get(voucher.id)
    source = f"ticket:{ticket.id}"
    done = ctx.work.voucher_uses.find_source(source)
    if done is not None:
        refuse_taken_back(ctx, done)
        return Used(done, voucher)
    use_ticket(ctx, ticket)
    project = ticket.payload.get(choice)
    if project is None and choice != _PLACES[0]:
        raise UsageError("use_voucher", "project_missing")
    if ticket.payload["issue"] != voucher.issue:
        # Typing the code again would find nothing either; a press is no guess and costs no try.
        raise VoucherUnknown(ctx.work.vouchers.tries(member_of(ctx).id).left)
    check_usable(voucher, ctx.today, _last_user(ctx, voucher))
    amount = check_amount(voucher, int(ticket.payload["amount"]))
    after = used(voucher, amount, ctx.now)
    ctx.work.vouchers.save(after)
    if after.state is VoucherState.USED_UP:
        finish_units(ctx, redemption, 1, pending)
    return _taken(ctx, voucher, after, None if project is None else ProjectId(project), source)


def drop_use(ctx: Context, ticket: Ticket) -> Voucher:
    """Forget a preview; give the voucher it was of.

    Raises:
        TicketUsed, TicketExpired: it was used, or is too old.
    """
    use_ticket(ctx, ticket)
    return ctx.work.vouchers.get(VoucherId(ticket.payload["voucher"]))


def waiting_deductions(ctx: Context, project: ProjectId | None) -> Waiting:
    """Give what waits to be taken off a project's next payment, or off any; oldest first.

    All of a project's are listed, and of any up to WAITING_MAX; counted and summed are all.
    """
    if project is not None:
        uses = ctx.work.voucher_uses.waiting_of(project)
        return Waiting(uses, len(uses), sum(use.amount for use in uses))
    count, amount = ctx.work.voucher_uses.waiting_sum()
    return Waiting(ctx.work.voucher_uses.waiting(WAITING_MAX), count, amount)


def _taken(
    ctx: Context, before: Voucher, after: Voucher, project: ProjectId | None, source: str
) -> Used:
    """Write down what was used, and let the customer learn of it."""
    use = VoucherUse(
        id=VoucherUseId(ctx.ids.new()),
        number=ctx.work.voucher_uses.next_number(),
        source=source,
        voucher=after.id,
        customer=after.customer,
        project=project,
        amount=after.used - before.used,
        member=member_of(ctx).id,
        used_at=ctx.now,
    )
    ctx.work.voucher_uses.add(use)
    write_note(
        ctx,
        "voucher_used",
        f"voucher:{after.id}",
        before={"used": before.used},
        after={"used": after.used, "use": use.number, "project": project},
    )
    ctx.work.emit(VoucherTaken(after, use))
    return Used(use, after)


def _projects(ctx: Context, voucher: Voucher, typed: str) -> tuple[Project, ...]:
    projects = {one.id: one for one in ctx.work.projects.of_customer(voucher.customer)}
    if typed:
        match decide(index_of(projects.values()).rank(typed)):
            case One(match):
                return (projects[match.named.id],)
            case Several(matches):
                found = [projects[match.named.id] for match in matches]
            case _:
                raise UnknownProject(typed, tuple(one.name for one in projects.values()))
    else:
        found = list(projects.values())
    if len(found) > PROJECTS_MAX:
        raise Ambiguous("project", tuple(one.name for one in found))
    return tuple(found)


def _last_user(ctx: Context, voucher: Voucher) -> str:
    uses = ctx.work.voucher_uses.of_voucher(voucher.id)
    return ctx.work.members.get(uses[-1].member).name if uses else ""
