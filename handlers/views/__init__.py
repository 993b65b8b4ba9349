"""Views: one frozen dataclass per message people see, one template folder per dataclass.

Fields are display-ready facts (texts, whole numbers, dates as ISO texts, flags, lists of small
records) and survive as JSON in the delivery row. Wording, layout and number formats stand in
templates/cards/<view name>/.
"""

from handlers.views.alerts import (
    AlertCard as AlertCard,
)
from handlers.views.alerts import (
    AlertForm as AlertForm,
)
from handlers.views.alerts import (
    AlertLine as AlertLine,
)
from handlers.views.alerts import (
    AlertList as AlertList,
)
from handlers.views.alerts import (
    FollowUp as FollowUp,
)
from handlers.views.alerts import (
    FollowUpThanks as FollowUpThanks,
)
from handlers.views.alerts import (
    ReviewReceived as ReviewReceived,
)
from handlers.views.approvals import (
    AdjustmentNotice as AdjustmentNotice,
)
from handlers.views.approvals import (
    ApprovalCard as ApprovalCard,
)
from handlers.views.approvals import (
    ApprovalLine as ApprovalLine,
)
from handlers.views.approvals import (
    ApprovalList as ApprovalList,
)
from handlers.views.approvals import (
    ApprovalVerdict as ApprovalVerdict,
)
from handlers.views.cards import (
    Choice as Choice,
)
from handlers.views.contacts import (
    AccountCount as AccountCount,
)
from handlers.views.contacts import (
    ContactLine as ContactLine,
)
from handlers.views.contacts import (
    LeaveDone as LeaveDone,
)
from handlers.views.contacts import (
    LeaveDropped as LeaveDropped,
)
from handlers.views.contacts import (
    LeavePreview as LeavePreview,
)
from handlers.views.contacts import (
    RightList as RightList,
)
from handlers.views.contacts import (
    RightNotice as RightNotice,
)
from handlers.views.contacts import (
    RightSet as RightSet,
)
from handlers.views.endings import (
    EndingLine as EndingLine,
)
from handlers.views.endings import (
    EndingList as EndingList,
)
from handlers.views.endings import (
    ExpiryNotice as ExpiryNotice,
)
from handlers.views.endings import (
    PointsSource as PointsSource,
)
from handlers.views.endings import (
    ReinstatementNotice as ReinstatementNotice,
)
from handlers.views.gifts import (
    GiftDone as GiftDone,
)
from handlers.views.gifts import (
    GiftDropped as GiftDropped,
)
from handlers.views.gifts import (
    GiftNotice as GiftNotice,
)
from handlers.views.gifts import (
    GiftPreview as GiftPreview,
)
from handlers.views.people import (
    BindAsk as BindAsk,
)
from handlers.views.people import (
    BoundCustomer as BoundCustomer,
)
from handlers.views.people import (
    BoundMember as BoundMember,
)
from handlers.views.people import (
    Cancelled as Cancelled,
)
from handlers.views.people import (
    ChooseCard as ChooseCard,
)
from handlers.views.people import (
    DidYouMean as DidYouMean,
)
from handlers.views.people import (
    HelpMenu as HelpMenu,
)
from handlers.views.people import (
    InviteCreated as InviteCreated,
)
from handlers.views.people import (
    PersonComing as PersonComing,
)
from handlers.views.people import (
    PersonWantedCard as PersonWantedCard,
)
from handlers.views.points import (
    Balance as Balance,
)
from handlers.views.points import (
    CheckInDone as CheckInDone,
)
from handlers.views.points import (
    ExpiringLot as ExpiringLot,
)
from handlers.views.points import (
    PointsNotice as PointsNotice,
)
from handlers.views.points import (
    Statement as Statement,
)
from handlers.views.points import (
    StatementLine as StatementLine,
)
from handlers.views.points import (
    TellCustomer as TellCustomer,
)
from handlers.views.points import (
    TellCustomerDone as TellCustomerDone,
)
from handlers.views.proof import (
    DayHeadNotice as DayHeadNotice,
)
from handlers.views.proof import (
    ProofLink as ProofLink,
)
from handlers.views.records import (
    ProjectLine as ProjectLine,
)
from handlers.views.records import (
    ProjectList as ProjectList,
)
from handlers.views.records import (
    RecordCancelled as RecordCancelled,
)
from handlers.views.records import (
    RecordDone as RecordDone,
)
from handlers.views.records import (
    RecordPreview as RecordPreview,
)
from handlers.views.records import (
    UndoDone as UndoDone,
)
from handlers.views.records import (
    UndoPreview as UndoPreview,
)
from handlers.views.redeeming import (
    HandOverCard as HandOverCard,
)
from handlers.views.redeeming import (
    HandOverLine as HandOverLine,
)
from handlers.views.redeeming import (
    HandOverList as HandOverList,
)
from handlers.views.redeeming import (
    OfferLine as OfferLine,
)
from handlers.views.redeeming import (
    OfferList as OfferList,
)
from handlers.views.redeeming import (
    RedeemDropped as RedeemDropped,
)
from handlers.views.redeeming import (
    RedeemPreview as RedeemPreview,
)
from handlers.views.redeeming import (
    RedemptionCard as RedemptionCard,
)
from handlers.views.redeeming import (
    RedemptionLine as RedemptionLine,
)
from handlers.views.redeeming import (
    RedemptionList as RedemptionList,
)
from handlers.views.rewards import (
    RewardChangeSaid as RewardChangeSaid,
)
from handlers.views.rewards import (
    RewardTerm as RewardTerm,
)
from handlers.views.rewards import (
    ShelfDone as ShelfDone,
)
from handlers.views.rewards import (
    ShelfLine as ShelfLine,
)
from handlers.views.rewards import (
    ShelfList as ShelfList,
)
from handlers.views.rewards import (
    ShelfPreview as ShelfPreview,
)
from handlers.views.rewards import (
    StockNotice as StockNotice,
)
from handlers.views.rules import (
    CampaignDropped as CampaignDropped,
)
from handlers.views.rules import (
    CampaignPreview as CampaignPreview,
)
from handlers.views.rules import (
    DraftLine as DraftLine,
)
from handlers.views.rules import (
    ProgrammeChange as ProgrammeChange,
)
from handlers.views.rules import (
    ProgrammeSaid as ProgrammeSaid,
)
from handlers.views.rules import (
    RuleChange as RuleChange,
)
from handlers.views.rules import (
    RuleComing as RuleComing,
)
from handlers.views.rules import (
    RuleCondition as RuleCondition,
)
from handlers.views.rules import (
    RuleDetail as RuleDetail,
)
from handlers.views.rules import (
    RuleFormula as RuleFormula,
)
from handlers.views.rules import (
    RuleIssue as RuleIssue,
)
from handlers.views.rules import (
    RuleLimit as RuleLimit,
)
from handlers.views.rules import (
    RuleList as RuleList,
)
from handlers.views.rules import (
    RuleNotice as RuleNotice,
)
from handlers.views.rules import (
    RuleSaid as RuleSaid,
)
from handlers.views.rules import (
    RuleStep as RuleStep,
)
from handlers.views.rules import (
    TierNotice as TierNotice,
)
from handlers.views.rules import (
    TierSaid as TierSaid,
)
from handlers.views.trouble import (
    DeliveryTrouble as DeliveryTrouble,
)
from handlers.views.trouble import (
    Digest as Digest,
)
from handlers.views.trouble import (
    Failure as Failure,
)
from handlers.views.trouble import (
    QuotaNotice as QuotaNotice,
)
from handlers.views.trouble import (
    Refusal as Refusal,
)
from handlers.views.trouble import (
    Silence as Silence,
)
from handlers.views.trouble import (
    StaleNotice as StaleNotice,
)
from handlers.views.vouchers import (
    CodesReissued as CodesReissued,
)
from handlers.views.vouchers import (
    DeductionLine as DeductionLine,
)
from handlers.views.vouchers import (
    DeductionList as DeductionList,
)
from handlers.views.vouchers import (
    VoucherCode as VoucherCode,
)
from handlers.views.vouchers import (
    VoucherCodes as VoucherCodes,
)
from handlers.views.vouchers import (
    VoucherDone as VoucherDone,
)
from handlers.views.vouchers import (
    VoucherDropped as VoucherDropped,
)
from handlers.views.vouchers import (
    VoucherEnding as VoucherEnding,
)
from handlers.views.vouchers import (
    VoucherLine as VoucherLine,
)
from handlers.views.vouchers import (
    VoucherList as VoucherList,
)
from handlers.views.vouchers import (
    VoucherNotice as VoucherNotice,
)
from handlers.views.vouchers import (
    VoucherPreview as VoucherPreview,
)
from handlers.views.why import (
    Why as Why,
)
from handlers.views.why import (
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
