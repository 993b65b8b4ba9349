"""What is typed after 核销: a voucher's code, perhaps how much of it, perhaps for which project."""

from dataclasses import dataclass

from domain.voucher_codes import read_code
from handlers.parsing.amounts import parse_money_fen
from handlers.parsing.normalise import normalise
from handlers.parsing.problems import NotANumber

_UNITS = ("元", "块", "块钱")


@dataclass(frozen=True, slots=True)
class UseAsked:
    """A use as it was typed."""

    code: str
    amount: int | None
    """In fen; None: all that is left."""
    project: str
    """Empty when none was named."""


def parse_use(words: str) -> UseAsked:
    """Read a code, an amount and the name of a project, in this order.

    Raises:
        VoucherMistyped: the words don't begin with a code.
        ParseProblem: the amount can't be one.
    """
    code, rest = read_code(normalise(words))
    first, _, others = rest.lstrip(" ,;:、。").partition(" ")
    unit, _, more = others.partition(" ")
    if unit in _UNITS:
        first, others = first + unit, more
    try:
        return UseAsked(code, parse_money_fen(first), others.strip())
    except NotANumber:
        return UseAsked(code, None, rest)
