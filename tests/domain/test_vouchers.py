"""What may become of a voucher."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.errors import (
    DomainError,
    NotPartlyUsable,
    ReissueLimit,
    TakeBackOver,
    ValueExceeded,
    VoucherExpired,
    VoucherUsedUp,
    VoucherVoid,
)
from domain.ids import CustomerId, MemberId, RedemptionId, VoucherId, VoucherUseId
from domain.vouchers import (
    REISSUES_MAX,
    TAKE_BACK_WITHIN,
    Voucher,
    VoucherState,
    VoucherUse,
    check_amount,
    check_take_back,
    check_usable,
    expire,
    is_lapsed,
    reissue,
    returnable,
    take_back,
    use,
    void,
)
from tests.support.fakes import START

TODAY = date(2026, 11, 22)
LAST = date(2026, 12, 22)
DAY = timedelta(days=1)
OPEN = Voucher(
    id=VoucherId("v-1"),
    redemption=RedemptionId("d-1"),
    number=12,
    place=1,
    customer=CustomerId("C001"),
    name="500 元抵用券",
    value=50_000,
    is_partly_usable=True,
    last_day=LAST,
    issued_at=START,
    tail="ABCD",
)


def why(voucher: Voucher, today: date = TODAY) -> DomainError | None:
    try:
        check_usable(voucher, today, "周涛")
    except DomainError as refusal:
        return refusal
    return None


def test_an_open_one_is_usable_up_to_its_last_day() -> None:
    assert why(OPEN) is None
    assert why(OPEN, LAST) is None
    refusal = why(OPEN, LAST + DAY)
    assert isinstance(refusal, VoucherExpired)
    assert refusal.details() == {"tail": "ABCD", "last_day": LAST}
    assert why(replace(OPEN, last_day=None), LAST + 9999 * DAY) is None


def test_what_is_over_says_how() -> None:
    refusal = why(use(OPEN, 50_000, START + DAY), LAST + DAY)
    assert isinstance(refusal, VoucherUsedUp)
    assert refusal.details() == {"tail": "ABCD", "used_at": START + DAY, "used_by": "周涛"}
    refusal = why(void(OPEN, START + DAY), LAST + DAY)
    assert isinstance(refusal, VoucherVoid)
    assert refusal.details() == {"tail": "ABCD", "since": START + DAY}
    assert isinstance(why(expire(OPEN, START + DAY), LAST + DAY), VoucherExpired)
    forgotten = replace(OPEN, state=VoucherState.VOID)
    refusal = why(forgotten)
    assert isinstance(refusal, VoucherVoid)
    assert refusal.since == START


def test_it_is_used_bit_by_bit_or_as_a_whole() -> None:
    part = use(OPEN, 20_000, START)
    assert (part.state, part.left, part.ended_at, part.version) == (
        VoucherState.OPEN,
        30_000,
        None,
        2,
    )
    rest = use(part, check_amount(part, None), START + DAY)
    assert (rest.state, rest.left, rest.ended_at) == (VoucherState.USED_UP, 0, START + DAY)
    whole = replace(OPEN, is_partly_usable=False)
    assert check_amount(whole, None) == check_amount(whole, 50_000) == 50_000
    with pytest.raises(NotPartlyUsable) as refused:
        check_amount(whole, 49_999)
    assert refused.value.details() == {"tail": "ABCD", "value": 50_000, "asked": 49_999}


def test_never_more_than_is_left_is_used() -> None:
    part = use(OPEN, 20_000, START)
    with pytest.raises(ValueExceeded) as refused:
        use(part, 30_001, START)
    assert refused.value.details() == {"tail": "ABCD", "left": 30_000, "asked": 30_001}
    for nothing in (0, -1):
        with pytest.raises(ValueError, match=str(nothing)):
            check_amount(part, nothing)


def test_only_an_unused_one_is_given_back() -> None:
    assert (void(OPEN, START).state, void(OPEN, START).ended_at) == (VoucherState.VOID, START)
    for other in (use(OPEN, 1, START), use(OPEN, 50_000, START), expire(OPEN, START)):
        with pytest.raises(ValueError, match=other.state):
            void(other, START)
    places = [replace(OPEN, place=place) for place in (1, 2, 3)]
    places[1] = use(places[1], 1, START)
    assert [one.place for one in returnable(places)] == [3, 1]


def test_it_lapses_the_day_after_its_last() -> None:
    assert not is_lapsed(OPEN, LAST)
    assert is_lapsed(OPEN, LAST + DAY)
    assert not is_lapsed(expire(OPEN, START), LAST + DAY)
    assert not is_lapsed(replace(OPEN, last_day=None), LAST + DAY)
    over = expire(use(OPEN, 20_000, START), START + DAY)
    assert (over.state, over.left) == (VoucherState.EXPIRED, 30_000)


def test_another_code_is_given_a_few_times_a_day() -> None:
    voucher, issues = OPEN, {OPEN.issue}
    for number in range(REISSUES_MAX):
        voucher = reissue(voucher, f"N{number}", TODAY)
        issues.add(voucher.issue)
        assert (voucher.tail, voucher.reissues) == (f"N{number}", number + 1)
    assert len(issues) == REISSUES_MAX + 1
    with pytest.raises(ReissueLimit) as refused:
        reissue(voucher, "X", TODAY)
    assert refused.value.details() == {"number": 12, "limit": REISSUES_MAX}
    tomorrow = reissue(voucher, "Y", TODAY + DAY)
    assert (tomorrow.reissues, tomorrow.reissued_on, tomorrow.version) == (1, TODAY + DAY, 5)
    assert tomorrow.issue not in issues


def test_what_is_taken_back_is_there_again() -> None:
    part = use(OPEN, 20_000, START)
    assert take_back(part, 20_000, TODAY, START) == replace(OPEN, version=3)
    spent = use(part, 30_000, START)
    assert take_back(spent, 30_000, LAST, START) == replace(part, version=4)
    whole = replace(OPEN, is_partly_usable=False, last_day=None)
    returned = take_back(use(whole, 50_000, START), 50_000, LAST + DAY, START)
    assert returned == replace(whole, version=3)


def test_what_is_taken_back_after_the_last_day_ends() -> None:
    late = START + timedelta(days=31)
    after = take_back(use(OPEN, 50_000, START), 50_000, LAST + DAY, late)
    assert (after.state, after.used, after.ended_at) == (VoucherState.EXPIRED, 0, late)
    lapsed = expire(use(OPEN, 20_000, START), START)
    after = take_back(lapsed, 20_000, LAST + DAY, late)
    assert (after.state, after.used, after.ended_at) == (VoucherState.EXPIRED, 0, START)


def test_a_use_can_be_taken_back_for_a_week() -> None:
    made = VoucherUse(
        id=VoucherUseId("u-1"),
        number=7,
        source="ticket:t-1",
        voucher=OPEN.id,
        customer=OPEN.customer,
        project=None,
        amount=50_000,
        member=MemberId("zhou"),
        used_at=START,
    )
    until = START + TAKE_BACK_WITHIN
    assert check_take_back(made, until - timedelta(microseconds=1)) == until
    with pytest.raises(TakeBackOver) as refused:
        check_take_back(made, until)
    assert refused.value.details() == {"number": 7, "used_at": START, "until": until}
