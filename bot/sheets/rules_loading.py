"""A rule set from a workbook: all problems with sheet and cell, nothing unless all is well.

It only reads what stands there; whether the rules make sense is domain/rules/checks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from bot.sheets.headings import Headings, read_headings
from bot.sheets.problems import Problem, ProblemCode, Wrong, shown
from bot.sheets.ranges import number_reader
from bot.sheets.reading import CellValue, Row, Sheet, read_sheets
from bot.sheets.rule_cells import kind_of, read_caps, read_cell, read_conditions, read_steps
from bot.sheets.values import (
    not_negative,
    read_flag,
    read_number,
    read_text,
    read_texts,
    read_time,
    read_word,
    refuse_strange,
)
from bot.sheets.words import WORDS
from domain.events import EventType
from domain.rules.model import (
    TABLE_ROWS_MAX,
    DebtPolicy,
    DecisionTable,
    Direction,
    Fixed,
    Formula,
    Multiplier,
    PerDay,
    PerUnit,
    Rounding,
    RuleVersion,
    Stacking,
    Steps,
    TableRow,
)

Reader = Callable[[CellValue], Any]


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """The rules of a workbook, or what is wrong in it: one of the two is empty."""

    rules: tuple[RuleVersion, ...]
    problems: tuple[Problem, ...]


def _word_as(table: str, kind: Callable[[str], Any]) -> Reader:
    read = read_word(table)
    return lambda value: kind(read(value))


def _texts(value: CellValue) -> tuple[str, ...]:
    refuse_strange(value)
    return read_texts(str(value))


_count: Final = not_negative(read_number)
_PLAIN: Final[Mapping[str, Reader]] = {
    "code": read_text,
    "version": _count,
    "name": read_text,
    "direction": _word_as("direction", Direction),
    "rounding": _word_as("rounding", Rounding),
    "event_points_max": _count,
    "caps": read_caps,
    "valid_months": _count,
    "matures_after_days": _count,
    "debt_policy": _word_as("debt_policy", DebtPolicy),
    "debt_floor": _count,
    "group": read_text,
    "stacking": _word_as("stacking", Stacking),
    "priority": read_number,
    "qualifies": read_flag,
    "is_off": read_flag,
    "effective_from": read_time,
    "effective_to": read_time,
}
_REQUIRED: Final = frozenset(
    {"code", "version", "trigger", "direction", "formula", "effective_from"}
)
_FORMULA_CELLS: Final = frozenset(
    {"points", "field", "unit", "steps", "free", "most", "percent", "of", "table"}
)
"""Columns that some formulas use; where one doesn't, they must be empty."""
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "fixed": ("points",),
    "per_unit": ("points", "field", "unit"),
    "steps": ("field", "steps"),
    "late_days": ("points",),
    "early_days": ("points",),
    "multiplier": ("percent",),
    "table": ("table",),
}
_POSSIBLE: Final[Mapping[str, tuple[str, ...]]] = {
    "late_days": ("free", "most"),
    "early_days": ("free", "most"),
    "multiplier": ("of",),
}


def load_rules(data: bytes) -> LoadedRules:
    """Read the rules of a workbook.

    Raises:
        Unreadable: the file can't be read at all.
    """
    loading = _Loading(read_sheets(data))
    rules = loading.rules()
    problems = tuple(loading.problems)
    return LoadedRules(() if problems else tuple(rules), problems)


