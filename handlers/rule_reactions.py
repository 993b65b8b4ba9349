"""Who learns of rules that change, and of tiers: the supervisors, and the customer's contacts."""

from collections.abc import Iterable

from domain.drafts import code_of
from domain.facts import RulePublished, RuleWithdrawn, TierChanged
from domain.ids import MemberId
from domain.members import Member, Role
from domain.rules.model import RuleVersion
from domain.tiers import UNRAISED
from handlers.actors import seeing
from handlers.addressing import Push, ToContact, ToMember
from handlers.contract import Context, MemberActor
from handlers.usecases.why import standing_of
from handlers.views import RuleNotice, TierNotice


def rule_published(ctx: Context, fact: RulePublished) -> Iterable[Push]:
    """Tell the supervisors what holds from when on, and who has let it."""
    document, publication = fact.document, fact.publication
    rule = document if isinstance(document, RuleVersion) else None
    notice = RuleNotice(
        what="rolled_back" if fact.is_rollback else "published",
        code=rule.code if rule else "",
        name=rule.name if rule else "",
        version=document.version,
        is_off=rule.is_off if rule else False,
        starts_at=document.effective_from.isoformat(timespec="seconds"),
        by=_name(ctx, publication.by),
        approved_by=_name(ctx, publication.approved_by),
    )
    return _told(ctx, notice, f"rule:{code_of(document)}:v{document.version}:{notice.what}")


def rule_withdrawn(ctx: Context, fact: RuleWithdrawn) -> Iterable[Push]:
    """Tell the supervisors that a version will not begin."""
    rule = fact.rule
    notice = RuleNotice(
        what="withdrawn",
        code=rule.code,
        name=rule.name,
        version=rule.version,
        is_off=rule.is_off,
        starts_at=rule.effective_from.isoformat(timespec="seconds"),
        by=_name(ctx, fact.by),
        approved_by="",
    )
    return _told(ctx, notice, f"rule:{rule.code}:v{rule.version}:withdrawn")


def tier_changed(ctx: Context, fact: TierChanged) -> Iterable[Push]:
    """Tell the customer's contacts what tier they have now and what it brings."""
    tier, stands = fact.after, standing_of(ctx, fact.customer)
    notice = TierNotice(
        customer=ctx.work.customers.get(fact.customer).name,
        is_promotion=fact.is_promotion,
        tier=tier.name if tier else "",
        before=fact.before.name if fact.before else "",
        percent=tier.percent if tier else UNRAISED,
        gift=fact.gift,
        privileges=tier.privileges if tier else (),
        next_tier=stands.next_tier.name if stands and stands.next_tier else "",
        missing=stands.missing if stands else 0,
    )
    for contact in seeing(ctx, fact.customer):
        yield ToContact(contact, notice, f"tier:{fact.customer}:{fact.cause}")


def _told(ctx: Context, notice: RuleNotice, key: str) -> Iterable[Push]:
    for member in _supervisors(ctx):
        yield ToMember(member.id, lambda _: notice, key)


def _supervisors(ctx: Context) -> list[Member]:
    """Give the supervisors, or else the admins; who does it knows it."""
    work = ctx.work.members
    found = work.with_role(Role.SUPERVISOR) or work.with_role(Role.ADMIN)
    own = ctx.actor.member.id if isinstance(ctx.actor, MemberActor) else None
    return [member for member in found if member.id != own]


def _name(ctx: Context, member: MemberId | None) -> str:
    return ctx.work.members.get(member).name if member else ""
