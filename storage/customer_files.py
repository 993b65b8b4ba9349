"""The customer file as rows: legal data, aliases, and the marks by which phones are compared."""

from collections.abc import Iterable
from dataclasses import replace

from typing_extensions import override

from domain.customer_files import Details
from domain.ids import ContactId, CustomerId
from domain.repositories import CustomerFiles
from storage.cipher import Cipher
from storage.counters import next_number
from storage.customers import phone_mark, phone_place
from storage.db import Db, Row
from storage.values import Json, json_of

_SELECT = """
    SELECT customer_id, full_name, COALESCE(credit_code, ''), address, payment_days, own_fields
    FROM customer_details WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND customer_id = :customer"
_ALL = _SELECT
_SAVE = """
    INSERT INTO customer_details (tenant_id, customer_id, full_name, credit_code, address,
        payment_days, own_fields)
    VALUES (:tenant, :customer, :full_name, :credit_code, :address, :payment_days, :own_fields)
    ON CONFLICT (tenant_id, customer_id) DO UPDATE SET full_name = excluded.full_name,
        credit_code = excluded.credit_code, address = excluded.address,
        payment_days = excluded.payment_days, own_fields = excluded.own_fields
"""
_WITH_CREDIT_CODE = """
    SELECT customer_id FROM customer_details
    WHERE tenant_id = :tenant AND credit_code = :credit_code ORDER BY customer_id
"""
_FULL_NAMES = """
    SELECT customer_id, full_name FROM customer_details
    WHERE tenant_id = :tenant AND full_name <> ''
"""
_ALIASES = """
    SELECT alias FROM customer_aliases WHERE tenant_id = :tenant AND customer_id = :customer
"""
_ALL_ALIASES = "SELECT customer_id, alias FROM customer_aliases WHERE tenant_id = :tenant"
_FORGET_ALIASES = """
    DELETE FROM customer_aliases WHERE tenant_id = :tenant AND customer_id = :customer
"""
_ADD_ALIAS = """
    INSERT INTO customer_aliases (tenant_id, customer_id, alias)
    VALUES (:tenant, :customer, :alias)
"""
_UNMARKED = """
    SELECT contacts.id, contacts.customer_id, contacts.phone
    FROM phone_marks JOIN contacts
        ON contacts.tenant_id = phone_marks.tenant_id AND contacts.id = phone_marks.contact_id
    WHERE phone_marks.tenant_id = :tenant AND phone_marks.mark IS NULL AND contacts.is_active
"""
_MARKS = """
    SELECT contacts.customer_id, phone_marks.mark
    FROM phone_marks JOIN contacts
        ON contacts.tenant_id = phone_marks.tenant_id AND contacts.id = phone_marks.contact_id
    WHERE phone_marks.tenant_id = :tenant AND contacts.is_active
        AND phone_marks.mark IS NOT NULL
"""
_HAVING = """
    SELECT contacts.customer_id
    FROM phone_marks JOIN contacts
        ON contacts.tenant_id = phone_marks.tenant_id AND contacts.id = phone_marks.contact_id
    WHERE phone_marks.tenant_id = :tenant AND phone_marks.mark = :mark AND contacts.is_active
"""
_KEEP_MARK = """
    UPDATE phone_marks SET mark = :mark
    WHERE tenant_id = :tenant AND contact_id = :contact AND mark IS NULL
"""


class SqlCustomerFiles(CustomerFiles):
    """Customer files in the database."""

    def __init__(self, db: Db, cipher: Cipher) -> None:
        self._db = db
        self._cipher = cipher

    @override
    def lock_entry(self) -> None:
        next_number(self._db, "customer_entry")

    @override
    def get(self, customer: CustomerId) -> Details:
        row = self._db.one(_GET, customer=customer)
        details = Details() if row is None else _details(row)
        aliases = self._db.all(_ALIASES, customer=customer)
        return replace(details, aliases=tuple(sorted(alias for (alias,) in aliases)))

    @override
    def all(self) -> dict[CustomerId, Details]:
        found = {CustomerId(row[0]): _details(row) for row in self._db.all(_ALL)}
        for customer, aliases in self._aliases().items():
            found[customer] = replace(found.get(customer, Details()), aliases=tuple(aliases))
        return found

    @override
    def save(self, customer: CustomerId, details: Details) -> None:
        self._db.run(
            _SAVE,
            customer=customer,
            full_name=details.full_name,
            credit_code=details.credit_code or None,
            address=details.address,
            payment_days=details.payment_days,
            own_fields=Json(dict(details.fields)),
        )
        self._db.run(_FORGET_ALIASES, customer=customer)
        for alias in details.aliases:
            self._db.run(_ADD_ALIAS, customer=customer, alias=alias)

    @override
    def spellings(self) -> dict[CustomerId, tuple[str, ...]]:
        found: dict[CustomerId, tuple[str, ...]] = {
            CustomerId(customer): (name,) for customer, name in self._db.all(_FULL_NAMES)
        }
        for customer, aliases in self._aliases().items():
            found[customer] = (*found.get(customer, ()), *aliases)
        return found

    @override
    def with_credit_code(self, credit_code: str) -> list[CustomerId]:
        rows = self._db.all(_WITH_CREDIT_CODE, credit_code=credit_code)
        return [CustomerId(customer) for (customer,) in rows]

    @override
    def mark(self, phone: str) -> str:
        return phone_mark(self._db, self._cipher, phone)

    @override
    def phone_marks(self) -> dict[CustomerId, frozenset[str]]:
        found: dict[CustomerId, set[str]] = {}
        for customer, mark in self._db.all(_MARKS):
            found.setdefault(CustomerId(customer), set()).add(mark)
        for _, customer, mark in self._unmarked():
            found.setdefault(customer, set()).add(mark)
        return {customer: frozenset(marks) for customer, marks in found.items()}

    @override
    def having_phones(self, marks: Iterable[str]) -> set[CustomerId]:
        wanted = set(marks)
        found = set[CustomerId]()
        for mark in wanted:
            found.update(CustomerId(customer) for (customer,) in self._db.all(_HAVING, mark=mark))
        for contact, customer, mark in self._unmarked() if wanted else ():
            if self._db.writes:
                self._db.run(_KEEP_MARK, contact=contact, mark=mark)
            if mark in wanted:
                found.add(customer)
        return found

    def _unmarked(self) -> list[tuple[ContactId, CustomerId, str]]:
        """Mark the phones that were stored before there were marks; the database can't do it."""
        return [
            (
                ContactId(contact),
                CustomerId(customer),
                self.mark(self._cipher.decrypt(phone, phone_place(self._db, ContactId(contact)))),
            )
            for contact, customer, phone in self._db.all(_UNMARKED)
        ]

    def _aliases(self) -> dict[CustomerId, list[str]]:
        found: dict[CustomerId, list[str]] = {}
        for customer, alias in self._db.all(_ALL_ALIASES):
            found.setdefault(CustomerId(customer), []).append(alias)
        return {customer: sorted(aliases) for customer, aliases in found.items()}


def _details(row: Row) -> Details:
    _, full_name, credit_code, address, payment_days, own_fields = row
    return Details(
        full_name=full_name,
        credit_code=credit_code,
        address=address,
        payment_days=payment_days,
        fields=json_of(own_fields),
    )
