"""Views of what waits for a second person."""

from dataclasses import dataclass
from typing import ClassVar

from handlers.views.rewards import RewardChangeSaid
from handlers.views.rules import ProgrammeChange, RuleChange


@dataclass(frozen=True, slots=True)
class PrizeWanted:
    """What an urn is to hold of one prize."""

    name: str
    tickets: int
    points: int
    """0 for what is no points."""


@dataclass(frozen=True, slots=True)
class LotteryWanted:
    """What a lottery is to be."""

    price: int
    opens_at: str
    closes_at: str
    per_day: int
    """0 without a limit, as the next."""
    per_customer: int
    prizes: tuple[PrizeWanted, ...]


@dataclass(frozen=True, slots=True)
class UseWanted:
    """A use of a voucher that is to be taken back."""

    number: int
    tail: str
    amount: int
    """In fen."""
    project: str
    """Empty: the customer has none."""
    used_by: str
    used_at: str
    last_day: str
    """The voucher's; empty: no end."""
    is_over: bool
    """The last day is over: taken back, the voucher can't be used all the same."""


@dataclass(frozen=True, slots=True)
class RecordWanted:
    """A customer's record in a merge, as it was when the merge was asked for."""

    code: str
    name: str
    points: int
    contacts: int
    projects: int
    contracts: int


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """Something that one person asks for and another decides, in any state of its life."""

    view_name: ClassVar[str] = "approval_card"
    ticket: str
    """Empty when there is nothing to press."""
    number: int
    kind: str
    state: str
    is_mine: bool
    """The card's owner has asked for it."""
    customer: str
    """Empty when it isn't about a customer; then available and debt say nothing."""
    name: str
    points: int
    """Signed; 0 when it isn't about points."""
    grounds: str
    available: int
    """What the customer can spend now: before the verdict, and after it."""
    debt: int
    asked_by: str
    """A member, or the customer's contact; empty when the machine asks."""
    asked_at: str
    expires_at: str
    approvers: tuple[str, ...]
    """Who may decide; told to who has asked, while it is pending."""
    decided_by: str
    decided_at: str
    note: str
    expired_on: str = ""
    """The last day of points that are to be given back."""
    changes: tuple[RuleChange, ...] = ()
    """What rules are to say."""
    programme: ProgrammeChange | None = None
    """What the programme is to say."""
    cost: int = 0
    """What it costs the firm, in fen; 0 where that is not known."""
    rewards: tuple[RewardChangeSaid, ...] = ()
    """What rewards are to be: the first of them, what gives more first."""
    reward_count: int = 0
    lottery: LotteryWanted | None = None
    """What a lottery is to be."""
    use: UseWanted | None = None
    """What is to be taken back."""
    records: tuple[RecordWanted, ...] = ()
    """The double and the record that is kept."""


@dataclass(frozen=True, slots=True)
class ApprovalVerdict:
    """Tells who has asked how it ended."""

    view_name: ClassVar[str] = "approval_verdict"
    number: int
    kind: str
    state: str
    customer: str
    name: str
    points: int
    available: int
    debt: int
    decided_by: str
    decided_at: str
    note: str


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """One thing that waits for a decision."""

    number: int
    kind: str
    customer: str
    name: str
    points: int
    asked_by: str
    asked_at: str
    is_mine: bool
    """The reader has asked for it, so another has to decide."""


@dataclass(frozen=True, slots=True)
class ApprovalList:
    """What waits for a decision, oldest first."""

    view_name: ClassVar[str] = "approval_list"
    lines: tuple[ApprovalLine, ...]


@dataclass(frozen=True, slots=True)
class AdjustmentNotice:
    """Tells a customer that points were moved by hand, and why."""

    view_name: ClassVar[str] = "adjustment_notice"
    customer: str
    points: int
    grounds: str
    available_after: int
    debt_after: int
