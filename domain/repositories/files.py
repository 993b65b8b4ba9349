"""The customer file: legal data, fields of a type, contracts, and what tells twins."""

from collections.abc import Iterable
from typing import Protocol

from domain.customer_files import Contract, Details, TypeField
from domain.ids import CustomerId


class CustomerFiles(Protocol):
    """What is known of customers beside their names, and what they may have in common."""

    def lock_entry(self) -> None:
        """Keep others from entering or changing customers until this transaction ends.

        Who looks for twins first and adds then would else add one that another has just added.
        """
        ...

    def get(self, customer: CustomerId) -> Details:
        """Read what is known of a customer; empty details when nothing is."""
        ...

    def all(self) -> dict[CustomerId, Details]:
        """Read everything that is known, by customer."""
        ...

    def save(self, customer: CustomerId, details: Details) -> None:
        """Replace what is known of a customer, aliases included."""
        ...

    def spellings(self) -> dict[CustomerId, tuple[str, ...]]:
        """List the full name, where there is one, and the aliases of each customer that has any."""
        ...

    def with_credit_code(self, credit_code: str) -> list[CustomerId]:
        """List the customers that have a credit code."""
        ...

    def mark(self, phone: str) -> str:
        """Give what is equal for equal phones, and tells nothing of them."""
        ...

    def phone_marks(self) -> dict[CustomerId, frozenset[str]]:
        """Give the marks of the active contacts' phones, by customer."""
        ...

    def having_phones(self, marks: Iterable[str]) -> set[CustomerId]:
        """Find the customers of which an active contact has one of these phones."""
        ...


class CustomerFields(Protocol):
    """The catalogue of fields per type of customer."""

    def all(self) -> list[TypeField]:
        """List the fields by type, place and name."""
        ...

    def save(self, known: TypeField) -> None:
        """Add a field, or replace what may stand in it."""
        ...

    def remove(self, customer_type: str, name: str) -> bool:
        """Take a field out of the catalogue, not its values; False when there is none."""
        ...


class Contracts(Protocol):
    """What units have signed."""

    def find_number(self, number: str) -> Contract | None:
        """Find one by its number."""
        ...

    def of_customer(self, customer: CustomerId) -> list[Contract]:
        """List a customer's contracts, the newest first."""
        ...

    def add(self, contract: Contract) -> None:
        """Store a new one."""
        ...
