"""What is wrong in a workbook, and where: fields for wording, never sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from bot.sheets.limits import Unreadable
from bot.sheets.words import read_toml

FOUND_MAX: Final = 40
"""Characters of a cell that a problem repeats."""


class ProblemCode(StrEnum):
    """The stable name of a problem."""

    SHEET_MISSING = "sheet_missing"
    SHEET_UNUSED = "sheet_unused"
    HEADINGS_MISSING = "heading_missing_all"
    HEADING_MISSING = "heading_missing"
    HEADING_TWICE = "heading_twice"
    HEADING_UNKNOWN = "heading_unknown"
    MERGED = "merged"
    NO_RULES = "no_rules"
    TABLE_TOO_LARGE = "table_too_large"
    RULE_TWICE = "rule_twice"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    BEYOND = "beyond"
    FORMULA_ERROR = "formula_error"
    DATE_FOUND = "date_found"
    NOT_A_TEXT = "not_a_text"
    HIDDEN_CHARACTERS = "hidden_characters"
    TOO_LONG = "too_long"
    UNKNOWN_WORD = "unknown_word"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    FINER_THAN_A_FEN = "finer_than_a_fen"
    NEGATIVE = "negative"
    TOO_GREAT = "too_great"
    NOT_A_RANGE = "not_a_range"
    UNIT_UNCLEAR = "unit_unclear"
    RANGE_REVERSED = "range_reversed"
    NOT_A_DATE = "not_a_date"
    NOT_A_CONDITION = "not_a_condition"
    NOT_A_STEP = "not_a_step"
    NOT_A_CAP = "not_a_cap"
    NOT_A_LIST = "not_a_list"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a workbook from being loaded."""

    sheet: str
    cell: str
    """C7; empty when it is about the whole sheet."""
    code: ProblemCode
    data: Mapping[str, Any] = field(default_factory=dict)


class Wrong(Exception):
    """What stands in a cell can't be used; the caller knows where."""

    def __init__(self, code: ProblemCode, **data: Any) -> None:
        """Keep what is wrong and what the wording needs besides what stands there."""
        super().__init__(code)
        self.code = code
        self.data = data


def shown(value: object) -> str:
    """Give what stands in a cell on one short line, with nothing that can't be seen."""
    text = "".join(one if one.isprintable() else " " for one in str(value)[: FOUND_MAX + 1])
    return text if len(text) <= FOUND_MAX else f"{text[: FOUND_MAX - 1]}…"


def word_problem(problem: Problem) -> str:
    """Word a problem without its place."""
    return read_toml("problems")["cell"][problem.code].format_map(problem.data)


def word_fault(error: Unreadable) -> str:
    """Word why a file can't be read."""
    limit = error.data.get("limit", 0)
    wording = read_toml("problems")["file"][error.fault]
    return wording.format(limit=limit, limit_mib=limit // 2**20)
