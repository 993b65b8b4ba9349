"""Customers, contacts and invitations as rows; telephone numbers are encrypted."""

from collections.abc import Iterable
from datetime import datetime

from typing_extensions import override

from domain.customers import Contact, Customer, Invitation
from domain.ids import ContactId, CustomerId
from domain.repositories import Customers
from storage.cipher import Cipher
from storage.db import Db, Missing, Row
from storage.values import time_of, time_or_none

_SELECT = """
    SELECT c.id, c.code, c.name, c.account_manager, COALESCE(c.type, ''), m.kept_id
    FROM customers c LEFT JOIN customer_merges m
        ON m.tenant_id = c.tenant_id AND m.merged_id = c.id AND m.undone_at IS NULL
    WHERE c.tenant_id = :tenant
"""
_GET = _SELECT + " AND c.id = :id"
_FIND_BY_CODE = _SELECT + " AND c.code = :code"
_EVER = _SELECT + " ORDER BY c.code"
_ALL = _SELECT + " AND m.kept_id IS NULL ORDER BY c.code"
_ADD = """
    INSERT INTO customers (tenant_id, id, code, name, account_manager, type)
    VALUES (:tenant, :id, :code, :name, :account_manager, :type)
"""
_SAVE = """
    UPDATE customers SET name = :name, account_manager = :account_manager, type = :type
    WHERE tenant_id = :tenant AND id = :id
"""
_ALL_SEGMENTS = """
    SELECT DISTINCT segment FROM customer_segments WHERE tenant_id = :tenant
"""
_SEGMENTS = """
    SELECT segment FROM customer_segments
    WHERE tenant_id = :tenant AND customer_id = :customer
"""
_LEAVE_SEGMENTS = """
    DELETE FROM customer_segments WHERE tenant_id = :tenant AND customer_id = :customer
"""
_JOIN_SEGMENT = """
    INSERT INTO customer_segments (tenant_id, customer_id, segment)
    VALUES (:tenant, :customer, :segment)
"""

_SELECT_CONTACT = """
    SELECT id, customer_id, name, phone, is_active, may_see, may_redeem
    FROM contacts WHERE tenant_id = :tenant
"""
_CONTACT = _SELECT_CONTACT + " AND id = :id"
_LOCK_CONTACT = _CONTACT + " FOR UPDATE"
_CONTACTS = _SELECT_CONTACT + " AND customer_id = :customer AND is_active ORDER BY name, id"
_PAST_CONTACTS = (
    _SELECT_CONTACT + " AND customer_id = :customer AND NOT is_active ORDER BY name, id"
)
_ADD_CONTACT = """
    INSERT INTO contacts (tenant_id, id, customer_id, name, phone, is_active, may_see, may_redeem)
    VALUES (:tenant, :id, :customer, :name, :phone, :is_active, :may_see, :may_redeem)
"""
_CHANGE_CONTACT = """
    UPDATE contacts SET is_active = :is_active, may_see = :may_see, may_redeem = :may_redeem
    WHERE tenant_id = :tenant AND id = :id
"""
_MARK_PHONE = """
    INSERT INTO phone_marks (tenant_id, contact_id, mark) VALUES (:tenant, :contact, :mark)
"""

_FIND_INVITATION = """
    SELECT id, code_hash, contact_id, member_id, created_by, created_at, expires_at, used_at
    FROM invitations WHERE tenant_id = :tenant AND code_hash = :code_hash FOR UPDATE
"""
_ADD_INVITATION = """
    INSERT INTO invitations (tenant_id, id, code_hash, contact_id, member_id, created_by,
        created_at, expires_at, used_at)
    VALUES (:tenant, :id, :code_hash, :contact, :member, :created_by,
        :created_at, :expires_at, :used_at)
"""
_USE_INVITATION = """
    UPDATE invitations SET used_at = :now
    WHERE tenant_id = :tenant AND id = :id AND used_at IS NULL
"""
_VOID_INVITATIONS = """
    UPDATE invitations SET used_at = :now
    WHERE tenant_id = :tenant AND contact_id = :contact AND used_at IS NULL
    RETURNING expires_at
"""


