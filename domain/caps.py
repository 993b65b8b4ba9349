"""Caps: counters of points and times per scope and calendar window, and what they still allow.

A counter is named by what it counts for ("*" is all rules), whose it is and its window, so that the
same event always meets the same counters, in posting and in a replay. Times are counted by event.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Protocol, assert_never

from domain.events import Facts
from domain.rules.fields import CONTACT, MANAGER, PROJECT
from domain.rules.model import Cap, RuleVersion, Scope, Window
from domain.values import value_type

ALL_RULES = "*"


@value_type
class Used:
    """What a counter stands at."""

    points: int = 0
    times: int = 0


NOTHING = Used()


class Counters(Protocol):
    """The counters, locked until the end of the transaction once they have been read."""

    def take(self, keys: Sequence[str]) -> Mapping[str, Used]:
        """Lock and read counters, given in sorted order; those that don't exist stand at zero."""
        ...

    def add(self, key: str, points: int, times: int) -> None:
        """Move a counter that was taken; both may be negative for an undo."""
        ...


@value_type
class Meter:
    """A cap that an event meets, by the key of its counter."""

    cap: Cap
    key: str


@value_type
class Bite:
    """A cap that gave less than was asked."""

    key: str
    cap: Cap
    used: Used
    allowed: int


def meters_for(
    rule: RuleVersion, general: Iterable[Cap], facts: Facts, customer: str, on: date
) -> list[Meter]:
    """List the caps that an award of a rule meets on a business date, the rule's own first.

    A cap whose subject the event doesn't have (a project's, without project) is not met.
    """
    found = []
    for owner, caps in ((rule.code, rule.caps), (ALL_RULES, general)):
        for cap in caps:
            subject = subject_of(cap.scope, facts, customer)
            if subject is not None:
                found.append(
                    Meter(cap, f"{owner}|{cap.scope}:{subject}|{window_of(cap.window, on)}")
                )
    return found


def subject_of(scope: Scope, facts: Facts, customer: str) -> str | None:
    """Name whose points a scope counts together; None when the event has no such."""
    match scope:
        case Scope.CUSTOMER:
            return customer
        case Scope.RULE | Scope.TENANT:
            return ""
        case Scope.CONTACT:
            return _text(facts, CONTACT)
        case Scope.PROJECT:
            return _text(facts, PROJECT)
        case Scope.MANAGER:
            return _text(facts, MANAGER)
        case _ as never:
            assert_never(never)


def _text(facts: Facts, field: str) -> str | None:
    found = facts.get(field)
    return found if isinstance(found, str) and found else None


# Every award asks, and most ask for the same few days.
@lru_cache(maxsize=4096)
def window_of(window: Window, on: date) -> str:
    """Name the calendar window a business date lies in."""
    match window:
        case Window.DAY:
            return on.isoformat()
        case Window.WEEK:
            year, week, _ = on.isocalendar()
            return f"{year}-W{week:02d}"
        case Window.MONTH:
            return f"{on.year}-{on.month:02d}"
        case Window.QUARTER:
            return f"{on.year}-Q{(on.month + 2) // 3}"
        case Window.YEAR:
            return str(on.year)
        case Window.EVER:
            return "ever"
        case _ as never:
            assert_never(never)


def allow(
    points: int, meters: Sequence[Meter], used: Mapping[str, Used], counted: set[str]
) -> tuple[int, list[Bite]]:
    """Give how many of the points all caps allow, and the caps that gave less.

    `counted` are the counters in which this event's time has been counted already.
    """
    bites = []
    for meter in meters:
        cap, now = meter.cap, used.get(meter.key, NOTHING)
        allowed = points
        if cap.points is not None:
            allowed = min(allowed, max(0, cap.points - now.points))
        if cap.times is not None and meter.key not in counted and now.times >= cap.times:
            allowed = 0
        if allowed < points:
            bites.append(Bite(meter.key, cap, now, allowed))
            points = allowed
    return points, bites
