"""What staff say of something bought: 12, 12 两份 首次上门, 12 机型不符."""

from dataclasses import dataclass

from domain.rewards import QUANTITY_MAX
from handlers.parsing.amounts import parse_points
from handlers.parsing.normalise import same_length_fold
from handlers.parsing.redeeming import QUANTITY


@dataclass(frozen=True, slots=True)
class Handled:
    """A number as typed, how many (None: all), and free text."""

    number: str
    quantity: int | None
    rest: str


def parse_handled(words: str) -> Handled:
    """Understand a number, how many where that is said first, and free text.

    Raises:
        ParseProblem: how many was said, and it cannot be.
    """
    number, _, rest = words.partition(" ")
    amount, _, tail = rest.strip().partition(" ")
    said = QUANTITY.fullmatch(same_length_fold(amount))
    if said is None:
        return Handled(number, None, rest.strip())
    return Handled(number, parse_points(said["amount"], limit=QUANTITY_MAX), tail.strip())
