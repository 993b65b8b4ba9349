"""Examples of the views of vouchers."""

from dataclasses import replace

from domain.vouchers import Concealed
from handlers.contract import View
from handlers.views import (
    CodesReissued,
    DeductionLine,
    DeductionList,
    VoucherBack,
    VoucherCode,
    VoucherCodes,
    VoucherDone,
    VoucherDropped,
    VoucherEnding,
    VoucherLine,
    VoucherList,
    VoucherNotice,
    VoucherPreview,
)
from tests.cards.sample_names import (
    CONTACT,
    CUSTOMER,
    LATER,
    LONG_CUSTOMER,
    LONG_NOTE,
    LONG_NUMBER,
    LONG_PERSON,
    LONG_PROJECT,
    MORNING,
    PROJECT,
    SELLER,
    TICKET,
    filled,
)

NAME = "5,000 元工程款抵用券"
LONG_NAME = filled(40, "工程款抵用券（限本年度新签项目，不与其他优惠同用）")
VALUE = 500_000
LONG_VALUE = 10**12 - 1
LAST_DAY = "2027-11-21"
TAIL = "BCD1"
LINK = Concealed("voucher_page:main", "main." + "s" * 43)
LONG_LINK = Concealed("voucher_page:main", "t" * 40 + "." + "s" * 43)
LONG_PEOPLE = tuple(f"{n}{LONG_PERSON}" for n in range(12))


def one_code(number: int, left: int = VALUE) -> VoucherCode:
    """Give a code as the tests open it: as it stands there."""
    code = f"K7QD3M9X012{number}ABCD1"
    return VoucherCode(Concealed(f"voucher:main/v-{number}", code), TAIL, left)


CODES = VoucherCodes(
    customer=CUSTOMER,
    number=12,
    name=NAME,
    quantity=1,
    codes=(one_code(3),),
    is_partly_usable=True,
    last_day=LAST_DAY,
    link=LINK,
    link_until="2026-11-28T02:30:00+00:00",
    is_again=False,
)
PREVIEW = VoucherPreview(
    ticket=TICKET,
    customer=CUSTOMER,
    number=12,
    name=NAME,
    tail=TAIL,
    left=VALUE,
    amount=VALUE,
    left_after=0,
    last_day=LAST_DAY,
    projects=(PROJECT,),
)
DONE = VoucherDone(
    use=31,
    customer=CUSTOMER,
    name=NAME,
    tail=TAIL,
    amount=200_050,
    left=VALUE - 200_050,
    project=PROJECT,
    used_by=SELLER,
    used_at=LATER,
    notice="pushed",
)
NOTICE = VoucherNotice(
    customer=CUSTOMER,
    name=NAME,
    tail=TAIL,
    amount=200_050,
    left=VALUE - 200_050,
    project=PROJECT,
    last_day=LAST_DAY,
    use=31,
    used_at=LATER,
)
BACK = VoucherBack(
    customer=CUSTOMER,
    name=NAME,
    tail=TAIL,
    amount=200_050,
    left=VALUE,
    project=PROJECT,
    last_day=LAST_DAY,
    is_over=False,
    use=31,
    grounds="项目选错了",
)
LINE = VoucherLine(12, NAME, TAIL, VALUE, LAST_DAY)
LONG_LINE = VoucherLine(LONG_NUMBER, LONG_NAME, TAIL, LONG_VALUE, LAST_DAY)
LIST = VoucherList(CUSTOMER, (LINE, replace(LINE, last_day="")), may_reissue=True, as_of=MORNING)
ENDING = VoucherEnding(CUSTOMER, 7, (LINE,), VALUE)
DEDUCTION = DeductionLine(31, CUSTOMER, PROJECT, NAME, 200_050, SELLER, LATER)
LONG_DEDUCTION = DeductionLine(
    LONG_NUMBER, LONG_CUSTOMER, LONG_PROJECT, LONG_NAME, LONG_VALUE, LONG_PERSON, LATER
)

