"""Examples of the views of gifts between customers."""

from dataclasses import replace

from domain.gifts import ALONE_MAX, MONTH_MAX, GiftState
from handlers.contract import View
from handlers.views import ExpiringLot, GiftDone, GiftDropped, GiftNotice, GiftPreview
from tests.cards.sample_names import (
    AFTERNOON,
    CONTACT,
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_NUMBER,
    LONG_PERSON,
    TICKET,
)

OTHER = "城南建设"
IN_A_WEEK = "2026-11-28T07:20:00+00:00"
PREVIEW = GiftPreview(
    ticket=TICKET,
    receiver=OTHER,
    points=800,
    available_before=1_330,
    available_after=530,
    taken=(ExpiringLot(120, "2026-12-31"), ExpiringLot(680, "2028-11-30")),
    month_left=MONTH_MAX - 800,
    month_most=MONTH_MAX,
    needs_approval=False,
    alone_most=ALONE_MAX,
    expires_at=AFTERNOON,
)
DONE = GiftDone(
    ticket="",
    number=12,
    state=GiftState.GIVEN.value,
    receiver=OTHER,
    points=800,
    available_after=530,
    given_by=CONTACT,
    given_at=AFTERNOON,
    expires_at="",
)
WAITING = replace(
    DONE,
    ticket=TICKET,
    state=GiftState.PENDING.value,
    points=2_000,
    expires_at=IN_A_WEEK,
)
RECEIVED = GiftNotice(
    is_receiver=True,
    number=12,
    state=GiftState.GIVEN.value,
    customer=OTHER,
    other=CUSTOMER,
    points=800,
    given_by=CONTACT,
    available_after=900,
    debt_after=0,
    first_end="2026-12-31",
)
GAVE = replace(
    RECEIVED, is_receiver=False, customer=CUSTOMER, other=OTHER, available_after=530, first_end=""
)
LONGEST = replace(
    RECEIVED,
    number=LONG_NUMBER,
    customer=LONG_CUSTOMER,
    other=LONG_CUSTOMER,
    points=LONG_NUMBER,
    given_by=LONG_PERSON,
    available_after=LONG_NUMBER,
    debt_after=LONG_NUMBER,
)
GIFTS: dict[str, View] = {
    "gift_preview.normal": PREVIEW,
    "gift_preview.asking": replace(
        PREVIEW, points=2_000, needs_approval=True, available_before=2_530
    ),
    "gift_preview.longest": replace(
        PREVIEW,
        receiver=LONG_CUSTOMER,
        points=LONG_NUMBER,
        available_before=LONG_NUMBER,
        available_after=LONG_NUMBER,
        taken=(ExpiringLot(LONG_NUMBER, "2036-12-31"),) * 9,
        month_left=LONG_NUMBER,
        month_most=LONG_NUMBER,
        needs_approval=True,
        alone_most=LONG_NUMBER,
    ),
    "gift_done.normal": DONE,
    "gift_done.pending": WAITING,
    "gift_done.declined": replace(WAITING, ticket="", state=GiftState.DECLINED.value),
    "gift_done.withdrawn": replace(WAITING, ticket="", state=GiftState.WITHDRAWN.value),
    "gift_done.expired": replace(WAITING, ticket="", state=GiftState.EXPIRED.value),
    "gift_done.longest": replace(
        WAITING,
        number=LONG_NUMBER,
        receiver=LONG_CUSTOMER,
        points=LONG_NUMBER,
        available_after=LONG_NUMBER,
        given_by=LONG_PERSON,
    ),
    "gift_dropped.normal": GiftDropped(OTHER),
    "gift_dropped.longest": GiftDropped(LONG_CUSTOMER),
    "gift_notice.normal": RECEIVED,
    "gift_notice.paid_debt": replace(RECEIVED, first_end="", available_after=0, debt_after=20),
    "gift_notice.given": GAVE,
    "gift_notice.pending": replace(GAVE, state=GiftState.PENDING.value),
    "gift_notice.declined": replace(GAVE, state=GiftState.DECLINED.value),
    "gift_notice.withdrawn": replace(GAVE, state=GiftState.WITHDRAWN.value),
    "gift_notice.expired": replace(GAVE, state=GiftState.EXPIRED.value),
    "gift_notice.longest": LONGEST,
    "gift_notice.longest_refused": replace(
        LONGEST, is_receiver=False, state=GiftState.EXPIRED.value, first_end=""
    ),
}
