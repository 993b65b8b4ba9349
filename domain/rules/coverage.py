"""What the rows of a decision table cover together, exactly, within a budget of work.

Bit n of a number stands for row n. A column's values fall into few classes whose values fit the
same rows. Walking the columns from the left, only the rows that still fit matter: where they are
the same the rest of the walk is the same, and below a row that fits whatever comes nothing counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from domain.events import FactValue
from domain.rules.tables import rows_in

STEPS_MAX = 400_000
"""Classes looked at before a walk gives up: about a second."""

DEPTH_MAX = 200
"""Columns, and texts in columns of sets, that a walk goes into."""


class TooMuchWork(Exception):
    """The table is too tangled to be checked within the budget."""


@dataclass(frozen=True, slots=True)
class Class:
    """Values of one column that fit the same rows: one of them, and the interval of numbers."""

    rows: int
    sample: FactValue | None
    """None where the field is missing."""
    low: int | None = None
    high: int | None = None
    is_plausible: bool = True


@dataclass(frozen=True, slots=True)
class Values:
    """A column that holds one value or none."""

    classes: Sequence[Class]

    def steps(self, row_count: int) -> "list[_Step]":
        """Give the walk's steps through this column."""
        return [_Choice(self.classes, -1 << row_count)]

    def neighbours(self, row_count: int) -> tuple[list[int], list[int]]:
        """Give by row the rows that share a value with it, and those that fit all its values."""
        meets, covers = [0] * row_count, [(1 << row_count) - 1] * row_count
        for rows in {one.rows for one in self.classes}:
            for row in rows_in(rows):
                meets[row] |= rows
                covers[row] &= rows
        return meets, covers


@dataclass(frozen=True, slots=True)
class Sets:
    """A column that holds any set of texts; a row fits that names one of them."""

    anything: int
    """Rows that ask nothing."""
    naming: Mapping[str, int]
    """Rows by each text that can be there, named by a row or not."""
    required: Sequence[frozenset[str]] = ()
    """One of each of these is there; all are texts that can be."""

    def steps(self, row_count: int) -> "list[_Step]":
        """Give the walk's steps through this column: each text is there or isn't."""
        requirements = [1 << row_count + n for n in range(len(self.required))]
        naming = dict(self.naming)
        for bit, texts in zip(requirements, self.required, strict=True):
            for text in texts:
                naming[text] |= bit
        all_required = reduce(or_, requirements, 0)
        entry = _Entry(self.anything, reduce(or_, naming.values(), 0), all_required)
        later, texts_after = 0, list[_Step]()
        for text, rows in reversed(naming.items()):
            texts_after.append(_Text(text, rows, rows & ~later, all_required))
            later |= rows
        return [entry, *reversed(texts_after)]

    def neighbours(self, row_count: int) -> tuple[list[int], list[int]]:
        """Give by row the rows that share a set with it, and those that fit all its sets."""
        every = (1 << row_count) - 1
        possible = self.anything | reduce(or_, self.naming.values(), 0)
        always = self.anything
        for texts in self.required:
            always |= reduce(and_, (self.naming[text] for text in texts), every)
        meets, covers = [0] * row_count, [every] * row_count
        for row in rows_in(possible):
            meets[row] = possible
            named = [rows for rows in self.naming.values() if rows >> row & 1]
            covers[row] = always | (reduce(and_, named, every) if named else 0)
        return meets, covers


Column = Values | Sets
Label = tuple[Class, ...] | str
"""What a step chose: classes of a value, or a text that is there."""
Case = tuple[tuple[int, Label], ...]
"""Labels with their columns; what is left out can be anything."""
_Child = tuple[Label | None, int, int]
"""A choice, if there was one, the rows that still fit, and those that need a text yet."""


@dataclass(frozen=True, slots=True)
class _Choice:
    classes: Sequence[Class]
    keep: int
    """Bits of requirements, which every class leaves alone."""

    def children(self, alive: int, _unmet: int) -> Iterator[_Child]:
        """Give what is left of the rows for each class, the same once."""
        found: dict[int, list[Class]] = {}
        for one in self.classes:
            found.setdefault(alive & (one.rows | self.keep), []).append(one)
        if len(found) == 1:
            return iter([(None, rows, 0) for rows in found])
        return ((tuple(classes), rows, 0) for rows, classes in found.items())

    @property
    def certain(self) -> int:
        return reduce(and_, (one.rows for one in self.classes), -1)

    @property
    def cost(self) -> int:
        return len(self.classes)


