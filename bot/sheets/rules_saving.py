"""A rule set as a workbook for business staff: a line for each rule, a sheet for each table."""

from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from bot.sheets.ranges import show_number
from bot.sheets.rule_cells import (
    kind_of,
    show_cap,
    show_cell,
    show_condition,
    show_step,
)
from bot.sheets.values import show_flag, show_member, show_text, show_time
from bot.sheets.words import WORDS
from bot.sheets.writing import CellOut, ColumnKind, ColumnOut, SheetOut, write_workbook
from domain.events import EventType
from domain.rules.model import (
    DecisionTable,
    Fixed,
    Formula,
    Multiplier,
    PerDay,
    PerUnit,
    RuleVersion,
    Steps,
)

SHEET_NAME_MAX: Final = 31
NUMBERS: Final = frozenset(
    {"version", "points", "free", "most", "percent", "event_points_max", "valid_months"}
    | {"matures_after_days", "debt_floor", "priority"}
)
"""Columns of the sheet 规则 that hold numbers."""

_LIST: Final = WORDS.word("piece", "list")


def save_rules(rules: Sequence[RuleVersion]) -> bytes:
    """Write rules as an .xlsx that `load_rules` reads as the same rules.

    Raises:
        TextTooLong: what a rule says does not fit into a cell.
    """
    names = _table_names(rules)
    tables: list[SheetOut] = []
    headings = WORDS.values("heading")
    rows = []
    for rule in rules:
        name = None
        if isinstance(rule.formula, DecisionTable):
            name = next(names)
            tables.append(_table_sheet(rule.trigger, rule.formula, name))
        cells = _cells(rule, name)
        rows.append([cells.get(heading) for heading in headings])
    columns = [
        ColumnOut(
            WORDS.word("heading", heading),
            ColumnKind.NUMBER if heading in NUMBERS else ColumnKind.TEXT,
        )
        for heading in headings
    ]
    return write_workbook([SheetOut(WORDS.word("sheet", "rules"), columns, rows), *tables])


def _table_names(rules: Sequence[RuleVersion]) -> Iterator[str]:
    """Name the sheet of each table after its rule, with a number where that is taken."""
    prefix, taken = WORDS.word("sheet", "table_prefix"), set[str]()
    for rule in rules:
        if not isinstance(rule.formula, DecisionTable):
            continue
        whole = prefix + "".join(one for one in rule.code if one.isalnum() or one == "-")
        name, count = whole[:SHEET_NAME_MAX], 1
        while name.lower() in taken:
            count += 1
            ending = f"~{count}"
            name = whole[: SHEET_NAME_MAX - len(ending)] + ending
        taken.add(name.lower())
        yield name


def _cells(rule: RuleVersion, table_name: str | None) -> dict[str, CellOut]:
    return {
        "code": show_text(rule.code),
        "version": rule.version,
        "name": show_text(rule.name) if rule.name else None,
        "trigger": WORDS.word("trigger", rule.trigger),
        "direction": WORDS.word("direction", rule.direction),
        "conditions": "\n".join(show_condition(rule.trigger, one) for one in rule.conditions),
        **_formula_cells(rule.formula, rule.trigger),
        "table": table_name,
        "rounding": WORDS.word("rounding", rule.rounding),
        "event_points_max": rule.event_points_max,
        "caps": "\n".join(show_cap(cap) for cap in rule.caps),
        "valid_months": rule.valid_months,
        "matures_after_days": rule.matures_after_days,
        "debt_policy": WORDS.word("debt_policy", rule.debt_policy),
        "debt_floor": rule.debt_floor,
        "group": show_text(rule.group) if rule.group else None,
        "stacking": WORDS.word("stacking", rule.stacking),
        "priority": rule.priority,
        "qualifies": show_flag(flag=rule.qualifies),
        "is_off": show_flag(flag=rule.is_off),
        "effective_from": show_time(rule.effective_from),
        "effective_to": show_time(rule.effective_to) if rule.effective_to else None,
    }


def _formula_cells(formula: Formula, trigger: EventType) -> dict[str, CellOut]:
    match formula:
        case Fixed(points):
            return {"formula": WORDS.word("formula", "fixed"), "points": points}
        case PerUnit(field, unit, points):
            return {
                "formula": WORDS.word("formula", "per_unit"),
                "points": points,
                "field": WORDS.field(field),
                "unit": show_number(kind_of(trigger, field), unit),
            }
        case Steps(field, steps):
            return {
                "formula": WORDS.word("formula", "steps"),
                "field": WORDS.field(field),
                "steps": "\n".join(show_step(kind_of(trigger, field), step) for step in steps),
            }
        case PerDay(points, is_early, free, most):
            return {
                "formula": WORDS.word("formula", "early_days" if is_early else "late_days"),
                "points": points,
                "free": free,
                "most": most,
            }
        case Multiplier(percent, of):
            return {
                "formula": WORDS.word("formula", "multiplier"),
                "percent": percent,
                "of": _LIST.join(show_member(code) for code in of),
            }
        case DecisionTable():
            return {"formula": WORDS.word("formula", "table")}
        case _ as never:
            assert_never(never)


def _table_sheet(trigger: EventType, table: DecisionTable, name: str) -> SheetOut:
    kinds = [kind_of(trigger, column) for column in table.columns]
    rows: list[list[CellOut]] = [
        [*(show_cell(kind, cell) for kind, cell in zip(kinds, row.cells, strict=True)), row.points]
        for row in table.rows
    ]
    headings = [ColumnOut(WORDS.field(column)) for column in table.columns]
    points = ColumnOut(WORDS.word("table_heading", "points"), ColumnKind.NUMBER)
    return SheetOut(name, [*headings, points], rows)
