"""What is wrong with a row of a file of rewards: a code with fields, and its wording."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.catalogue.words import word_for
from bot.presenter import Presenter
from bot.sheets.problems import ProblemCode, shown
from bot.sheets.reading import address
from bot.sheets.words import read_toml
from domain.reward_checks import Fault
from domain.reward_terms import value_to_json


class RowFault(StrEnum):
    """The stable name of what is wrong, beside what can be wrong with any cell or any reward."""

    NO_HEADINGS = "no_headings"
    HEADING_TWICE = "heading_twice"
    MERGED = "merged"
    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"
    MISSING = "missing"
    UNKNOWN_NUMBER = "unknown_number"
    ROW_TWICE = "row_twice"
    NOT_A_LIMIT = "not_a_limit"
    UNKNOWN_WORD = "unknown_word"
    UNKNOWN_TIER = "unknown_tier"
    NO_TIER = "no_tier"
    NOT_A_DATE = "not_a_date"
    TOO_LONG = "too_long"
    CHANGED = "changed"
    STOCK_SHORT = "stock_short"
    STOCK_RANGE = "stock_range"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file: sheet (empty for CSV), row from 1, column from 0."""

    sheet: str
    row: int = 0
    """0 for the whole sheet."""
    column: int | None = None
    heading: str = ""

    @property
    def shown(self) -> str:
        """Give the place as the program shows it: 兑换品!C7, a whole row by its number alone."""
        at = address(self.row, self.column) if self.column is not None else str(self.row or "")
        return "!".join(filter(None, (self.sheet, at)))


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that keeps a file from being imported, or surprises."""

    place: Place
    code: RowFault | ProblemCode | Fault
    data: Mapping[str, Any] = field(default_factory=dict)
    field: str = ""
    """The reward's field, where the check of rewards has found it."""


class Bad(Exception):
    """What stands in a cell can't be used; the caller knows where."""

    def __init__(self, code: RowFault, value: object = None, **data: Any) -> None:
        """Keep what is wrong and what stands there."""
        super().__init__(code)
        self.code = code
        self.data = data if value is None else {"found": shown(value), **data}


def word_problem(problem: RowProblem, words: Presenter) -> str:
    """Word a problem without its place."""
    if isinstance(problem.code, Fault):
        return word_fault(problem.code, problem.field, problem.data, words)
    if isinstance(problem.code, ProblemCode):
        wording: str = read_toml("problems")["cell"][problem.code]
    else:
        wording = word_for("problem", problem.code)
    return wording.format_map(problem.data)


def word_fault(fault: Fault, place: str, data: Mapping[str, Any], words: Presenter) -> str:
    """Word what the check of rewards has found in a field."""
    facts = {
        "field": place,
        "fault": fault,
        "found": str(value_to_json(data.get("found", ""))),
        "low": data.get("low", 0),
        "high": data.get("high", data.get("limit", 0)),
    }
    return words.word("parts/reward_fault.txt.j2", {"fault": facts})
