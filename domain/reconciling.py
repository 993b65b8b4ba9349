"""What the nightly reconciliation compares, and what it finds; it never repairs."""

from dataclasses import dataclass
from enum import StrEnum


class DriftKind(StrEnum):
    """Which two records don't agree."""

    WALLET_ENTRIES = "wallet_entries"
    """A wallet's account and the sum of its entries."""
    WALLET_HEAD = "wallet_head"
    """A wallet's head and its last entry, or its number and the count of its entries."""
    WALLET_LOTS = "wallet_lots"
    """A wallet's account and what is left in its lots."""
    WALLET_HOLDS = "wallet_holds"
    """A wallet's held points and its open holds."""
    LOT_USES = "lot_uses"
    """What is left of a lot, and what entries took from it and gave back."""
    ENTRY_LOTS = "entry_lots"
    """An entry, and what it did to lots."""
    HOLD_ENTRIES = "hold_entries"
    """A hold, and the entries that began and ended it."""
    CAP_COUNTER = "cap_counter"
    """A cap's counter, and the outcomes of events that are not undone."""
    EARNED_MONTH = "earned_month"
    """A month's qualifying points, and the outcomes of events that are not undone."""
    EVENT_ENTRIES = "event_entries"
    """What an event's outcomes say was booked, and its entries."""
    UNDO = "undo"
    """An undone event, and the reversals of its entries."""
    REVERSAL = "reversal"
    """An entry, and what took it back."""
    GIFT = "gift"
    """A gift, and what went out of the giver's wallet and into the receiver's for it."""
    VOUCHER_USES = "voucher_uses"
    """What is gone of a voucher, and what was used of it."""
    REDEMPTION_VOUCHERS = "redemption_vouchers"
    """Vouchers bought, done with and given back, and those there are."""
    STOCK_MOVES = "stock_moves"
    """What there is of a reward, and its moves."""
    STOCK_REDEMPTIONS = "stock_redemptions"
    """What is held of a reward, and what is outstanding of what was bought."""
    REDEMPTION_HOLDS = "redemption_holds"
    """A redemption, and the hold of its points."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Two records that don't agree: one is computed anew, the other is what stands there."""

    kind: DriftKind
    customer: str
    """Empty for what belongs to no single customer."""
    place: str
    """Where: an account, a lot, an entry, a counter's key, an event, a month."""
    expected: str
    found: str
