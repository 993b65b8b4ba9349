"""Setting up a firm: members, customers, projects, milestones, accounts, starter rules.

Used by the command line, the open API and the demo; later by the admin pages.
"""

from collections.abc import Iterable
from datetime import date, datetime

from domain.channels import ChannelKind, Identity
from domain.customers import INVITATION_VALID, Contact, Customer, Invitation, hash_code
from domain.errors import CodeTaken, UnknownMember
from domain.ids import (
    ChannelId,
    CustomerId,
    InvitationId,
    MemberId,
    MilestoneId,
    ProjectId,
)
from domain.members import Member, Role
from domain.ports import Work
from domain.projects import Milestone, Project
from domain.repositories import AuditNote, Publication
from domain.starter import starter_rules
from handlers.contract import Context
from handlers.usecases.contacts import NewContact, new_contact


def add_member(ctx: Context, name: str, roles: Iterable[Role]) -> Member:
    """Add a person of the firm."""
    member = Member(MemberId(ctx.ids.new()), name, frozenset(roles))
    ctx.work.members.add(member)
    _note(ctx, "member_added", f"member:{member.id}", {"roles": sorted(member.roles)})
    return member


def give_account(
    ctx: Context,
    member: Member,
    channel: ChannelId,
    kind: ChannelKind,
    external_id: str,
    *,
    is_alerted: bool,
) -> None:
    """Tie an account whose id is known to a member."""
    identity = Identity(channel, kind, external_id, member=member.id, is_alerted=is_alerted)
    ctx.work.identities.save(identity)
    _note(ctx, "account_bound", f"account:{channel}:{external_id}", {"member": member.id})


def invite_member(ctx: Context, member: Member) -> str:
    """Make a one-time code with which a member binds the own account."""
    code = ctx.ids.code()
    ctx.work.customers.add_invitation(
        Invitation(
            id=InvitationId(ctx.ids.new()),
            code_hash=hash_code(ctx.work.tenant, code),
            contact=None,
            member=member.id,
            created_by=None,
            created_at=ctx.now,
            expires_at=ctx.now + INVITATION_VALID,
        )
    )
    _note(ctx, "member_invited", f"member:{member.id}", {})
    return code


def member_named(ctx: Context, name: str) -> Member:
    """Find the one member of a name.

    Raises:
        UnknownMember: there is none who works here, or several.
    """
    return member_in(ctx.work, name)


def member_in(work: Work, name: str) -> Member:
    """Find the one member of a name, before anybody acts.

    Raises:
        UnknownMember: there is none who works here, or several.
    """
    found = [m for m in work.members.all() if m.name == name and m.is_active]
    if len(found) != 1:
        raise UnknownMember(name, len(found))
    return found[0]


def add_customer(
    ctx: Context,
    code: str,
    name: str,
    account_manager: MemberId | None,
    *,
    customer_type: str = "",
    segments: Iterable[str] = (),
) -> Customer:
    """Add a customer with the type and segments that rules and campaigns can ask for.

    Raises:
        CodeTaken: there is one of this code.
    """
    if ctx.work.customers.find_by_code(code) is not None:
        raise CodeTaken("customer", code)
    customer = Customer(CustomerId(ctx.ids.new()), code, name, account_manager, customer_type)
    ctx.work.customers.add(customer)
    ctx.work.customers.set_segments(customer.id, segments)
    _note(ctx, "customer_added", f"customer:{customer.id}", {"code": code})
    return customer


def add_contact(
    ctx: Context,
    customer: Customer,
    name: str,
    phone: str | None,
    *,
    see: bool | None = None,
    redeem: bool | None = None,
) -> Contact:
    """Add a person of a customer; what isn't said of the rights is as `new_contact` has it."""
    contact = new_contact(ctx, customer, name, phone, see=see, redeem=redeem)
    after = {
        "customer": customer.id,
        "may_see": contact.may_see,
        "may_redeem": contact.may_redeem,
    }
    _note(ctx, "contact_added", f"contact:{contact.id}", after)
    return contact


def add_contacts(ctx: Context, customer: Customer, people: Iterable[NewContact]) -> None:
    """Add people of a customer.

    Who is said to redeem does; if nobody is, the first who sees the points and isn't kept from it.
    """
    wanted = list(people)
    is_said = any(one.redeem for one in wanted)
    for one in wanted:
        redeem = False if one.redeem is None and is_said else one.redeem
        add_contact(ctx, customer, one.name, one.phone, see=one.see, redeem=redeem)


def add_project(
    ctx: Context,
    code: str,
    name: str,
    customer: Customer,
    manager: MemberId | None,
    *,
    project_type: str = "",
) -> Project:
    """Add a project of a customer.

    Raises:
        CodeTaken: there is one of this code.
    """
    if ctx.work.projects.find_by_code(code) is not None:
        raise CodeTaken("project", code)
    project = Project(ProjectId(ctx.ids.new()), code, name, customer.id, manager, type=project_type)
    ctx.work.projects.add(project)
    _note(ctx, "project_added", f"project:{project.id}", {"code": code})
    return project


def add_milestone(ctx: Context, project: Project, name: str, planned_on: date) -> Milestone:
    """Add a dated step of a project."""
    milestone = Milestone(MilestoneId(ctx.ids.new()), project.id, name, planned_on)
    ctx.work.projects.add_milestone(milestone)
    _note(ctx, "milestone_added", f"milestone:{milestone.id}", {"on": planned_on.isoformat()})
    return milestone


def publish_starter_rules(ctx: Context, effective_from: datetime) -> None:
    """Give a new tenant the starter rules; one that has rules keeps its own."""
    if ctx.work.rules.published():
        return
    for rule in starter_rules(effective_from):
        ctx.work.rules.add(rule, Publication(ctx.now))
        _note(ctx, "rule_published", f"rule:{rule.code}", {"version": rule.version})


def _note(ctx: Context, action: str, subject: str, after: dict[str, object]) -> None:
    ctx.work.audit.write(
        AuditNote(ctx.now, ctx.actor_name, None, action, subject, after=after, inbox=ctx.inbox)
    )
