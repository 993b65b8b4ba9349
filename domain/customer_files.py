"""What the file of a unit holds beside its name: legal data, own fields of its type, contracts.

The catalogue of fields is the firm's own: staff decide what is kept of a ministry or a power plant.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from domain.errors import InvalidCreditCode, InvalidField, UnknownField
from domain.ids import ContractId, CustomerId, ProjectId

NAME_MAX: Final = 100
"""Letters of a name, an alias or the name of a field."""
TEXT_MAX: Final = 200
ALIASES_MAX: Final = 20
PAYMENT_DAYS_MAX: Final = 3650

_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""What a credit code is written in: no I, O, S, V, Z (GB 32100-2015)."""
_CREDIT_CODE_LENGTH: Final = 18
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,4})?", re.ASCII)
_DATE: Final = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", re.ASCII)


class FieldKind(StrEnum):
    """What may stand in a field."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class TypeField:
    """One field that is kept of the customers of a type."""

    customer_type: str
    name: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    """What may be chosen, for a choice."""
    position: int = 0
    """Its place among the fields of its type."""


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a unit; what is not is empty."""

    full_name: str = ""
    credit_code: str = ""
    address: str = ""
    payment_days: int | None = None
    """Days the unit has for paying."""
    aliases: tuple[str, ...] = ()
    """What people call it besides, sorted."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Values of the fields of its type, as `read_value` gives them."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a unit has signed."""

    id: ContractId
    customer: CustomerId
    number: str
    name: str
    amount: int
    """Fen."""
    signed_on: date
    project: ProjectId | None = None


def read_credit_code(typed: str) -> str:
    """Read a unified social credit code and check its last letter (GB 32100-2015).

    Raises:
        InvalidCreditCode: it has another length, other letters, or a wrong check letter.
    """
    code = "".join(unicodedata.normalize("NFKC", typed).split()).replace("-", "").upper()
    if len(code) != _CREDIT_CODE_LENGTH:
        raise InvalidCreditCode(typed, "length")
    if any(letter not in _LETTERS for letter in code):
        raise InvalidCreditCode(typed, "letters")
    if code[-1] != check_letter(code[:-1]):
        raise InvalidCreditCode(typed, "check")
    return code


def check_letter(body: str) -> str:
    """Give the last letter of a credit code for the 17 before it, which are legal letters."""
    total = sum(_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return _LETTERS[-total % 31]


def read_value(known: TypeField, typed: str) -> str:
    """Read a value of a field in the form it is kept in: days as 2026-06-30, numbers as digits.

    Raises:
        InvalidField: it is none, too long, or not among the choices.
    """
    text = " ".join(unicodedata.normalize("NFKC", typed).split())
    value: str | None
    match known.kind:
        case FieldKind.NUMBER:
            value = _number(text)
        case FieldKind.DATE:
            value = _day(text)
        case FieldKind.CHOICE:
            value = text if text in known.choices else None
        case _:
            value = text if 0 < len(text) <= TEXT_MAX else None
    if value is None:
        raise InvalidField(known.name, known.kind, known.choices, typed[:TEXT_MAX])
    return value


def read_fields(
    customer_type: str, catalogue: Iterable[TypeField], typed: Mapping[str, str]
) -> dict[str, str]:
    """Read the values of a type's fields, by their names.

    Raises:
        UnknownField: the type has no such field.
        InvalidField: a value can't be read.
    """
    known = {one.name: one for one in catalogue if one.customer_type == customer_type}
    for name in typed:
        if name not in known:
            raise UnknownField(customer_type, name, tuple(known))
    return {name: read_value(known[name], value) for name, value in typed.items()}


def clean_aliases(aliases: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Sort aliases and leave out empty ones, twins, and what the unit is named anyway."""
    short = {" ".join(alias.split()) for alias in aliases}
    return tuple(sorted(short - set(names) - {""}))


def fill_gaps(known: Details, given: Details) -> tuple[Details, tuple[str, ...]]:
    """Add what is given to what is known, and name what is known otherwise, which stays.

    The names are those of the details' fields, and of the fields of the type.
    """
    differing = [
        name
        for name in ("full_name", "credit_code", "address", "payment_days")
        if _differs(getattr(known, name), getattr(given, name))
    ]
    differing += [
        name for name, value in given.fields.items() if _differs(known.fields.get(name), value)
    ]
    filled = Details(
        full_name=known.full_name or given.full_name,
        credit_code=known.credit_code or given.credit_code,
        address=known.address or given.address,
        payment_days=given.payment_days if known.payment_days is None else known.payment_days,
        aliases=tuple(sorted({*known.aliases, *given.aliases})),
        fields={**given.fields, **known.fields},
    )
    return filled, tuple(differing)


def _differs(known: str | int | None, given: str | int | None) -> bool:
    nothing = (None, "")
    return known not in nothing and given not in nothing and known != given


def _number(text: str) -> str | None:
    plain = text.replace(",", "")
    return plain if _NUMBER.fullmatch(plain) else None


def _day(text: str) -> str | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
