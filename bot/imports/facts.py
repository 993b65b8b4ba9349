"""Rows to facts, or to the problems that keep them from being facts."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

from bot.imports import cells
from bot.imports.columns import Columns, find_tables
from bot.imports.problems import Bad, Fault, FileFault, Place, RowProblem, word_guesses, word_place
from bot.imports.words import listed
from bot.sheets.problems import ProblemCode, Wrong, shown
from bot.sheets.reading import CellValue, Row, Sheet
from domain.customers import Contact, Customer
from domain.errors import Ambiguous, UnknownCustomer, UnknownProject
from domain.events import EventType, EventValue, json_text
from domain.projects import Milestone, Project
from domain.sealing import sealed
from handlers.usecases.imports import Fact
from handlers.usecases.naming import Directory

_KEPT_MAX: Final = 100_000
"""Cells whose values are remembered: the same few names and days fill a whole file."""

# Per type: the column, the name in the event's data, and whether it must be filled.
_DATA: Final[Mapping[EventType, Sequence[tuple[str, str, bool]]]] = {
    EventType.CONTRACT_SIGNED: (("amount", "amount", True),),
    EventType.MILESTONE_ACCEPTED: (
        ("milestone", "milestone", True),
        ("planned", "planned_on", False),
    ),
    EventType.PAYMENT_RECEIVED: (("amount", "amount", True), ("planned", "due_on", True)),
    EventType.SUGGESTION_ADOPTED: (),
    EventType.REFERRAL_SIGNED: (("referred", "referred", True),),
    EventType.COMPLAINT_CLOSED: (("satisfied", "satisfied", True),),
    EventType.REVIEW_SUBMITTED: (
        ("stars", "stars", True),
        ("length", "length", False),
        ("photos", "photos", False),
    ),
    EventType.CHECK_IN: (),
    EventType.SURVEY_COMPLETED: (),
}
_DONE_ON: Final = {
    EventType.MILESTONE_ACCEPTED: "accepted_on",
    EventType.PAYMENT_RECEIVED: "paid_on",
}
"""Under which name an event's data repeats its day."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as it was understood; without a fact where something is wrong with it."""

    place: Place
    fact: Fact | None
    customer: str = ""
    """The customer's name, for the report."""


