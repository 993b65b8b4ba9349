"""Counting an event: rules, multipliers, caps, debts and tiers, in one pure function.

Posting, preview and back-test call `count` with the same kinds of things: a book, what the customer
has earned per month, and counters. Only where those come from differs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain

from domain.caps import NOTHING, Bite, Counters, Meter, Used, allow, meters_for
from domain.events import BusinessEvent, Facts, FactValue
from domain.ledger import Cause
from domain.outcomes import Ending, Limit, Meterage, Outcome
from domain.posting import Book, lot_end_on, month_text_on
from domain.programme import Programme
from domain.rules.evaluation import Fired, RuleSet, divided
from domain.rules.fields import TIER
from domain.rules.model import DebtPolicy, Direction, Multiplier, PerDay, Rounding, RuleVersion
from domain.tiers import UNRAISED, Tier, TierPolicy, level, month_of

TIER_RULE = "tier:"
"""How the rule of what a tier gives is named: "tier:gold"."""


@dataclass(slots=True)
class Standing:
    """A customer while an event is counted: points, and what was earned per month."""

    book: Book
    earned: dict[int, int] = field(default_factory=dict)
    """Qualifying points per month."""
    has_gift: Callable[[str], bool] = lambda _: False
    """Tells whether the gift of a tier's rule has been given before."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event with everything that counting it depends on."""

    event: BusinessEvent
    on: date
    """The business date of the event."""
    facts: Facts
    """Everything rules can ask, but for the tier."""
    rules: RuleSet
    programme: Programme
    actor: str
    first_open_month: str
    """The first month ("2026-11") that finance has not closed."""


@dataclass(slots=True)
class _Tally:
    """What belongs to one call of `count`."""

    told: Told
    standing: Standing
    counters: Counters
    facts: dict[str, FactValue]
    meters: dict[str, list[Meter]] = field(default_factory=dict)
    """The caps that each earning rule's award meets."""
    used: dict[str, Used] = field(default_factory=dict)
    """What their counters stand at."""
    timed: set[str] = field(default_factory=set)
    """Counters in which this event's time has been counted."""
    outcomes: list[Outcome] = field(default_factory=list)


def count(told: Told, standing: Standing, counters: Counters) -> list[Outcome]:
    """Write what the rules of the event's date make of it into the book; give the outcomes.

    Deterministic: the same event in the same state has the same outcomes and movements.
    """
    policy, month = told.programme.tiers, month_of(told.on)
    before = level(policy, standing.earned, month) if policy else 0
    tier = policy.tiers[before - 1] if policy and before else None
    facts = dict(told.facts)
    if tier is not None:
        facts[TIER] = tier.code
    tally = _Tally(told, standing, counters, facts)
    fired = told.rules.fired(told.event.type, facts, told.event.occurred_at)
    _lock_counters(tally, fired)
    for one in fired:
        _apply(tally, one)
    if tier is not None and tier.percent > UNRAISED:
        _raise_for_tier(tally, tier, fired)
    if policy is not None:
        _give_gifts(tally, policy, before, month)
    return tally.outcomes


def cause_of(told: Told, key: str, rule: str | None = None, version: int | None = None) -> Cause:
    """Make the cause of an event's entries; the event's seal is set when it is stored."""
    event = told.event
    own = month_text_on(told.on)
    period = max(own, told.first_open_month)
    return Cause(
        actor=told.actor,
        effective_at=event.occurred_at,
        recorded_at=event.recorded_at,
        key=key,
        period=period,
        corrects=own if own != period else None,
        event=event.id,
        rule=rule,
        rule_version=version,
    )


def _lock_counters(tally: _Tally, fired: Sequence[Fired]) -> None:
    """Lock the counters of all rules at once, so that they are locked in one order everywhere."""
    told = tally.told
    caps, customer = told.programme.caps, told.event.customer
    for one in fired:
        if one.rule.direction is Direction.EARN:
            meters = meters_for(one.rule, caps, tally.facts, customer, told.on)
            tally.meters[one.rule.code] = meters
    if keys := sorted({meter.key for meter in chain.from_iterable(tally.meters.values())}):
        used = tally.counters.take(keys)
        tally.used = {key: used.get(key, NOTHING) for key in keys}


def _apply(tally: _Tally, fired: Fired) -> None:
    rule, told = fired.rule, tally.told
    cause = cause_of(told, f"event:{told.event.id}:{rule.code}", rule.code, rule.version)
    inputs = _inputs(rule, tally.facts)
    percent = rule.formula.percent if isinstance(rule.formula, Multiplier) else 0
    if rule.direction is Direction.DEDUCT:
        tally.outcomes.append(_deduct(tally, fired, cause, inputs))
        return
    applied, bites, moved = _capped(tally, fired.points, tally.meters[rule.code])
    matures_at = None
    if applied:
        matures_at = _award(tally, rule, applied, cause)
    tally.outcomes.append(
        Outcome(
            rule=rule.code,
            version=rule.version,
            name=rule.name,
            direction=rule.direction,
            requested=fired.points,
            applied=applied,
            ending=Ending.CAPPED if bites else Ending.APPLIED,
            inputs=inputs,
            percent=percent,
            base=fired.base,
            qualifies=rule.qualifies,
            matures_at=matures_at,
            limits=_limits(bites),
            meters=moved,
        )
    )