class _Loading:
    """One workbook being read: its sheets, and the problems met so far."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self.problems: list[Problem] = []
        self._sheets = {sheet.name.lower(): sheet for sheet in sheets}
        self._used: set[str] = set()

    def rules(self) -> list[RuleVersion]:
        """Read everything; what could not be read is missing and has a problem."""
        sheet = self._sheet(WORDS.word("sheet", "rules"), "", "")
        if sheet is None:
            return []
        headings = self._headings(sheet, "heading", WORDS.values("heading"))
        if headings is None:
            return []
        found: dict[tuple[str, int], RuleVersion] = {}
        for row in sheet.rows[1:]:
            rule = _RuleLine(self, sheet, headings, row).rule()
            if rule is not None and found.setdefault((rule.code, rule.version), rule) is not rule:
                at = row.address(headings.places["code"])
                self.add(sheet, at, ProblemCode.RULE_TWICE, found=shown(rule.code))
        if len(sheet.rows) == 1:
            self.add(sheet, "", ProblemCode.NO_RULES)
        prefix = WORDS.word("sheet", "table_prefix")
        for name, other in self._sheets.items():
            if name.startswith(prefix) and name not in self._used:
                self.add(other, "", ProblemCode.SHEET_UNUSED, found=shown(other.name))
        return list(found.values())

    def add(self, sheet: Sheet, cell: str, code: ProblemCode, **data: Any) -> None:
        """Note a problem."""
        self.problems.append(Problem(sheet.name, cell, code, data))

    def read(self, sheet: Sheet, row: Row, column: int, read: Reader) -> Any:
        """Read a cell; None with a problem noted when it can't be."""
        value = row.cell(column)
        if value is None:
            self.add(sheet, row.address(column), ProblemCode.MISSING)
            return None
        try:
            return read(value)
        except Wrong as wrong:
            data = {"found": shown(value)} | wrong.data
            self.add(sheet, row.address(column), wrong.code, **data)
            return None

    def table(
        self, name: str, trigger: EventType, asked_at: tuple[str, str]
    ) -> DecisionTable | None:
        """Read the table on a sheet; None with a problem noted when it can't be."""
        sheet = self._sheet(name, *asked_at)
        if sheet is None:
            return None
        self._used.add(name.lower())
        if len(sheet.rows) - 1 > TABLE_ROWS_MAX:
            found, limit = len(sheet.rows) - 1, TABLE_ROWS_MAX
            self.add(sheet, "", ProblemCode.TABLE_TOO_LARGE, found=found, limit=limit)
            return None
        points = WORDS.word("table_heading", "points")
        headings = self._headings(sheet, "field", (), last=points)
        if headings is None:
            return None
        columns = [name for name in headings.places if name != points]
        return DecisionTable(
            tuple(columns),
            tuple(self._table_row(sheet, row, headings, trigger) for row in sheet.rows[1:]),
        )

    def _table_row(
        self, sheet: Sheet, row: Row, headings: Headings, trigger: EventType
    ) -> TableRow:
        cells, points = [], 0
        for name, column in headings.places.items():
            if name == headings.last:
                points = self.read(sheet, row, column, _count)
            else:
                read = partial(read_cell, kind_of(trigger, name))
                cells.append(self.read(sheet, row, column, read))
        self.refuse_beyond(sheet, row, headings)
        return TableRow(tuple(cells), points)

    def refuse_beyond(self, sheet: Sheet, row: Row, headings: Headings) -> None:
        """Note cells that stand under no heading."""
        for column, value in enumerate(row.cells):
            if value is not None and column not in headings.places.values():
                self.add(sheet, row.address(column), ProblemCode.BEYOND, found=shown(value))

    def _sheet(self, name: str, from_sheet: str, cell: str) -> Sheet | None:
        sheet = self._sheets.get(name.lower())
        if sheet is None:
            data = {"found": shown(name)}
            self.problems.append(Problem(from_sheet, cell, ProblemCode.SHEET_MISSING, data))
        return sheet

    def _headings(
        self, sheet: Sheet, table: str, needed: Sequence[str], last: str = ""
    ) -> Headings | None:
        for merged in sheet.merged:
            self.add(sheet, merged.partition(":")[0], ProblemCode.MERGED, found=merged)
        headings, problems = read_headings(sheet, table, needed, last)
        self.problems += problems
        return None if problems or sheet.merged else headings


@dataclass(frozen=True, slots=True)
class _RuleLine:
    """One line of the sheet 规则 being read."""

    loading: _Loading
    sheet: Sheet
    headings: Headings
    row: Row

    def rule(self) -> RuleVersion | None:
        """Read the rule; None with problems noted when something can't be read."""
        before = len(self.loading.problems)
        values = {
            name: self._read(name, read)
            for name, read in _PLAIN.items()
            if name in _REQUIRED or self._value(name) is not None
        }
        trigger = self._read("trigger", _word_as("trigger", EventType))
        formula = self._read("formula", read_word("formula"))
        self.loading.refuse_beyond(self.sheet, self.row, self.headings)
        if trigger is None or formula is None:
            return None
        conditions = ()
        if self._value("conditions") is not None:
            conditions = self._read("conditions", lambda value: read_conditions(trigger, value))
        made = self._formula(formula, trigger)
        if len(self.loading.problems) > before or made is None:
            return None
        return RuleVersion(trigger=trigger, conditions=conditions, formula=made, **values)

    def _formula(self, name: str, trigger: EventType) -> Formula | None:
        needed, possible = _NEEDED[name], _POSSIBLE.get(name, ())
        for other in sorted(_FORMULA_CELLS.difference(needed, possible)):
            if (value := self._value(other)) is not None:
                self.loading.add(
                    self.sheet, self._at(other), ProblemCode.NOT_APPLICABLE, found=shown(value)
                )
        field = self._read("field", read_word("field")) if "field" in needed else None
        number = number_reader(kind_of(trigger, field or ""))
        readers: dict[str, Reader] = {
            "points": _count,
            "unit": not_negative(number),
            "steps": lambda value: read_steps(kind_of(trigger, field or ""), value),
            "free": _count,
            "most": _count,
            "percent": _count,
            "of": _texts,
            "table": read_text,
        }
        asked = [one for one in possible if self._value(one) is not None]
        values = {one: self._read(one, readers[one]) for one in (*needed, *asked) if one != "field"}
        if field is not None:
            values["field"] = field
        if None in values.values() or ("field" in needed and field is None):
            return None
        return self._made(name, trigger, values)

    def _made(self, name: str, trigger: EventType, values: dict[str, Any]) -> Formula | None:
        if name == "table":
            asked_at = self.sheet.name, self._at("table")
            return self.loading.table(values["table"], trigger, asked_at)
        if name in {"late_days", "early_days"}:
            return PerDay(is_early=name == "early_days", **values)
        kinds: dict[str, Callable[..., Formula]] = {
            "fixed": Fixed,
            "per_unit": PerUnit,
            "steps": Steps,
            "multiplier": Multiplier,
        }
        return kinds[name](**values)

    def _value(self, name: str) -> CellValue:
        return self.row.cell(self.headings.places[name])

    def _at(self, name: str) -> str:
        return self.row.address(self.headings.places[name])

    def _read(self, name: str, read: Reader) -> Any:
        return self.loading.read(self.sheet, self.row, self.headings.places[name], read)
