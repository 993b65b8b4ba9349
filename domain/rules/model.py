"""What a rule says: trigger, conditions, formula, limits, life of the points, way to be in debt.

There is no expression language: a condition compares one field with a value, a formula is one of
the shapes below. Everything is whole numbers; whatever divides says how it rounds.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.events import EventType, EventValue

POINTS_MAX = 1_000_000_000
"""No rule gives or takes more for one event, whatever its formula says."""


TABLE_ROWS_MAX = 1000
"""No decision table has more rows."""


class Comparison(StrEnum):
    """How a condition compares a field with its value."""

    EQUALS = "eq"
    DIFFERS = "ne"
    ONE_OF = "in"
    NONE_OF = "not_in"
    LESS_THAN = "lt"
    AT_MOST = "le"
    MORE_THAN = "gt"
    AT_LEAST = "ge"


class Direction(StrEnum):
    """Whether a rule gives or takes points."""

    EARN = "earn"
    DEDUCT = "deduct"


class DebtPolicy(StrEnum):
    """What a deduction does when the wallet is short."""

    TAKE_AND_OWE = "take_and_owe"
    """Takes what is there; the rest is owed."""
    OWE_TO_FLOOR = "owe_to_floor"
    """The same, but the debt ends at the rule's floor; what is beyond is waived and recorded."""
    REFUSE = "refuse"
    """Takes nothing unless everything is there; recorded as refused."""
    ASK = "ask"
    """Takes nothing unless everything is there; a supervisor decides."""


class Rounding(StrEnum):
    """What becomes of a part of a unit or of a point."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"


class Stacking(StrEnum):
    """What rules of one group do to each other when several fire for an event."""

    ADD = "add"
    HIGHEST = "highest"
    FIRST = "first"
    """The one with the smallest priority number."""


class Scope(StrEnum):
    """Whose points a cap counts together."""

    CONTACT = "contact"
    CUSTOMER = "customer"
    PROJECT = "project"
    MANAGER = "manager"
    """The project manager of the event's project."""
    RULE = "rule"
    """Everybody's points by this rule."""
    TENANT = "tenant"
    """Everybody's points."""


class Window(StrEnum):
    """The calendar window of a cap, in business days; it begins anew with each."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many points, so many times, in a window; at least one of the two is set.

    A rule's cap counts the rule's own points, the programme's caps count those of all rules.
    """

    scope: Scope
    window: Window
    points: int | None = None
    times: int | None = None


Texts = tuple[str, ...]
ConditionValue = EventValue | tuple[EventValue, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; a missing field never satisfies it, not even by differing."""

    field: str
    comparison: Comparison
    value: ConditionValue
    """A tuple for ONE_OF and NONE_OF, one value otherwise."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same number of points every time."""

    points: int


@dataclass(frozen=True, slots=True)
class PerUnit:
    """Points for every unit of an amount; the rule's rounding says what a started unit counts."""

    field: str
    unit: int
    """In the field's own unit: fen for amounts."""
    points: int


@dataclass(frozen=True, slots=True)
class Step:
    """The points from a value on."""

    at_least: int
    points: int


@dataclass(frozen=True, slots=True)
class Steps:
    """The points of the highest step that a field reaches; none below the first."""

    field: str
    steps: tuple[Step, ...]
    """By `at_least`, rising."""


@dataclass(frozen=True, slots=True)
class PerDay:
    """Points for each day beyond the plan, or before it, after `free` days; at most `most`."""

    points: int
    is_early: bool = False
    free: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Multiplier:
    """Raises what the other earning rules give for the same event: 200 percent doubles it.

    The added part is this rule's own points. Multipliers raise the base, never each other.
    """

    percent: int
    of: Texts = ()
    """Codes of the rules it raises; all when empty."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` on, up to and including `high`; an open end is None."""

    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """One of these texts or flags."""

    values: tuple[str | bool, ...]


Cell = Range | Members | None
"""What a row asks of one column; None asks nothing."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of a decision table."""

    cells: tuple[Cell, ...]
    points: int


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """The points of the first row that fits; none when no row does."""

    columns: Texts
    """The fields asked, in the order of the cells."""
    rows: tuple[TableRow, ...]


Formula = Fixed | PerUnit | Steps | PerDay | Multiplier | DecisionTable


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a rule, valid for events that happened in [effective_from, effective_to)."""

    code: str
    version: int
    trigger: EventType
    conditions: tuple[Condition, ...]
    formula: Formula
    direction: Direction
    effective_from: datetime
    effective_to: datetime | None = None
    name: str = ""
    """What people call it."""
    rounding: Rounding = Rounding.DOWN
    event_points_max: int | None = None
    """At most so many points for one event."""
    caps: tuple[Cap, ...] = ()
    valid_months: int = 24
    """Points live this many months, to the month's end."""
    matures_after_days: int = 0
    """So many days after the event the points can be spent; until then they are pending."""
    debt_policy: DebtPolicy = DebtPolicy.TAKE_AND_OWE
    debt_floor: int | None = None
    """The greatest debt OWE_TO_FLOOR leads to."""
    group: str = ""
    """Rules of one group are stacked; those without a group all count."""
    stacking: Stacking = Stacking.ADD
    priority: int = 100
    qualifies: bool = True
    """Whether what it gives counts for the customer's tier."""
    is_off: bool = False
    """A version that ends the rule from its date on."""

    @property
    def multiplies(self) -> bool:
        """Tell whether it raises what others give."""
        return isinstance(self.formula, Multiplier)

    @property
    def is_campaign(self) -> bool:
        """Tell whether it raises what others give for a time with an end."""
        return self.multiplies and self.effective_to is not None

    def is_valid_at(self, at: datetime) -> bool:
        """Tell whether an instant lies in its window; a higher version may still count instead."""
        return self.effective_from <= at and (self.effective_to is None or at < self.effective_to)
