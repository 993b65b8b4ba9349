"""Rules, versions and drafts as views: facts for wording, no sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import assert_never

from domain.approvals import Revision
from domain.calendar import business_date
from domain.drafts import Document, Draft, DraftKind, read_text
from domain.programme import Programme
from domain.repositories import Published
from domain.rules.fields import fields_of
from domain.rules.model import (
    Cap,
    Condition,
    DecisionTable,
    Fixed,
    Formula,
    Multiplier,
    PerDay,
    PerUnit,
    RuleVersion,
    Steps,
)
from domain.tiers import TierPolicy
from handlers.contract import Context
from handlers.views import (
    DraftLine,
    ProgrammeChange,
    ProgrammeSaid,
    RuleChange,
    RuleComing,
    RuleCondition,
    RuleFormula,
    RuleIssue,
    RuleLimit,
    RuleSaid,
    RuleStep,
    TierSaid,
)

NOT_COMPARED = frozenset({"code", "version", "effective_from"})
"""What belongs to the publication, not to what a document says."""
CONDITIONS_SHOWN, VALUES_SHOWN, TEXT_SHOWN, STEPS_SHOWN = 4, 4, 16, 5
"""A rule may ask for 30 values of 200 characters in each of 20 conditions; no card shows them."""
_NO_TIERS = TierPolicy(())


def rule_said(rule: RuleVersion, names: dict[str, str] | None = None) -> RuleSaid:
    """Show what a rule says; `names` are those of the rules it may raise."""
    return RuleSaid(
        code=rule.code,
        name=rule.name,
        version=rule.version,
        event=rule.trigger,
        direction=rule.direction,
        conditions=tuple(condition_said(rule, one) for one in rule.conditions[:CONDITIONS_SHOWN]),
        condition_count=len(rule.conditions),
        formula=_formula(rule, rule.formula, names or {}),
        rounding=rule.rounding,
        event_points_max=rule.event_points_max,
        caps=_caps(rule.caps),
        valid_months=rule.valid_months,
        matures_after_days=rule.matures_after_days,
        debt_policy=rule.debt_policy,
        debt_floor=rule.debt_floor,
        group=rule.group,
        stacking=rule.stacking,
        priority=rule.priority,
        qualifies=rule.qualifies,
        is_off=rule.is_off,
        starts_at=rule.effective_from.isoformat(timespec="seconds"),
        last_day=_last_day(rule.effective_to),
    )


def rule_coming(rule: RuleVersion) -> RuleComing:
    """Show a version that begins later, in a list."""
    starts_at = rule.effective_from.isoformat(timespec="seconds")
    return RuleComing(rule.code, rule.name, rule.version, starts_at)


def programme_said(programme: Programme) -> ProgrammeSaid:
    """Show what the programme says."""
    policy = programme.tiers or _NO_TIERS
    return ProgrammeSaid(
        caps=_caps(programme.caps),
        tiers=tuple(
            TierSaid(tier.code, tier.name, tier.threshold, tier.percent, tier.gift, tier.privileges)
            for tier in policy.tiers
        ),
        window_months=policy.window_months,
        grace_months=policy.grace_months,
        gift_months=policy.gift_months,
        point_fen=programme.point_fen,
        starts_at=programme.effective_from.isoformat(timespec="seconds"),
    )


def changes_said(
    revisions: Iterable[Revision],
) -> tuple[tuple[RuleChange, ...], ProgrammeChange | None]:
    """Show what an approval asks to change: rules, and the programme."""
    rules: list[RuleChange] = []
    programme: ProgrammeChange | None = None
    for revision in revisions:
        after, before, is_tested = _documents(revision)
        differing = differing_fields(before, after)
        if isinstance(after, RuleVersion):
            old = rule_said(before) if isinstance(before, RuleVersion) else None
            rules.append(RuleChange(rule_said(after), old, differing, is_tested))
        else:
            known = programme_said(before) if isinstance(before, Programme) else None
            programme = ProgrammeChange(programme_said(after), known, differing, is_tested)
    return tuple(rules), programme


def differing_fields(before: Document | None, after: Document) -> tuple[str, ...]:
    """Name the fields in which a document differs from the one before; none for a new one."""
    if before is None:
        return ()
    return tuple(
        field.name
        for field in fields(after)
        if field.name not in NOT_COMPARED
        and getattr(before, field.name) != getattr(after, field.name)
    )


def condition_said(rule: RuleVersion, condition: Condition) -> RuleCondition:
    """Show a comparison of a rule."""
    value = condition.value
    wanted = value if isinstance(value, tuple) else (value,)
    kind = fields_of(rule.trigger)[condition.field]
    shown = tuple(
        one[:TEXT_SHOWN] if isinstance(one, str) else one for one in wanted[:VALUES_SHOWN]
    )
    return RuleCondition(condition.field, kind, condition.comparison, shown, len(wanted))


def draft_line(ctx: Context, draft: Draft) -> DraftLine:
    """Show a draft in a list."""
    document = draft.document
    is_rule = isinstance(document, RuleVersion)
    return DraftLine(
        number=draft.number,
        code=draft.code if is_rule else "",
        name=document.name if isinstance(document, RuleVersion) else "",
        state=draft.state,
        is_tested=draft.backtest is not None,
        changed_by=ctx.work.members.get(draft.changed_by).name,
        changed_at=draft.changed_at.isoformat(timespec="seconds"),
    )


def issue_line(ctx: Context, published: Published, family: Sequence[Published]) -> RuleIssue:
    """Show a version of a rule in its history."""
    publication = published.publication
    by, approved_by = publication.by, publication.approved_by
    return RuleIssue(
        version=published.rule.version,
        state=state_of(published, family, ctx.now),
        starts_at=published.rule.effective_from.isoformat(timespec="seconds"),
        last_day=_last_day(published.rule.effective_to),
        published_by=ctx.work.members.get(by).name if by else "",
        approved_by=ctx.work.members.get(approved_by).name if approved_by else "",
    )


def state_of(published: Published, family: Iterable[Published], now: datetime) -> str:
    """Tell where a version is: withdrawn, scheduled, in_force or past."""
    rule = published.rule
    if published.withdrawn_at is not None:
        return "withdrawn"
    if rule.effective_from > now:
        return "scheduled"
    is_replaced = any(
        one.rule.version > rule.version and one.withdrawn_at is None and one.rule.is_valid_at(now)
        for one in family
        if one.rule.code == rule.code
    )
    return "in_force" if rule.is_valid_at(now) and not is_replaced else "past"


def _documents(revision: Revision) -> tuple[Document, Document | None, bool]:
    kind = DraftKind(revision["kind"])
    before = revision["before"]
    return (
        read_text(revision["after"], kind),
        read_text(before, kind) if before else None,
        revision["is_tested"],
    )


def _formula(rule: RuleVersion, formula: Formula, names: dict[str, str]) -> RuleFormula:
    match formula:
        case Fixed(points):
            return RuleFormula("fixed", points=points)
        case PerUnit(field, unit, points):
            kind = fields_of(rule.trigger)[field]
            return RuleFormula("per_unit", points=points, field=field, field_kind=kind, unit=unit)
        case Steps(field, steps):
            kind = fields_of(rule.trigger)[field]
            shown = tuple(RuleStep(step.at_least, step.points) for step in steps[:STEPS_SHOWN])
            return RuleFormula(
                "steps", field=field, field_kind=kind, steps=shown, step_count=len(steps)
            )
        case PerDay(points, is_early, free, most):
            return RuleFormula("per_day", points=points, is_early=is_early, free=free, most=most)
        case Multiplier(percent, of):
            raised = tuple(names.get(code) or code for code in of)
            return RuleFormula("multiplier", percent=percent, raised=raised)
        case DecisionTable(columns, rows):
            points_of_rows = [row.points for row in rows]
            return RuleFormula(
                "table",
                columns=columns,
                rows=len(rows),
                low=min(points_of_rows),
                high=max(points_of_rows),
            )
        case _ as never:
            assert_never(never)


def _caps(caps: Iterable[Cap]) -> tuple[RuleLimit, ...]:
    return tuple(RuleLimit(cap.scope, cap.window, cap.points, cap.times) for cap in caps)


def _last_day(effective_to: datetime | None) -> str:
    if effective_to is None:
        return ""
    return business_date(effective_to - timedelta(microseconds=1)).isoformat()
