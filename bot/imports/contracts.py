"""Rows to contracts of the customers there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from bot.imports.cells import read_date, read_money, read_words
from bot.imports.columns import Columns, Shape, find_tables
from bot.imports.customer_cells import read_name
from bot.imports.problems import Bad, Fault, FileFault, Place, RowProblem, word_guesses, word_place
from bot.imports.words import CUSTOMERS
from bot.sheets.problems import ProblemCode, Wrong, shown
from bot.sheets.reading import CellValue, Row, Sheet
from domain.customers import Customer
from domain.errors import Ambiguous, UnknownCustomer, UnknownProject
from domain.projects import Project
from handlers.usecases.naming import Directory

CONTRACT_SHEETS: Final = Shape(
    words=CUSTOMERS,
    headings="contract_heading",
    marks=(frozenset({"number"}), frozenset({"customer", "amount"})),
    needed=("number", "customer", "amount", "signed_on"),
    filled=frozenset({"customer", "project", "signed_on"}),
    missing=FileFault.NO_CONTRACT_HEADINGS,
)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a row says of a contract."""

    number: str
    name: str
    customer: Customer
    project: Project | None
    amount: int
    """Fen."""
    signed_on: date


@dataclass(slots=True)
class ReadContracts:
    """What stands in a file."""

    rows: list[tuple[Place, Signed | None]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def read_contracts(sheets: Sequence[Sheet], directory: Directory, today: date) -> ReadContracts:
    """Read every sheet that has the headings."""
    tables = find_tables(sheets, CONTRACT_SHEETS)
    found = ReadContracts(problems=tables.problems, unused=tables.unused)
    seen: dict[str, tuple[Place, Signed]] = {}
    for sheet, columns in tables.tables:
        for row in columns.rows:
            reader = _RowReader(directory, today, sheet.name, columns, row)
            signed = reader.read(seen)
            found.rows.append((reader.place, signed))
            found.problems += reader.problems
    return found


class _RowReader:
    """Reads one row."""

    def __init__(
        self, directory: Directory, today: date, sheet: str, columns: Columns, row: Row
    ) -> None:
        self._directory = directory
        self._today = today
        self._columns = columns
        self._row = row
        self.place = Place(sheet, row.number)
        self.problems: list[RowProblem] = []

    def read(self, seen: dict[str, tuple[Place, Signed]]) -> Signed | None:
        number = self._needed("number", read_name)
        customer = self._needed("customer", self._customer)
        amount = self._needed("amount", self._amount)
        signed_on = self._needed("signed_on", lambda value: read_date(value, self._today))
        name = self._cell("name", read_name) or number
        project = None
        if customer is not None:
            project = self._cell("project", lambda value: self._project(value, customer))
        if self.problems:
            return None
        signed = Signed(number, name, customer, project, amount, signed_on)
        place, before = seen.setdefault(number, (self.place, signed))
        if before != signed:
            self._bad("number", FileFault.NUMBER_TWICE, found=number, other=word_place(place))
            return None
        return signed if place is self.place else None

    def _customer(self, value: CellValue) -> Customer:
        try:
            return self._directory.customer(read_words(value))
        except UnknownCustomer as unknown:
            guesses = word_guesses(unknown.guesses)
            raise Bad(Fault.UNKNOWN_CUSTOMER, value, guesses=guesses) from None
        except Ambiguous as several:
            choices = CUSTOMERS.listed(several.candidates)
            raise Bad(Fault.AMBIGUOUS, value, choices=choices) from None

    def _project(self, value: CellValue, customer: Customer) -> Project:
        try:
            project = self._directory.project(read_words(value), customer.id)
        except UnknownProject as unknown:
            guesses = word_guesses(unknown.guesses)
            raise Bad(Fault.UNKNOWN_PROJECT, value, guesses=guesses) from None
        except Ambiguous as several:
            choices = CUSTOMERS.listed(several.candidates)
            raise Bad(Fault.AMBIGUOUS, value, choices=choices) from None
        if project.customer != customer.id:
            raise Bad(Fault.MISMATCH, value)
        return project

    def _amount(self, value: CellValue) -> int:
        return read_money(value, is_in_ten_thousands=self._columns.is_in_ten_thousands)

    def _needed(self, name: str, read: Callable[[CellValue], Any]) -> Any:
        if self._raw(name) is None:
            self._bad(name, Fault.MISSING)
            return None
        return self._cell(name, read)

    def _cell(self, name: str, read: Callable[[CellValue], Any]) -> Any:
        value = self._raw(name)
        if value is None:
            return None
        try:
            return read(value)
        except (Bad, Wrong) as wrong:
            self._bad(name, wrong.code, **{"found": shown(value), **wrong.data})
            return None

    def _raw(self, name: str) -> CellValue:
        column = self._columns.places.get(name)
        return None if column is None else self._row.cell(column)

    def _bad(self, name: str, code: Fault | FileFault | ProblemCode, **data: Any) -> None:
        place = self._columns.at(self.place.sheet, self.place.row, name)
        self.problems.append(RowProblem(place, code, data))
