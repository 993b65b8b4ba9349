"""A second back-test for a small rule set, as plain as can be and without any code of the engine.

Contracts give 3 points per full 100, a survey 25; both together at most 100 in a month; a complaint
takes 60 and owes what is missing. Points live to the end of the fourth month after.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Naive:
    """One customer's points: [end, left] per award."""

    per_hundred: int = 3
    lots: list[list[int]] = field(default_factory=list)
    months: dict[int, int] = field(default_factory=dict)
    given: int = 0
    taken: int = 0
    expired: int = 0
    debt: int = 0

    def contract(self, at: datetime, amount: int) -> None:
        self._award(at, amount // 100 * self.per_hundred)

    def survey(self, at: datetime) -> None:
        self._award(at, 25)

    def complaint(self, at: datetime) -> None:
        self.pass_to(at)
        missing = 60
        for lot in sorted(self.lots):
            part = min(lot[1], missing)
            lot[1] -= part
            missing -= part
        self.debt += missing
        self.taken += 60

    def pass_to(self, at: datetime) -> None:
        """Let what has ended go."""
        for lot in self.lots:
            if lot[0] <= _month(at):
                self.expired += lot[1]
                lot[1] = 0

    @property
    def available(self) -> int:
        return sum(lot[1] for lot in self.lots)

    def _award(self, at: datetime, points: int) -> None:
        self.pass_to(at)
        month = _month(at)
        points = min(points, 100 - self.months.get(month, 0))
        self.months[month] = self.months.get(month, 0) + points
        self.given += points
        paid = min(self.debt, points)
        self.debt -= paid
        self.lots.append([month + 5, points - paid])


def _month(at: datetime) -> int:
    local = at + timedelta(hours=8)
    return local.year * 12 + local.month
