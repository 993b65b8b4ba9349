"""When this has happened, these people get this view: one function per kind of fact.

Reactions read, and open the tickets their cards need; they never change what the fact is about.
"""

from collections.abc import Callable, Iterable
from typing import Any

from domain.alerts import Alert, AlertState
from domain.calendar import business_date
from domain.events import CHAT_SOURCE, EventType, facts_of
from domain.facts import (
    AlertChanged,
    ApprovalAsked,
    ApprovalDecided,
    ContactBound,
    CustomerTold,
    DaySealed,
    DeliveryDied,
    Fact,
    GiftChanged,
    NoticeHeld,
    NoticesReleased,
    NoticeWithheld,
    PersonWanted,
    PointsAdjusted,
    PointsExpiring,
    PointsMoved,
    PointsReinstated,
    RedemptionChanged,
    ReviewGiven,
    RightGiven,
    RulePublished,
    RuleWithdrawn,
    StockLow,
    TierChanged,
    VoucherReturned,
    VouchersEnding,
    VouchersIssued,
    VoucherTaken,
)
from domain.members import Member, Role
from domain.tickets import TicketKind
from handlers.actors import seeing
from handlers.addressing import Push, ToCards, ToContact, ToGroups, ToMember
from handlers.alert_views import alert_view
from handlers.approval_reactions import approval_asked, approval_decided, points_adjusted
from handlers.contact_reactions import right_given
from handlers.contract import Context
from handlers.ending_reactions import points_expiring, points_reinstated
from handlers.gift_reactions import gift_changed
from handlers.notice_reactions import (
    customer_told,
    notice_held,
    notice_withheld,
    notices_released,
)
from handlers.proof_views import day_head_notice
from handlers.redemption_reactions import redemption_changed
from handlers.reward_reactions import stock_low
from handlers.rule_reactions import rule_published, rule_withdrawn, tier_changed
from handlers.talk_views import talk_lines
from handlers.usecases.talks import who_takes_over
from handlers.usecases.tickets import open_ticket
from handlers.views import (
    DeliveryTrouble,
    FollowUp,
    PersonWantedCard,
    PointsNotice,
)
from handlers.voucher_reactions import (
    voucher_returned,
    voucher_taken,
    vouchers_ending,
    vouchers_issued,
)


def react(ctx: Context, fact: Fact) -> Iterable[Push]:
    """Say who learns of a fact."""
    return _REACTIONS[type(fact)](ctx, fact)


def _nobody(ctx: Context, fact: Any) -> Iterable[Push]:
    del ctx, fact
    return ()


def _points_moved(ctx: Context, fact: PointsMoved) -> Iterable[Push]:
    if fact.event.type is EventType.CHECK_IN and fact.event.source == CHAT_SOURCE:
        # Who checks in is answered; a notice a day for all the others would be too much.
        return
    notice = _points_notice(ctx, fact)
    key = f"points:{fact.event.id}:{'undo' if fact.is_undo else 'book'}"
    for contact in seeing(ctx, fact.customer):
        yield ToContact(contact, notice, key)


def _points_notice(ctx: Context, fact: PointsMoved) -> PointsNotice:
    event = fact.event
    facts = facts_of(event)
    late = facts.get("days_late")
    return PointsNotice(
        customer=ctx.work.customers.get(fact.customer).name,
        event=event.type,
        project=ctx.work.projects.get(event.project).name if event.project else "",
        milestone=str(facts.get("milestone", "")),
        accepted_on=str(facts.get("accepted_on", business_date(event.occurred_at))),
        planned_on=str(facts.get("planned_on", "")),
        days_late=late if isinstance(late, int) else 0,
        points=sum(entry.net for entry in fact.entries),
        available_after=fact.wallet.available,
        debt_after=fact.wallet.debt,
        is_undo=fact.is_undo,
    )


