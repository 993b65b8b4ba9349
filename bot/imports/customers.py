"""Rows to customers: one row each, or one for each contact, as firms keep them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bot.imports import customer_cells
from bot.imports.cells import read_planned
from bot.imports.columns import Columns, Shape, find_tables
from bot.imports.problems import Bad, Fault, FileFault, Place, RowProblem, word_place
from bot.imports.words import CUSTOMERS
from bot.sheets.problems import ProblemCode, Wrong, shown
from bot.sheets.reading import CellValue, Row, Sheet
from domain.customer_files import (
    Details,
    FieldKind,
    TypeField,
    clean_aliases,
    read_credit_code,
    read_value,
)
from domain.errors import InvalidCreditCode, InvalidField
from domain.ids import MemberId
from handlers.contract import Context
from handlers.parsing.names import fold
from handlers.usecases.contacts import NewContact
from handlers.usecases.customer_files import Given

_OWN: Final = frozenset({"contact", "phone", "contact_2", "phone_2", "note"})
"""Columns of which each row has its own, also where rows are merged."""
CUSTOMER_SHEETS: Final = Shape(
    words=CUSTOMERS,
    headings="customer_heading",
    marks=(frozenset({"name"}),),
    needed=("name",),
    filled=frozenset(CUSTOMERS.values_of("customer_heading")) - _OWN,
    missing=FileFault.NO_CUSTOMER_HEADINGS,
)
_TEXTS: Final[Mapping[str, Callable[[CellValue], Any]]] = {
    "code": customer_cells.read_code,
    "name": customer_cells.read_name,
    "full_name": customer_cells.read_name,
    "type": customer_cells.read_name,
    "address": customer_cells.read_text,
    "payment_days": customer_cells.read_payment_days,
    "segments": customer_cells.read_list,
    "aliases": customer_cells.read_list,
}
_PEOPLE: Final = (("contact", "phone"), ("contact_2", "phone_2"))


@dataclass(slots=True)
class Unit:
    """A customer of a file, told by one row or several."""

    given: Given
    place: Place
    """Its first row."""
    is_good: bool = True


@dataclass(slots=True)
class ReadUnits:
    """What stands in a file."""

    units: list[Unit] = field(default_factory=list)
    rows: list[tuple[Place, Unit]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    remarks: list[RowProblem] = field(default_factory=list)
    """What is not kept, or kept otherwise, without keeping the row out."""
    unused: list[str] = field(default_factory=list)


class UnitReader:
    """Reads the rows of a file as customers."""

    def __init__(self, ctx: Context) -> None:
        """Read the members, and the fields there are."""
        self.today = ctx.today
        self.catalogue = {
            (one.customer_type, one.name): one for one in ctx.work.customer_fields.all()
        }
        self.field_names = frozenset(name for _, name in self.catalogue)
        self.names: dict[MemberId, str] = {}
        self._members: dict[str, list[MemberId]] = {}
        for member in ctx.work.members.all():
            self.names[member.id] = member.name
            if member.is_active:
                self._members.setdefault(fold(member.name), []).append(member.id)
        self._by_code: dict[str, Unit] = {}
        self._by_name: dict[str, Unit] = {}

    def read(self, sheets: Sequence[Sheet]) -> ReadUnits:
        """Read every sheet that has the headings."""
        shape = replace(CUSTOMER_SHEETS, filled=CUSTOMER_SHEETS.filled | self.field_names)
        tables = find_tables(sheets, shape, self.field_names)
        found = ReadUnits(problems=tables.problems, unused=tables.unused)
        for sheet, columns in tables.tables:
            before: Unit | None = None
            for row in columns.rows:
                before = _RowReader(self, sheet, columns, row).read(found, before)
        return found

    def member(self, name: str) -> MemberId | None:
        """Find the one member of a name."""
        found = self._members.get(fold(name), ())
        return found[0] if len(found) == 1 else None

    def known(self, code: str, name: str) -> Unit | None:
        """Find the customer that rows above have told: by code where there is one, else by name."""
        return self._by_code.get(code) if code else self._by_name.get(fold(name))

    def keep(self, unit: Unit) -> None:
        """Remember a customer for the rows below."""
        if unit.given.code:
            self._by_code.setdefault(unit.given.code, unit)
        self._by_name.setdefault(fold(unit.given.name), unit)


class _RowReader:
    """Reads one row."""

    def __init__(self, reader: UnitReader, sheet: Sheet, columns: Columns, row: Row) -> None:
        self._reader = reader
        self._sheet = sheet.name
        self._columns = columns
        self._row = row
        self._place = Place(sheet.name, row.number)
        self._problems: list[RowProblem] = []
        self._remarks: list[RowProblem] = []

    def read(self, found: ReadUnits, before: Unit | None) -> Unit | None:
        """Read it as a customer, or as more of one above; give the customer."""
        code, name = self._cell("code") or "", self._cell("name") or ""
        people = self._people()
        if not code and not name and people and before is not None:
            unit = before
            unit.given = replace(unit.given, contacts=_joined(unit.given.contacts, people))
        elif not name:
            if all(one.place != self._at("name") for one in self._problems):
                self._bad("name", Fault.MISSING)
            unit = Unit(Given(code, name), self._place)
        else:
            unit = self._unit(code, name, people, found)
        unit.is_good = unit.is_good and not self._problems
        found.problems += self._problems
        found.remarks += self._remarks
        found.rows.append((self._place, unit))
        return unit

    def _unit(self, code: str, name: str, people: list[NewContact], found: ReadUnits) -> Unit:
        given = self._given(code, name, people)
        known = self._reader.known(code, name)
        if known is None:
            unit = Unit(given, self._place)
            self._reader.keep(unit)
            found.units.append(unit)
            return unit
        if fold(known.given.name) != fold(name):
            other = word_place(known.place)
            self._bad("code", FileFault.CODE_TWICE, found=code, other=other)
            return Unit(given, self._place)
        self._compare(known, given)
        known.given = replace(known.given, contacts=_joined(known.given.contacts, given.contacts))
        return known

    def _compare(self, known: Unit, given: Given) -> None:
        """Find what this row says otherwise than those above; what it doesn't say is the same."""
        for name in ("type", "manager", "segments"):
            self._same(known, name, getattr(known.given, name), getattr(given, name))
        for name in ("full_name", "credit_code", "address", "payment_days", "aliases"):
            mine = getattr(given.details, name)
            self._same(known, name, getattr(known.given.details, name), mine)
        for name, value in given.details.fields.items():
            self._same(known, name, known.given.details.fields.get(name), value)

    def _same(self, known: Unit, name: str, above: Any, here: Any) -> None:
        if here in (None, "", ()) or here == above:
            return
        said = self._reader.names.get(above, "") if name == "manager" else _plain(above)
        data = {"found": shown(self._raw(name)), "other": word_place(known.place)}
        self._bad(name, FileFault.DIFFERS_ABOVE, known=shown(said), **data)

    def _given(self, code: str, name: str, people: list[NewContact]) -> Given:
        customer_type = self._cell("type") or ""
        full_name = self._cell("full_name") or ""
        aliases = clean_aliases(self._cell("aliases") or (), (name, full_name))
        return Given(
            code=code,
            name=name,
            manager=self._manager(),
            type=customer_type,
            segments=self._cell("segments") or (),
            details=Details(
                full_name=full_name,
                credit_code=self._credit_code(),
                address=self._cell("address") or "",
                payment_days=self._cell("payment_days"),
                aliases=aliases,
                fields=self._fields(customer_type),
            ),
            contacts=tuple(people),
        )

    def _manager(self) -> MemberId | None:
        name = self._text("manager")
        member = self._reader.member(name) if name else None
        if name and member is None:
            self._bad("manager", FileFault.UNKNOWN_MANAGER, found=name)
        return member

    def _credit_code(self) -> str:
        typed = self._text("credit_code")
        try:
            return read_credit_code(typed) if typed else ""
        except InvalidCreditCode as refused:
            why = CUSTOMERS.word_for("credit_code", refused.problem)
            self._bad("credit_code", FileFault.BAD_CREDIT_CODE, found=shown(typed), why=why)
            return ""

    def _fields(self, customer_type: str) -> dict[str, str]:
        values: dict[str, str] = {}
        for name in self._columns.places:
            typed = self._raw(name) if name in self._reader.field_names else None
            if typed is None:
                continue
            known = self._reader.catalogue.get((customer_type, name))
            if known is not None:
                value = self._field(known, typed)
                values |= {} if value is None else {name: value}
            elif customer_type:
                data = {"found": name, "type": customer_type}
                self._bad(name, FileFault.FIELD_ELSEWHERE, **data)
            else:
                self._bad(name, FileFault.TYPE_MISSING, found=name)
        return values

    def _field(self, known: TypeField, typed: CellValue) -> str | None:
        name = known.name
        try:
            if known.kind is FieldKind.DATE:
                return read_planned(typed, self._reader.today).isoformat()
            text = customer_cells.read_text(typed)
            return read_value(known, text) if text else None
        except (Bad, Wrong) as wrong:
            self._bad(name, wrong.code, **{"found": shown(typed), **wrong.data})
        except InvalidField:
            data = {"found": shown(typed), "name": name}
            if known.kind is FieldKind.CHOICE:
                self._bad(
                    name, FileFault.BAD_CHOICE, choices=CUSTOMERS.listed(known.choices), **data
                )
            else:
                kind = CUSTOMERS.word_for("kind", known.kind)
                self._bad(name, FileFault.BAD_FIELD, kind=kind, **data)
        return None

    def _people(self) -> list[NewContact]:
        people: list[NewContact] = []
        for contact, phone in _PEOPLE:
            try:
                found, lost = customer_cells.read_people(self._raw(contact), self._raw(phone))
            except (Bad, Wrong) as wrong:
                self._bad(contact, wrong.code, **wrong.data)
                continue
            people += [NewContact(*person) for person in found]
            for one in lost:
                place = self._at(phone if one.is_phone else contact)
                self._remarks.append(RowProblem(place, one.code, {"found": one.found}))
        return people

    def _text(self, name: str) -> str:
        return self._read(name, customer_cells.read_text) or ""

    def _cell(self, name: str) -> Any:
        return self._read(name, _TEXTS[name])

    def _read(self, name: str, read: Callable[[CellValue], Any]) -> Any:
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

    def _at(self, name: str) -> Place:
        return self._columns.at(self._sheet, self._row.number, name)

    def _bad(self, column: str, code: Fault | FileFault | ProblemCode, **data: Any) -> None:
        self._problems.append(RowProblem(self._at(column), code, data))


def _joined(known: Sequence[NewContact], more: Sequence[NewContact]) -> tuple[NewContact, ...]:
    return tuple(dict.fromkeys((*known, *more)))


def _plain(value: Any) -> str:
    return CUSTOMERS.listed(value) if isinstance(value, tuple) else str(value or "")
