"""Counting an event: rules, multipliers, caps, debts and tiers, in one pure function.

Posting, preview and back-test call `count` with the same kinds of things: a book, what the customer
has earned per month, and counters. Only where those come from differs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.caps import NOTHING, Bite, Counters, Meter, Used, allow, meters_for
from domain.events import BusinessEvent, Facts, FactValue
from domain.ledger import Cause
from domain.outcomes import Ending, Limit, Meterage, Outcome
from domain.posting import Book, lot_end_on, month_text_on
from domain.programme import Programme
from domain.rules.evaluation import Fired, RuleSet, divided
from domain.rules.fields import TIER
from domain.rules.model import DebtPolicy, Direction, Multiplier, Rounding, RuleVersion
from domain.tiers import UNRAISED, Tier, TierPolicy, level, month_of
from domain.values import value_type

# Reading a member of an enumeration takes longer than calling a function.
_EARN, _DEDUCT, _APPLIED = Direction.EARN, Direction.DEDUCT, Ending.APPLIED

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


@value_type
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
    facts: Facts
    meters: dict[str, list[Meter]]
    """The caps that each earning rule's award meets."""
    used: dict[str, Used]
    """What their counters stand at."""
    timed: set[str]
    """Counters in which this event's time has been counted."""
    outcomes: list[Outcome]


def count(told: Told, standing: Standing, counters: Counters) -> list[Outcome]:
    """Write what the rules of the event's date make of it into the book; give the outcomes.

    Deterministic: the same event in the same state has the same outcomes and movements.
    """
    policy, month = told.programme.tiers, month_of(told.on)
    before = level(policy, standing.earned, month) if policy else 0
    tier = policy.tiers[before - 1] if policy and before else None
    facts = told.facts if tier is None else {**told.facts, TIER: tier.code}
    tally = _Tally(told, standing, counters, facts, {}, {}, set(), [])
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
    corrects = own if own != period else None
    happened_at, recorded_at = event.occurred_at, event.recorded_at
    # By place, like all that is made for every event: names take twice the time.
    return Cause(
        told.actor, happened_at, recorded_at, key, period, corrects, event.id, rule, version
    )


def _lock_counters(tally: _Tally, fired: Sequence[Fired]) -> None:
    """Lock the counters of all rules at once, so that they are locked in one order everywhere."""
    told = tally.told
    caps, customer = told.programme.caps, told.event.customer
    met: list[Meter] = []
    for one in fired:
        rule = one.rule
        if rule.direction is _EARN:
            meters = meters_for(rule, caps, tally.facts, customer, told.on)
            tally.meters[rule.code] = meters
            met += meters
    if met:
        keys = _keys(met)
        used = tally.counters.take(keys)
        tally.used = {key: used.get(key, NOTHING) for key in keys}


def _apply(tally: _Tally, fired: Fired) -> None:
    rule, told = fired.rule, tally.told
    cause = cause_of(told, f"event:{told.event.id}:{rule.code}", rule.code, rule.version)
    facts = tally.facts
    inputs = {name: facts[name] for name in fired.asked if name in facts}
    percent = rule.formula.percent if isinstance(rule.formula, Multiplier) else 0
    if rule.direction is _DEDUCT:
        tally.outcomes.append(_deduct(tally, fired, cause, inputs))
        return
    applied, bites, moved = _capped(tally, fired.points, tally.meters[rule.code])
    matures_at = None
    if applied:
        matures_at = _award(tally, rule, applied, cause)
    owed = 0
    tally.outcomes.append(
        Outcome(
            rule.code,
            rule.version,
            rule.name,
            rule.direction,
            fired.points,
            applied,
            Ending.CAPPED if bites else _APPLIED,
            inputs,
            percent,
            fired.base,
            owed,
            rule.qualifies,
            matures_at,
            _limits(bites) if bites else (),
            moved,
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
    for key in _keys(meters):
        times = 0 if key in tally.timed else 1
        tally.timed.add(key)
        now = tally.used[key]
        tally.used[key] = Used(now.points + applied, now.times + times)
        tally.counters.add(key, applied, times)
        moved.append(Meterage(key, applied, times))
    return applied, bites, tuple(moved)


def _keys(meters: Sequence[Meter]) -> Sequence[str]:
    """Give the counters that caps are measured by, each once and in order."""
    if len(meters) == 1:
        return [meters[0].key]
    return sorted({meter.key for meter in meters})


def _deduct(tally: _Tally, fired: Fired, cause: Cause, inputs: dict[str, FactValue]) -> Outcome:
    rule, book = fired.rule, tally.standing.book
    is_short = book.available < fired.points
    applied, owed, ending = 0, 0, _APPLIED
    if is_short and rule.debt_policy is DebtPolicy.REFUSE:
        ending = Ending.REFUSED
    elif is_short and rule.debt_policy is DebtPolicy.ASK:
        ending = Ending.ASKED
    else:
        before = book.debt
        floor = rule.debt_floor if rule.debt_policy is DebtPolicy.OWE_TO_FLOOR else None
        applied = book.deduct(fired.points, cause, debt_max=floor)
        owed = book.debt - before
        ending = _APPLIED if applied == fired.points else Ending.WAIVED
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
