"""Every refusal the domain can give, by what it is about.

    DomainError
    ├── identity   CodeRefused, BindingLocked, NotPermitted, PrivateOnly, RightMissing, ContactLeft
    ├── cards      TicketExpired, TicketUsed, TicketNotYours
    ├── words      UsageError, UnknownCustomer, UnknownContact, UnknownProject, UnknownMilestone,
    │              Ambiguous, FutureDate, ImpossibleDate, NotPassed, InvalidStars, InvalidPhone
    ├── facts      MilestoneRecorded, NothingToUndo, AlreadyUndone, EventConflict
    ├── points     ShortOfPoints, UnknownEntry, HoldClosed, RefundTooLarge, NothingToReinstate
    ├── mall       UnknownReward, RewardOver, RewardNotOpen, NotForYou, TierTooLow, SoldOut,
    │              ShortForReward, LimitReached, UnknownRedemption, RedemptionClosed,
    │              UndoOver, NobodyToAgree, MoreThanOutstanding, UsedByCode, SamePerson
    ├── gifts      UnknownReceiver, GiftToOwnUnit, GiftTooLarge, GiftLimitReached, GiftShort,
    │              GiftUndecidable
    │              UndoOver, SamePerson, RewardHasErrors, RewardChanged, StockShort,
    │              StockNotKept, StockRefused
    ├── vouchers   VoucherMistyped, VoucherUnknown, VoucherLocked, VoucherUsedUp, VoucherExpired,
    │              VoucherVoid, ValueExceeded, NotPartlyUsable, VoucherNotReturnable,
    │              NoCodeToReplace, ReissueLimit
    ├── lotteries  UnknownLottery, NoLottery, LotteryNotOpen, LotteryOver, LotteryStands,
    │              UrnEmpty, DrawLimit, ShortForDraw, PrizeShort, PrizeTooDear
    ├── months     InvalidMonth, MonthNotOver, MonthOutOfOrder, MonthHasDrift
    ├── alerts     UnknownAlert, AlertTaken, AlertClosed, AlertNotTaken
    ├── approvals  UnknownApproval, OwnApproval, ApprovalNotYours, ApprovalPending, ApprovalClosed,
    │              ApprovalExpired, NoApprover
    ├── rules      UnknownRule, UnknownDraft, DraftClosed, RuleMalformed, RuleHasErrors,
    │              DraftUntested, UnknownBacktest, VersionTaken, TooLateToWithdraw,
    │              NothingToRollBack
    ├── api        KeyRefused, ScopeMissing, IdempotencyConflict, CodeTaken, UnknownMember,
    │              CustomerMismatch, TimeOutOfRange
    └── customers  CustomerExists, CustomerAlike, InvalidCreditCode, InvalidField, UnknownField

The wording stands in templates/refusals, one file per code; a test proves that each code has one.
"""

from domain.errors.alerts import (
    AlertClosed,
    AlertNotTaken,
    AlertTaken,
    UnknownAlert,
)
from domain.errors.api import (
    CodeTaken,
    CustomerMismatch,
    IdempotencyConflict,
    KeyRefused,
    ScopeMissing,
    TimeOutOfRange,
    UnknownMember,
)
from domain.errors.approvals import (
    ApprovalClosed,
    ApprovalExpired,
    ApprovalNotYours,
    ApprovalPending,
    NoApprover,
    OwnApproval,
    UnknownApproval,
)
from domain.errors.cards import (
    TicketExpired,
    TicketNotYours,
    TicketUsed,
)
from domain.errors.facts import (
    AlreadyUndone,
    EventConflict,
    MilestoneRecorded,
    NothingToUndo,
)
from domain.errors.gifts import (
    GiftLimitReached,
    GiftShort,
    GiftTooLarge,
    GiftToOwnUnit,
    GiftUndecidable,
    UnknownReceiver,
)
from domain.errors.identity import (
    BindingLocked,
    CodeRefused,
    ContactLeft,
    NotPermitted,
    PrivateOnly,
    RightMissing,
)
from domain.errors.lotteries import (
    DrawLimit,
    LotteryNotOpen,
    LotteryOver,
    LotteryStands,
    NoLottery,
    PrizeShort,
    PrizeTooDear,
    ShortForDraw,
    UnknownLottery,
    UrnEmpty,
)
from domain.errors.mall import (
    LimitReached,
    MoreThanOutstanding,
    NobodyToAgree,
    NotForYou,
    RedemptionClosed,
    RewardChanged,
    RewardHasErrors,
    RewardNotOpen,
    RewardOver,
    SamePerson,
    ShortForReward,
    SoldOut,
    StockNotKept,
    StockRefused,
    StockShort,
    TierTooLow,
    UndoOver,
    UnknownRedemption,
    UnknownReward,
    UsedByCode,
)
from domain.errors.months import (
    InvalidMonth,
    MonthHasDrift,
    MonthNotOver,
    MonthOutOfOrder,
)
from domain.errors.points import (
    HoldClosed,
    NothingToReinstate,
    RefundTooLarge,
    ShortOfPoints,
    UnknownEntry,
)
from domain.errors.refusal import (
    DomainError,
    ErrorCode,
)
from domain.errors.cards import TicketExpired, TicketNotYours, TicketUsed
from domain.errors.customers import (
    CustomerAlike,
    CustomerExists,
    InvalidCreditCode,
    InvalidField,
    UnknownField,
)
from domain.errors.facts import AlreadyUndone, EventConflict, MilestoneRecorded, NothingToUndo
from domain.errors.identity import BindingLocked, CodeRefused, NotPermitted, PrivateOnly
from domain.errors.months import InvalidMonth, MonthHasDrift, MonthNotOver, MonthOutOfOrder
from domain.errors.points import HoldClosed, NothingToReinstate, ShortOfPoints, UnknownEntry
from domain.errors.refusal import DomainError, ErrorCode
from domain.errors.rules import (
    DraftClosed,
    DraftUntested,
    NothingToRollBack,
    RuleHasErrors,
    RuleMalformed,
    TooLateToWithdraw,
    UnknownBacktest,
    UnknownDraft,
    UnknownRule,
    VersionTaken,
)
from domain.errors.vouchers import (
    NoCodeToReplace,
    NotPartlyUsable,
    ReissueLimit,
    ValueExceeded,
    VoucherExpired,
    VoucherLocked,
    VoucherMistyped,
    VoucherNotReturnable,
    VoucherUnknown,
    VoucherUsedUp,
    VoucherVoid,
)
from domain.errors.words import (
    Ambiguous,
    FutureDate,
    ImpossibleDate,
    InvalidPhone,
    InvalidStars,
    NotPassed,
    UnknownContact,
    UnknownCustomer,
    UnknownMilestone,
    UnknownProject,
    UsageError,
)

