"""Importing customers and contracts from end to end: a check, and the same with effect."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from bot.cli_setup import opened_parts
from bot.customer_desk import word_hints
from bot.imports.contracts import ReadContracts, Signed, read_contracts
from bot.imports.customers import ReadUnits, Unit, UnitReader
from bot.imports.problems import FileFault, RowProblem, word_place, word_row_problem
from bot.imports.report import ReportRow
from bot.imports.running import Progress
from bot.imports.words import CUSTOMERS
from bot.runtime import Runtime
from bot.settings import Settings
from bot.sheets.reading import read_sheets
from domain.customer_files import Details
from domain.customers import Customer
from domain.duplicates import Level
from domain.ids import CustomerId, TenantId
from handlers.contract import Context
from handlers.usecases.customer_files import add_contract
from handlers.usecases.customer_imports import Filed, Filing, State, Twin
from handlers.usecases.naming import Directory

PART: Final = 500
"""Customers or contracts per transaction."""
T = TypeVar("T")


@dataclass(slots=True)
class FileSummary:
    """What became of a file, or would."""

    rows: list[ReportRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    remarks: list[RowProblem] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    """What became of the customers or contracts."""
    is_check: bool = False
    is_done: bool = False
    """Something was imported, or there was nothing new."""


@contextmanager
def opened_filer(settings: Settings, tenant: str) -> Iterator["Filer"]:
    """Open the installation for imports of a tenant, and close it at the end.

    Raises:
        LookupError: no such tenant.
    """
    with opened_parts(settings, TenantId(tenant)) as parts:
        yield Filer(parts.runtime, TenantId(tenant))


class Filer:
    """Imports customers and contracts for one tenant."""

    def __init__(self, runtime: Runtime, tenant: TenantId) -> None:
        """Keep who does it, and for whom."""
        self._runtime = runtime
        self._tenant = tenant

    def customers(
        self,
        data: bytes,
        progress: Progress,
        *,
        checks: bool = False,
        skip_bad: bool = False,
        is_anyway: bool = False,
    ) -> FileSummary:
        """Import customers, each once however often this is run; those there get what they lack.

        Where anything is wrong nothing is imported, unless bad rows are to be skipped. With
        `checks` nothing ever is. `is_anyway` says that likely twins were looked at.

        Raises:
            Unreadable: the file is no table, or beyond the limits.
        """
        sheets = read_sheets(data)

        def look(ctx: Context) -> tuple[ReadUnits, list[Filed | None], dict[CustomerId, Customer]]:
            read = UnitReader(ctx).read(sheets)
            filing = Filing(ctx, is_anyway=is_anyway, writes=False)
            filed = [
                filing.file(unit.given, place) if unit.is_good else None
                for place, unit in enumerate(read.units)
            ]
            return read, filed, filing.customers

        read, filed, there = self._runtime.look(self._tenant, look)
        summary = FileSummary(remarks=list(read.remarks), unused=read.unused, is_check=checks)
        wording = _Wording(read.units, there)
        problems = wording.refusals(filed)
        summary.problems = [*read.problems, *problems]
        if not checks and (skip_bad or not summary.problems):
            good = [
                (place, unit)
                for place, (unit, one) in enumerate(zip(read.units, filed, strict=True))
                if one is not None and one.state is not State.REFUSED
            ]
            for part in _parts(good, progress):
                for place, one in self._do(partial(_file, part=part, is_anyway=is_anyway)):
                    filed[place] = one
            # Somebody else may have added the same customer since.
            later = wording.refusals(filed)
            summary.problems += [one for one in later if one not in problems]
            summary.is_done = True
        summary.remarks += wording.remarks(filed)
        _tell_customers(summary, read, filed)
        return summary

    def contracts(
        self, data: bytes, progress: Progress, *, checks: bool = False, skip_bad: bool = False
    ) -> FileSummary:
        """Import contracts of the customers there are, each once however often this is run.

        Where anything is wrong nothing is imported, unless bad rows are to be skipped. With
        `checks` nothing ever is.

        Raises:
            Unreadable: the file is no table, or beyond the limits.
        """
        sheets = read_sheets(data)

        def look(ctx: Context) -> tuple[ReadContracts, list[State | None]]:
            read = read_contracts(sheets, Directory(ctx), ctx.today)
            return read, [None if one is None else _state(ctx, one) for _, one in read.rows]

        read, states = self._runtime.look(self._tenant, look)
        summary = FileSummary(problems=list(read.problems), unused=read.unused, is_check=checks)
        for (place, signed), state in zip(read.rows, states, strict=True):
            if signed is not None and state is State.REFUSED:
                data_ = {"found": signed.number}
                summary.problems.append(RowProblem(place, FileFault.CONTRACT_DIFFERS, data_))
        if not checks and (skip_bad or not summary.problems):
            new = [
                signed
                for (_, signed), state in zip(read.rows, states, strict=True)
                if signed is not None and state is State.ADDED
            ]
            for part in _parts(new, progress):
                self._do(partial(_sign, part=part))
            summary.is_done = True
        _tell_contracts(summary, read, states)
        return summary

    def _do(self, act: Callable[[Context], T]) -> T:
        done: list[T] = []
        # A part that meets a conflict is tried again: the last try is the one that was kept.
        self._runtime.act(self._tenant, lambda ctx: done.append(act(ctx)))
        return done[-1]


def _file(
    ctx: Context, part: Sequence[tuple[int, Unit]], *, is_anyway: bool
) -> list[tuple[int, Filed]]:
    filing = Filing(ctx, is_anyway=is_anyway, writes=True)
    return [(place, filing.file(unit.given, place)) for place, unit in part]


def _sign(ctx: Context, part: Sequence[Signed]) -> None:
    for one in part:
        # Somebody else may have added it since.
        if _state(ctx, one) is State.ADDED:
            add_contract(
                ctx,
                (one.number, one.name),
                one.customer,
                amount=one.amount,
                signed_on=one.signed_on,
                project=one.project,
            )


def _state(ctx: Context, signed: Signed) -> State:
    known = ctx.work.contracts.find_number(signed.number)
    if known is None:
        return State.ADDED
    project = None if signed.project is None else signed.project.id
    said = (signed.name, signed.customer.id, project, signed.amount, signed.signed_on)
    stored = (known.name, known.customer, known.project, known.amount, known.signed_on)
    return State.KNOWN if said == stored else State.REFUSED


class _Wording:
    """Says of customers why they were refused, and what else there is to know."""

    def __init__(self, units: Sequence[Unit], there: dict[CustomerId, Customer]) -> None:
        self._units = units
        self._there = there

    def refusals(self, filed: Sequence[Filed | None]) -> list[RowProblem]:
        return [
            self._twin(unit, one.twin, is_refused=True)
            for unit, one in zip(self._units, filed, strict=True)
            if one is not None and one.twin is not None
        ]

    def remarks(self, filed: Sequence[Filed | None]) -> list[RowProblem]:
        found: list[RowProblem] = []
        for unit, one in zip(self._units, filed, strict=True):
            if one is None:
                continue
            found += [self._twin(unit, twin, is_refused=False) for twin in one.alike]
            found += [self._differing(unit, one, name) for name in one.differing]
        return found

    def _twin(self, unit: Unit, twin: Twin, *, is_refused: bool) -> RowProblem:
        data: dict[str, Any] = {"found": unit.given.name, "other": self._named(twin)}
        if twin.likeness is None:
            return RowProblem(
                unit.place, FileFault.CODE_OF_OTHER, data | {"found": unit.given.code}
            )
        data["hints"] = word_hints(twin.likeness.hints)
        if not is_refused:
            is_maybe = twin.likeness.level is Level.MAYBE
            code = FileFault.TWIN_MAYBE if is_maybe else FileFault.TWIN_ANYWAY
        else:
            is_same = twin.likeness.level is Level.SAME
            code = FileFault.TWIN_SAME if is_same else FileFault.TWIN_LIKELY
        return RowProblem(unit.place, code, data)

    def _named(self, twin: Twin) -> str:
        if isinstance(twin.key, int):
            other = self._units[twin.key]
            return f"{other.given.name}({word_place(other.place)})"
        customer = self._there.get(twin.key)
        return f"{customer.name}({customer.code})" if customer else str(twin.key)

    def _differing(self, unit: Unit, filed: Filed, name: str) -> RowProblem:
        given: Details = unit.given.details
        value = given.fields[name] if name in given.fields else getattr(given, name)
        is_own = name in given.fields
        data = {
            "name": name if is_own else CUSTOMERS.word_for("customer_heading", name),
            "found": value,
            "customer": filed.customer.code if filed.customer else "",
        }
        return RowProblem(unit.place, FileFault.DIFFERS, data)


def _tell_customers(summary: FileSummary, read: ReadUnits, filed: Sequence[Filed | None]) -> None:
    """Put the results beside their rows."""
    by_unit = {id(unit): one for unit, one in zip(read.units, filed, strict=True)}
    said = _said(summary)
    for place, unit in read.rows:
        one = by_unit.get(id(unit))
        is_first = place == unit.place
        if one is None or one.state is State.REFUSED or not unit.is_good:
            state = "skipped"
        else:
            state = one.state.value if is_first else "continued"
        if is_first or state == "skipped":
            summary.states[state] += 1
        shown = state_word(state, is_done=summary.is_done)
        summary.rows.append(
            ReportRow(place, shown, unit.given.name, detail=said.get((place.sheet, place.row), ""))
        )


def _tell_contracts(
    summary: FileSummary, read: ReadContracts, states: Sequence[State | None]
) -> None:
    """Put the results beside their rows."""
    said = _said(summary)
    wrong = {(one.place.sheet, one.place.row) for one in summary.problems}
    for (place, signed), state in zip(read.rows, states, strict=True):
        at = (place.sheet, place.row)
        name = "skipped" if at in wrong else "known" if state is None else state.value
        summary.states[name] += 1
        customer = "" if signed is None else signed.customer.name
        summary.rows.append(
            ReportRow(
                place,
                state_word(name, is_done=summary.is_done),
                customer,
                detail=said.get(at, ""),
            )
        )


def state_word(state: str, *, is_done: bool) -> str:
    """Word what became of a customer or contract, or would."""
    is_later = state in {"added", "filled"} and not is_done
    return CUSTOMERS.word_for("state", f"{state}_later" if is_later else state)


def _said(summary: FileSummary) -> dict[tuple[str, int], str]:
    said: dict[tuple[str, int], list[str]] = {}
    for one in (*summary.problems, *summary.remarks):
        words = f"{one.place.heading} {word_row_problem(one)}".strip()
        said.setdefault((one.place.sheet, one.place.row), []).append(words)
    return {at: ";".join(words) for at, words in said.items()}


def _parts(things: Sequence[T], progress: Progress) -> Iterator[Sequence[T]]:
    for first in range(0, len(things), PART):
        yield things[first : first + PART]
        progress(min(first + PART, len(things)), len(things))
