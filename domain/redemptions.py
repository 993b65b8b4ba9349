"""Redemptions: points turned into a reward, from setting aside to handing over.

    HELD --all have agreed--> PLACED --all handed over--> FULFILLED
         --the customer or the firm drops it--> CANCELLED
         --a second person says no--> DECLINED
         --nobody agrees in time--> EXPIRED
    PLACED --undone, or given back by the firm--> REFUNDED (what was handed over stays spent)
    FULFILLED, REFUNDED --what was handed over by mistake is taken back--> PLACED

While HELD the points are a hold of the same id; PLACED has spent them. What was bought keeps the
terms it was bought on. A redemption that needs nobody's consent is PLACED in the transaction that
holds it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import MoreThanOutstanding, RedemptionClosed, UndoOver
from domain.ids import ContactId, CustomerId, HoldId, MemberId, RedemptionId, RewardId
from domain.rewards import Reward, RewardKind

CONFIRM_WITHIN = timedelta(minutes=10)
"""So long a redemption over the API waits for its confirmation."""
AGREE_WITHIN = timedelta(days=3)
"""So long one waits for a second person; stock and points are kept from others meanwhile."""
UNDO_WITHIN = timedelta(minutes=10)
"""So long a voucher can be undone by who has bought it; the rest until it is handed over."""
REASON_MAX = 200
HOLD_WITHIN = CONFIRM_WITHIN + AGREE_WITHIN + timedelta(days=1)
"""So long its points are held at most: longer than it can wait, so that it ends before they do."""


class RedemptionState(StrEnum):
    """Where a redemption is in its life."""

    HELD = "held"
    PLACED = "placed"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    REFUNDED = "refunded"


OPEN = frozenset({RedemptionState.HELD, RedemptionState.PLACED})
COUNTED = frozenset({*OPEN, RedemptionState.FULFILLED, RedemptionState.REFUNDED})
"""What counts against a limit, less what was given back."""


@dataclass(frozen=True, slots=True)
class Redemption:
    """What one customer buys once, with the terms it is bought on."""

    id: RedemptionId
    number: int
    """What people call it by; counts up within the tenant."""
    source: str
    """What asked for it ("ticket:<id>"); unique, so that asking again gives the same."""
    customer: CustomerId
    contact: ContactId | None
    """Who redeems; None when a member or another system does it for the customer."""
    member: MemberId | None
    reward: RewardId
    reward_version: int
    name: str
    kind: RewardKind
    quantity: int
    points_each: int
    """0 for a prize; then there is no hold."""
    cost_each: int
    """In fen, as of `value_each`."""
    value_each: int
    valid_days: int | None
    is_partly_usable: bool
    has_stock: bool
    waits_for_contact: bool
    waits_for_approver: bool
    waits_for_confirmation: bool
    """Whether the same side has to say yes once more (the API's second step)."""
    held_at: datetime
    expires_at: datetime
    """When it ends by itself while HELD; who confirms one that others have to agree to gives it the
    time for that."""
    state: RedemptionState = RedemptionState.HELD
    agreed_by: ContactId | None = None
    """The other contact who agreed."""
    approved_by: MemberId | None = None
    placed_at: datetime | None = None
    ended_at: datetime | None = None
    """When it came to a final state."""
    fulfilled: int = 0
    """How many were handed over (of a voucher: are used up)."""
    refunded: int = 0
    """How many were given back for points."""
    note: str = ""
    """Why it was declined, cancelled or given back, or what was said when it was handed over."""
    version: int = 1
    """Grows with every change; a stored one is only replaced by the version after it."""

    @property
    def points(self) -> int:
        """Give the price of all of it."""
        return self.points_each * self.quantity

    @property
    def hold(self) -> HoldId:
        """Name the hold of its points."""
        return HoldId(self.id)

    @property
    def purpose(self) -> str:
        """Say what the hold is for; what entries of the ledger are noted with."""
        return f"redemption:{self.id}"

    @property
    def is_waiting(self) -> bool:
        """Tell whether somebody still has to agree."""
        return self.waits_for_contact or self.waits_for_approver or self.waits_for_confirmation

    @property
    def outstanding(self) -> int:
        """Count what is neither handed over nor given back."""
        return self.quantity - self.fulfilled - self.refunded


def is_on_terms(reward: Reward, *, version: int, points: int) -> bool:
    """Tell whether a reward is still what a preview has shown."""
    return reward.version == version and reward.points == points


def confirm(redemption: Redemption, now: datetime) -> Redemption:
    """Let the side that has asked say yes once more; then those are asked who have to agree.

    Raises:
        RedemptionClosed: it has ended.
    """
    _refuse_ended(redemption, now)
    confirmed = replace(redemption, waits_for_confirmation=False)
    if confirmed.is_waiting:
        confirmed = replace(confirmed, expires_at=now + AGREE_WITHIN)
    return _agreed(confirmed, now)


def agree(redemption: Redemption, by: ContactId, now: datetime) -> Redemption:
    """Let another contact of the customer agree; that it is another person is the caller's to see.

    Raises:
        RedemptionClosed: it has ended, or another has agreed before.
    """
    _refuse_ended(redemption, now)
    if not redemption.waits_for_contact:
        raise _closed(redemption)
    return _agreed(replace(redemption, waits_for_contact=False, agreed_by=by), now)


def approve(redemption: Redemption, by: MemberId, now: datetime) -> Redemption:
    """Let somebody of the firm agree; that it is another person is the approval's to see.

    Raises:
        RedemptionClosed: it has ended.
    """
    _refuse_ended(redemption, now)
    return _agreed(replace(redemption, waits_for_approver=False, approved_by=by), now)


def drop(redemption: Redemption, state: RedemptionState, note: str, now: datetime) -> Redemption:
    """End one that is HELD as CANCELLED, DECLINED or EXPIRED.

    Raises:
        RedemptionClosed: it is HELD no longer.
    """
    if redemption.state is not RedemptionState.HELD:
        raise _closed(redemption)
    return _moved(replace(redemption, state=state, ended_at=now, note=note[:REASON_MAX]))


def hand_over(
    redemption: Redemption, quantity: int, now: datetime, *, remark: str = ""
) -> Redemption:
    """Note that so many were handed over, and what is to be said of it.

    Raises:
        RedemptionClosed: it is not PLACED.
        ValueError: more than is outstanding; the caller's to see.
    """
    if redemption.state is not RedemptionState.PLACED:
        raise _closed(redemption)
    if not 0 < quantity <= redemption.outstanding:
        raise ValueError(quantity)
    given = replace(
        redemption,
        fulfilled=redemption.fulfilled + quantity,
        note=remark[:REASON_MAX] or redemption.note,
    )
    return _ended_if_done(given, now)


def take_back(redemption: Redemption, quantity: int) -> Redemption:
    """Note that so many were handed over by mistake: they are outstanding again.

    Raises:
        ValueError: more than were handed over; the caller's to see.
    """
    if not 0 < quantity <= redemption.fulfilled:
        raise ValueError(quantity)
    return _moved(
        replace(
            redemption,
            fulfilled=redemption.fulfilled - quantity,
            state=RedemptionState.PLACED,
            ended_at=None,
        )
    )


def refund(redemption: Redemption, quantity: int, note: str, now: datetime) -> Redemption:
    """Give so many back that were not handed over.

    Raises:
        RedemptionClosed: it is not PLACED.
        ValueError: more than is outstanding; the caller's to see.
    """
    if redemption.state is not RedemptionState.PLACED:
        raise _closed(redemption)
    if not 0 < quantity <= redemption.outstanding:
        raise ValueError(quantity)
    given = replace(redemption, refunded=redemption.refunded + quantity, note=note[:REASON_MAX])
    return _ended_if_done(given, now)


def check_outstanding(redemption: Redemption, quantity: int | None) -> int:
    """Give how many of what is outstanding are meant; None means all.

    Raises:
        RedemptionClosed: it is not PLACED.
        MoreThanOutstanding: there are not as many.
    """
    if redemption.state is not RedemptionState.PLACED:
        at = redemption.ended_at or redemption.held_at
        raise RedemptionClosed(redemption.number, redemption.name, redemption.state, at)
    left = redemption.outstanding
    if quantity is not None and quantity > left:
        raise MoreThanOutstanding(redemption.number, redemption.name, left, quantity)
    return left if quantity is None else quantity


def undo_until(redemption: Redemption) -> datetime | None:
    """Give the instant from which who has bought it can't undo it; None: as long as it is open."""
    if redemption.placed_at is None or redemption.kind is not RewardKind.VOUCHER:
        return None
    return redemption.placed_at + UNDO_WITHIN


def check_undo(redemption: Redemption, now: datetime) -> None:
    """Let a redemption pass that who has bought it may still undo.

    Raises:
        RedemptionClosed: it is not PLACED.
        UndoOver: some of it is handed over or used, or it is too late.
    """
    if redemption.state is not RedemptionState.PLACED:
        raise _closed(redemption)
    until = undo_until(redemption)
    if redemption.fulfilled or (until is not None and now >= until):
        raise UndoOver(redemption.number, redemption.name, redemption.fulfilled, until)


def _agreed(redemption: Redemption, now: datetime) -> Redemption:
    if redemption.is_waiting:
        return _moved(redemption)
    return _moved(replace(redemption, state=RedemptionState.PLACED, placed_at=now))


def _ended_if_done(redemption: Redemption, now: datetime) -> Redemption:
    if redemption.outstanding:
        return _moved(redemption)
    state = RedemptionState.REFUNDED if redemption.refunded else RedemptionState.FULFILLED
    return _moved(replace(redemption, state=state, ended_at=now))


def _moved(redemption: Redemption) -> Redemption:
    return replace(redemption, version=redemption.version + 1)


def _refuse_ended(redemption: Redemption, now: datetime) -> None:
    if redemption.state is not RedemptionState.HELD or now >= redemption.expires_at:
        raise _closed(redemption)


def _closed(redemption: Redemption) -> RedemptionClosed:
    is_late = redemption.state is RedemptionState.HELD
    state = RedemptionState.EXPIRED if is_late else redemption.state
    at = redemption.ended_at or redemption.placed_at or redemption.expires_at
    return RedemptionClosed(redemption.number, redemption.name, state, at)
