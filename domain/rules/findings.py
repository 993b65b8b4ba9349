"""What the checker of rules can find: codes, places and display facts, never sentences.

The wording stands in templates/parts/words.toml; a test proves that each code has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Whether a finding keeps a rule from being published."""

    ERROR = "error"
    WARNING = "warning"


class FindingCode(StrEnum):
    """The stable name of a finding."""

    BAD_CODE = "bad_code"
    TEXT_TOO_LONG = "text_too_long"
    VERSION_NOT_NEXT = "version_not_next"
    STARTS_IN_THE_PAST = "starts_in_the_past"
    ENDS_BEFORE_START = "ends_before_start"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    MATURES_AFTER_EXPIRY = "matures_after_expiry"
    NOT_POSITIVE = "not_positive"
    NEGATIVE = "negative"
    TOO_MANY_POINTS = "too_many_points"
    CAP_WITHOUT_LIMIT = "cap_without_limit"
    CAP_TWICE = "cap_twice"
    CAP_SELDOM_APPLIES = "cap_seldom_applies"
    FLOOR_MISSING = "floor_missing"
    FLOOR_WITHOUT_POLICY = "floor_without_policy"
    UNKNOWN_FIELD = "unknown_field"
    COMPARISON_NOT_ALLOWED = "comparison_not_allowed"
    WRONG_VALUE = "wrong_value"
    NO_VALUES = "no_values"
    CONTRADICTION = "contradiction"
    IMPLAUSIBLE = "implausible"
    NOT_A_NUMBER_FIELD = "not_a_number_field"
    NO_STEPS = "no_steps"
    STEPS_NOT_RISING = "steps_not_rising"
    GIVES_NOTHING = "gives_nothing"
    NO_DAYS_LATE = "no_days_late"
    MULTIPLIER_DEDUCTS = "multiplier_deducts"
    UNKNOWN_RULE = "unknown_rule"
    NOT_RAISABLE = "not_raisable"
    SPLITTING_EARNS_MORE = "splitting_earns_more"
    MUCH_FOR_ONE_EVENT = "much_for_one_event"
    NO_COLUMNS = "no_columns"
    TOO_MANY_COLUMNS = "too_many_columns"
    COLUMN_TWICE = "column_twice"
    NO_ROWS = "no_rows"
    TABLE_TOO_LARGE = "table_too_large"
    CELL_COUNT = "cell_count"
    RANGE_REVERSED = "range_reversed"
    WRONG_CELL = "wrong_cell"
    ROW_UNREACHABLE = "row_unreachable"
    TABLE_GAP = "table_gap"
    ROWS_OVERLAP = "rows_overlap"
    NOT_FULLY_CHECKED = "not_fully_checked"
    BOTH_COUNT = "both_count"
    VERSION_SHADOWED = "version_shadowed"
    MIXED_STACKING = "mixed_stacking"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the checker found, and where: "conditions[1]", "formula.rows[3].cells[0]"."""

    severity: Severity
    code: FindingCode
    place: str
    data: Mapping[str, Any] = field(default_factory=dict)


def error(code: FindingCode, place: str, **data: Any) -> Finding:
    """Make a finding that keeps the rule from being published."""
    return Finding(Severity.ERROR, code, place, data)


def warning(code: FindingCode, place: str, **data: Any) -> Finding:
    """Make a finding that the rule may be published with."""
    return Finding(Severity.WARNING, code, place, data)
