"""Rules of every shape for the round trip, and workbooks made cell by cell."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import xlsxwriter
from hypothesis import strategies as st
from xlsxwriter.worksheet import Worksheet

from domain.events import EventType
from domain.rules.codec import NUMBER_MAX
from domain.rules.fields import COMPARISONS, FieldKind, fields_of
from domain.rules.model import (
    Cap,
    Comparison,
    Condition,
    DebtPolicy,
    DecisionTable,
    Direction,
    Fixed,
    Formula,
    Members,
    Multiplier,
    PerDay,
    PerUnit,
    Range,
    Rounding,
    RuleVersion,
    Scope,
    Stacking,
    Step,
    Steps,
    TableRow,
    Window,
)

NUMBERS = st.integers(-NUMBER_MAX, NUMBER_MAX) | st.sampled_from(
    [0, 1, -1, 1_000_000, 3_500_000, 120_000, 100, 99, -1_000_000, 1_050_000, 12_345_678]
)
COUNTS = st.integers(0, 1_000_000_000)
CODES = st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True)
NASTY_TEXTS = (
    *("不限", "任意数", "是", "政府、能源", "；", 'a"b', '"', " x ", "", "10万", "x" * 200),
    *("=1+1", "-5", "@x", "+x", "1e5", "0", "TRUE", "#REF!", "2026-12-01", "_x0041_", "\uf967限"),
)
TEXTS = st.text(max_size=12).filter(str.isprintable) | st.sampled_from(NASTY_TEXTS)
MINUTES = st.integers(0, 100 * 365 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
FINER = st.sampled_from([timedelta(), timedelta(seconds=7), timedelta(microseconds=1)])
TIMES = st.builds(lambda far, finer: datetime(2000, 1, 2, tzinfo=UTC) + far + finer, MINUTES, FINER)
NUMBER_KINDS = {FieldKind.AMOUNT, FieldKind.NUMBER}
SEVERAL = {Comparison.ONE_OF, Comparison.NONE_OF}


def values_for(kind: FieldKind) -> st.SearchStrategy[Any]:
    if kind in NUMBER_KINDS:
        return NUMBERS
    return st.booleans() if kind is FieldKind.FLAG else TEXTS


@st.composite
def conditions(draw: st.DrawFn, trigger: EventType) -> Condition:
    field, kind = draw(st.sampled_from(sorted(fields_of(trigger).items())))
    comparison = draw(st.sampled_from(sorted(COMPARISONS[kind])))
    value = values_for(kind)
    if comparison in SEVERAL:
        value = st.lists(value, min_size=1, max_size=4).map(tuple)
    return Condition(field, comparison, draw(value))


def ranges() -> st.SearchStrategy[Range]:
    two = st.tuples(NUMBERS, NUMBERS).map(sorted)
    return st.one_of(
        two.map(lambda ends: Range(*ends)),
        st.builds(Range, low=NUMBERS),
        st.builds(Range, high=NUMBERS),
        st.just(Range()),
    )


def cells_for(kind: FieldKind) -> st.SearchStrategy[Any]:
    if kind in NUMBER_KINDS:
        return st.none() | ranges()
    values = st.lists(values_for(kind), min_size=1, max_size=4)
    return st.none() | values.map(lambda found: Members(tuple(found)))


@st.composite
def tables(draw: st.DrawFn, trigger: EventType) -> DecisionTable:
    fields = fields_of(trigger)
    columns = draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=4, unique=True))
    cells = st.tuples(*(cells_for(fields[column]) for column in columns))
    rows = draw(st.lists(st.builds(TableRow, cells, COUNTS), max_size=4))
    return DecisionTable(tuple(columns), tuple(rows))


@st.composite
def formulas(draw: st.DrawFn, trigger: EventType) -> Formula:
    numbers = sorted(f for f, kind in fields_of(trigger).items() if kind in NUMBER_KINDS)
    kinds: list[st.SearchStrategy[Any]] = [
        st.builds(Fixed, COUNTS),
        st.builds(PerDay, COUNTS, st.booleans(), COUNTS, st.none() | COUNTS),
        st.builds(Multiplier, COUNTS, st.lists(CODES, max_size=3).map(tuple)),
        tables(trigger),
    ]
    if numbers:
        field = st.sampled_from(numbers)
        steps = st.lists(st.builds(Step, NUMBERS, COUNTS), min_size=1, max_size=3).map(tuple)
        kinds.append(st.builds(PerUnit, field, st.integers(0, NUMBER_MAX), COUNTS))
        kinds.append(st.builds(Steps, field, steps))
    made: Formula = draw(st.one_of(*kinds))
    return made


LIMITS = st.none() | COUNTS
CAPS = st.builds(Cap, st.sampled_from(Scope), st.sampled_from(Window), LIMITS, LIMITS)


@st.composite
def rules(draw: st.DrawFn) -> RuleVersion:
    """Make any rule that the sheets can say, sensible or not."""
    trigger = draw(st.sampled_from(EventType))
    return RuleVersion(
        code=draw(CODES),
        version=draw(COUNTS),
        trigger=trigger,
        conditions=tuple(draw(st.lists(conditions(trigger), max_size=3))),
        formula=draw(formulas(trigger)),
        direction=draw(st.sampled_from(Direction)),
        effective_from=draw(TIMES),
        effective_to=draw(st.none() | TIMES),
        name=draw(TEXTS),
        rounding=draw(st.sampled_from(Rounding)),
        event_points_max=draw(LIMITS),
        caps=tuple(draw(st.lists(CAPS, max_size=2))),
        valid_months=draw(COUNTS),
        matures_after_days=draw(COUNTS),
        debt_policy=draw(st.sampled_from(DebtPolicy)),
        debt_floor=draw(LIMITS),
        group=draw(TEXTS),
        stacking=draw(st.sampled_from(Stacking)),
        priority=draw(NUMBERS),
        qualifies=draw(st.booleans()),
        is_off=draw(st.booleans()),
    )


def workbook(*fillers: tuple[str, Callable[[Worksheet, Any], None]]) -> bytes:
    """Make a workbook: the name of each sheet and what fills it."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        for name, fill in fillers:
            fill(book.add_worksheet(name), book)
    return written.getvalue()
