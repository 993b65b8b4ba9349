"""Checks of a decision table: its shape, unreachable rows, gaps, rows that disagree.

Among the cases that the rule's conditions leave: a row that decides none is an error; a case of
plausible values that no row fits is a gap; two rows of different points that share a case without
one being the exception of the other are pointed out, as the upper one wins.
"""

from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from itertools import islice

from domain.events import EventType, FactValue
from domain.rules.checks_conditions import (
    ANYTHING_ELSE,
    FORBIDDING,
    can_hold,
    is_of_kind,
    values_of,
)
from domain.rules.coverage import (
    STEPS_MAX,
    Case,
    Class,
    Sets,
    TooMuchWork,
    Values,
    Walk,
    neighbours,
)
from domain.rules.fields import PLAUSIBLE, FieldKind, fields_of
from domain.rules.findings import Finding, FindingCode, error, warning
from domain.rules.formulas import Test, test_of
from domain.rules.model import (
    POINTS_MAX,
    TABLE_ROWS_MAX,
    Cell,
    Condition,
    DecisionTable,
    Range,
)
from domain.rules.tables import Column, columns_of, rows_in

COLUMNS_MAX = 8
GAPS_SHOWN = 5
_NUMBERS = frozenset({FieldKind.AMOUNT, FieldKind.NUMBER})


def check_table(
    table: DecisionTable,
    trigger: EventType,
    conditions: Sequence[Condition],
    *,
    budget: int = STEPS_MAX,
) -> Iterator[Finding]:
    """Find what is wrong with a table's shape, and if nothing is, with what its rows cover.

    `budget` limits how much is looked at, in classes of values.
    """
    if len(table.rows) > TABLE_ROWS_MAX:
        yield error(
            FindingCode.TABLE_TOO_LARGE,
            "formula.rows",
            found=len(table.rows),
            limit=TABLE_ROWS_MAX,
        )
        return
    wrong = [*_columns(table, trigger), *_rows(table, trigger)]
    yield from wrong
    if not wrong:
        columns = _columns_left(table, trigger, conditions)
        if columns is not None:
            yield from _covered(table, columns, budget)


def _columns(table: DecisionTable, trigger: EventType) -> Iterator[Finding]:
    columns = table.columns
    if not columns:
        yield error(FindingCode.NO_COLUMNS, "formula.columns")
    if len(columns) > COLUMNS_MAX:
        yield error(
            FindingCode.TOO_MANY_COLUMNS, "formula.columns", found=len(columns), limit=COLUMNS_MAX
        )
    for n, column in enumerate(columns):
        if column not in fields_of(trigger):
            yield error(FindingCode.UNKNOWN_FIELD, f"formula.columns[{n}]", field=column)
        if column in columns[:n]:
            yield error(FindingCode.COLUMN_TWICE, f"formula.columns[{n}]", field=column)


def _rows(table: DecisionTable, trigger: EventType) -> Iterator[Finding]:
    if not table.rows:
        yield error(FindingCode.NO_ROWS, "formula.rows")
        return
    fields = fields_of(trigger)
    for n, row in enumerate(table.rows):
        place = f"formula.rows[{n}]"
        if row.points < 0:
            yield error(FindingCode.NEGATIVE, f"{place}.points", found=row.points)
        elif row.points > POINTS_MAX:
            yield error(
                FindingCode.TOO_MANY_POINTS, f"{place}.points", found=row.points, limit=POINTS_MAX
            )
        if len(row.cells) != len(table.columns):
            yield error(
                FindingCode.CELL_COUNT, place, found=len(row.cells), expected=len(table.columns)
            )
        for k, (field, cell) in enumerate(zip(table.columns, row.cells, strict=False)):
            if field in fields:
                yield from _cell(field, fields[field], cell, f"{place}.cells[{k}]")
    if all(row.points == 0 for row in table.rows):
        yield error(FindingCode.GIVES_NOTHING, "formula.rows")


def _cell(field: str, kind: FieldKind, cell: Cell, place: str) -> Iterator[Finding]:
    if cell is None:
        return
    if isinstance(cell, Range) is not (kind in _NUMBERS):
        yield error(FindingCode.WRONG_CELL, place, field=field, kind=kind)
    elif isinstance(cell, Range):
        if cell.low is not None and cell.high is not None and cell.low > cell.high:
            yield error(
                FindingCode.RANGE_REVERSED, place, field=field, low=cell.low, high=cell.high
            )
    elif not cell.values:
        yield error(FindingCode.NO_VALUES, place, field=field)
    elif not all(is_of_kind(value, kind) for value in cell.values):
        yield error(FindingCode.WRONG_CELL, place, field=field, kind=kind)


def _columns_left(
    table: DecisionTable, trigger: EventType, conditions: Sequence[Condition]
) -> list[Values | Sets] | None:
    """Sort the values of each column that the conditions leave; None when they leave none."""
    fields = fields_of(trigger)
    columns: list[Values | Sets] = []
    for field, cells in zip(table.columns, columns_of(table), strict=True):
        column = _column(field, fields[field], cells, [c for c in conditions if c.field == field])
        if column is None:
            return None
        columns.append(column)
    return columns


def _covered(
    table: DecisionTable, columns: Sequence[Values | Sets], budget: int
) -> Iterator[Finding]:
    count = len(table.rows)
    meeting, covering = neighbours(columns, count)
    walk, is_complete = Walk(columns, count, budget), True
    try:
        walk.find_decisive()
    except TooMuchWork:
        is_complete = False
    dead = 0
    for row in range(count):
        above = (1 << row) - 1
        alone = meeting[row] & covering[row] & above
        if not walk.decisive >> row & 1 and (is_complete or alone or not meeting[row]):
            dead |= 1 << row
            yield error(
                FindingCode.ROW_UNREACHABLE,
                f"formula.rows[{row}]",
                row=row + 1,
                by=tuple(one + 1 for one in rows_in(meeting[row] & above)),
            )
    yield from _disagreeing(table, meeting, covering, dead)
    gaps = yield from _gaps(table, columns, budget)
    if not (is_complete and gaps):
        yield warning(FindingCode.NOT_FULLY_CHECKED, "formula.rows")


