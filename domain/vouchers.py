"""Vouchers: money off a customer's next payment, one for each unit that was bought.

    OPEN --nothing of its value is left--> USED_UP
         --given back for points--> VOID
         --its last day is over--> EXPIRED
    USED_UP --a use is taken back--> OPEN, or EXPIRED where the last day is over by then

A voucher is a redemption's, and everything about it is done under the lock of that redemption. Its
code is no part of it: who can name the code may use the voucher, so it is kept apart and encrypted
(docs/adr/0017), and shown to the customer only (domain/voucher_codes).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.errors import (
    NotPartlyUsable,
    ReissueLimit,
    TakeBackOver,
    ValueExceeded,
    VoucherExpired,
    VoucherUsedUp,
    VoucherVoid,
)
from domain.ids import (
    CustomerId,
    MemberId,
    ProjectId,
    RedemptionId,
    VoucherId,
    VoucherUseId,
)

REISSUES_MAX = 3
"""So often a redemption's codes may be replaced in one business day."""
TAKE_BACK_WITHIN = timedelta(days=7)
"""So long a wrong use can be taken back, its approval included."""
REMINDERS = (7, 1)
"""So many days before a voucher's last one the customer is told, the widest first."""


class VoucherState(StrEnum):
    """Where a voucher is in its life."""

    OPEN = "open"
    USED_UP = "used_up"
    VOID = "void"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Concealed:
    """A text as storage keeps it: only who shows it to its owner opens it."""

    place: str
    """Where it is kept; it opens for no other place."""
    concealed: str


@dataclass(frozen=True, slots=True)
class Voucher:
    """One unit of a redemption, with the terms it was bought on."""

    id: VoucherId
    redemption: RedemptionId
    number: int
    """The redemption's, which people call it by."""
    place: int
    """Which of the redemption's units it is, from 1."""
    customer: CustomerId
    name: str
    """The reward's."""
    value: int
    """In fen, as `used`."""
    is_partly_usable: bool
    last_day: date | None
    """The last business day on which it can be used; None: no end."""
    issued_at: datetime
    tail: str
    """All of its code that may be shown to everybody."""
    used: int = 0
    state: VoucherState = VoucherState.OPEN
    ended_at: datetime | None = None
    """When it came to a final state."""
    reissued_on: date | None = None
    """The last business day its code was replaced on."""
    reissues: int = 0
    """How often it was on that day."""
    version: int = 1
    """Grows with every change; a stored one is only replaced by the version after it."""

    @property
    def left(self) -> int:
        """Give what of the value is left, in fen."""
        return self.value - self.used

    @property
    def issue(self) -> str:
        """Tell which of its codes it has: another text after every reissue."""
        return f"{self.reissued_on or self.place}#{self.reissues}"

    @property
    def is_unused(self) -> bool:
        """Tell whether it can still be given back for points."""
        return self.state is VoucherState.OPEN and self.used == 0


@dataclass(frozen=True, slots=True)
class VoucherUse:
    """Some of a voucher's value taken off what a customer has to pay; never changes.

    Only what it was deducted from is noted later, once.
    """

    id: VoucherUseId
    number: int
    """What people call it by; counts up within the tenant."""
    source: str
    """What asked for it ("ticket:<id>"); unique, so that asking again gives the same."""
    voucher: VoucherId
    customer: CustomerId
    project: ProjectId | None
    """Whose next payment is lower by it; None for a customer without projects."""
    amount: int
    """In fen."""
    member: MemberId
    used_at: datetime
    deducted_from: str = ""
    """What it was deducted from; empty while it waits for the next payment.

    One that was taken back names what took it back, and the other way round ("use:<id>"): neither
    is deducted from any payment.
    """
    takes_back: VoucherUseId | None = None
    """The use whose amount this one gives back to the voucher; each at most once."""


