"""Views of the catalogue as staff keep it."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ShelfLine:
    """One reward in the list."""

    number: int
    name: str
    points: int
    state: str
    """on, off, soon or over."""
    left: int | None
    """How many are free; None where there is any number."""
    is_low: bool


@dataclass(frozen=True, slots=True)
class ShelfList:
    """The rewards there are, what is low first."""

    view_name: ClassVar[str] = "shelf_list"
    lines: tuple[ShelfLine, ...]
    """The first of them."""
    count: int
    on_count: int
    low_count: int


@dataclass(frozen=True, slots=True)
class ShelfPreview:
    """Asks whether a reward is to be put on offer, taken off, or has really come in."""

    view_name: ClassVar[str] = "shelf_preview"
    ticket: str
    what: str
    """put_on, take_off or restock."""
    number: int
    name: str
    points: int
    value: int
    """Of a voucher, in fen; 0 for anything else."""
    closes_at: str
    """Empty where it has no end."""
    left: int | None
    held: int
    """Set aside for customers, or bought and not handed over."""
    coming: int
    """How many come in; 0 unless it is about that."""


@dataclass(frozen=True, slots=True)
class ShelfDone:
    """Tells what became of it."""

    view_name: ClassVar[str] = "shelf_done"
    what: str
    """put_on, take_off, restock or dropped."""
    number: int
    name: str
    left: int | None
    coming: int


@dataclass(frozen=True, slots=True)
class StockNotice:
    """Tells who keeps rewards that few of one are left."""

    view_name: ClassVar[str] = "stock_notice"
    number: int
    name: str
    left: int
    received: int
    """What has ever come in."""


@dataclass(frozen=True, slots=True)
class RewardTerm:
    """One of a reward's terms, before and after; as stored, the wording knows how it is shown."""

    name: str
    before: str | int | bool | None
    """None for a new reward, and where there was nothing."""
    after: str | int | bool | None


@dataclass(frozen=True, slots=True)
class RewardChangeSaid:
    """What one reward is to be, for who decides it."""

    number: int
    """0 for a new one."""
    name: str
    terms: tuple[RewardTerm, ...]
    """What the price is made of, then the rest; of a new one what says something. The first few."""
    term_count: int
    stock: int
    """Signed."""
