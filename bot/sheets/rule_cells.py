"""The cells of a rule that hold more than a value: conditions, steps, caps, what a table asks.

One thing a line; every line reads as it was written.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from bot.sheets.problems import ProblemCode, Wrong, shown
from bot.sheets.ranges import number_reader, read_range, show_number, show_range
from bot.sheets.reading import CellValue
from bot.sheets.values import (
    not_negative,
    read_flag,
    read_number,
    read_text,
    read_texts,
    read_word,
    refuse_strange,
    separated,
    show_flag,
    show_member,
)
from bot.sheets.words import WORDS
from domain.events import EventType, EventValue
from domain.rules.fields import FieldKind, fields_of
from domain.rules.model import (
    Cap,
    Cell,
    Comparison,
    Condition,
    Members,
    Range,
    Scope,
    Step,
    Window,
)
from handlers.parsing.normalise import normalise

_SEVERAL: Final = frozenset({Comparison.ONE_OF, Comparison.NONE_OF})
_LIST: Final = WORDS.word("piece", "list")
_POINTS: Final = WORDS.word("piece", "points")
_TIMES: Final = WORDS.word("piece", "times")


def _lines(value: CellValue, code: ProblemCode) -> Iterator[tuple[str, Callable[[], Wrong]]]:
    """Give the filled lines of a cell, each with the problem that names it."""
    refuse_strange(value)
    for number, line in enumerate(str(value).split("\n"), 1):
        if text := line.strip():
            yield text, partial(Wrong, code, line=number, found=shown(text))


def kind_of(trigger: EventType, field: str) -> FieldKind:
    """Give the kind of a field; a text where the event has no such field."""
    return fields_of(trigger).get(field, FieldKind.TEXT)


def show_value(kind: FieldKind, value: EventValue) -> str:
    """Write one value that a condition names."""
    if isinstance(value, bool):
        return show_flag(flag=value)
    return show_number(kind, value) if isinstance(value, int) else show_member(value)


def show_condition(trigger: EventType, condition: Condition) -> str:
    """Write a condition as a line: 金额 不少于 10万."""
    kind = kind_of(trigger, condition.field)
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    written = _LIST.join(show_value(kind, value) for value in values)
    field = WORDS.field(condition.field)
    return f"{field} {WORDS.word('comparison', condition.comparison)} {written}"


def read_conditions(trigger: EventType, value: CellValue) -> tuple[Condition, ...]:
    """Read conditions, one a line.

    Raises:
        Wrong: a line is none.
    """
    return tuple(
        _read_condition(trigger, line, wrong)
        for line, wrong in _lines(value, ProblemCode.NOT_A_CONDITION)
    )


def _read_condition(trigger: EventType, line: str, wrong: Callable[[], Wrong]) -> Condition:
    parts = line.split(None, 2)
    if len(parts) != 3:  # noqa: PLR2004 -- field, comparison, value
        raise wrong()
    field, compared = WORDS.value("field", parts[0]), WORDS.value("comparison", parts[1])
    if field is None or compared is None:
        raise wrong()
    comparison, kind = Comparison(compared), kind_of(trigger, field)
    values = _read_values(kind, parts[2])
    if comparison in _SEVERAL:
        return Condition(field, comparison, values)
    if len(values) != 1:
        raise wrong()
    return Condition(field, comparison, values[0])


def _read_values(kind: FieldKind, text: str) -> tuple[EventValue, ...]:
    if kind in {FieldKind.TEXT, FieldKind.TEXTS}:
        return read_texts(text)
    read: Callable[[CellValue], EventValue] = (
        read_flag if kind is FieldKind.FLAG else number_reader(kind)
    )
    return tuple(read(one) for one in separated(text))


def show_step(kind: FieldKind, step: Step) -> str:
    """Write a step as a line: 10万：50."""
    return f"{show_number(kind, step.at_least)}{WORDS.word('piece', 'step')}{step.points}"


def read_steps(kind: FieldKind, value: CellValue) -> tuple[Step, ...]:
    """Read steps, one a line.

    Raises:
        Wrong: a line is none.
    """
    found = []
    for line, wrong in _lines(value, ProblemCode.NOT_A_STEP):
        before, colon, after = normalise(line).partition(":")
        if not colon:
            raise wrong()
        try:
            points = not_negative(read_number)(after)
            found.append(Step(number_reader(kind)(before), points))
        except Wrong:
            raise wrong() from None
    return tuple(found)


def show_cap(cap: Cap) -> str:
    """Write a cap as a line: 每个客户 每月 500分 3次."""
    words = [WORDS.word("scope", cap.scope), WORDS.word("window", cap.window)]
    if cap.points is not None:
        words.append(f"{cap.points}{_POINTS}")
    if cap.times is not None:
        words.append(f"{cap.times}{_TIMES}")
    return " ".join(words)


def read_caps(value: CellValue) -> tuple[Cap, ...]:
    """Read caps, one a line.

    Raises:
        Wrong: a line is none.
    """
    found = []
    for line, wrong in _lines(value, ProblemCode.NOT_A_CAP):
        try:
            found.append(_read_cap(normalise(line).split()))
        except (Wrong, ValueError):
            raise wrong() from None
    return tuple(found)


def _read_cap(words: list[str]) -> Cap:
    scope, window, *limits = words
    numbers: dict[str, int] = {}
    for limit in limits:
        name = "times" if limit.endswith(_TIMES) else "points"
        if name in numbers or not limit.endswith((_TIMES, _POINTS)):
            raise ValueError(name)
        numbers[name] = read_number(limit[:-1])
    return Cap(Scope(read_word("scope")(scope)), Window(read_word("window")(window)), **numbers)


def show_cell(kind: FieldKind, cell: Cell) -> str:
    """Write what a row of a table asks of one column."""
    if cell is None:
        return WORDS.word("cell", "anything")
    if isinstance(cell, Range):
        return show_range(kind, cell)
    return _LIST.join(show_value(kind, value) for value in cell.values)


def read_cell(kind: FieldKind, value: CellValue) -> Cell:
    """Read what a row of a table asks of one column.

    Raises:
        Wrong: the field can't be asked that.
    """
    refuse_strange(value)
    if isinstance(value, str) and WORDS.value("cell", value) == "anything":
        return None
    if kind is FieldKind.FLAG:
        if isinstance(value, bool):
            return Members((value,))
        return Members(tuple(read_flag(one) for one in separated(str(value))))
    if kind in {FieldKind.TEXT, FieldKind.TEXTS}:
        return Members(read_texts(value) if isinstance(value, str) else (read_text(value),))
    return read_range(kind, value)
