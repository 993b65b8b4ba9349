"""What a check of the whole ledger can find; each finding names the first place that is wrong."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong."""

    GAP = "gap"
    """An entry is missing before this one, or it is there twice."""
    BROKEN_LINK = "broken_link"
    """It does not continue the entry before it."""
    CHANGED = "changed"
    """Its contents, its lot or what it did to lots are not what was sealed."""
    WRONG_BALANCE = "wrong_balance"
    """The balances after it do not follow from it."""
    WRONG_LOTS = "wrong_lots"
    """What it took from lots or gave back is not what it moved."""
    SPENT_AFTER_END = "spent_after_end"
    """It took points of a lot that had ended."""
    WALLET_DIFFERS = "wallet_differs"
    """The wallet's row is not what its entries lead to: entries were cut off, or it was changed."""
    LOT_DIFFERS = "lot_differs"
    """What is left of a lot is not what its uses lead to."""
    LOT_OF_NOBODY = "lot_of_nobody"
    """A lot, or what was done to one, of an entry that does not exist."""
    EVENT_DIFFERS = "event_differs"
    """Its event is not the one it was booked for, or was changed since."""
    EVENT_CHANGED = "event_changed"
    """An event's contents, or what was made of it, are not what was sealed."""
    EVENT_UNBOOKED = "event_unbooked"
    """An event says it was booked and has no entry."""
    UNDO_DIFFERS = "undo_differs"
    """An event's undo and the entries that reverse it do not belong together."""
    GIFT_DIFFERS = "gift_differs"
    """What one customer has given and what the other has received are not the same."""
    RULE_CHANGED = "rule_changed"
    """A published rule or programme is not what was published."""
    RULE_MISSING = "rule_missing"
    """It was booked by a rule that has never been published."""
    HEAD_CHANGED = "head_changed"
    """A stored head of a day does not follow from the wallets sealed under it, or from the last."""
    HEAD_MISSING = "head_missing"
    """There is no head of a day that is known to have had one."""
    HEAD_DIFFERS = "head_differs"
    """A day's head is not the one that was given out: the ledger below it has been rewritten."""
    CUT_BELOW_SEAL = "cut_below_seal"
    """A sealed entry is gone: the wallet has been cut off below it."""
    REHASHED = "rehashed"
    """A sealed entry has another hash: it, or one since the seal before, was changed and hashed."""
    UNREADABLE = "unreadable"
    """What is stored is nothing that can be read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    fault: Fault
    customer: str | None = None
    """The customer's id."""
    seq: int | None = None
    """The number of the first bad entry of the wallet."""
    subject: str = ""
    """What else it is about: an entry's, a lot's or an event's id, a rule, a day, a table."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How much was looked at."""

    wallets: int = 0
    entries: int = 0
    events: int = 0

    def __add__(self, other: "Checked") -> "Checked":
        """Add up two parts."""
        return Checked(
            self.wallets + other.wallets,
            self.entries + other.entries,
            self.events + other.events,
        )
