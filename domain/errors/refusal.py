"""What every refusal is: a type with a stable code and fields, never a sentence."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar

from typing_extensions import override


class ErrorCode(StrEnum):
    """The stable name of a refusal: template name, API code and log value."""

    CODE_REFUSED = "code_refused"
    BINDING_LOCKED = "binding_locked"
    NOT_PERMITTED = "not_permitted"
    PRIVATE_ONLY = "private_only"
    RIGHT_MISSING = "right_missing"
    CONTACT_LEFT = "contact_left"
    USAGE = "usage"
    TICKET_EXPIRED = "ticket_expired"
    TICKET_USED = "ticket_used"
    TICKET_NOT_YOURS = "ticket_not_yours"
    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_CONTACT = "unknown_contact"
    UNKNOWN_PROJECT = "unknown_project"
    UNKNOWN_MILESTONE = "unknown_milestone"
    AMBIGUOUS = "ambiguous"
    MILESTONE_RECORDED = "milestone_recorded"
    FUTURE_DATE = "future_date"
    IMPOSSIBLE_DATE = "impossible_date"
    NOT_PASSED = "not_passed"
    NOTHING_TO_UNDO = "nothing_to_undo"
    ALREADY_UNDONE = "already_undone"
    EVENT_CONFLICT = "event_conflict"
    SHORT_OF_POINTS = "short_of_points"
    UNKNOWN_ENTRY = "unknown_entry"
    HOLD_CLOSED = "hold_closed"
    REFUND_TOO_LARGE = "refund_too_large"
    UNKNOWN_RECEIVER = "unknown_receiver"
    GIFT_TO_OWN_UNIT = "gift_to_own_unit"
    GIFT_TOO_LARGE = "gift_too_large"
    GIFT_LIMIT_REACHED = "gift_limit_reached"
    GIFT_SHORT = "gift_short"
    GIFT_UNDECIDABLE = "gift_undecidable"
    NOTHING_TO_REINSTATE = "nothing_to_reinstate"
    INVALID_MONTH = "invalid_month"
    MONTH_NOT_OVER = "month_not_over"
    MONTH_OUT_OF_ORDER = "month_out_of_order"
    MONTH_HAS_DRIFT = "month_has_drift"
    INVALID_STARS = "invalid_stars"
    INVALID_PHONE = "invalid_phone"
    UNKNOWN_ALERT = "unknown_alert"
    ALERT_TAKEN = "alert_taken"
    ALERT_CLOSED = "alert_closed"
    ALERT_NOT_TAKEN = "alert_not_taken"
    UNKNOWN_APPROVAL = "unknown_approval"
    OWN_APPROVAL = "own_approval"
    APPROVAL_NOT_YOURS = "approval_not_yours"
    APPROVAL_PENDING = "approval_pending"
    APPROVAL_CLOSED = "approval_closed"
    APPROVAL_EXPIRED = "approval_expired"
    NO_APPROVER = "no_approver"
    UNKNOWN_RULE = "unknown_rule"
    UNKNOWN_DRAFT = "unknown_draft"
    DRAFT_CLOSED = "draft_closed"
    RULE_MALFORMED = "rule_malformed"
    RULE_HAS_ERRORS = "rule_has_errors"
    DRAFT_UNTESTED = "draft_untested"
    UNKNOWN_BACKTEST = "unknown_backtest"
    VERSION_TAKEN = "version_taken"
    TOO_LATE_TO_WITHDRAW = "too_late_to_withdraw"
    NOTHING_TO_ROLL_BACK = "nothing_to_roll_back"
    KEY_REFUSED = "key_refused"
    SCOPE_MISSING = "scope_missing"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    CODE_TAKEN = "code_taken"
    UNKNOWN_MEMBER = "unknown_member"
    CUSTOMER_MISMATCH = "customer_mismatch"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    UNKNOWN_REWARD = "unknown_reward"
    REWARD_OVER = "reward_over"
    REWARD_NOT_OPEN = "reward_not_open"
    NOT_FOR_YOU = "not_for_you"
    TIER_TOO_LOW = "tier_too_low"
    SOLD_OUT = "sold_out"
    SHORT_FOR_REWARD = "short_for_reward"
    LIMIT_REACHED = "limit_reached"
    UNKNOWN_REDEMPTION = "unknown_redemption"
    REDEMPTION_CLOSED = "redemption_closed"
    UNDO_OVER = "undo_over"
    NOBODY_TO_AGREE = "nobody_to_agree"
    MORE_THAN_OUTSTANDING = "more_than_outstanding"
    USED_BY_CODE = "used_by_code"
    SAME_PERSON = "same_person"
    REWARD_HAS_ERRORS = "reward_has_errors"
    REWARD_CHANGED = "reward_changed"
    STOCK_SHORT = "stock_short"
    STOCK_NOT_KEPT = "stock_not_kept"
    STOCK_REFUSED = "stock_refused"


# eq=False keeps exceptions hashable; frozen would break raising through a context manager.
@dataclass(eq=False)
class DomainError(Exception):
    """A rule said no; nothing has changed."""

    code: ClassVar[ErrorCode]

    @override
    def __str__(self) -> str:
        """Name the refusal and its fields' names, without values that may be personal."""
        return f"{self.code}({', '.join(field.name for field in fields(self))})"

    def details(self) -> dict[str, Any]:
        """Give the fields for the refusal's template."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
