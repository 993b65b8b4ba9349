"""Examples of what is refused about vouchers."""

from datetime import UTC, date, datetime

from domain import errors
from domain.vouchers import TAKE_BACK_WITHIN
from tests.cards.sample_names import LONG_NUMBER, LONG_PERSON, SELLER, filled

NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
TAIL = "BCD1"
REWARD = "5,000 元工程款抵用券"
LONG_REWARD = filled(40, "超长名称的兑换品")
LONG_VALUE = 10**12 - 1

VOUCHER_REFUSALS: dict[str, errors.DomainError] = {
    "voucher_mistyped": errors.VoucherMistyped(),
    "voucher_unknown": errors.VoucherUnknown(4),
    "voucher_unknown_last": errors.VoucherUnknown(0),
    "voucher_locked": errors.VoucherLocked(NOW),
    "voucher_used_up": errors.VoucherUsedUp(TAIL, NOW, SELLER),
    "voucher_used_up_longest": errors.VoucherUsedUp(TAIL, NOW, LONG_PERSON),
    "voucher_expired": errors.VoucherExpired(TAIL, date(2026, 11, 20)),
    "voucher_void": errors.VoucherVoid(TAIL, NOW),
    "value_exceeded": errors.ValueExceeded(TAIL, 300_000, 500_000),
    "value_exceeded_longest": errors.ValueExceeded(TAIL, LONG_VALUE, 10**13),
    "not_partly_usable": errors.NotPartlyUsable(TAIL, 500_000, 200_000),
    "not_partly_usable_longest": errors.NotPartlyUsable(TAIL, LONG_VALUE, LONG_VALUE - 1),
    "voucher_not_returnable": errors.VoucherNotReturnable(12, REWARD, 2, 3),
    "voucher_not_returnable_none": errors.VoucherNotReturnable(12, REWARD, 0, 1),
    "voucher_not_returnable_longest": errors.VoucherNotReturnable(
        LONG_NUMBER, LONG_REWARD, 998, 999
    ),
    "no_code_to_replace": errors.NoCodeToReplace(12, REWARD),
    "no_code_to_replace_longest": errors.NoCodeToReplace(LONG_NUMBER, LONG_REWARD),
    "reissue_limit": errors.ReissueLimit(12, 3),
    "reissue_limit_longest": errors.ReissueLimit(LONG_NUMBER, 3),
    "unknown_use": errors.UnknownUse("7"),
    "unknown_use_longest": errors.UnknownUse(LONG_PERSON),
    "take_back_over": errors.TakeBackOver(7, NOW - TAKE_BACK_WITHIN, NOW),
    "take_back_over_longest": errors.TakeBackOver(LONG_NUMBER, NOW - TAKE_BACK_WITHIN, NOW),
    "use_taken_back": errors.UseTakenBack(7, NOW, SELLER),
    "use_taken_back_longest": errors.UseTakenBack(LONG_NUMBER, NOW, LONG_PERSON),
    "use_deducted": errors.UseDeducted(7, "HK-2026-031"),
    "use_deducted_longest": errors.UseDeducted(LONG_NUMBER, LONG_PERSON),
}