def _award(tally: _Tally, rule: RuleVersion, points: int, cause: Cause) -> datetime | None:
    matures_at = None
    if rule.matures_after_days:
        matures_at = cause.effective_at + timedelta(days=rule.matures_after_days)
        if matures_at <= cause.recorded_at:
            matures_at = None
    tally.standing.book.award(
        points,
        cause,
        expires_at=lot_end_on(tally.told.on, rule.valid_months),
        matures_at=matures_at,
        qualifies=rule.qualifies,
    )
    if rule.qualifies:
        _earn(tally, points)
    return matures_at


def _earn(tally: _Tally, points: int) -> None:
    month = month_of(tally.told.on)
    earned = tally.standing.earned
    earned[month] = earned.get(month, 0) + points


def _capped(
    tally: _Tally, points: int, meters: Sequence[Meter]
) -> tuple[int, list[Bite], tuple[Meterage, ...]]:
    """Let the caps cut an award and move their counters."""
    applied, bites = allow(points, meters, tally.used, tally.timed)
    if not applied:
        return 0, bites, ()
    moved = []
    for key in sorted({meter.key for meter in meters}):
        times = 0 if key in tally.timed else 1
        tally.timed.add(key)
        now = tally.used[key]
        tally.used[key] = Used(now.points + applied, now.times + times)
        tally.counters.add(key, applied, times)
        moved.append(Meterage(key, applied, times))
    return applied, bites, tuple(moved)


def _deduct(tally: _Tally, fired: Fired, cause: Cause, inputs: dict[str, FactValue]) -> Outcome:
    rule, book = fired.rule, tally.standing.book
    is_short = book.available < fired.points
    applied, owed, ending = 0, 0, Ending.APPLIED
    if is_short and rule.debt_policy is DebtPolicy.REFUSE:
        ending = Ending.REFUSED
    elif is_short and rule.debt_policy is DebtPolicy.ASK:
        ending = Ending.ASKED
    else:
        before = book.debt
        floor = rule.debt_floor if rule.debt_policy is DebtPolicy.OWE_TO_FLOOR else None
        applied = book.deduct(fired.points, cause, debt_max=floor)
        owed = book.debt - before
        ending = Ending.APPLIED if applied == fired.points else Ending.WAIVED
    return Outcome(
        rule=rule.code,
        version=rule.version,
        name=rule.name,
        direction=rule.direction,
        requested=fired.points,
        applied=applied,
        ending=ending,
        inputs=inputs,
        owed=owed,
    )


def _raise_for_tier(tally: _Tally, tier: Tier, fired: Sequence[Fired]) -> None:
    """Give what the customer's tier adds to the awards of the event's own rules.

    What a cap has cut away is not raised: otherwise a cap would hold for nobody with a tier.
    """
    plain = {one.rule.code for one in fired if not one.rule.multiplies}
    base = sum(
        one.applied
        for one in tally.outcomes
        if one.direction is Direction.EARN and one.rule in plain
    )
    points = divided(base * (tier.percent - 100), 100, Rounding.DOWN)
    if points > 0:
        _apply_tier(tally, tier, points, percent=tier.percent, base=base)


def _give_gifts(tally: _Tally, policy: TierPolicy, before: int, month: int) -> None:
    """Give the gift of each tier that the event has led to, once in a customer's life."""
    after = level(policy, tally.standing.earned, month)
    for tier in policy.tiers[before:after]:
        if tier.gift and not tally.standing.has_gift(TIER_RULE + tier.code):
            _apply_tier(tally, tier, tier.gift)


def _apply_tier(tally: _Tally, tier: Tier, points: int, *, percent: int = 0, base: int = 0) -> None:
    told = tally.told
    code = TIER_RULE + tier.code
    version = told.programme.version
    event = told.event
    key = f"event:{event.id}:{code}" if percent else f"gift:{event.id}:{code}"
    cause = cause_of(told, key, code, version)
    policy = told.programme.tiers
    months = policy.gift_months if policy is not None else 0
    tally.standing.book.award(points, cause, expires_at=lot_end_on(told.on, months))
    tally.outcomes.append(
        Outcome(
            rule=code,
            version=version,
            name=tier.name,
            direction=Direction.EARN,
            requested=points,
            applied=points,
            ending=Ending.APPLIED,
            inputs={},
            percent=percent,
            base=base,
        )
    )


def is_gift(outcome: Outcome) -> bool:
    """Tell whether an outcome is the gift for reaching a tier."""
    return outcome.rule.startswith(TIER_RULE) and not outcome.percent


def _limits(bites: Sequence[Bite]) -> tuple[Limit, ...]:
    return tuple(
        Limit(
            bite.cap.scope,
            bite.cap.window,
            bite.cap.points,
            bite.cap.times,
            bite.used.points,
            bite.used.times,
        )
        for bite in bites
    )


def _inputs(rule: RuleVersion, facts: Facts) -> dict[str, FactValue]:
    """Give the fields a rule looks at, as it saw them."""
    return {name: facts[name] for name in fields_asked(rule) if name in facts}


def fields_asked(rule: RuleVersion) -> list[str]:
    """List the fields a rule's conditions and formula ask for."""
    asked = {condition.field for condition in rule.conditions}
    formula = rule.formula
    if isinstance(formula, PerDay):
        asked.add("days_late")
    asked.update(getattr(formula, "columns", ()))
    if isinstance(field_name := getattr(formula, "field", None), str):
        asked.add(field_name)
    return sorted(asked)
