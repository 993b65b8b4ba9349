"""What has happened, in the past tense.

Use cases emit these; handlers/reactions turns them into messages.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.alerts import Alert
from domain.approvals import Approval
from domain.customers import Contact, Customer
from domain.deliveries import Withheld
from domain.events import BusinessEvent
from domain.expiry import Window
from domain.gifts import Gift
from domain.ids import ChannelId, ContactId, CustomerId, DeliveryId, MemberId
from domain.ledger import Entry, Wallet
from domain.programme import Programme
from domain.proof import DayHead
from domain.redemptions import Redemption
from domain.reviews import Review
from domain.rewards import Reward, Stock
from domain.rules.model import RuleVersion
from domain.rules.publishing import Publication
from domain.tiers import Tier
from domain.vouchers import Voucher, VoucherUse


@dataclass(frozen=True, slots=True)
class ContactBound:
    """A customer's contact has tied a chat account to the file."""

    contact: Contact
    customer: Customer
    invited_by: MemberId | None


@dataclass(frozen=True, slots=True)
class PointsMoved:
    """An event (or its undo) has changed a customer's points."""

    customer: CustomerId
    event: BusinessEvent
    entries: tuple[Entry, ...]
    wallet: Wallet
    is_undo: bool = False


@dataclass(frozen=True, slots=True)
class ReviewGiven:
    """A customer has reviewed a project."""

    review: Review


@dataclass(frozen=True, slots=True)
class AlertChanged:
    """An alert is new, taken, resolved, repeated or open again."""

    alert: Alert
    before: Alert | None


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """Something waits for a second person."""

    approval: Approval


@dataclass(frozen=True, slots=True)
class ApprovalDecided:
    """An approval has ended: approved, declined, withdrawn or expired."""

    approval: Approval


@dataclass(frozen=True, slots=True)
class PointsAdjusted:
    """Two people have moved a customer's points by hand."""

    approval: Approval
    customer: CustomerId
    points: int
    """Signed."""
    wallet: Wallet


@dataclass(frozen=True, slots=True)
class GiftChanged:
    """A customer's gift to another was confirmed, or has ended."""

    gift: Gift


@dataclass(frozen=True, slots=True)
class PointsExpiring:
    """Points of a customer will end soon."""

    customer: CustomerId
    window: Window
    ends: tuple[tuple[datetime, int], ...]
    """What is left per end, soonest first."""


@dataclass(frozen=True, slots=True)
class PointsReinstated:
    """Two people have given a customer points back that had expired."""

    approval: Approval
    customer: CustomerId
    points: int
    last_day: date
    wallet: Wallet


@dataclass(frozen=True, slots=True)
class RulePublished:
    """A rule or the programme says something else from an instant on."""

    document: RuleVersion | Programme
    publication: Publication

    @property
    def is_rollback(self) -> bool:
        """Tell whether what was approved once holds again."""
        return self.publication.approved_by is None


@dataclass(frozen=True, slots=True)
class RuleWithdrawn:
    """A version was taken back before it began."""

    rule: RuleVersion
    by: MemberId


@dataclass(frozen=True, slots=True)
class TierChanged:
    """A customer has reached a tier, or lost one."""

    customer: CustomerId
    before: Tier | None
    after: Tier | None
    gift: int
    """Points given for it now."""
    cause: str
    """What makes it one change: an event, or the month it was found in."""

    @property
    def is_promotion(self) -> bool:
        """Tell whether the customer has risen."""
        reached = self.after.threshold if self.after else 0
        return reached > (self.before.threshold if self.before else 0)


@dataclass(frozen=True, slots=True)
class RedemptionChanged:
    """A redemption is new, agreed to, handed over, given back or over."""

    redemption: Redemption
    before: Redemption | None


@dataclass(frozen=True, slots=True)
class VouchersIssued:
    """Vouchers have codes that their customer does not know yet."""

    redemption: Redemption
    vouchers: tuple[Voucher, ...]
    is_again: bool
    """They had others before, which can't be used any more."""


@dataclass(frozen=True, slots=True)
class VoucherTaken:
    """Some of a voucher, or all of it, was used."""

    voucher: Voucher
    use: VoucherUse


@dataclass(frozen=True, slots=True)
class VoucherReturned:
    """A use of a voucher was taken back, because it was wrong."""

    voucher: Voucher
    use: VoucherUse
    """What was taken back."""
    grounds: str


@dataclass(frozen=True, slots=True)
class VouchersEnding:
    """Vouchers of a customer can soon be used no longer."""

    customer: CustomerId
    days: int
    """How soon, at the latest."""
    vouchers: tuple[Voucher, ...]
    """Those that end first before the others."""


class CallCause(StrEnum):
    """Why a human is called to a customer."""

    ASKED = "asked"
    MISSED = "missed"
    """What the contact wrote was not understood, twice in a row."""


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """A customer needs a human."""

    customer: CustomerId
    contact: ContactId
    cause: CallCause = CallCause.ASKED


@dataclass(frozen=True, slots=True)
class NoticeHeld:
    """A notice could not be pushed to a customer; somebody must tell them by hand."""

    delivery: DeliveryId
    contact: ContactId


@dataclass(frozen=True, slots=True)
class NoticesReleased:
    """Held notices are on their way after all, because the customer has written."""

    contact: ContactId
    deliveries: tuple[DeliveryId, ...]


@dataclass(frozen=True, slots=True)
class NoticeWithheld:
    """A held notice won't go out: its contact has left, or may not see points any more."""

    delivery: DeliveryId
    contact: ContactId
    reason: Withheld


@dataclass(frozen=True, slots=True)
class RightGiven:
    """A contact may do something with the unit's points that was not allowed before."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class CustomerTold:
    """A member has told a customer by hand what could not be pushed."""

    deliveries: tuple[DeliveryId, ...]
    contact: ContactId
    member: MemberId


@dataclass(frozen=True, slots=True)
class DeliveryDied:
    """A message could not be delivered and won't be tried again."""

    delivery: DeliveryId
    channel: ChannelId
    recipient: str
    code: str


@dataclass(frozen=True, slots=True)
class DaySealed:
    """The ledger up to the end of a day has been fixed by one hash."""

    head: DayHead


@dataclass(frozen=True, slots=True)
class StockLow:
    """Few of a reward are left."""

    reward: Reward
    stock: Stock


Fact = (
    ContactBound
    | PointsMoved
    | ReviewGiven
    | AlertChanged
    | ApprovalAsked
    | ApprovalDecided
    | PointsAdjusted
    | GiftChanged
    | PointsExpiring
    | PointsReinstated
    | RulePublished
    | RuleWithdrawn
    | TierChanged
    | RedemptionChanged
    | VouchersIssued
    | VoucherTaken
    | VoucherReturned
    | VouchersEnding
    | PersonWanted
    | NoticeHeld
    | NoticesReleased
    | NoticeWithheld
    | RightGiven
    | CustomerTold
    | DeliveryDied
    | DaySealed
    | StockLow
)
