"""The words of the workbooks: none missing, none twice, none that could be read as another."""

from enum import StrEnum

import pytest

from bot.sheets.limits import Fault, Unreadable
from bot.sheets.problems import Problem, ProblemCode, shown, word_fault, word_problem
from bot.sheets.rules_loading import _FORMULA_CELLS, _NEEDED, _PLAIN
from bot.sheets.rules_saving import NUMBERS
from bot.sheets.words import WORDS, read_toml
from domain.events import EventType
from domain.rules.fields import COMMON, OF_EVENT
from domain.rules.findings import FindingCode
from domain.rules.model import (
    Comparison,
    DebtPolicy,
    Direction,
    Rounding,
    Scope,
    Stacking,
    Window,
)
from handlers.parsing.normalise import normalise

ENUMS: dict[str, type[StrEnum]] = {
    "trigger": EventType,
    "direction": Direction,
    "comparison": Comparison,
    "rounding": Rounding,
    "scope": Scope,
    "window": Window,
    "debt_policy": DebtPolicy,
    "stacking": Stacking,
}
TABLES = [*ENUMS, "field", "formula", "flag", "cell", "heading", "sheet"]


@pytest.mark.parametrize("table", ENUMS)
def test_every_value_has_a_word(table: str) -> None:
    assert set(WORDS.values(table)) == {value.value for value in ENUMS[table]}


def test_every_field_has_a_word() -> None:
    fields = set(COMMON).union(*OF_EVENT.values())
    assert set(WORDS.values("field")) == fields
    assert WORDS.field("no.such.field") == "no.such.field"


def test_every_column_and_formula_is_known() -> None:
    headings = {*_PLAIN, *_FORMULA_CELLS, "trigger", "formula", "conditions"}
    assert set(WORDS.values("heading")) == headings
    assert set(WORDS.values("formula")) == set(_NEEDED)
    assert headings >= NUMBERS


@pytest.mark.parametrize("table", TABLES)
def test_no_word_stands_for_two_values(table: str) -> None:
    words = [normalise(word) for word in WORDS.words(table)]
    assert len(set(words)) == len(words)
    assert all(WORDS.value(table, word) for word in words)


def test_words_of_lines_are_written_without_blanks() -> None:
    """Blanks separate the parts of a condition or cap."""
    for table in ("field", "comparison", "scope", "window"):
        assert all(not any(map(str.isspace, word)) for word in WORDS.words(table))


def test_no_heading_of_a_table_is_the_one_for_its_points() -> None:
    assert WORDS.word("table_heading", "points") not in WORDS.words("field")


@pytest.mark.parametrize("code", ProblemCode)
def test_every_problem_is_worded(code: ProblemCode) -> None:
    data = {"found": "乙", "limit": 5, "line": 2, "choices": "甲"}
    assert word_problem(Problem("规则", "C7", code, data))


def test_nothing_is_worded_that_never_happens() -> None:
    assert set(read_toml("problems")["cell"]) == set(ProblemCode)
    assert set(read_toml("problems")["file"]) == set(Fault)
    codes = {name.removesuffix("_alone") for name in read_toml("findings")["finding"]}
    assert codes == set(FindingCode)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_worded(fault: Fault) -> None:
    assert "{" not in word_fault(Unreadable(fault, {"limit": 20 * 2**20}))
    assert str(Unreadable(fault)) == fault


def test_a_problem_repeats_little_of_what_stands_there_and_nothing_unseen() -> None:
    assert shown("a\0b\u202ec\nd") == "a b c d"
    assert shown("x" * 41) == "x" * 39 + "…"
    assert shown(3.5) == "3.5"
