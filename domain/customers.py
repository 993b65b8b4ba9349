"""Customers, their contacts, and the one-time codes that tie a chat account to a person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from domain.ids import ContactId, CustomerId, InvitationId, MemberId, TenantId

INVITATION_VALID = timedelta(hours=72)
BINDING_TRIES_MAX = 5
BINDING_LOCK = timedelta(minutes=30)
_MOBILE_DIGITS = 11
_COUNTRY = {"86", "086", "0086"}
"""How the country code of mainland China is written before a mobile number."""


@dataclass(frozen=True, slots=True)
class Customer:
    """The unit that signs contracts and owns points."""

    id: CustomerId
    code: str
    name: str
    account_manager: MemberId | None
    """The sales member who is asked to tell the customer what a chat can't carry."""
    type: str = ""
    """Such as 政府, 地产 or 能源; rules can ask for it."""
    merged_into: CustomerId | None = None
    """The record that goes on for this one, which was a double."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of a customer."""

    id: ContactId
    customer: CustomerId
    name: str
    phone: str | None = None
    is_active: bool = True
    may_see: bool = True
    """Sees the unit's points, and is told of them."""
    may_redeem: bool = False
    """Spends them; who may redeem always may see."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time code for one person, kept only as a hash."""

    id: InvitationId
    code_hash: str
    contact: ContactId | None
    member: MemberId | None
    created_by: MemberId | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def permit(contact: Contact, *, see: bool | None = None, redeem: bool | None = None) -> Contact:
    """Change what a contact may do; None leaves it.

    Who may redeem sees as well, and who is not to see cannot redeem, whatever else is said.
    """
    may_see = (contact.may_see or bool(redeem)) if see is None else see
    may_redeem = contact.may_redeem if redeem is None else redeem
    return replace(contact, may_see=may_see, may_redeem=may_redeem and may_see)


def is_first_to_redeem(others: Iterable[Contact]) -> bool:
    """Tell whether a new contact may redeem unless somebody says otherwise: nobody else may."""
    return not any(other.is_active and other.may_redeem for other in others)


def same_person(one: Contact, other: Contact) -> bool:
    """Tell whether two records are one person: the same record, or the same phone.

    Accounts don't count, one person may have several. Without a phone only the record can tell.
    """
    return one.id == other.id or same_phone(one.phone, other.phone)


def same_phone(one: str | None, other: str | None) -> bool:
    """Tell whether two numbers are the same, however they are written; an unknown one is none."""
    digits = _digits(one)
    return digits != "" and digits == _digits(other)


def _digits(phone: str | None) -> str:
    """Give a number's digits without the country's, however it was written."""
    digits = "".join(filter(str.isdecimal, phone or ""))
    return digits[-_MOBILE_DIGITS:] if digits[:-_MOBILE_DIGITS] in _COUNTRY else digits


def hash_code(tenant: TenantId, code: str) -> str:
    """Hash a binding code as it is stored; case and blanks don't count.

    Codes carry 40 random bits, live 72 hours and are guessed at most 5 times per sender, so a
    plain hash is enough.
    """
    typed = "".join(code.split()).upper()
    return sha256(f"{tenant}\n{typed}".encode()).hexdigest()


def is_usable(invitation: Invitation, now: datetime) -> bool:
    """Tell whether a code may still be used."""
    return invitation.used_at is None and now < invitation.expires_at


@dataclass(frozen=True, slots=True)
class BindingTries:
    """Wrong codes one sender has typed."""

    failed: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Tell whether the sender has to wait."""
        return self.locked_until is not None and now < self.locked_until

    @property
    def left(self) -> int:
        """Count the tries that are left."""
        return BINDING_TRIES_MAX - self.failed

    def after_failure(self, now: datetime) -> "BindingTries":
        """Count one more wrong code; the last allowed one locks the sender."""
        failed = self.failed + 1
        if failed >= BINDING_TRIES_MAX:
            return BindingTries(failed=0, locked_until=now + BINDING_LOCK)
        return replace(self, failed=failed, locked_until=None)
