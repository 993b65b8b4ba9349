"""The customer file: details, fields of types, contracts, equal phones; on every store."""

from dataclasses import replace
from datetime import date

import pytest

from domain.customer_files import Contract, Details, FieldKind, TypeField
from domain.customers import Contact
from domain.ids import ContactId, ContractId, CustomerId
from domain.ports import Conflict
from tests.contracts.rows import ACME, BETA, BINJIANG, CHEN, people
from tests.support.stores import MAIN, OTHER, AnyStore

KNOWN = Details(
    full_name="滨江置业有限公司",
    credit_code="91350100M000100Y43",
    address="杭州市滨江区江南大道 1 号",
    payment_days=45,
    aliases=("滨江", "滨江地产"),
    fields={"区域": "华东", "开工": "2026-05-01"},
)
REGION = TypeField("地产", "区域", FieldKind.CHOICE, ("华东", "华南"), position=1)
GROUP = TypeField("地产", "集团", FieldKind.TEXT)
YEAR = TypeField("政府", "预算年度", FieldKind.NUMBER)
HOUSE = Contract(
    ContractId("h-1"), ACME.id, "HT-2026-1", "一期总包", 12_345_600, date(2026, 3, 1), BINJIANG.id
)
PARK = replace(
    HOUSE, id=ContractId("h-2"), number="HT-2026-2", signed_on=date(2026, 6, 1), project=None
)


@pytest.fixture
def filled(any_store: AnyStore) -> AnyStore:
    """Give a store with people."""
    with any_store.work(MAIN) as work:
        people(work)
        work.commit()
    return any_store


def test_nothing_is_known_of_a_customer_at_first(filled: AnyStore) -> None:
    with filled.reading(MAIN) as work:
        assert work.files.get(ACME.id) == Details()
        assert work.files.all() == {}
        assert work.files.spellings() == {}


def test_details_are_kept_as_they_were_saved(filled: AnyStore) -> None:
    with filled.work(MAIN) as work:
        work.files.save(ACME.id, KNOWN)
        work.files.save(BETA.id, Details(aliases=("城南",)))
        work.commit()

    with filled.reading(MAIN) as work:
        assert work.files.get(ACME.id) == KNOWN
        assert work.files.all() == {ACME.id: KNOWN, BETA.id: Details(aliases=("城南",))}
        assert work.files.spellings() == {
            ACME.id: ("滨江置业有限公司", "滨江", "滨江地产"),
            BETA.id: ("城南",),
        }
    with filled.reading(OTHER) as work:
        assert work.files.get(ACME.id) == Details()
        assert work.files.all() == {}
        assert work.files.spellings() == {}


def test_saved_again_details_take_the_place_of_the_old_ones(filled: AnyStore) -> None:
    with filled.work(MAIN) as work:
        work.files.save(ACME.id, KNOWN)
        work.files.save(ACME.id, Details(address="别处"))
        work.commit()

    with filled.reading(MAIN) as work:
        assert work.files.get(ACME.id) == Details(address="别处")
        assert work.files.spellings() == {}
        assert work.files.with_credit_code(KNOWN.credit_code) == []


def test_customers_are_found_by_their_credit_code(filled: AnyStore) -> None:
    with filled.work(MAIN) as work:
        work.files.save(ACME.id, KNOWN)
        work.files.save(BETA.id, Details(credit_code=KNOWN.credit_code))
        work.commit()

    with filled.reading(MAIN) as work:
        assert work.files.with_credit_code(KNOWN.credit_code) == [ACME.id, BETA.id]
        assert work.files.with_credit_code("91") == []
    with filled.reading(OTHER) as work:
        assert work.files.with_credit_code(KNOWN.credit_code) == []


def test_equal_phones_are_found_by_equal_marks(filled: AnyStore) -> None:
    phone = str(CHEN.phone)
    gone = Contact(ContactId("k-gone"), CustomerId("c-gone"), "走了", "13900000000", False)
    with filled.work(MAIN) as work:
        work.customers.add_contact(Contact(ContactId("k-2"), BETA.id, "陈", phone))
        work.customers.add_contact(Contact(ContactId("k-3"), BETA.id, "无"))
        work.customers.add_contact(replace(gone, customer=BETA.id))
        work.commit()

    with filled.reading(MAIN) as work:
        mark = work.files.mark(phone)
        assert mark != phone
        assert mark != work.files.mark("13900000000")
        assert work.files.phone_marks() == {ACME.id: frozenset({mark}), BETA.id: frozenset({mark})}
        assert work.files.having_phones([mark]) == {ACME.id, BETA.id}
        assert work.files.having_phones([work.files.mark("13900000000")]) == set()
        assert work.files.having_phones([]) == set()
    with filled.reading(OTHER) as work:
        assert work.files.phone_marks() == {}
        assert work.files.having_phones([mark]) == set()


def test_the_catalogue_lists_fields_by_type_and_place(filled: AnyStore) -> None:
    with filled.work(MAIN) as work:
        for known in (YEAR, REGION, GROUP):
            work.customer_fields.save(known)
        work.commit()

    with filled.reading(MAIN) as work:
        assert work.customer_fields.all() == [GROUP, REGION, YEAR]
    with filled.reading(OTHER) as work:
        assert work.customer_fields.all() == []


def test_a_field_saved_again_is_changed_and_one_taken_out_is_gone(filled: AnyStore) -> None:
    with filled.work(MAIN) as work:
        work.customer_fields.save(REGION)
        work.customer_fields.save(replace(REGION, kind=FieldKind.TEXT, choices=()))
        work.customer_fields.save(YEAR)
        assert work.customer_fields.remove("政府", "预算年度") is True
        assert work.customer_fields.remove("政府", "预算年度") is False
        work.commit()

    with filled.reading(MAIN) as work:
        assert work.customer_fields.all() == [replace(REGION, kind=FieldKind.TEXT, choices=())]


def test_contracts_are_listed_the_newest_first(filled: AnyStore) -> None:
    with filled.work(MAIN) as work:
        for contract in (HOUSE, PARK):
            work.contracts.add(contract)
        work.commit()

    with filled.reading(MAIN) as work:
        assert work.contracts.of_customer(ACME.id) == [PARK, HOUSE]
        assert work.contracts.of_customer(BETA.id) == []
        assert work.contracts.find_number("HT-2026-1") == HOUSE
        assert work.contracts.find_number("HT") is None
    with filled.reading(OTHER) as work:
        assert work.contracts.find_number("HT-2026-1") is None


def test_a_number_names_one_contract(filled: AnyStore) -> None:
    with filled.work(MAIN) as work:
        work.contracts.add(HOUSE)
        work.commit()
    with filled.work(MAIN) as work, pytest.raises(Conflict):
        work.contracts.add(replace(PARK, number=HOUSE.number))

    with filled.reading(MAIN) as work:
        assert work.contracts.of_customer(ACME.id) == [HOUSE]