@dataclass(frozen=True, slots=True)
class _Entry:
    anything: int
    asking: int
    required: int

    cost = 1

    def children(self, alive: int, _unmet: int) -> Iterator[_Child]:
        """Leave out rows that only name texts that can't be there."""
        alive = alive & (self.anything | self.asking) | self.required
        yield None, alive, alive & ~self.anything

    @property
    def certain(self) -> int:
        return self.anything


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    naming: int
    last: int
    """Rows and requirements that name no later text."""
    required: int

    cost = 2
    certain = -1

    def children(self, alive: int, unmet: int) -> Iterator[_Child]:
        """Let the text not be there, then let it."""
        failed = unmet & self.last
        if not failed & self.required:
            yield None, alive & ~failed, unmet & ~failed
        yield self.text, alive, unmet & ~self.naming


_Step = _Choice | _Entry | _Text


class Walk:
    """One walk over all cases of a table."""

    def __init__(self, columns: Sequence[Column], row_count: int, budget: int) -> None:
        """Prepare the steps; `budget` is how many classes may be looked at."""
        self.decisive = 0
        """Rows met so far that decide some case."""
        self._every = (1 << row_count) - 1
        self._left = budget
        self._steps: list[tuple[int, _Step]] = [
            (n, step) for n, column in enumerate(columns) for step in column.steps(row_count)
        ]
        self._certain = [self._every]
        for _, step in reversed(self._steps):
            self._certain.insert(0, self._certain[0] & step.certain)
        self._seen: set[tuple[int, int, int]] = set()

    def find_decisive(self) -> int:
        """Give the rows that decide at least one case.

        Raises:
            TooMuchWork: the budget is spent; `decisive` has what was found.
        """
        self._decide(0, self._every, 0)
        return self.decisive

    def _decide(self, at: int, alive: int, unmet: int) -> None:
        rows = alive & self._every
        certain = rows & ~unmet & self._certain[at]
        if certain:
            first = certain & -certain
            below = rows & -(first << 1)
            alive, unmet, rows = alive & ~below, unmet & ~below, rows & ~below
            if rows == first:
                self.decisive |= first
                return
        if not rows or (at, alive, unmet) in self._seen:
            return
        self._seen.add((at, alive, unmet))
        for _, fitting, open_ in self._children(at, alive, unmet):
            self._decide(at + 1, fitting, open_)

    def find_gaps(self) -> Iterator[Case]:
        """Give cases that no row fits, one after the other.

        Raises:
            TooMuchWork: the budget is spent; the gaps given until then are true.
        """
        return self._gaps(0, self._every, 0, ())

    def _gaps(self, at: int, alive: int, unmet: int, case: Case) -> Iterator[Case]:
        if not alive & self._every:
            yield case
            return
        key = at, alive, unmet
        if alive & ~unmet & self._certain[at] or key in self._seen:
            return
        found = False
        for label, fitting, open_ in self._children(at, alive, unmet):
            longer = case if label is None else (*case, (self._steps[at][0], label))
            for gap in self._gaps(at + 1, fitting, open_, longer):
                found = True
                yield gap
        if not found:
            self._seen.add(key)

    def _children(self, at: int, alive: int, unmet: int) -> Iterator[_Child]:
        step = self._steps[at][1]
        self._left -= step.cost
        if self._left < 0 or at >= DEPTH_MAX:
            raise TooMuchWork
        return step.children(alive, unmet)


def neighbours(columns: Sequence[Column], row_count: int) -> tuple[list[int], list[int]]:
    """Give for each row the rows it shares a case with, and those that fit all its cases."""
    every = (1 << row_count) - 1
    meeting, covering = [every] * row_count, [every] * row_count
    for column in columns:
        meets, covers = column.neighbours(row_count)
        meeting = [a & b for a, b in zip(meeting, meets, strict=True)]
        covering = [a & b for a, b in zip(covering, covers, strict=True)]
    return meeting, covering
