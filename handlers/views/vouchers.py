"""Views of vouchers, for the customer who has them and for the firm that takes them.

A code stands in them as it is kept, and is opened when the message is made (ADR 0017).
"""

from dataclasses import dataclass
from typing import ClassVar

from domain.vouchers import Concealed


@dataclass(frozen=True, slots=True)
class VoucherCode:
    """One voucher with its code."""

    code: Concealed
    tail: str
    """All of the code that may be told to others."""
    left: int
    """In fen."""


@dataclass(frozen=True, slots=True)
class VoucherCodes:
    """The codes of a purchase, shown once to who may redeem."""

    view_name: ClassVar[str] = "voucher_codes"
    customer: str
    number: int
    """The redemption's."""
    name: str
    quantity: int
    codes: tuple[VoucherCode, ...]
    """Not all of them, if there are many; the page has all."""
    is_partly_usable: bool
    last_day: str
    """Empty: no end."""
    link: Concealed
    """What follows the address of the page."""
    link_until: str
    is_again: bool
    """There were other codes before, which are void now."""


@dataclass(frozen=True, slots=True)
class VoucherPreview:
    """What using a voucher would do, to the fen."""

    view_name: ClassVar[str] = "voucher_preview"
    ticket: str
    customer: str
    number: int
    """The redemption's."""
    name: str
    tail: str
    left: int
    """In fen, as all amounts."""
    amount: int
    left_after: int
    last_day: str
    """Empty: no end."""
    projects: tuple[str, ...]
    """One button each; empty for a customer without projects."""


@dataclass(frozen=True, slots=True)
class VoucherDone:
    """A voucher was used."""

    view_name: ClassVar[str] = "voucher_done"
    use: int
    """The number of what was done."""
    customer: str
    name: str
    tail: str
    amount: int
    left: int
    project: str
    """Empty: the customer has none."""
    used_by: str
    used_at: str
    notice: str
    """How the customer learns of it: "pushed", "by_hand" or "nobody"."""


@dataclass(frozen=True, slots=True)
class VoucherDropped:
    """A preview was dropped; nothing was used."""

    view_name: ClassVar[str] = "voucher_dropped"
    name: str
    tail: str


@dataclass(frozen=True, slots=True)
class VoucherNotice:
    """Tells a customer that a voucher was used."""

    view_name: ClassVar[str] = "voucher_notice"
    customer: str
    name: str
    tail: str
    amount: int
    left: int
    project: str
    last_day: str
    use: int
    used_at: str


@dataclass(frozen=True, slots=True)
class VoucherBack:
    """Tells a customer that a use of a voucher was wrong and is taken back."""

    view_name: ClassVar[str] = "voucher_back"
    customer: str
    name: str
    tail: str
    amount: int
    """What is in the voucher again, in fen."""
    left: int
    project: str
    """Whose next payment is no longer lower by it; empty: the customer has none."""
    last_day: str
    is_over: bool
    """The last day is over, so that the voucher can't be used all the same."""
    use: int
    grounds: str


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """One voucher in a list, without its code."""

    number: int
    """The redemption's."""
    name: str
    tail: str
    left: int
    last_day: str


@dataclass(frozen=True, slots=True)
class VoucherList:
    """The vouchers a customer can use, those that end first before the others."""

    view_name: ClassVar[str] = "voucher_list"
    customer: str
    lines: tuple[VoucherLine, ...]
    may_reissue: bool
    as_of: str


@dataclass(frozen=True, slots=True)
class VoucherEnding:
    """Tells a customer which vouchers can soon be used no longer."""

    view_name: ClassVar[str] = "voucher_ending"
    customer: str
    days: int
    lines: tuple[VoucherLine, ...]
    left: int
    """What is left of all of them, in fen."""


@dataclass(frozen=True, slots=True)
class CodesReissued:
    """Tells a member that a purchase has other codes now, and who gets them."""

    view_name: ClassVar[str] = "codes_reissued"
    number: int
    """The redemption's."""
    name: str
    customer: str
    quantity: int
    told: tuple[str, ...]
    """Empty: nobody of the customer may redeem."""


@dataclass(frozen=True, slots=True)
class DeductionLine:
    """What was used and not yet taken off a payment."""

    use: int
    customer: str
    project: str
    """Empty: the customer has none."""
    name: str
    amount: int
    used_by: str
    used_at: str


@dataclass(frozen=True, slots=True)
class DeductionList:
    """What waits to be taken off payments, oldest first."""

    view_name: ClassVar[str] = "deduction_list"
    project: str
    """Empty: of all projects."""
    lines: tuple[DeductionLine, ...]
    """The oldest of them."""
    count: int
    """Of all, as `amount`."""
    amount: int
    """In fen."""
    as_of: str
