"""What somebody is to be allowed, and which contact of which customer, as people write it."""

import pytest

from domain.ids import ContactId, CustomerId
from handlers.parsing.contacts import ContactFound, ContactUnclear, parse_contact
from handlers.parsing.gaps import Part, Why
from handlers.parsing.names import Named, NameIndex
from handlers.parsing.rights import Wish, read_wish

SEE, REDEEM = Wish(see=True), Wish(redeem=True)
NO_SEE, NO_REDEEM = Wish(see=False), Wish(redeem=False)
ONLY_SEE, BOTH, NEITHER = Wish(True, False), Wish(True, True), Wish(False, False)
CUSTOMERS = NameIndex(
    [
        Named(CustomerId("C001"), "滨江置业有限公司", "C001"),
        Named(CustomerId("C002"), "城南建设", "C002"),
        Named(CustomerId("C003"), "城北建设", "C003"),
    ]
)
CONTACTS = {
    "C001": [Named(ContactId("w"), "王建国"), Named(ContactId("l"), "李四")],
    "C002": [Named(ContactId("c"), "陈工"), Named(ContactId("d"), "陈东")],
    "C003": [],
}


@pytest.mark.parametrize(
    ("text", "wish", "left"),
    [
        ("王建国 兑换", REDEEM, "王建国"),
        ("王建国兑换", REDEEM, "王建国"),
        ("王建国 兌換", REDEEM, "王建国"),
        ("王建国 可以兑换积分", REDEEM, "王建国"),
        ("王建国 开通兑换权限", REDEEM, "王建国"),
        ("王建国 换", REDEEM, "王建国"),
        ("兑换 王建国", REDEEM, "王建国"),
        ("王建国 查看", SEE, "王建国"),
        ("王建国 看", SEE, "王建国"),
        ("王建国能看", SEE, "王建国"),
        ("王建国 查积分", SEE, "王建国"),
        ("王建国 停用兑换", NO_REDEEM, "王建国"),
        ("王建国 停 兑换", NO_REDEEM, "王建国"),
        ("王建国 停用兌換", NO_REDEEM, "王建国"),
        ("王建国 不能兑换", NO_REDEEM, "王建国"),
        ("王建国 兑换停用", NO_REDEEM, "王建国"),
        ("王建国 兑换 停用", NO_REDEEM, "王建国"),
        ("王建国 关闭兑换功能", NO_REDEEM, "王建国"),
        ("王建国 取消兑换", NO_REDEEM, "王建国"),
        ("王建国 停用查看", NO_SEE, "王建国"),
        ("王建国 不让看", NO_SEE, "王建国"),
        ("王建国 只能查看", ONLY_SEE, "王建国"),
        ("王建国 仅看", ONLY_SEE, "王建国"),
        ("王建国 可以看但不能兑换", ONLY_SEE, "王建国"),
        ("王建国 查看 停用兑换", ONLY_SEE, "王建国"),
        ("王建国 只兑换", REDEEM, "王建国"),
        ("王建国 查看和兑换", BOTH, "王建国"),
        ("王建国 查看、兑换", BOTH, "王建国"),
        ("王建国 查看兑换", BOTH, "王建国"),
        ("王建国 能看,能换", BOTH, "王建国"),
        ("王建国 全部权限", BOTH, "王建国"),
        ("王建国 停用全部", NEITHER, "王建国"),
        ("王建国 停用查看和兑换", NEITHER, "王建国"),
        ("王建国 停用查看兑换", NEITHER, "王建国"),
        ("李可 看", SEE, "李可"),
        ("查良镛 兑换", REDEEM, "查良镛"),
        ("查良镛", Wish(), "查良镛"),
        ("换良玉", Wish(), "换良玉"),
        ("王建国 停用", Wish(), "王建国 停用"),
        ("", Wish(), ""),
    ],
)
def test_a_right_is_said_in_many_ways(text: str, wish: Wish, left: str) -> None:
    found, rest = read_wish(text)
    assert (found, " ".join(rest.split())) == (wish, left)
    assert found.is_empty is (wish == Wish())


def parsed(text: str) -> ContactFound | ContactUnclear:
    return parse_contact(text, CUSTOMERS, lambda customer: CONTACTS[customer])


@pytest.mark.parametrize(
    "text",
    [
        "滨江置业有限公司 王建国",
        "滨江置业 王建国",
        "滨江 王建国",
        "滨江置业王建国",
        "滨江置业的王建国",
        "C001 王建国",
        "王建国 滨江置业",
        "王建国 滨江",
        "客户:滨江置业 联系人:王建国",
        "滨江置业,王建国。",
        "滨江 建国",
        "滨江 wangjianguo",
    ],
)
def test_a_contact_is_found_however_it_is_said(text: str) -> None:
    assert parsed(text) == ContactFound(CustomerId("C001"), ContactId("w"))


@pytest.mark.parametrize(
    ("text", "gap", "customer", "typed", "choices"),
    [
        ("", (Part.CUSTOMER, Why.MISSING), None, "", []),
        ("望江集团 王建国", (Part.CUSTOMER, Why.MISSING), None, "望江集团", []),
        ("建设 陈工", (Part.CUSTOMER, Why.AMBIGUOUS), None, "建设", ["城北建设", "城南建设"]),
        ("滨江置业", (Part.CONTACT, Why.MISSING), "C001", "", []),
        ("滨江置业 赵六", (Part.CONTACT, Why.MISSING), "C001", "赵六", []),
        ("城南建设 陈", (Part.CONTACT, Why.AMBIGUOUS), "C002", "陈", ["陈东", "陈工"]),
        ("城北建设 王建国", (Part.CONTACT, Why.MISSING), "C003", "王建国", []),
    ],
)
def test_what_is_open_is_named(
    text: str, gap: tuple[Part, Why], customer: str | None, typed: str, choices: list[str]
) -> None:
    found = parsed(text)
    assert isinstance(found, ContactUnclear)
    assert ((found.gap.part, found.gap.why), found.customer_id) == (gap, customer)
    assert found.typed == typed
    assert sorted(match.named.name for match in found.gap.choices) == choices


def test_another_company_that_ends_alike_is_not_taken() -> None:
    found = parsed("上海滨江置业有限公司 王建国")
    assert isinstance(found, ContactUnclear)
    assert (found.gap.part, found.customer_id) == (Part.CUSTOMER, None)
