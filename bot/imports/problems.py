"""What is wrong with a row of a file of events: a code with fields, and its wording."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.imports.words import CUSTOMERS, listed, word_for
from bot.sheets.problems import ProblemCode, shown
from bot.sheets.reading import address
from bot.sheets.words import read_toml


class Fault(StrEnum):
    """The stable name of what is wrong with a row, beside what can be wrong with any cell."""

    NO_HEADINGS = "no_headings"
    HEADING_TWICE = "heading_twice"
    HEADING_MISSING = "heading_missing"
    NO_ROWS = "no_rows"
    MISSING = "missing"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_PROJECT = "unknown_project"
    UNKNOWN_CONTACT = "unknown_contact"
    AMBIGUOUS = "ambiguous"
    NOBODY = "nobody"
    MISMATCH = "mismatch"
    NO_PROJECT = "no_project"
    NO_PLAN = "no_plan"
    FUTURE = "future"
    TOO_EARLY = "too_early"
    NOT_A_DATE = "not_a_date"
    NOT_POSITIVE = "not_positive"
    NOT_A_FLAG = "not_a_flag"
    NOT_STARS = "not_stars"
    TOO_LONG = "too_long"
    NOT_MERGEABLE = "not_mergeable"
    ROW_TWICE = "row_twice"
    ID_CONFLICT = "id_conflict"
    EVENT_CONFLICT = "event_conflict"
    MILESTONE_RECORDED = "milestone_recorded"


class FileFault(StrEnum):
    """The stable name of what is wrong with a row of customers or contracts."""

    NO_CUSTOMER_HEADINGS = "no_customer_headings"
    NO_CONTRACT_HEADINGS = "no_contract_headings"
    DIFFERS_ABOVE = "differs_above"
    NOT_A_PHONE = "not_a_phone"
    PHONE_ALONE = "phone_alone"
    MANY_PHONES = "many_phones"
    UNKNOWN_MANAGER = "unknown_manager"
    BAD_CREDIT_CODE = "bad_credit_code"
    BAD_PAYMENT_DAYS = "bad_payment_days"
    BAD_CODE = "bad_code"
    BAD_FIELD = "bad_field"
    BAD_CHOICE = "bad_choice"
    FIELD_ELSEWHERE = "field_elsewhere"
    TYPE_MISSING = "type_missing"
    CODE_TWICE = "code_twice"
    CODE_OF_OTHER = "code_of_other"
    TWIN_SAME = "twin_same"
    TWIN_LIKELY = "twin_likely"
    TWIN_MAYBE = "twin_maybe"
    TWIN_ANYWAY = "twin_anyway"
    DIFFERS = "differs"
    NUMBER_TWICE = "number_twice"
    CONTRACT_DIFFERS = "contract_differs"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file: sheet (empty for CSV), row from 1, column from 0."""

    sheet: str
    row: int
    column: int | None = None
    heading: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that keeps a row from being counted."""

    place: Place
    code: Fault | FileFault | ProblemCode
    data: Mapping[str, Any] = field(default_factory=dict)


class Bad(Exception):
    """What stands in a cell can't be used; the caller knows where."""

    def __init__(self, code: Fault | FileFault, value: object = None, **data: Any) -> None:
        """Keep what is wrong and what stands there."""
        super().__init__(code)
        self.code = code
        self.data = data if value is None else {"found": shown(value), **data}


def word_place(place: Place) -> str:
    """Give a place as the program shows it: 台账!C7, a whole row by its number alone."""
    at = str(place.row) if place.column is None else address(place.row, place.column)
    return f"{place.sheet}!{at}" if place.sheet else at


def word_row_problem(problem: RowProblem) -> str:
    """Word a problem without its place."""
    if isinstance(problem.code, ProblemCode):
        wording: str = read_toml("problems")["cell"][problem.code]
    elif isinstance(problem.code, FileFault):
        wording = CUSTOMERS.word_for("problem", problem.code)
    else:
        wording = word_for("problem", problem.code)
    return wording.format_map(problem.data)


def word_guesses(names: tuple[str, ...]) -> str:
    """Word which names may have been meant; nothing when there are none."""
    return word_for("problem", "guesses").format(names=listed(names)) if names else ""
