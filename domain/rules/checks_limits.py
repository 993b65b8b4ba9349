"""Checks of what surrounds a rule's formula: names, dates, caps, life of the points, debt."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from domain.calendar import months_later_end
from domain.rules.fields import WITH_PROJECT
from domain.rules.findings import Finding, FindingCode, error, warning
from domain.rules.model import POINTS_MAX, Cap, DebtPolicy, RuleVersion, Scope

TEXT_SHOWN_MAX = 40
"""Names and groups stand in cards and reports."""
VALID_MONTHS_MAX = 120
MATURES_DAYS_MAX = 365

_CODE = re.compile(r"[a-z0-9-]{1,40}")
_FOUR_YEARS = [date(2025, 1, 1) + timedelta(days=day) for day in range(1461)]


def check_names(rule: RuleVersion) -> Iterator[Finding]:
    """Find codes and names that can't be used."""
    if not _CODE.fullmatch(rule.code):
        yield error(FindingCode.BAD_CODE, "code", found=rule.code)
    for place, text in (("name", rule.name), ("group", rule.group)):
        if len(text) > TEXT_SHOWN_MAX:
            yield error(FindingCode.TEXT_TOO_LONG, place, found=len(text), limit=TEXT_SHOWN_MAX)


def check_window(
    rule: RuleVersion, others: Sequence[RuleVersion], now: datetime
) -> Iterator[Finding]:
    """Find a version number or a time that can't be published any more."""
    following = max((other.version for other in others if other.code == rule.code), default=0) + 1
    if rule.version != following:
        yield error(FindingCode.VERSION_NOT_NEXT, "version", found=rule.version, expected=following)
    if rule.effective_from < now:
        yield error(FindingCode.STARTS_IN_THE_PAST, "effective_from", found=rule.effective_from)
    if rule.effective_to is not None and rule.effective_to <= rule.effective_from:
        yield error(
            FindingCode.ENDS_BEFORE_START,
            "effective_to",
            start=rule.effective_from,
            found=rule.effective_to,
        )


def check_life(rule: RuleVersion) -> Iterator[Finding]:
    """Find points that live too short or too long, or end before they can be spent."""
    months, days = rule.valid_months, rule.matures_after_days
    if not 1 <= months <= VALID_MONTHS_MAX:
        yield error(
            FindingCode.NUMBER_OUT_OF_RANGE,
            "valid_months",
            low=1,
            high=VALID_MONTHS_MAX,
            found=months,
        )
    elif 0 <= days <= MATURES_DAYS_MAX and days >= shortest_life(months):
        yield error(
            FindingCode.MATURES_AFTER_EXPIRY,
            "matures_after_days",
            found=days,
            life=shortest_life(months),
        )
    if not 0 <= days <= MATURES_DAYS_MAX:
        yield error(
            FindingCode.NUMBER_OUT_OF_RANGE,
            "matures_after_days",
            low=0,
            high=MATURES_DAYS_MAX,
            found=days,
        )


def shortest_life(months: int) -> int:
    """Give the days that points of so many months live at least, whatever day they begin."""
    return min((months_later_end(day, months) - day).days for day in _FOUR_YEARS)


def check_caps(rule: RuleVersion) -> Iterator[Finding]:
    """Find caps that limit nothing, can't be meant, or stand there twice."""
    if rule.event_points_max is not None:
        yield from _limit(rule.event_points_max, "event_points_max")
    yield from cap_findings(rule.caps)
    for n, cap in enumerate(rule.caps):
        if cap.scope in {Scope.PROJECT, Scope.MANAGER} and rule.trigger not in WITH_PROJECT:
            yield warning(
                FindingCode.CAP_SELDOM_APPLIES,
                f"caps[{n}]",
                scope=cap.scope,
                trigger=rule.trigger,
            )


def cap_findings(caps: Sequence[Cap]) -> Iterator[Finding]:
    """Find caps of a rule or of the programme that limit nothing or stand there twice."""
    seen = set()
    for n, cap in enumerate(caps):
        place = f"caps[{n}]"
        if cap.points is None and cap.times is None:
            yield error(FindingCode.CAP_WITHOUT_LIMIT, place)
        yield from _cap_limits(cap, place)
        if (cap.scope, cap.window) in seen:
            yield error(FindingCode.CAP_TWICE, place, scope=cap.scope, window=cap.window)
        seen.add((cap.scope, cap.window))


def _cap_limits(cap: Cap, place: str) -> Iterator[Finding]:
    for name, limit in (("points", cap.points), ("times", cap.times)):
        if limit is not None:
            yield from _limit(limit, f"{place}.{name}")


def _limit(limit: int, place: str) -> Iterator[Finding]:
    if limit <= 0:
        yield error(FindingCode.NOT_POSITIVE, place, found=limit)
    elif limit > POINTS_MAX:
        yield error(FindingCode.TOO_MANY_POINTS, place, found=limit, limit=POINTS_MAX)


def check_debt(rule: RuleVersion) -> Iterator[Finding]:
    """Find a debt policy and a floor that don't go together."""
    floor = rule.debt_floor
    if rule.debt_policy is DebtPolicy.OWE_TO_FLOOR:
        if floor is None:
            yield error(FindingCode.FLOOR_MISSING, "debt_floor")
        elif floor < 0:
            yield error(FindingCode.NEGATIVE, "debt_floor", found=floor)
        elif floor > POINTS_MAX:
            yield error(FindingCode.TOO_MANY_POINTS, "debt_floor", found=floor, limit=POINTS_MAX)
    elif floor is not None:
        yield error(FindingCode.FLOOR_WITHOUT_POLICY, "debt_floor", policy=rule.debt_policy)
