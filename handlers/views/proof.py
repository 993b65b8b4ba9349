"""Views of what the ledger commits to."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class DayHeadNotice:
    """Tells the supervisors the hash over the ledger, to be kept outside of it."""

    view_name: ClassVar[str] = "day_head_notice"
    day: str
    sealed_at: str
    wallets: int
    entries: int
    available: int
    held: int
    pending: int
    debt: int
    fingerprint: str
    hash: str
    """Covers the root over all wallets, the figures above and the head before it."""


@dataclass(frozen=True, slots=True)
class ProofLink:
    """Gives a customer the receipt code, and the link to everything it stands for."""

    view_name: ClassVar[str] = "proof_link"
    customer: str
    available: int
    debt: int
    seq: int
    """The newest entry's; 0 when there is none, then there is no code and no link either."""
    receipt: str
    token: str
    expires_at: str
