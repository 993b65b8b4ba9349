"""Tiers: a customer's level, from the points earned in a rolling window of calendar months.

A level is never stored: it is a function of what was earned per month, the policy and a month. A
customer has the highest tier that was reached at the end of this month or one of the months of
grace before it; so a promotion is at once and a downgrade waits for the grace to pass. Months are
counted from year 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

UNRAISED = 100


@dataclass(frozen=True, slots=True)
class Tier:
    """One level, with what it brings."""

    code: str
    name: str
    threshold: int
    """Points to earn within the window."""
    percent: int = UNRAISED
    """What an award is raised to: 120 gives a fifth more."""
    gift: int = 0
    """Points for reaching it, once in a customer's life."""
    privileges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """All tiers, by rising threshold."""

    tiers: tuple[Tier, ...]
    window_months: int = 12
    grace_months: int = 0
    gift_months: int = 12
    """So long a gift lives, to the month's end."""


Earned = Mapping[int, int]
"""Qualifying points per month."""


def month_of(day: date) -> int:
    """Give the number of a day's month."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """Give the first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def in_window(policy: TierPolicy, earned: Earned, month: int) -> int:
    """Add up what was earned in the window that ends with a month."""
    first = month - policy.window_months + 1
    return sum(points for m, points in earned.items() if first <= m <= month)


def reached(policy: TierPolicy, points: int) -> int:
    """Give the number of tiers whose threshold is reached: 0 is none."""
    return sum(1 for tier in policy.tiers if points >= tier.threshold)


def level(policy: TierPolicy, earned: Earned, month: int) -> int:
    """Give the customer's level in a month: 0 is none, 1 the first tier."""
    months = range(month - policy.grace_months, month + 1)
    return max(reached(policy, in_window(policy, earned, m)) for m in months)


def tier_at(policy: TierPolicy | None, earned: Earned, month: int) -> Tier | None:
    """Give the customer's tier in a month; None without tiers or below the first."""
    if policy is None:
        return None
    at = level(policy, earned, month)
    return policy.tiers[at - 1] if at else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a customer stands between two tiers, and what happens if nothing more is earned."""

    tier: Tier | None
    points: int
    """Earned in the window."""
    next_tier: Tier | None
    missing: int
    """Points to the next tier; 0 at the top."""
    falls_on: date | None
    """The first day of the month in which the tier is lost if nothing changes."""
    falls_to: Tier | None


def outlook(policy: TierPolicy, earned: Earned, month: int) -> Outlook:
    """Tell where a customer stands in a month and when the tier would be lost."""
    at = level(policy, earned, month)
    points = in_window(policy, earned, month)
    above = policy.tiers[at] if at < len(policy.tiers) else None
    # After these no window has anything in it: a tier that holds until then is never lost.
    months = range(
        month + 1, max((month, *earned)) + policy.window_months + policy.grace_months + 1
    )
    falls = next((later for later in months if level(policy, earned, later) < at), None)
    lower = 0 if falls is None else level(policy, earned, falls)
    return Outlook(
        tier=policy.tiers[at - 1] if at else None,
        points=points,
        next_tier=above,
        missing=max(0, above.threshold - points) if above else 0,
        falls_on=None if falls is None else first_day(falls),
        falls_to=policy.tiers[lower - 1] if lower else None,
    )