VOUCHERS: dict[str, View] = {
    "voucher_codes.normal": CODES,
    "voucher_codes.again": replace(CODES, is_again=True, is_partly_usable=False, last_day=""),
    "voucher_codes.several": replace(
        CODES, quantity=12, codes=tuple(one_code(number) for number in (3, 4, 5))
    ),
    "voucher_codes.longest": replace(
        CODES,
        customer=LONG_CUSTOMER,
        number=LONG_NUMBER,
        name=LONG_NAME,
        quantity=999,
        codes=tuple(one_code(number, LONG_VALUE) for number in (3, 4, 5)),
        link=LONG_LINK,
        is_again=True,
    ),
    "voucher_preview.normal": PREVIEW,
    "voucher_preview.part": replace(PREVIEW, amount=200_050, left_after=VALUE - 200_050),
    "voucher_preview.projects": replace(
        PREVIEW, last_day="", projects=(PROJECT, "滨江二期", "滨江三期 P003")
    ),
    "voucher_preview.without_project": replace(PREVIEW, projects=()),
    "voucher_preview.longest": replace(
        PREVIEW,
        customer=LONG_CUSTOMER,
        number=LONG_NUMBER,
        name=LONG_NAME,
        left=LONG_VALUE,
        amount=LONG_VALUE - 1,
        left_after=1,
        projects=tuple(f"{n}{LONG_PROJECT}" for n in range(5)),
    ),
    "voucher_done.normal": DONE,
    "voucher_done.used_up": replace(DONE, amount=VALUE, left=0, notice="nobody"),
    "voucher_done.without_project": replace(DONE, project=""),
    "voucher_done.longest": VoucherDone(
        use=LONG_NUMBER,
        customer=LONG_CUSTOMER,
        name=LONG_NAME,
        tail=TAIL,
        amount=LONG_VALUE,
        left=LONG_VALUE,
        project=LONG_PROJECT,
        used_by=LONG_PERSON,
        used_at=LATER,
        notice="by_hand",
    ),
    "voucher_dropped.normal": VoucherDropped(NAME, TAIL),
    "voucher_dropped.longest": VoucherDropped(LONG_NAME, TAIL),
    "voucher_notice.normal": NOTICE,
    "voucher_notice.used_up": replace(NOTICE, amount=VALUE, left=0, project=""),
    "voucher_notice.without_end": replace(NOTICE, last_day=""),
    "voucher_notice.longest": VoucherNotice(
        customer=LONG_CUSTOMER,
        name=LONG_NAME,
        tail=TAIL,
        amount=LONG_VALUE,
        left=LONG_VALUE,
        project=LONG_PROJECT,
        last_day=LAST_DAY,
        use=LONG_NUMBER,
        used_at=LATER,
    ),
    "voucher_back.normal": BACK,
    "voucher_back.over": replace(BACK, is_over=True, project=""),
    "voucher_back.without_end": replace(BACK, last_day=""),
    "voucher_back.longest": VoucherBack(
        customer=LONG_CUSTOMER,
        name=LONG_NAME,
        tail=TAIL,
        amount=LONG_VALUE,
        left=LONG_VALUE,
        project=LONG_PROJECT,
        last_day=LAST_DAY,
        is_over=True,
        use=LONG_NUMBER,
        grounds=LONG_NOTE[:200],
    ),
    "voucher_list.normal": LIST,
    "voucher_list.nothing": replace(LIST, lines=()),
    "voucher_list.only_seen": replace(LIST, may_reissue=False),
    "voucher_list.longest": replace(LIST, customer=LONG_CUSTOMER, lines=(LONG_LINE,) * 20),
    "voucher_ending.normal": ENDING,
    "voucher_ending.tomorrow": replace(ENDING, days=1),
    "voucher_ending.longest": VoucherEnding(LONG_CUSTOMER, 7, (LONG_LINE,) * 20, 20 * LONG_VALUE),
    "codes_reissued.normal": CodesReissued(12, NAME, CUSTOMER, 1, (CONTACT,)),
    "codes_reissued.nobody": CodesReissued(12, NAME, CUSTOMER, 1, ()),
    "codes_reissued.longest": CodesReissued(
        LONG_NUMBER, LONG_NAME, LONG_CUSTOMER, 999, LONG_PEOPLE
    ),
    "deduction_list.normal": DeductionList(
        "", (DEDUCTION, replace(DEDUCTION, project="")), 2, 400_100, MORNING
    ),
    "deduction_list.project": DeductionList(PROJECT, (DEDUCTION,), 1, 200_050, MORNING),
    "deduction_list.nothing": DeductionList("", (), 0, 0, MORNING),
    "deduction_list.longest": DeductionList(
        LONG_PROJECT, (LONG_DEDUCTION,) * 200, 2_000, 2_000 * LONG_VALUE, MORNING
    ),
}