__all__ = [
    "AlertClosed",
    "AlertNotTaken",
    "AlertTaken",
    "AlreadyUndone",
    "Ambiguous",
    "ApprovalClosed",
    "ApprovalExpired",
    "ApprovalNotYours",
    "ApprovalPending",
    "BindingLocked",
    "CodeRefused",
    "CodeTaken",
    "ContactLeft",
    "CustomerAlike",
    "CustomerExists",
    "CustomerMismatch",
    "DomainError",
    "DraftClosed",
    "DraftUntested",
    "DrawLimit",
    "ErrorCode",
    "EventConflict",
    "FutureDate",
    "GiftLimitReached",
    "GiftShort",
    "GiftToOwnUnit",
    "GiftTooLarge",
    "GiftUndecidable",
    "HoldClosed",
    "IdempotencyConflict",
    "ImpossibleDate",
    "InvalidCreditCode",
    "InvalidField",
    "InvalidMonth",
    "InvalidPhone",
    "InvalidStars",
    "KeyRefused",
    "LimitReached",
    "LotteryNotOpen",
    "LotteryOver",
    "LotteryStands",
    "MilestoneRecorded",
    "MonthHasDrift",
    "MonthNotOver",
    "MonthOutOfOrder",
    "MoreThanOutstanding",
    "NoApprover",
    "NoCodeToReplace",
    "NoLottery",
    "NobodyToAgree",
    "NotForYou",
    "NotPartlyUsable",
    "NotPassed",
    "NotPermitted",
    "NothingToReinstate",
    "NothingToRollBack",
    "NothingToUndo",
    "OwnApproval",
    "PrivateOnly",
    "PrizeShort",
    "PrizeTooDear",
    "RedemptionClosed",
    "RefundTooLarge",
    "ReissueLimit",
    "RewardChanged",
    "RewardHasErrors",
    "RewardNotOpen",
    "RewardOver",
    "RightMissing",
    "RuleHasErrors",
    "RuleMalformed",
    "SamePerson",
    "ScopeMissing",
    "ShortForDraw",
    "ShortForReward",
    "ShortOfPoints",
    "SoldOut",
    "StockNotKept",
    "StockRefused",
    "StockShort",
    "TicketExpired",
    "TicketNotYours",
    "TicketUsed",
    "TierTooLow",
    "TimeOutOfRange",
    "TooLateToWithdraw",
    "UndoOver",
    "UnknownAlert",
    "UnknownApproval",
    "UnknownBacktest",
    "UnknownContact",
    "UnknownCustomer",
    "UnknownDraft",
    "UnknownEntry",
    "UnknownLottery",
    "UnknownField",
    "UnknownMember",
    "UnknownMilestone",
    "UnknownProject",
    "UnknownReceiver",
    "UnknownRedemption",
    "UnknownReward",
    "UnknownRule",
    "UrnEmpty",
    "UsageError",
    "UsedByCode",
    "ValueExceeded",
    "VersionTaken",
    "VoucherExpired",
    "VoucherLocked",
    "VoucherMistyped",
    "VoucherNotReturnable",
    "VoucherUnknown",
    "VoucherUsedUp",
    "VoucherVoid",
]
