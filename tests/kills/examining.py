"""Killing an operation before every statement, and what is to be true after each death."""

import gc
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from bot.verifying import check_heads
from domain.errors import DomainError
from storage.db import writing
from storage.verify_all import check_all
from tests.kills.copies import Copy, Picture, SqliteCopy, copy_of
from tests.kills.fuse import AFTER_COMMIT, Fuse, wire
from tests.kills.life import Life
from tests.kills.operations import Operation
from tests.kills.world import NOW, build
from tests.support.stores import MAIN

FIRST_UNIT = 500_000
"""Of an operation's units of work; those before have built the world."""
FINDINGS_MAX = 100


class Fault(StrEnum):
    """What must not come of a death."""

    HALF = "half"
    """Something of the operation is there, and something is not."""
    UNSOUND = "unsound"
    """The ledger or its records don't add up."""
    ELSEWHERE = "elsewhere"
    """Doing it again ends in another state than doing it undisturbed."""
    REFUSED = "refused"
    """Doing it again is refused though it has not been done."""
    SURVIVED = "survived"
    """The process has not come to the moment it was to die at."""


@dataclass(frozen=True)
class Finding:
    """What came of a death at a moment."""

    fault: Fault
    moment: int
    statement: str
    about: str
    """Tables, findings or an error."""


@dataclass
class Report:
    """What an examination has found."""

    moments: list[str]
    """Before each statement, and after each commit."""
    deaths: list[int]
    """The numbers of the moments at which a process was killed."""
    parts: int
    """Transactions that have changed something."""
    is_sound: bool
    """Whether everything agreed before."""
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Course:
    """How an operation goes when nobody disturbs it."""

    moments: list[str]
    states: list[Picture]
    """What was in the database before, and after each commit."""
    drift: list[str]
    """What did not agree before, and need not after."""
    sound: list[Picture]
    """What the checks have been asked about and found to be no worse."""

    def commits(self, moment: int) -> int:
        """Count the commits that are durable at a moment."""
        return self.moments[: moment + 1].count(AFTER_COMMIT)

    def is_turn(self, moment: int) -> bool:
        """Tell whether a moment is the first or the last before or after a commit."""
        last = len(self.moments) - 1
        near = {self.commits(max(0, moment - 1)), self.commits(min(last, moment + 1))}
        return moment in (0, last) or near != {self.commits(moment)}

    def is_distinct(self, moment: int) -> bool:
        """Tell whether anybody outside could tell a moment from the one before."""
        passed = self.moments[max(0, moment - 1)]
        only_reads = passed.startswith("SELECT ") and "FOR UPDATE" not in passed
        return self.is_turn(moment) or not only_reads


class Examiner:
    """Examines operations on one database, which is its own."""

    def __init__(self, url: str) -> None:
        """Build the world in a migrated database without rows."""
        self._copy: Copy = copy_of(url)
        self._is_cheap = isinstance(self._copy, SqliteCopy)
        self._fuse = Fuse()
        self._life = Life(url, NOW)
        wire(self._life.store.database, self._fuse)
        build(self._life)
        self._life.close()
        self._copy.keep()
        gc.collect()
        gc.freeze()

    def examine(self, operation: Operation) -> Report:
        """Let it be done undisturbed, then kill it at every moment there was.

        On PostgreSQL, where a new connection costs more than all that is done with it, moments are
        left out at which nothing has happened since the last one but that something was read.
        Each life begins on what the one before has left, and passes where that one has died, so it
        meets the locks of the dead. It is lived to its end at the turns: before and after each
        commit, and at the outset; in between the rows are proved to be the same as there.
        """
        course = self._watch(operation)
        moments = course.moments
        deaths = [n for n in range(len(moments)) if self._is_cheap or course.is_distinct(n)]
        report = Report(moments, deaths, len(course.states) - 1, is_sound=not course.drift)
        self._begin(operation)
        for moment in deaths:
            is_dead = self._kill(operation, moment)
            left = self._copy.picture()
            found = [*self._after_death(operation, course, moment, left)]
            if not is_dead:
                found.append((Fault.SURVIVED, ""))
            is_turn = course.is_turn(moment)
            if is_turn:
                found += self._again(operation, course, moment, left)
            report.findings += [Finding(f, moment, moments[moment], about) for f, about in found]
            if is_turn or left != course.states[0]:
                self._begin(operation)
        return report

    def _begin(self, operation: Operation) -> None:
        """Make the world as it is before the operation."""
        self._copy.restore()
        if operation.spoils:
            with writing(self._life.store.database, MAIN) as db:
                db.run(operation.spoils)
            self._life.close()

    def _watch(self, operation: Operation) -> _Course:
        """See what happens, and what is durable after each commit."""
        self._begin(operation)
        drift = self._look()
        states = [self._copy.picture()]
        self._do(operation, on_commit=lambda: states.append(self._copy.picture()))
        assert self._look() == drift
        self._life.close()
        return _Course(self._fuse.moments, states, drift, sound=[states[0], states[-1]])

    def _kill(self, operation: Operation, moment: int) -> bool:
        """Do it in a process of its own that is to die at the moment; tell whether it has."""
        child = os.fork()
        if child == 0:
            self._live(operation, moment)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL

    def _live(self, operation: Operation, moment: int) -> NoReturn:
        # What is left alone is shared with the parent, and so costs nothing.
        gc.disable()
        try:
            self._do(operation, dies_at=moment)
        finally:
            os._exit(0)

    def _do(self, operation: Operation, *, unit: int = 0, **fuse: Any) -> None:
        self._life.ids.begin_at(FIRST_UNIT + unit)
        self._fuse.light(**fuse)
        try:
            operation.does(self._life)
        finally:
            self._fuse.put_out()

    def _after_death(
        self, operation: Operation, course: _Course, moment: int, left: Picture
    ) -> Iterator[tuple[Fault, str]]:
        """Look at what a death has left: all or nothing, and every check content."""
        before, after = course.states[0], course.states[-1]
        expected = course.states[course.commits(moment)]
        is_whole = operation.parts > 1 or expected in (before, after)
        if left != expected or not is_whole:
            yield Fault.HALF, f"{_differing(left, before)} have changed"
        # The checks read nothing but rows: what they say of the same rows is known.
        if left not in course.sound:
            drift = self._look()
            self._life.close()
            if drift == course.drift:
                course.sound.append(left)
            else:
                yield Fault.UNSOUND, " ".join(drift)

    def _again(
        self, operation: Operation, course: _Course, moment: int, left: Picture
    ) -> Iterator[tuple[Fault, str]]:
        """Do the same once more, as whoever was not answered does."""
        after = course.states[-1]
        unit = course.commits(moment) if operation.goes_on else 0
        try:
            self._do(operation, unit=unit)
        except DomainError as refusal:
            if left != after or type(refusal) is not operation.refused_again:
                yield Fault.REFUSED, type(refusal).__name__
        self._life.close()
        again = self._copy.picture()
        if again != after:
            yield Fault.ELSEWHERE, f"{_differing(again, after)} differ"

    def _look(self) -> list[str]:
        """Run every check there is, as the nights do."""
        store = self._life.store
        damage = [*check_all(store.database, MAIN)[1], *check_heads(store, MAIN)]
        with store.reading(MAIN) as work:
            drift = work.reconciliation.findings(FINDINGS_MAX)
        return [repr(finding) for finding in (*damage, *drift)]


def _differing(one: Picture, other: Picture) -> list[str]:
    return [table for table, rows in one.items() if rows != other[table]]