class SqlCustomers(Customers):
    """Customers in the database."""

    def __init__(self, db: Db, cipher: Cipher) -> None:
        self._db = db
        self._cipher = cipher

    @override
    def get(self, customer: CustomerId) -> Customer:
        row = self._db.one(_GET, id=customer)
        if row is None:
            raise Missing("customer", customer)
        return Customer(*row)

    @override
    def find_by_code(self, code: str) -> Customer | None:
        row = self._db.one(_FIND_BY_CODE, code=code)
        found = None if row is None else Customer(*row)
        return self.get(found.merged_into) if found and found.merged_into else found

    @override
    def all(self) -> list[Customer]:
        return [Customer(*row) for row in self._db.all(_ALL)]

    @override
    def ever(self) -> list[Customer]:
        return [Customer(*row) for row in self._db.all(_EVER)]

    @override
    def add(self, customer: Customer) -> None:
        self._db.run(
            _ADD,
            id=customer.id,
            code=customer.code,
            name=customer.name,
            account_manager=customer.account_manager,
            type=customer.type or None,
        )

    @override
    def save(self, customer: Customer) -> None:
        self._db.run(
            _SAVE,
            id=customer.id,
            name=customer.name,
            account_manager=customer.account_manager,
            type=customer.type or None,
        )

    @override
    def segments(self, customer: CustomerId) -> tuple[str, ...]:
        # Sorted here: how a database sorts texts depends on its locale, and facts are sealed.
        return tuple(sorted(segment for (segment,) in self._db.all(_SEGMENTS, customer=customer)))

    @override
    def all_segments(self) -> tuple[str, ...]:
        return tuple(sorted(segment for (segment,) in self._db.all(_ALL_SEGMENTS)))

    @override
    def set_segments(self, customer: CustomerId, segments: Iterable[str]) -> None:
        self._db.run(_LEAVE_SEGMENTS, customer=customer)
        for segment in sorted(set(segments)):
            self._db.run(_JOIN_SEGMENT, customer=customer, segment=segment)

    @override
    def contact(self, contact: ContactId) -> Contact:
        return self._one_contact(_CONTACT, contact)

    @override
    def lock_contact(self, contact: ContactId) -> Contact:
        return self._one_contact(_LOCK_CONTACT, contact)

    @override
    def contacts(self, customer: CustomerId) -> list[Contact]:
        return [self._contact(row) for row in self._db.all(_CONTACTS, customer=customer)]

    @override
    def past_contacts(self, customer: CustomerId) -> list[Contact]:
        return [self._contact(row) for row in self._db.all(_PAST_CONTACTS, customer=customer)]

    @override
    def add_contact(self, contact: Contact) -> None:
        phone = contact.phone
        self._db.run(
            _ADD_CONTACT,
            id=contact.id,
            customer=contact.customer,
            name=contact.name,
            phone=phone and self._cipher.encrypt(phone, phone_place(self._db, contact.id)),
            is_active=contact.is_active,
            may_see=contact.may_see,
            may_redeem=contact.may_redeem,
        )
        if phone is not None:
            mark = phone_mark(self._db, self._cipher, phone)
            self._db.run(_MARK_PHONE, contact=contact.id, mark=mark)

    @override
    def change_contact(self, contact: Contact) -> None:
        changed = self._db.run(
            _CHANGE_CONTACT,
            id=contact.id,
            is_active=contact.is_active,
            may_see=contact.may_see,
            may_redeem=contact.may_redeem,
        )
        if not changed:
            raise Missing("contact", contact.id)

    @override
    def add_invitation(self, invitation: Invitation) -> None:
        self._db.run(
            _ADD_INVITATION,
            id=invitation.id,
            code_hash=invitation.code_hash,
            contact=invitation.contact,
            member=invitation.member,
            created_by=invitation.created_by,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
            used_at=invitation.used_at,
        )

    @override
    def find_invitation(self, code_hash: str) -> Invitation | None:
        row = self._db.one(_FIND_INVITATION, code_hash=code_hash)
        return None if row is None else _invitation(row)

    @override
    def use_invitation(self, invitation: Invitation, now: datetime) -> bool:
        return self._db.run(_USE_INVITATION, id=invitation.id, now=now) == 1

    @override
    def void_invitations(self, contact: ContactId, now: datetime) -> int:
        rows = self._db.all(_VOID_INVITATIONS, contact=contact, now=now)
        return sum(time_of(expires_at) > now for (expires_at,) in rows)

    def _one_contact(self, statement: str, contact: ContactId) -> Contact:
        row = self._db.one(statement, id=contact)
        if row is None:
            raise Missing("contact", contact)
        return self._contact(row)

    def _contact(self, row: Row) -> Contact:
        id_, customer, name, phone, is_active, may_see, may_redeem = row
        if phone is not None:
            phone = self._cipher.decrypt(phone, phone_place(self._db, id_))
        return Contact(
            id=id_,
            customer=customer,
            name=name,
            phone=phone,
            is_active=bool(is_active),
            may_see=bool(may_see),
            may_redeem=bool(may_redeem),
        )


def phone_place(db: Db, contact: ContactId) -> str:
    """Name where a phone stands, as it is encrypted for."""
    return f"contact:{db.tenant}/{contact}"


def phone_mark(db: Db, cipher: Cipher, phone: str) -> str:
    """Give the mark by which equal phones of a tenant are found."""
    return cipher.fingerprint(phone, f"phone:{db.tenant}")


def _invitation(row: Row) -> Invitation:
    id_, code_hash, contact, member, created_by, created_at, expires_at, used_at = row
    return Invitation(
        id=id_,
        code_hash=code_hash,
        contact=contact,
        member=member,
        created_by=created_by,
        created_at=time_of(created_at),
        expires_at=time_of(expires_at),
        used_at=time_or_none(used_at),
    )