@dataclass(slots=True)
class ReadFile:
    """What stands in a file."""

    rows: list[ReadRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    """Headings and sheets that were not read."""

    @property
    def facts(self) -> list[Fact]:
        """List the facts in their order."""
        return [row.fact for row in self.rows if row.fact is not None]


@dataclass(frozen=True, slots=True)
class _Failed:
    code: Fault | FileFault | ProblemCode
    data: Mapping[str, Any]


class Reader:
    """Reads the rows of a file as facts about the customers and projects there are."""

    def __init__(self, directory: Directory, today: date) -> None:
        """Keep what names mean and what day it is."""
        self._directory = directory
        self._today = today
        self._readers: dict[str, Callable[[CellValue], Any]] = {
            "source_id": cells.read_words,
            "type": cells.read_type,
            "contact": cells.read_words,
            "milestone": cells.read_words,
            "referred": cells.read_words,
            "note": cells.read_words,
            "date": partial(cells.read_date, today=today),
            "planned": partial(cells.read_planned, today=today),
            "satisfied": cells.read_flag,
            "stars": cells.read_stars,
            "length": cells.read_count,
            "photos": cells.read_count,
        }
        self._kept: dict[Hashable, Any] = {}
        self._seen: dict[str, tuple[Place, Fact]] = {}

    def read(self, sheets: Sequence[Sheet]) -> ReadFile:
        """Read every sheet that has the headings."""
        tables = find_tables(sheets)
        found = ReadFile(problems=tables.problems, unused=tables.unused)
        for sheet, columns in tables.tables:
            for row in columns.rows:
                found.rows.append(_RowReader(self, sheet.name, columns, row).read(found))
        return found

    def value(self, name: str, value: CellValue, columns: Columns) -> Any:
        """Read a cell; what was read once is remembered, failures too."""
        if name == "amount":
            scaled = columns.is_in_ten_thousands
            read = partial(cells.read_money, is_in_ten_thousands=scaled)
            return self._once((name, scaled), value, read)
        return self._once((name,), value, self._readers[name])

    def customer(self, value: CellValue) -> Customer | _Failed:
        """Find the customer that is named."""
        found: Customer | _Failed = self._once(("customer",), value, self._customer)
        return found

    def project(self, value: CellValue, customer: Customer | None) -> Project | _Failed:
        """Find the project that is named, the customer's own before others'."""
        owner = None if customer is None else customer.id
        read = partial(self._project, customer=customer)
        found: Project | _Failed = self._once(("project", owner), value, read)
        return found

    def owner(self, project: Project) -> Customer:
        """Give the customer of a project."""
        return self._directory.customers[project.customer]

    def contact(self, customer: Customer, name: str) -> Contact | None:
        """Find the customer's contact of a name."""
        return self._directory.contact(customer.id, name)

    def milestone(self, project: Project, name: str) -> Milestone | None:
        """Find the project's milestone of a name."""
        return self._directory.milestone(project.id, name)

    def twice(self, fact: Fact, place: Place, *, is_named: bool) -> RowProblem | None:
        """Say what is wrong with a fact whose source id came before in the file."""
        before = self._seen.setdefault(fact.source_id, (place, fact))
        if before[0] is place:
            return None
        other = word_place(before[0])
        if not is_named:
            return RowProblem(place, Fault.ROW_TWICE, {"found": other})
        if _content(before[1]) == _content(fact):
            return None
        return RowProblem(place, Fault.ID_CONFLICT, {"found": fact.source_id, "other": other})

    def _once(
        self, what: tuple[Hashable, ...], value: CellValue, read: Callable[[CellValue], Any]
    ) -> Any:
        # True, 1 and 1.0 are equal and are not the same cell.
        key = (what, type(value), value)
        try:
            return self._kept[key]
        except KeyError:
            pass
        try:
            found = read(value)
        except (Bad, Wrong) as problem:
            found = _Failed(problem.code, {"found": shown(value), **problem.data})
        if len(self._kept) >= _KEPT_MAX:
            self._kept.clear()
        self._kept[key] = found
        return found

    def _customer(self, value: CellValue) -> Customer:
        try:
            return self._directory.customer(cells.read_words(value))
        except UnknownCustomer as unknown:
            guesses = word_guesses(unknown.guesses)
            raise Bad(Fault.UNKNOWN_CUSTOMER, value, guesses=guesses) from None
        except Ambiguous as several:
            raise Bad(Fault.AMBIGUOUS, value, choices=listed(several.candidates)) from None

    def _project(self, value: CellValue, customer: Customer | None) -> Project:
        owner = None if customer is None else customer.id
        try:
            project = self._directory.project(cells.read_words(value), owner)
        except UnknownProject as unknown:
            guesses = word_guesses(unknown.guesses)
            raise Bad(Fault.UNKNOWN_PROJECT, value, guesses=guesses) from None
        except Ambiguous as several:
            raise Bad(Fault.AMBIGUOUS, value, choices=listed(several.candidates)) from None
        if owner is not None and project.customer != owner:
            raise Bad(Fault.MISMATCH, value)
        return project


class _RowReader:
    """Reads one row."""

    __slots__ = ("_columns", "_problems", "_reader", "_row", "_sheet")

    def __init__(self, reader: Reader, sheet: str, columns: Columns, row: Row) -> None:
        self._reader = reader
        self._sheet = sheet
        self._columns = columns
        self._row = row
        self._problems: list[RowProblem] = []

    def read(self, found: ReadFile) -> ReadRow:
        place = Place(self._sheet, self._row.number)
        customer, project = self._about()
        type_: EventType | None = self._needed("type")
        on: date | None = self._needed("date")
        contact = self._contact(customer)
        said = {} if type_ is None else self._said(type_)
        source_id, note = self._cell("source_id") or "", self._cell("note") or ""
        name = customer.name if customer is not None else ""
        milestone, data = None, said
        if type_ is not None and on is not None and not self._problems:
            milestone, data = self._completed(type_, project, on, said)
        if type_ is None or on is None or customer is None or self._problems:
            found.problems += self._problems
            return ReadRow(place, None, name)
        fact = Fact(
            type=type_,
            customer=customer.id,
            project=None if project is None else project.id,
            contact=None if contact is None else contact.id,
            on=on,
            data=data,
            source_id=source_id or _name_of(type_, (customer, project, contact), on, said),
            evidence=f"{word_place(place)} {note}".strip(),
            milestone=None if milestone is None else milestone.id,
        )
        twice = self._reader.twice(fact, place, is_named=bool(source_id))
        if twice is not None:
            found.problems.append(twice)
            return ReadRow(place, None, name)
        return ReadRow(place, fact, name)

    def _about(self) -> tuple[Customer | None, Project | None]:
        customer = project = None
        named, worked_on = self._raw("customer"), self._raw("project")
        if named is None and worked_on is None:
            self._bad("customer", Fault.NOBODY)
        if named is not None:
            customer = self._good("customer", self._reader.customer(named))
            if customer is None:
                return None, None
        if worked_on is not None:
            project = self._good("project", self._reader.project(worked_on, customer))
        if customer is None and project is not None:
            customer = self._reader.owner(project)
        return customer, project

    def _contact(self, customer: Customer | None) -> Contact | None:
        name = self._cell("contact")
        if not name or customer is None:
            return None
        contact = self._reader.contact(customer, name)
        if contact is None:
            self._bad("contact", Fault.UNKNOWN_CONTACT, found=name)
        return contact

    def _said(self, type_: EventType) -> dict[str, EventValue]:
        """Read what the row itself says about an event of its type."""
        said: dict[str, EventValue] = {}
        for column, name, is_needed in _DATA[type_]:
            value = self._needed(column) if is_needed else self._cell(column)
            if value is not None:
                said[name] = value.isoformat() if isinstance(value, date) else value
        return said

    def _completed(
        self, type_: EventType, project: Project | None, on: date, said: dict[str, EventValue]
    ) -> tuple[Milestone | None, dict[str, EventValue]]:
        """Add what follows from the day and from the project's plan."""
        data = dict(said)
        if type_ in _DONE_ON:
            data[_DONE_ON[type_]] = on.isoformat()
        if type_ is not EventType.MILESTONE_ACCEPTED:
            return None, data
        if project is None:
            self._bad("project", Fault.NO_PROJECT)
            return None, data
        milestone = self._reader.milestone(project, str(said["milestone"]))
        if milestone is not None:
            data["milestone"] = milestone.name
            data.setdefault("planned_on", milestone.planned_on.isoformat())
        elif "planned_on" not in data:
            self._bad("planned", Fault.NO_PLAN, found=said["milestone"])
        return milestone, data

    def _raw(self, name: str) -> CellValue:
        column = self._columns.places.get(name)
        return None if column is None else self._row.cell(column)

    def _cell(self, name: str) -> Any:
        value = self._raw(name)
        if value is None:
            return None
        return self._good(name, self._reader.value(name, value, self._columns))

    def _needed(self, name: str) -> Any:
        if self._raw(name) is None:
            self._bad(name, Fault.MISSING)
            return None
        return self._cell(name)

    def _good(self, name: str, found: Any) -> Any:
        if isinstance(found, _Failed):
            self._bad(name, found.code, **found.data)
            return None
        return found

    def _bad(self, name: str, code: Fault | FileFault | ProblemCode, **data: Any) -> None:
        place = self._columns.at(self._sheet, self._row.number, name)
        self._problems.append(RowProblem(place, code, data))


def _name_of(
    type_: EventType,
    about: tuple[Customer, Project | None, Contact | None],
    on: date,
    said: dict[str, EventValue],
) -> str:
    """Name a row by what it says itself, so that no later change of a plan renames it."""
    ids = [None if one is None else one.id for one in about]
    return f"row:{sealed((type_, *ids, on.isoformat(), json_text(said)))}"


def _content(fact: Fact) -> tuple[object, ...]:
    return fact.type, fact.customer, fact.project, fact.contact, fact.on, fact.data
