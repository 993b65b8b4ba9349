"""Decision tables by bits: which rows a value fits, column by column.

Bit n of a number stands for row n; the rows that fit an event are what its columns' numbers have
in common, and the lowest bit is the row that decides. Evaluation and the checker share it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from domain.events import FactValue
from domain.rules.model import Cell, DecisionTable, Range


class Column:
    """One column of a table: the rows that each value fits, as bits."""

    __slots__ = ("anything", "edges", "members", "segments")

    def __init__(self, cells: Sequence[Cell]) -> None:
        """Sort the cells, one per row from the top."""
        self.anything = 0
        """Rows that ask nothing; all that a missing value fits."""
        self.members: dict[str | bool, int] = {}
        """Rows for each text or flag that some row names; others fit `anything`."""
        ranges: list[tuple[int, Range]] = []
        for n, cell in enumerate(cells):
            if cell is None:
                self.anything |= 1 << n
            elif isinstance(cell, Range):
                ranges.append((1 << n, cell))
            else:
                for value in cell.values:
                    self.members[value] = self.members.get(value, 0) | 1 << n
        for value in self.members:
            self.members[value] |= self.anything
        self.edges: list[int] = []
        """Numbers at which the rows change, rising."""
        self.segments: list[int] = []
        """Rows for the numbers below the first edge, from the first to below the second, …"""
        self._sweep(ranges)

    def _sweep(self, ranges: list[tuple[int, Range]]) -> None:
        current, changes = self.anything, dict[int, int]()
        for bit, cell in ranges:
            if cell.low is not None and cell.high is not None and cell.low > cell.high:
                continue
            if cell.low is None:
                current |= bit
            else:
                changes[cell.low] = changes.get(cell.low, 0) ^ bit
            if cell.high is not None:
                changes[cell.high + 1] = changes.get(cell.high + 1, 0) ^ bit
        self.segments.append(current)
        for edge in sorted(changes):
            current ^= changes[edge]
            self.edges.append(edge)
            self.segments.append(current)

    def rows_for(self, value: FactValue | None) -> int:
        """Give the rows whose cell a value fits."""
        if isinstance(value, int) and not isinstance(value, bool):
            return self.segments[bisect_right(self.edges, value)]
        if isinstance(value, tuple):
            rows = self.anything
            for one in value:
                rows |= self.members.get(one, 0)
            return rows
        if value is None:
            return self.anything
        return self.members.get(value, self.anything)


def columns_of(table: DecisionTable) -> list[Column]:
    """Sort a table's cells by column; a row that is too short asks nothing of the rest."""
    return [
        Column([row.cells[n] if n < len(row.cells) else None for row in table.rows])
        for n in range(len(table.columns))
    ]


def rows_in(bits: int) -> Iterator[int]:
    """Give the rows that bits stand for, from the top."""
    return (row for row, bit in enumerate(reversed(f"{bits:b}")) if bit == "1")


def fits(cell: Cell, value: FactValue | None) -> bool:
    """Tell whether a value is what a cell asks; a missing one fits only where nothing is asked."""
    return bool(Column((cell,)).rows_for(value))
