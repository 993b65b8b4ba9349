"""Views: one frozen dataclass per message people see, one template folder per dataclass.

Fields are display-ready facts (texts, whole numbers, dates as ISO texts, flags, lists of small
records) and survive as JSON in the delivery row. Wording, layout and number formats stand in
templates/cards/<view name>/.
"""

from handlers.views.alerts import (
    AlertCard as AlertCard,
    AlertForm as AlertForm,
    AlertLine as AlertLine,
    AlertList as AlertList,
    FollowUp as FollowUp,
    FollowUpThanks as FollowUpThanks,
    ReviewReceived as ReviewReceived,
)
from handlers.views.approvals import (
    AdjustmentNotice as AdjustmentNotice,
    ApprovalCard as ApprovalCard,
    ApprovalLine as ApprovalLine,
    ApprovalList as ApprovalList,
    ApprovalVerdict as ApprovalVerdict,
)
from handlers.views.approvals import (
    LotteryWanted as LotteryWanted,
)
from handlers.views.approvals import (
    PrizeWanted as PrizeWanted,
)
from handlers.views.cards import (
    Choice as Choice,
)
from handlers.views.contacts import (
    AccountCount as AccountCount,
    ContactLine as ContactLine,
    LeaveDone as LeaveDone,
    LeaveDropped as LeaveDropped,
    LeavePreview as LeavePreview,
    RightList as RightList,
    RightNotice as RightNotice,
    RightSet as RightSet,
)
from handlers.views.endings import (
    EndingLine as EndingLine,
    EndingList as EndingList,
    ExpiryNotice as ExpiryNotice,
    PointsSource as PointsSource,
    ReinstatementNotice as ReinstatementNotice,
)
from handlers.views.gifts import (
    GiftDone as GiftDone,
    GiftDropped as GiftDropped,
    GiftNotice as GiftNotice,
    GiftPreview as GiftPreview,
from handlers.views.lotteries import (
    DrawDropped as DrawDropped,
)
from handlers.views.lotteries import (
    DrawPreview as DrawPreview,
)
from handlers.views.lotteries import (
    DrawResult as DrawResult,
)
from handlers.views.lotteries import (
    LotteryCard as LotteryCard,
)
from handlers.views.lotteries import (
    LotteryLine as LotteryLine,
)
from handlers.views.lotteries import (
    LotteryList as LotteryList,
)
from handlers.views.lotteries import (
    PrizeLine as PrizeLine,
)
from handlers.views.people import (
    BindAsk as BindAsk,
    BoundCustomer as BoundCustomer,
    BoundMember as BoundMember,
    Cancelled as Cancelled,
    ChooseCard as ChooseCard,
    DidYouMean as DidYouMean,
    HelpMenu as HelpMenu,
    InviteCreated as InviteCreated,
    PersonComing as PersonComing,
    PersonWantedCard as PersonWantedCard,
)
from handlers.views.points import (
    Balance as Balance,
    CheckInDone as CheckInDone,
    ExpiringLot as ExpiringLot,
    PointsNotice as PointsNotice,
    Statement as Statement,
    StatementLine as StatementLine,
    TellCustomer as TellCustomer,
    TellCustomerDone as TellCustomerDone,
)
from handlers.views.proof import (
    DayHeadNotice as DayHeadNotice,
    ProofLink as ProofLink,
)
from handlers.views.records import (
    ProjectLine as ProjectLine,
    ProjectList as ProjectList,
    RecordCancelled as RecordCancelled,
    RecordDone as RecordDone,
    RecordPreview as RecordPreview,
    UndoDone as UndoDone,
    UndoPreview as UndoPreview,
)
from handlers.views.redeeming import (
    HandOverCard as HandOverCard,
    HandOverLine as HandOverLine,
    HandOverList as HandOverList,
    OfferLine as OfferLine,
    OfferList as OfferList,
    RedeemDropped as RedeemDropped,
    RedeemPreview as RedeemPreview,
    RedemptionCard as RedemptionCard,
    RedemptionLine as RedemptionLine,
    RedemptionList as RedemptionList,
)
from handlers.views.rewards import (
    RewardChangeSaid as RewardChangeSaid,
    RewardTerm as RewardTerm,
    ShelfDone as ShelfDone,
    ShelfLine as ShelfLine,
    ShelfList as ShelfList,
    ShelfPreview as ShelfPreview,
    StockNotice as StockNotice,
)
from handlers.views.rules import (
    CampaignDropped as CampaignDropped,
    CampaignPreview as CampaignPreview,
    DraftLine as DraftLine,
    ProgrammeChange as ProgrammeChange,
    ProgrammeSaid as ProgrammeSaid,
    RuleChange as RuleChange,
    RuleComing as RuleComing,
    RuleCondition as RuleCondition,
    RuleDetail as RuleDetail,
    RuleFormula as RuleFormula,
    RuleIssue as RuleIssue,
    RuleLimit as RuleLimit,
    RuleList as RuleList,
    RuleNotice as RuleNotice,
    RuleSaid as RuleSaid,
    RuleStep as RuleStep,
    TierNotice as TierNotice,
    TierSaid as TierSaid,
)
from handlers.views.trouble import (
    DeliveryTrouble as DeliveryTrouble,
    Digest as Digest,
    Failure as Failure,
    QuotaNotice as QuotaNotice,
    Refusal as Refusal,
    Silence as Silence,
    StaleNotice as StaleNotice,
)
from handlers.views.vouchers import (
    CodesReissued as CodesReissued,
    DeductionLine as DeductionLine,
    DeductionList as DeductionList,
    VoucherCode as VoucherCode,
    VoucherCodes as VoucherCodes,
    VoucherDone as VoucherDone,
    VoucherDropped as VoucherDropped,
    VoucherEnding as VoucherEnding,
    VoucherLine as VoucherLine,
    VoucherList as VoucherList,
    VoucherNotice as VoucherNotice,
    VoucherPreview as VoucherPreview,
)
from handlers.views.why import (
    Why as Why,
    WhyLimit as WhyLimit,
)

VIEWS: tuple[type, ...] = (
    HelpMenu,
    DidYouMean,
    BindAsk,
    BoundCustomer,
    BoundMember,
    InviteCreated,
    RecordPreview,
    RecordDone,
    RecordCancelled,
    UndoPreview,
    UndoDone,
    PointsNotice,
    TellCustomer,
    TellCustomerDone,
    Balance,
    Statement,
    Why,
    ProofLink,
    DayHeadNotice,
    ReviewReceived,
    AlertCard,
    AlertForm,
    AlertList,
    FollowUp,
    FollowUpThanks,
    ApprovalCard,
    ApprovalVerdict,
    ApprovalList,
    AdjustmentNotice,
    CheckInDone,
    GiftPreview,
    GiftDone,
    GiftDropped,
    GiftNotice,
    ExpiryNotice,
    EndingList,
    ReinstatementNotice,
    RuleList,
    RuleDetail,
    RuleNotice,
    CampaignPreview,
    CampaignDropped,
    TierNotice,
    OfferList,
    RedeemPreview,
    RedeemDropped,
    RedemptionCard,
    RedemptionList,
    HandOverCard,
    HandOverList,
    VoucherCodes,
    VoucherPreview,
    VoucherDone,
    VoucherDropped,
    VoucherNotice,
    VoucherList,
    VoucherEnding,
    CodesReissued,
    DeductionList,
    LotteryCard,
    LotteryList,
    DrawPreview,
    DrawDropped,
    DrawResult,
    ProjectList,
    RightList,
    RightSet,
    RightNotice,
    LeavePreview,
    LeaveDone,
    LeaveDropped,
    ChooseCard,
    Cancelled,
    PersonComing,
    PersonWantedCard,
    Digest,
    DeliveryTrouble,
    QuotaNotice,
    Refusal,
    Failure,
    StaleNotice,
    ShelfDone,
    ShelfList,
    ShelfPreview,
    StockNotice,
)
