"""Opening a customer's file, changing it, and refusing what is there already."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from domain.customer_files import Details, FieldKind, TypeField
from domain.duplicates import Level
from domain.errors import (
    CodeTaken,
    CustomerAlike,
    CustomerExists,
    CustomerMismatch,
    DomainError,
    InvalidCreditCode,
    InvalidField,
    UnknownField,
)
from domain.ids import MemberId
from handlers.usecases.contacts import NewContact, leave
from handlers.usecases.customer_files import (
    Change,
    Given,
    add_contract,
    add_file,
    change_file,
    fill_file,
    open_file,
    read_details,
    remove_field,
    save_field,
)
from handlers.usecases.directory import customer_of_code, project_of_code, read_customer
from handlers.usecases.duplicates import find_pairs
from tests.support.chat import Chat

CODE, OTHER = "91350100M000100Y43", "91110000802100433B"
FULL = Given(
    "C009",
    "江北实业",
    manager=MemberId("sun"),
    type="政府",
    segments=("重点",),
    details=Details(
        full_name="江北实业有限公司",
        credit_code="91350100 m000100y43",
        address="江北路 1 号",
        payment_days=30,
        aliases=("江北 ", "江北实业"),
        fields={"预算年度": "２０２６"},
    ),
    contacts=(NewContact("周工", "13900000001"),),
)


@pytest.fixture
def firm(chat: Chat) -> Chat:
    """Give the firm with two fields for 政府."""
    chat.acts(lambda ctx: save_field(ctx, "政府", "主管部门", FieldKind.TEXT))
    chat.acts(lambda ctx: save_field(ctx, "政府", "预算年度", FieldKind.NUMBER))
    return chat


def refuses(chat: Chat, kind: type[DomainError], act: Any) -> Any:
    """Let something be refused; nothing may have changed."""
    before = chat.state()
    with pytest.raises(kind) as refused:
        chat.acts(act)
    assert chat.state() == before
    return refused.value


def test_a_file_is_opened_with_everything_that_is_given(firm: Chat) -> None:
    customer, alike = firm.acts(lambda ctx: open_file(ctx, FULL))
    file = firm.acts(lambda ctx: read_customer(ctx, "C009"))

    assert alike == []
    assert (file.customer, file.segments) == (customer, ("重点",))
    assert file.manager.name == "sun"
    assert file.details == Details(
        "江北实业有限公司", CODE, "江北路 1 号", 30, ("江北",), {"预算年度": "2026"}
    )
    assert [(one.name, one.phone) for one in file.contacts] == [("周工", "13900000001")]


def test_a_bare_file_has_no_details(firm: Chat) -> None:
    customer, _ = firm.acts(lambda ctx: open_file(ctx, Given("C009", "江北实业")))

    assert firm.state().details == {}
    assert firm.acts(lambda ctx: read_customer(ctx, "C009")).details == Details()
    assert customer.type == ""


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (Given("C001", "江北实业"), CodeTaken),
        (Given("C009", "滨江 置业"), CustomerExists),
        (Given("C009", "滨江置业有限公司"), CustomerAlike),
        (Given("C009", "江北", details=Details(aliases=("滨江置业",))), CustomerAlike),
        (Given("C009", "江北", details=Details(credit_code="12")), InvalidCreditCode),
        (Given("C009", "江北", details=Details(fields={"层高": "3"})), UnknownField),
        (
            Given("C009", "江北", type="政府", details=Details(fields={"预算年度": "明年"})),
            InvalidField,
        ),
    ],
)
def test_what_is_there_or_wrong_is_refused_whole(
    firm: Chat, given: Given, kind: type[DomainError]
) -> None:
    refuses(firm, kind, lambda ctx: open_file(ctx, given))


def test_a_refusal_names_who_is_there_and_by_what(firm: Chat) -> None:
    firm.acts(lambda ctx: open_file(ctx, FULL))
    twin = Given("C010", "别的名字", details=Details(credit_code=CODE))
    refusal = refuses(firm, CustomerExists, lambda ctx: open_file(ctx, twin, is_anyway=True))

    assert refusal.asked == "别的名字"
    assert (refusal.codes, refusal.names) == (("C009",), ("江北实业",))
    assert refusal.hints == ("credit_code",)


def test_a_likely_one_is_taken_when_somebody_has_looked(firm: Chat) -> None:
    likely = Given("C009", "滨江置业有限公司")
    refusal = refuses(firm, CustomerAlike, lambda ctx: open_file(ctx, likely))
    made, alike = firm.acts(lambda ctx: open_file(ctx, likely, is_anyway=True))

    assert refusal.codes == ("C001",)
    assert made.code == "C009"
    assert [(one.customer.code, one.likeness.level) for one in alike] == [("C001", Level.LIKELY)]


def test_one_that_only_may_be_the_same_is_taken_and_told(firm: Chat) -> None:
    phones = Given("C009", "江北", contacts=(NewContact("王", "13800138000"),))
    _, alike = firm.acts(lambda ctx: open_file(ctx, phones))

    assert [(one.customer.code, one.likeness.hints) for one in alike] == [("C001", ("phone",))]


def test_a_place_in_front_is_only_a_hint(firm: Chat) -> None:
    _, alike = firm.acts(lambda ctx: open_file(ctx, Given("C009", "杭州市滨江置业")))
    assert [one.likeness.level for one in alike] == [Level.MAYBE]


def test_a_file_is_changed_where_it_is_asked_and_written_down(firm: Chat) -> None:
    firm.acts(lambda ctx: open_file(ctx, FULL))
    change = Change(
        name="江北集团",
        manager=MemberId("fang"),
        segments=("老客户",),
        address="新路 2 号",
        fields={"主管部门": "住建局", "预算年度": ""},
    )
    changed = firm.acts(lambda ctx: change_file(ctx, customer_of_code(ctx, "C009"), change))
    file = firm.acts(lambda ctx: read_customer(ctx, "C009"))
    note = list(firm.state().audit.values())[-1]

    assert file.customer == changed
    assert (changed.name, changed.type, changed.account_manager) == ("江北集团", "政府", "fang")
    assert file.segments == ("老客户",)
    assert file.details == Details(
        "江北实业有限公司", CODE, "新路 2 号", 30, ("江北",), {"主管部门": "住建局"}
    )
    assert note.action == "customer_changed"
    assert note.before == {
        "name": "江北实业",
        "manager": "sun",
        "address": "江北路 1 号",
        "fields": {"预算年度": "2026"},
    }
    assert note.after is not None
    assert note.before.keys() == note.after.keys()


def test_with_another_type_the_old_fields_go(firm: Chat) -> None:
    firm.acts(lambda ctx: open_file(ctx, FULL))
    change = Change(type="地产", payment_days=60)
    firm.acts(lambda ctx: change_file(ctx, customer_of_code(ctx, "C009"), change))
    file = firm.acts(lambda ctx: read_customer(ctx, "C009"))

    assert (file.customer.type, file.details.payment_days) == ("地产", 60)
    assert (file.details.fields, file.segments) == ({}, ("重点",))


def test_values_of_a_field_that_was_taken_out_stay(firm: Chat) -> None:
    firm.acts(lambda ctx: open_file(ctx, FULL))
    firm.acts(lambda ctx: remove_field(ctx, "政府", "预算年度"))
    change = Change(aliases=("北方",), full_name="", credit_code="")
    firm.acts(lambda ctx: change_file(ctx, customer_of_code(ctx, "C009"), change))

    details = firm.acts(lambda ctx: read_customer(ctx, "C009")).details
    assert details == Details("", "", "江北路 1 号", 30, ("北方",), {"预算年度": "2026"})


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (Change(name="滨江置业"), CustomerExists),
        (Change(full_name="滨江置业有限公司"), CustomerAlike),
        (Change(credit_code="1"), InvalidCreditCode),
        (Change(fields={"层高": "3"}), UnknownField),
        (Change(fields={"预算年度": "明年"}), InvalidField),
    ],
)
def test_a_change_that_makes_a_twin_or_is_wrong_is_refused(
    firm: Chat, change: Change, kind: type[DomainError]
) -> None:
    firm.acts(lambda ctx: open_file(ctx, FULL))
    refuses(firm, kind, lambda ctx: change_file(ctx, customer_of_code(ctx, "C009"), change))


def test_twins_that_were_there_do_not_keep_a_file_from_changing(firm: Chat) -> None:
    likely = Given("C009", "滨江置业有限公司")
    firm.acts(lambda ctx: open_file(ctx, likely, is_anyway=True))
    change = Change(address="江南大道")
    firm.acts(lambda ctx: change_file(ctx, customer_of_code(ctx, "C009"), change))

    assert firm.acts(lambda ctx: read_customer(ctx, "C009")).details.address == "江南大道"
    refuses(
        firm,
        CustomerExists,
        lambda ctx: change_file(ctx, customer_of_code(ctx, "C009"), Change(name="滨江置业")),
    )


def test_gaps_of_a_file_are_filled_and_what_is_known_stays(firm: Chat) -> None:
    customer, _ = firm.acts(lambda ctx: open_file(ctx, FULL))
    more = Given(
        "C009",
        "江北实业",
        details=Details(address="别处", aliases=("北方",), fields={"主管部门": "住建局"}),
        contacts=(NewContact("周工", "13900000009"), NewContact("吴工")),
    )
    assert firm.acts(lambda ctx: fill_file(ctx, customer, more)) is True
    file = firm.acts(lambda ctx: read_customer(ctx, "C009"))

    assert file.details.address == "江北路 1 号"
    assert file.details.aliases == ("北方", "江北")
    assert file.details.fields == {"主管部门": "住建局", "预算年度": "2026"}
    assert {(one.name, one.phone) for one in file.contacts} == {
        ("周工", "13900000001"),
        ("吴工", None),
    }


def test_filling_again_changes_nothing(firm: Chat) -> None:
    customer, _ = firm.acts(lambda ctx: open_file(ctx, FULL))
    read = firm.acts(lambda ctx: read_details(ctx, FULL.name, FULL.type, FULL.details))
    before = firm.state()
    same = Given("C009", "江北实业", details=read, contacts=FULL.contacts)

    assert firm.acts(lambda ctx: fill_file(ctx, customer, same)) is False
    assert firm.state() == before


def test_a_new_contact_alone_fills_a_gap(firm: Chat) -> None:
    customer, _ = firm.acts(lambda ctx: open_file(ctx, Given("C009", "江北实业")))
    more = Given("C009", "江北实业", contacts=(NewContact("吴工"),))

    assert firm.acts(lambda ctx: fill_file(ctx, customer, more)) is True
    assert firm.state().details == {}


def test_who_has_left_is_not_brought_back_by_a_sheet(firm: Chat) -> None:
    customer, _ = firm.acts(lambda ctx: open_file(ctx, FULL))
    (zhou,) = firm.acts(lambda ctx: ctx.work.customers.contacts(customer.id))
    firm.acts(lambda ctx: leave(ctx, zhou.id))
    same = Given("C009", "江北实业", contacts=FULL.contacts)
    before = firm.state()

    assert firm.acts(lambda ctx: fill_file(ctx, customer, same)) is False
    assert firm.state() == before


def test_a_file_is_added_without_looking_for_twins(firm: Chat) -> None:
    made = firm.acts(lambda ctx: add_file(ctx, Given("C009", "滨江置业")))
    assert firm.acts(lambda ctx: customer_of_code(ctx, "C009")) == made


def test_the_catalogue_grows_at_its_end_and_keeps_places(firm: Chat) -> None:
    firm.acts(
        lambda ctx: save_field(ctx, "政府", "主管部门", FieldKind.CHOICE, ["住建", "水利", "住建"])
    )
    saved = firm.acts(lambda ctx: save_field(ctx, "地产", "集团", FieldKind.TEXT))

    assert saved == TypeField("地产", "集团", FieldKind.TEXT)
    assert firm.acts(lambda ctx: ctx.work.customer_fields.all()) == [
        TypeField("地产", "集团", FieldKind.TEXT),
        TypeField("政府", "主管部门", FieldKind.CHOICE, ("住建", "水利")),
        TypeField("政府", "预算年度", FieldKind.NUMBER, position=1),
    ]


def test_a_field_that_is_not_there_can_not_be_taken_out(firm: Chat) -> None:
    refusal = refuses(firm, UnknownField, lambda ctx: remove_field(ctx, "政府", "层高"))
    assert refusal.known == ("主管部门", "预算年度")


def sign(code: str, project: str | None, number: str = "HT-1") -> Any:
    """Give what adds a contract."""
    return lambda ctx: add_contract(
        ctx,
        (number, "一期总包"),
        customer_of_code(ctx, code),
        amount=120_000_000,
        signed_on=date(2026, 6, 30),
        project=project_of_code(ctx, project) if project else None,
    )


def test_a_contract_stands_in_the_file(firm: Chat) -> None:
    made = firm.acts(sign("C001", "P001"))
    bare = firm.acts(sign("C001", None, "HT-2"))

    assert firm.acts(lambda ctx: read_customer(ctx, "C001")).contracts == [bare, made]
    assert (made.project, bare.project) == ("P001", None)
    assert firm.actions()[-2:] == ["contract_added", "contract_added"]


@pytest.mark.parametrize(
    ("code", "project", "number", "kind"),
    [("C002", None, "HT-1", CodeTaken), ("C002", "P001", "HT-2", CustomerMismatch)],
)
def test_a_contract_that_does_not_fit_is_refused(
    firm: Chat, code: str, project: str | None, number: str, kind: type[DomainError]
) -> None:
    firm.acts(sign("C001", "P001"))
    refuses(firm, kind, sign(code, project, number))


def test_the_whole_file_is_looked_through_the_surest_first(firm: Chat) -> None:
    firm.acts(lambda ctx: open_file(ctx, FULL))
    for given in (
        Given("C010", "杭州滨江置业"),
        Given("C011", "江北实业股份有限公司"),
        Given("C012", "城南建设"),
    ):
        firm.acts(partial(add_file, given=given))
    found = firm.acts(find_pairs)

    assert [(p.one.code, p.other.code, p.likeness.level) for p in found] == [
        ("C002", "C012", Level.SAME),
        ("C009", "C011", Level.LIKELY),
        ("C001", "C010", Level.MAYBE),
    ]


def test_different_credit_codes_keep_equal_names_apart(firm: Chat) -> None:
    firm.acts(lambda ctx: open_file(ctx, FULL))
    twin = Given("C010", "江北实业", details=Details(credit_code=OTHER))

    refuses(firm, CustomerAlike, lambda ctx: open_file(ctx, twin))
    _, alike = firm.acts(lambda ctx: open_file(ctx, twin, is_anyway=True))
    assert [one.customer.code for one in alike] == ["C009"]