def _alert_changed(ctx: Context, fact: AlertChanged) -> Iterable[Push]:
    alert, before = fact.alert, fact.before
    subject = f"alert:{alert.id}"
    key = f"{subject}:v{alert.version}"
    is_news = before is None or (
        before.state is AlertState.RESOLVED and alert.state is AlertState.NEW
    )
    is_worse = before is not None and before.severity is not alert.severity
    if before is not None and not is_news:
        yield ToCards(subject, lambda member: alert_view(ctx, alert, member), key)
    if is_news or is_worse:
        for member in _alerted(ctx):
            yield ToMember(
                member.id,
                lambda member: alert_view(ctx, alert, member),
                f"{key}:new",
                subject=subject,
                is_alert=True,
            )
        yield ToGroups(alert_view(ctx, alert, None), f"{key}:new")
    was_resolved = before is not None and before.state is AlertState.RESOLVED
    if alert.state is AlertState.RESOLVED and not was_resolved:
        yield from _follow_up(ctx, alert)


def _alerted(ctx: Context) -> list[Member]:
    """Give who is warned: the supervisors, or the admins when no supervisor can be reached."""
    supervisors = ctx.work.members.with_role(Role.SUPERVISOR)
    for member in supervisors:
        if any(i.blocked_reason is None for i in ctx.work.identities.of_member(member.id)):
            return supervisors
    return [*supervisors, *ctx.work.members.with_role(Role.ADMIN)]


def _follow_up(ctx: Context, alert: Alert) -> Iterable[Push]:
    if alert.review is None or alert.project is None or alert.taken_by is None:
        return
    review = ctx.work.reviews.get(alert.review)
    contact = ctx.work.customers.contact(review.contact)
    ticket = open_ticket(
        ctx.work,
        ctx.ids,
        TicketKind.FOLLOW_UP,
        {"alert": alert.id},
        now=ctx.now,
        contact=contact.id,
    )
    view = FollowUp(
        ticket=ticket,
        project=ctx.work.projects.get(alert.project).name,
        measure=alert.measure or "",
        note=alert.note,
        resolved_by=ctx.work.members.get(alert.taken_by).name,
    )
    yield ToContact(contact, view, f"follow_up:{alert.id}:v{alert.version}")


def _person_wanted(ctx: Context, fact: PersonWanted) -> Iterable[Push]:
    contact = ctx.work.customers.contact(fact.contact)
    card = PersonWantedCard(
        customer=ctx.work.customers.get(fact.customer).name,
        contact=contact.name,
        phone=contact.phone or "",
        cause=fact.cause,
        talk=talk_lines(ctx),
    )
    for member in who_takes_over(ctx, fact.customer):
        yield ToMember(member.id, lambda _: card, f"person:{ctx.inbox}")


def _delivery_died(ctx: Context, fact: DeliveryDied) -> Iterable[Push]:
    hour = ctx.now.isoformat(timespec="hours")
    view = DeliveryTrouble(fact.channel, fact.code, fact.recipient, 1)
    for member in ctx.work.members.with_role(Role.ADMIN):
        yield ToMember(member.id, lambda _: view, f"trouble:{fact.channel}:{fact.code}:{hour}")


def _day_sealed(ctx: Context, fact: DaySealed) -> Iterable[Push]:
    notice = day_head_notice(fact.head)
    key = f"day_head:{notice.day}"
    for member in _alerted(ctx):
        yield ToMember(member.id, lambda _: notice, key, is_alert=True)
    yield ToGroups(notice, key)


_REACTIONS: dict[type, Callable[[Context, Any], Iterable[Push]]] = {
    ContactBound: _nobody,
    ReviewGiven: _nobody,
    PointsMoved: _points_moved,
    AlertChanged: _alert_changed,
    ApprovalAsked: approval_asked,
    ApprovalDecided: approval_decided,
    PointsAdjusted: points_adjusted,
    GiftChanged: gift_changed,
    PointsExpiring: points_expiring,
    PointsReinstated: points_reinstated,
    RulePublished: rule_published,
    RuleWithdrawn: rule_withdrawn,
    TierChanged: tier_changed,
    RedemptionChanged: redemption_changed,
    VouchersIssued: vouchers_issued,
    VoucherTaken: voucher_taken,
    VoucherReturned: voucher_returned,
    VouchersEnding: vouchers_ending,
    PersonWanted: _person_wanted,
    NoticeHeld: notice_held,
    NoticesReleased: notices_released,
    NoticeWithheld: notice_withheld,
    RightGiven: right_given,
    CustomerTold: customer_told,
    DeliveryDied: _delivery_died,
    DaySealed: _day_sealed,
    StockLow: stock_low,
}
"""Every kind of fact, if only as "nobody"; a test proves it is complete."""
