"""What can happen to a wallet, step by step, to the system under test and to the auditor alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.domain.auditor import SHANGHAI, Auditor, Told
from tests.support.small_firm import KINDS

POINTS = st.integers(1, 25)
EARNING = ("check_in", "signed", "suggested")
TAKING = tuple(sorted(set(KINDS) - set(EARNING)))
DAYS_AGO = st.sampled_from((0, 0, 0, 3, 40, 130))


@dataclass(frozen=True)
class Picture:
    """A wallet as it stands."""

    available: int
    held: int
    pending: int
    debt: int
    left: tuple[tuple[int, bool], ...]
    """What is left of each lot in the order they were opened, and whether it waits."""


class System(Protocol):
    """A ledger that things happen to."""

    now: datetime

    def picture(self) -> Picture: ...
    def opens(self) -> None: ...
    def tells(self, kind: str, amount: int, at: datetime) -> Told: ...
    def takes_back(self, number: int) -> None: ...
    def hold(self, points: int) -> bool: ...
    def settle(self, number: int) -> None: ...
    def release(self, number: int) -> None: ...
    def refund(self, number: int, points: int) -> None: ...
    def close_month(self, month: str) -> None: ...
    def check(self) -> None:
        """Assert what must hold for everything that has been written."""


class Steps(RuleBasedStateMachine):
    """Does the same to both and compares everything after every step."""

    system: System

    def __init__(self) -> None:
        super().__init__()
        self.system = self.start()
        self.auditor = Auditor()
        self.undone: set[int] = set()
        self.closed: set[int] = set()
        self.spent: set[int] = set()

    def start(self) -> System:
        """Make the system under test."""
        raise NotImplementedError

    @rule(kind=st.sampled_from(EARNING), amount=st.integers(5, 25), days=DAYS_AGO)
    def earn(self, kind: str, amount: int, days: int) -> None:
        self._tell(kind, amount, days)

    @rule(kind=st.sampled_from(TAKING), amount=POINTS, days=DAYS_AGO)
    def lose(self, kind: str, amount: int, days: int) -> None:
        self._tell(kind, amount, days)

    def _tell(self, kind: str, amount: int, days: int) -> None:
        """Tell an event, of today or so many days ago."""
        at = self.system.now - timedelta(days=days)
        self.auditor.opens(self.system.now)
        expected = self.auditor.tells(kind, amount, at)
        assert self.system.tells(kind, amount, at) == expected

    @precondition(lambda self: len(self.undone) < len(self.auditor.facts))
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        number = data.draw(self._one_of(len(self.auditor.facts), self.undone), "event")
        self.undone.add(number)
        self.auditor.opens(self.system.now)
        self.auditor.takes_back(number)
        self.system.takes_back(number)

    @rule(points=POINTS)
    def hold(self, points: int) -> None:
        """Set points aside; a refusal keeps nothing, not even what had lapsed meanwhile."""
        before = self.system.picture()
        self.auditor.opens(self.system.now)
        can = self.auditor.hold(points)
        assert self.system.hold(points) is can
        if not can:
            assert self.system.picture() == before
            self.system.opens()

    @precondition(lambda self: len(self.closed) < len(self.auditor.holds))
    @rule(data=st.data(), is_spent=st.booleans())
    def end_hold(self, data: st.DataObject, is_spent: bool) -> None:
        number = data.draw(self._one_of(len(self.auditor.holds), self.closed), "hold")
        self.closed.add(number)
        self.auditor.opens(self.system.now)
        if is_spent:
            self.spent.add(number)
            self.auditor.settle(number)
            self.system.settle(number)
        else:
            self.auditor.release(number)
            self.system.release(number)

    @precondition(lambda self: self._refundable())
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self._refundable()), "spent hold")
        points = data.draw(st.integers(1, self.auditor.still_spent(number)), "points")
        self.auditor.opens(self.system.now)
        self.auditor.refund(number, points)
        self.system.refund(number, points)

    def _refundable(self) -> list[int]:
        return [number for number in sorted(self.spent) if self.auditor.still_spent(number)]

    @rule(days=st.sampled_from((1, 5, 14, 31, 100)))
    def let_days_pass(self, days: int) -> None:
        self.system.now += timedelta(days=days)

    @rule()
    def sweep(self) -> None:
        self.auditor.opens(self.system.now)
        self.system.opens()

    @rule(months=st.integers(1, 3))
    def close_a_month(self, months: int) -> None:
        local = self.system.now.astimezone(SHANGHAI)
        number = local.year * 12 + local.month - 1 - months
        self.system.close_month(f"{number // 12:04d}-{number % 12 + 1:02d}")

    @invariant()
    def both_hold_the_same(self) -> None:
        assert self.system.picture() == self._pictured()

    @invariant()
    def what_is_written_holds(self) -> None:
        self.system.check()

    def _pictured(self) -> Picture:
        auditor, left = self.auditor, self.auditor.left()
        lots = []
        for lot in range(1, auditor.lots + 1):
            found = [(left[lot, waits], waits) for waits in (False, True) if (lot, waits) in left]
            lots.append(found[0] if found else (0, False))
        return Picture(
            auditor.count("available"),
            auditor.count("held"),
            auditor.count("pending"),
            auditor.debt,
            tuple(lots),
        )

    def _one_of(self, count: int, without: Iterable[int]) -> st.SearchStrategy[int]:
        return st.sampled_from(sorted(set(range(count)) - set(without)))


def lots_left(lots: Iterable[tuple[int, bool]]) -> tuple[tuple[int, bool], ...]:
    """Picture lots; whether an empty one still waits is nobody's business."""
    return tuple((left, bool(waits) and left > 0) for left, waits in lots)