def _disagreeing(
    table: DecisionTable, meeting: list[int], covering: list[int], dead: int
) -> Iterator[Finding]:
    alike: dict[int, int] = {}
    excepted = [0] * len(table.rows)
    for row, rows in enumerate(covering):
        for general in rows_in(rows):
            excepted[general] |= 1 << row
    for row, one in enumerate(table.rows):
        bit = 1 << row
        alike[one.points] = alike.get(one.points, 0) | bit
        above = meeting[row] & (bit - 1) & ~excepted[row] & ~alike[one.points] & ~dead
        if above and not dead & bit:
            yield warning(
                FindingCode.ROWS_OVERLAP,
                f"formula.rows[{row}]",
                row=row + 1,
                with_rows=tuple(other + 1 for other in rows_in(above)),
            )


def _gaps(
    table: DecisionTable, columns: Sequence[Values | Sets], budget: int
) -> Generator[Finding, None, bool]:
    """Give the first gaps; return whether all was looked at or enough was found."""
    plausible = [
        Values([one for one in column.classes if one.is_plausible])
        if isinstance(column, Values)
        else column
        for column in columns
    ]
    if any(column == Values([]) for column in plausible):
        return True
    gaps = Walk(plausible, len(table.rows), budget).find_gaps()
    try:
        for gap in islice(gaps, GAPS_SHOWN):
            yield warning(FindingCode.TABLE_GAP, "formula.rows", case=_described(table, gap))
    except TooMuchWork:
        return False
    return True


def _described(table: DecisionTable, gap: Case) -> tuple[dict[str, object], ...]:
    texts: dict[str, list[str]] = {}
    described = list[dict[str, object]]()
    for column, label in gap:
        field = table.columns[column]
        if isinstance(label, str):
            texts.setdefault(field, []).append(label)
        else:
            described.append({"field": field, **_classes_shown(label)})
    described += ({"field": field, "has": tuple(named)} for field, named in texts.items())
    return tuple(described)


def _classes_shown(classes: Sequence[Class]) -> dict[str, object]:
    if type(classes[0].sample) is int:
        return {"ranges": _joined(classes)}
    samples = [one.sample for one in classes]
    return {
        "values": tuple(one for one in samples if one != ANYTHING_ELSE),
        "or_others": ANYTHING_ELSE in samples,
    }


def _joined(classes: Sequence[Class]) -> tuple[tuple[int | None, int | None], ...]:
    """Join intervals that touch."""
    joined: list[tuple[int | None, int | None]] = []
    for one in classes:
        if joined and joined[-1][1] is not None and joined[-1][1] + 1 == one.low:
            joined[-1] = (joined[-1][0], one.high)
        else:
            joined.append((one.low, one.high))
    return tuple(joined)


def _column(
    field: str, kind: FieldKind, column: Column, conditions: Sequence[Condition]
) -> Values | Sets | None:
    """Sort the values that the conditions leave of a field; None when they leave none."""
    if kind is FieldKind.TEXTS:
        return _sets(column, conditions) if can_hold(kind, conditions) else None
    tests = [test_of(condition) for condition in conditions]
    named = {value for condition in conditions for value in values_of(condition)}
    if kind in _NUMBERS:
        edges = {one for one in named if isinstance(one, int)}
        found = _number_classes(column, edges, tests, PLAUSIBLE.get(field, Range()))
    else:
        values: Sequence[FactValue] = (True, False)
        if kind is FieldKind.TEXT:
            values = sorted({*map(str, named), *map(str, column.members), ANYTHING_ELSE})
        found = [
            Class(column.rows_for(value), value)
            for value in values
            if all(passes(value) for passes in tests)
        ]
    if not conditions:
        found.append(Class(column.anything, None, is_plausible=False))
    return Values(found) if found else None


def _sets(column: Column, conditions: Sequence[Condition]) -> Sets:
    forbidden = {
        text
        for condition in conditions
        if condition.comparison in FORBIDDING
        for text in values_of(condition)
    }
    required = [
        frozenset(str(text) for text in values_of(condition) if text not in forbidden)
        for condition in conditions
        if condition.comparison not in FORBIDDING
    ]
    texts = {str(text) for text in column.members if text not in forbidden}.union(*required)
    naming = {text: column.members.get(text, 0) & ~column.anything for text in sorted(texts)}
    return Sets(column.anything, naming, required)


def _number_classes(
    column: Column, named: set[int], tests: Sequence[Test], plausible: Range
) -> list[Class]:
    edges = {*column.edges, *named, *(value + 1 for value in named)}
    if plausible.low is not None:
        edges.add(plausible.low)
    if plausible.high is not None:
        edges.add(plausible.high + 1)
    found, rising = [], sorted(edges)
    for low, high in zip([None, *rising], [*rising, None], strict=True):
        last = None if high is None else high - 1
        sample = low if low is not None else last if last is not None else 0
        if all(passes(sample) for passes in tests):
            fits = (plausible.low is None or plausible.low <= sample) and (
                plausible.high is None or sample <= plausible.high
            )
            rows = column.segments[bisect_right(column.edges, sample)]
            found.append(Class(rows, sample, low, last, is_plausible=fits))
    return found
