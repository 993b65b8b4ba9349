"""A check, an import and its undo from one end to the other, part by part."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Final, TypeVar

from bot.cli_setup import opened_parts
from bot.imports.facts import Reader, ReadFile, ReadRow
from bot.imports.problems import Fault, Place, RowProblem, word_row_problem
from bot.imports.report import ReportRow
from bot.imports.words import word_for
from bot.runtime import Runtime
from bot.settings import Settings
from bot.sheets.reading import read_sheets
from domain.calendar import BUSINESS_ZONE
from domain.errors import EventConflict, MilestoneRecorded
from domain.ids import BatchId, EventId, TenantId
from handlers.contract import Context
from handlers.usecases import imports
from handlers.usecases.imports import Foreseer, Result, State, Undone
from handlers.usecases.naming import Directory
from handlers.usecases.watching import report_conflict

PART: Final = 500
"""Events per transaction: so many are lost and counted again when the machine dies."""
UNDO_PART: Final = 100
Progress = Callable[[int, int], None]
"""Told what is done and how much there is."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import."""

    name: str
    data: bytes

    @property
    def hash(self) -> str:
        """Name its content."""
        return sha256(self.data).hexdigest()


@dataclass(slots=True)
class Summary:
    """What became of a file, or would."""

    rows: list[ReportRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    """Headings and sheets nobody reads."""
    states: Counter[str] = field(default_factory=Counter)
    points: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    by_customer: Counter[str] = field(default_factory=Counter)
    """Points by the customer's name."""
    batch: BatchId | None = None
    """None when nothing was imported."""
    is_check: bool = False
    """Nothing was to be imported."""

    @property
    def is_done(self) -> bool:
        """Tell whether anything was imported, or there was nothing new."""
        return self.batch is not None

    @property
    def is_well(self) -> bool:
        """Tell whether every row was counted, now or before."""
        return not self.problems


class UnknownBatch(LookupError):
    """There is no import of this id."""


@contextmanager
def opened_importer(settings: Settings, tenant: str) -> Iterator["Importer"]:
    """Open the installation for imports of a tenant, and close it at the end.

    Raises:
        LookupError: no such tenant.
    """
    with opened_parts(settings, TenantId(tenant)) as parts:
        yield Importer(parts.runtime, TenantId(tenant))


class Importer:
    """Imports files for one tenant."""

    def __init__(self, runtime: Runtime, tenant: TenantId) -> None:
        """Keep who does it, and for whom."""
        self._runtime = runtime
        self._tenant = tenant

    def check(self, source: Source, progress: Progress, *, again: bool = False) -> Summary:
        """Find everything that is wrong, and what importing the rest would do; writes nothing.

        Raises:
            Unreadable: the file is no table, or beyond the limits.
        """
        sheets = read_sheets(source.data)

        def look(ctx: Context) -> Summary:
            directory = Directory(ctx)
            read = Reader(directory, ctx.today).read(sheets)
            foreseer = Foreseer(ctx)
            results: list[Result] = []
            for part in _parts(read.facts, PART, progress):
                results += foreseer.foresee(part, again=again)
            summary = _summary(read, results, is_done=False)
            summary.is_check = True
            summary.by_rule = foreseer.forecast.by_rule
            for customer, points in foreseer.forecast.by_customer.items():
                summary.by_customer[directory.customers[customer].name] += points
            return summary

        return self._runtime.look(self._tenant, look)

    def run(
        self,
        source: Source,
        progress: Progress,
        *,
        skip_bad: bool = False,
        again: bool = False,
    ) -> Summary:
        """Count the rows of a file, each once however often this is run or dies.

        Where anything is wrong nothing is counted, unless bad rows are to be skipped. `again`
        counts anew what was counted and undone.

        Raises:
            Unreadable: the file is no table, or beyond the limits.
        """

        def look(ctx: Context) -> tuple[ReadFile, list[Result]]:
            sheets = read_sheets(source.data)
            read = Reader(Directory(ctx), ctx.today).read(sheets)
            refusals = imports.foresee_refusals(ctx, read.facts, again=again)
            return read, [_foreseen(one) for one in refusals]

        with _uncollected():
            read, foreseen = self._runtime.look(self._tenant, look)
        self._report(foreseen)
        is_wrong = bool(read.problems) or any(one.refusal for one in foreseen)
        if is_wrong and not skip_bad:
            return _summary(read, foreseen, is_done=False)
        facts = read.facts
        batch = self._do(
            lambda ctx: imports.start_import(ctx, source.name, source.hash, len(facts))
        )
        results: list[Result] = []
        with _set_aside():
            for part in _parts(facts, PART, progress):
                results += self._do(
                    partial(imports.import_part, batch=batch.id, facts=part, again=again)
                )
        summary = _summary(read, results, is_done=True)
        summary.batch = batch.id
        return summary

    def _report(self, foreseen: Sequence[Result]) -> None:
        """Warn of numbers that came again with other content: once per file, by the first one.

        Whoever imports sees every row; a whole file of them must not become a flood of warnings.
        """
        conflicts = (one.refusal for one in foreseen if isinstance(one.refusal, EventConflict))
        first = next(conflicts, None)
        if first is not None:
            self._do(partial(report_conflict, conflict=first))

    def batches(self) -> list[dict[str, object]]:
        """List imports, newest first."""

        def look(ctx: Context) -> list[dict[str, object]]:
            return [
                {
                    "batch": one.id,
                    "file": one.name,
                    "rows": one.row_count,
                    "at": one.created_at.astimezone(BUSINESS_ZONE).isoformat(" ", "seconds"),
                    "is_undone": one.undone_at is not None,
                }
                for one in ctx.work.batches.latest(imports.BATCHES_MAX)
            ]

        return self._runtime.look(self._tenant, look)

    def check_undo(self, batch: str) -> Undone:
        """Tell what undoing an import would do now; writes nothing.

        Raises:
            UnknownBatch: there is none of this id.
        """

        def look(ctx: Context) -> Undone:
            events = _left(ctx, batch)
            return Undone(len(events), imports.foresee_undo(ctx, events))

        return self._runtime.look(self._tenant, look)

    def undo(self, batch: str, progress: Progress) -> Undone:
        """Undo all events of an import that are not undone yet, the newest first.

        Raises:
            UnknownBatch: there is none of this id.
        """
        events = self._runtime.look(self._tenant, lambda ctx: _left(ctx, batch))
        events.reverse()
        undone = Undone(0, 0)
        for part in _parts(events, UNDO_PART, progress):
            undone += self._do(partial(imports.undo_part, events=part))
        self._do(lambda ctx: imports.finish_undo(ctx, BatchId(batch)))
        return undone

    def _do(self, act: Callable[[Context], T]) -> T:
        done: list[T] = []
        # A part that meets a conflict is tried again: the last try is the one that was kept.
        self._runtime.act(self._tenant, lambda ctx: done.append(act(ctx)))
        return done[-1]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector from looking through a growing file: what is read is bounded and stays."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _set_aside() -> Iterator[None]:
    """Keep the collector from looking through the whole file again and again: a third faster."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _left(ctx: Context, batch: str) -> list[EventId]:
    if ctx.work.batches.get(BatchId(batch)) is None:
        raise UnknownBatch(batch)
    return ctx.work.events.of_batch(BatchId(batch))


def _parts(things: Sequence[T], size: int, progress: Progress) -> Iterator[Sequence[T]]:
    """Cut into parts, telling the progress after each."""
    for first in range(0, len(things), size):
        yield things[first : first + size]
        progress(min(first + size, len(things)), len(things))


def _foreseen(refusal: EventConflict | MilestoneRecorded | None) -> Result:
    return Result(State.COUNTED if refusal is None else State.REFUSED, refusal=refusal)


def _summary(read: ReadFile, results: Sequence[Result], *, is_done: bool) -> Summary:
    """Put the results beside their rows."""
    summary = Summary(problems=list(read.problems), unused=read.unused)
    wrong: dict[tuple[str, int], list[str]] = {}
    for problem in read.problems:
        words = wrong.setdefault((problem.place.sheet, problem.place.row), [])
        words.append(f"{problem.place.heading} {word_row_problem(problem)}".strip())
    left = iter(results)
    for row in read.rows:
        if row.fact is None:
            detail = ";".join(wrong.get((row.place.sheet, row.place.row), ()))
            reported = ReportRow(
                row.place, word_for("state", "skipped"), row.customer, detail=detail
            )
            summary.states["skipped"] += 1
        else:
            reported = _reported(row, next(left), summary, is_done=is_done)
        summary.rows.append(reported)
    return summary


def _reported(row: ReadRow, result: Result, summary: Summary, *, is_done: bool) -> ReportRow:
    state = result.state.value
    summary.states[state] += 1
    detail = ""
    if result.refusal is not None:
        problem = _refused(row.place, result.refusal)
        summary.problems.append(problem)
        detail = word_row_problem(problem)
    if result.state is State.COUNTED:
        summary.points += result.points
        state = state if is_done else "foreseen"
    return ReportRow(
        row.place, word_for("state", state), row.customer, result.points, result.entries, detail
    )


def _refused(place: Place, refusal: EventConflict | MilestoneRecorded) -> RowProblem:
    if isinstance(refusal, EventConflict):
        return RowProblem(place, Fault.EVENT_CONFLICT, {"found": refusal.source_id})
    data = {"found": refusal.milestone, "on": refusal.accepted_on.isoformat()}
    return RowProblem(place, Fault.MILESTONE_RECORDED, data)
