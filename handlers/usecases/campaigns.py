"""Campaigns: points raised for some days, for everybody or a part, started without IT."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.approvals import Approval
from domain.calendar import end_of_business_day
from domain.errors import UsageError
from domain.events import EventType
from domain.programme_checks import PERCENT_MAX
from domain.rules.codec import canonical
from domain.rules.model import (
    Comparison,
    Condition,
    Direction,
    Multiplier,
    RuleVersion,
)
from domain.tickets import Ticket, TicketKind
from domain.tiers import UNRAISED
from handlers.actors import member_of
from handlers.contract import Context
from handlers.parsing.campaigns import CampaignFound, Target, TargetKind
from handlers.usecases.drafts import refuse_errors, save_draft, submit_drafts
from handlers.usecases.tickets import open_ticket, use_ticket
from handlers.vocabulary import EVENT_WORDS

NAMED = "name"
"""Where a campaign's ticket keeps its name; its rules stand under their numbers."""
_WHAT = frozenset({TargetKind.RULE, TargetKind.EVENT})


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign before it is handed to anybody."""

    name: str
    percent: int
    first: date
    last: date
    conditions: tuple[Condition, ...]
    rules: tuple[RuleVersion, ...]
    """One for each kind of event whose points are raised."""
    raised: tuple[RuleVersion, ...]


def targets(ctx: Context) -> Iterator[Target]:
    """List whom and what a campaign can be for: what there is in the firm."""
    customers, projects = ctx.work.customers.all(), ctx.work.projects.all()
    for kind, texts in (
        (TargetKind.CUSTOMER_TYPE, {customer.type for customer in customers}),
        (TargetKind.SEGMENT, set(ctx.work.customers.all_segments())),
        (TargetKind.PROJECT_TYPE, {project.type for project in projects}),
    ):
        for text in sorted(texts - {""}):
            yield Target(kind, text, (text,))
    policy = ctx.work.rules.programmes().at(ctx.now).tiers
    for tier in policy.tiers if policy else ():
        yield Target(TargetKind.TIER, tier.code, (tier.name, tier.code))
    for rule in _raisable(ctx, ctx.now):
        yield Target(TargetKind.RULE, rule.code, tuple({rule.name or rule.code, rule.code}))
    for event, words in EVENT_WORDS.items():
        yield Target(TargetKind.EVENT, event.value, words)


def plan_campaign(ctx: Context, asked: CampaignFound) -> Planned:
    """Work out the rules of a campaign; changes nothing.

    Raises:
        UsageError: the factor is out of bounds, its days are over, or it would raise nothing.
        RuleHasErrors: the check finds what keeps it from being published.
    """
    if not UNRAISED < asked.percent <= PERCENT_MAX:
        raise UsageError("campaign", "percent_refused")
    if asked.last < ctx.today:
        raise UsageError("campaign", "end_past")
    first = max(asked.first, ctx.today)
    start = end_of_business_day(first - timedelta(days=1))
    raised = tuple(_chosen(ctx, max(start, ctx.now), asked.targets))
    if not raised:
        raise UsageError("campaign", "target_missing")
    conditions = tuple(_conditions(asked.targets))
    end = end_of_business_day(asked.last)
    rules = tuple(
        _multiplier(asked, [rule for rule in raised if rule.trigger is trigger], (start, end))
        for trigger in EventType
        if any(rule.trigger is trigger for rule in raised)
    )
    rules = tuple(replace(rule, conditions=conditions) for rule in rules)
    for rule in rules:
        refuse_errors(ctx, rule, 0)
    return Planned(asked.name, asked.percent, first, asked.last, conditions, rules, raised)


def offer_campaign(ctx: Context, planned: Planned) -> str:
    """Make the ticket whose button hands a campaign to a second person."""
    payload = {str(number): canonical(rule) for number, rule in enumerate(planned.rules)}
    return open_ticket(
        ctx.work,
        ctx.ids,
        TicketKind.CAMPAIGN,
        payload | {NAMED: planned.name},
        now=ctx.now,
        member=member_of(ctx).id,
    )


def ask_campaign(ctx: Context, ticket: Ticket) -> Approval:
    """Draft the rules that a preview has shown and hand them to a second person, once.

    Raises:
        TicketUsed: it was done before.
        TicketExpired: the preview is too old.
        RuleHasErrors: its days are over by now.
        NoApprover: there is nobody else who may decide.
    """
    use_ticket(ctx, ticket)
    campaign = ctx.work.drafts.next_number()
    numbers = []
    for place, text in sorted(ticket.payload.items()):
        if place != NAMED:
            written = json.loads(text) | {"code": f"campaign-{campaign}-{place}"}
            numbers.append(save_draft(ctx, written).number)
    return submit_drafts(ctx, numbers, ticket.payload[NAMED])


def _raisable(ctx: Context, at: datetime) -> Iterator[RuleVersion]:
    rules = ctx.work.rules.in_use()
    for trigger in EventType:
        for rule in rules.in_force(trigger, at):
            if rule.direction is Direction.EARN and not rule.multiplies:
                yield rule


def _chosen(ctx: Context, at: datetime, wanted: tuple[Target, ...]) -> Iterator[RuleVersion]:
    """Give the rules a campaign raises: those named, those of the events named, else all."""
    named = {(one.kind, one.value) for one in wanted if one.kind in _WHAT}
    for rule in _raisable(ctx, at):
        own = {(TargetKind.RULE, rule.code), (TargetKind.EVENT, rule.trigger.value)}
        if not named or own & named:
            yield rule


def _conditions(wanted: tuple[Target, ...]) -> Iterator[Condition]:
    """Ask for whom it is: one of the named of a kind, and of every kind that is named."""
    for kind in TargetKind:
        values = tuple(one.value for one in wanted if one.kind is kind)
        if values and kind not in _WHAT:
            yield Condition(kind, Comparison.ONE_OF, values)


def _multiplier(
    asked: CampaignFound, raised: list[RuleVersion], window: tuple[datetime, datetime]
) -> RuleVersion:
    start, end = window
    is_narrowed = any(one.kind is TargetKind.RULE for one in asked.targets)
    return RuleVersion(
        code="campaign",
        version=1,
        trigger=raised[0].trigger,
        conditions=(),
        formula=Multiplier(
            asked.percent, tuple(rule.code for rule in raised) if is_narrowed else ()
        ),
        direction=Direction.EARN,
        effective_from=start,
        effective_to=end,
        name=asked.name,
        valid_months=min(rule.valid_months for rule in raised),
        matures_after_days=max(rule.matures_after_days for rule in raised),
        qualifies=all(rule.qualifies for rule in raised),
    )