def check_usable(voucher: Voucher, today: date, used_by: str) -> None:
    """Let a voucher pass that can be used today; `used_by` names who has used it last, if anybody.

    Raises:
        VoucherUsedUp: nothing is left of it.
        VoucherVoid: it was given back.
        VoucherExpired: its last day is over.
    """
    ended_at = voucher.ended_at or voucher.issued_at
    if voucher.state is VoucherState.USED_UP:
        raise VoucherUsedUp(voucher.tail, ended_at, used_by)
    if voucher.state is VoucherState.VOID:
        raise VoucherVoid(voucher.tail, ended_at)
    if voucher.last_day is not None and today > voucher.last_day:
        raise VoucherExpired(voucher.tail, voucher.last_day)


def check_amount(voucher: Voucher, asked: int | None) -> int:
    """Give how much of a usable voucher is to be used, in fen; None asks for all that is left.

    Raises:
        ValueExceeded: more is asked than is left.
        NotPartlyUsable: less is asked of one that is used as a whole.
        ValueError: nothing is asked for; the caller's to see.
    """
    amount = voucher.left if asked is None else asked
    if amount <= 0:
        raise ValueError(amount)
    if amount > voucher.left:
        raise ValueExceeded(voucher.tail, voucher.left, amount)
    if amount < voucher.left and not voucher.is_partly_usable:
        raise NotPartlyUsable(voucher.tail, voucher.value, amount)
    return amount


def use(voucher: Voucher, amount: int, now: datetime) -> Voucher:
    """Take a checked amount off what is left of a checked voucher."""
    used = replace(voucher, used=voucher.used + check_amount(voucher, amount))
    return _moved(used) if used.left else _ended(used, VoucherState.USED_UP, now)


def check_take_back(use: VoucherUse, now: datetime) -> datetime:
    """Let a use pass that is young enough to be taken back; give the instant it no longer is.

    Raises:
        TakeBackOver: it is too old.
    """
    until = use.used_at + TAKE_BACK_WITHIN
    if now >= until:
        raise TakeBackOver(use.number, use.used_at, until)
    return until


def take_back(voucher: Voucher, amount: int, today: date, now: datetime) -> Voucher:
    """Give what was wrongly used back to the voucher, which can be used again.

    One whose last day is over stays ended, or ends now.
    """
    returned = replace(voucher, used=voucher.used - amount)
    if voucher.state is not VoucherState.USED_UP:
        return _moved(returned)
    reopened = replace(returned, state=VoucherState.OPEN, ended_at=None)
    if is_lapsed(reopened, today):
        return expire(reopened, now)
    return _moved(reopened)


def void(voucher: Voucher, now: datetime) -> Voucher:
    """Give an unused one back for points.

    Raises:
        ValueError: it is not unused; the caller's to see.
    """
    if not voucher.is_unused:
        raise ValueError(voucher.state)
    return _ended(voucher, VoucherState.VOID, now)


def is_lapsed(voucher: Voucher, today: date) -> bool:
    """Tell whether a voucher's last day is over and nobody has noted it yet."""
    is_open = voucher.state is VoucherState.OPEN
    return is_open and voucher.last_day is not None and today > voucher.last_day


def expire(voucher: Voucher, now: datetime) -> Voucher:
    """End a lapsed one; what is left of its value is lost."""
    return _ended(voucher, VoucherState.EXPIRED, now)


def reissue(voucher: Voucher, tail: str, today: date) -> Voucher:
    """Give a voucher another code, whose tail this is; the one before can't be used any more.

    Raises:
        ReissueLimit: that was done as often as it may be today.
    """
    reissues = voucher.reissues if voucher.reissued_on == today else 0
    if reissues >= REISSUES_MAX:
        raise ReissueLimit(voucher.number, REISSUES_MAX)
    return _moved(replace(voucher, tail=tail, reissued_on=today, reissues=reissues + 1))


def returnable(vouchers: Iterable[Voucher]) -> list[Voucher]:
    """List those that can be given back, the last place first."""
    return sorted((one for one in vouchers if one.is_unused), key=lambda one: -one.place)


def _ended(voucher: Voucher, state: VoucherState, now: datetime) -> Voucher:
    return _moved(replace(voucher, state=state, ended_at=now))


def _moved(voucher: Voucher) -> Voucher:
    return replace(voucher, version=voucher.version + 1)
