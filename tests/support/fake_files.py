"""Fake repositories of the customer file."""

from collections.abc import Iterable

from typing_extensions import override

from domain.customer_files import Contract, Details, TypeField
from domain.ids import CustomerId
from domain.repositories import Contracts, CustomerFields, CustomerFiles
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import first


class FakeCustomerFiles(FakeRepository, CustomerFiles):
    @override
    def lock_entry(self) -> None:
        """Two open units of work end in a Conflict anyway."""

    @override
    def get(self, customer: CustomerId) -> Details:
        return self._state.details.get(customer, Details())

    @override
    def all(self) -> dict[CustomerId, Details]:
        return {CustomerId(customer): found for customer, found in self._state.details.items()}

    @override
    def save(self, customer: CustomerId, details: Details) -> None:
        self._state.details[customer] = details

    @override
    def spellings(self) -> dict[CustomerId, tuple[str, ...]]:
        found = {
            customer: (*filter(None, [details.full_name]), *details.aliases)
            for customer, details in self.all().items()
        }
        return {customer: names for customer, names in found.items() if names}

    @override
    def with_credit_code(self, credit_code: str) -> list[CustomerId]:
        return sorted(c for c, details in self.all().items() if details.credit_code == credit_code)

    @override
    def mark(self, phone: str) -> str:
        return f"mark of {phone}"

    @override
    def phone_marks(self) -> dict[CustomerId, frozenset[str]]:
        found: dict[CustomerId, set[str]] = {}
        for contact in self._state.contacts.values():
            if contact.phone is not None and contact.is_active:
                found.setdefault(contact.customer, set()).add(self.mark(contact.phone))
        return {customer: frozenset(marks) for customer, marks in found.items()}

    @override
    def having_phones(self, marks: Iterable[str]) -> set[CustomerId]:
        wanted = set(marks)
        return {customer for customer, held in self.phone_marks().items() if held & wanted}


class FakeCustomerFields(FakeRepository, CustomerFields):
    @override
    def all(self) -> list[TypeField]:
        found = self._state.customer_fields.values()
        return sorted(found, key=lambda one: (one.customer_type, one.position, one.name))

    @override
    def save(self, known: TypeField) -> None:
        self._state.customer_fields[known.customer_type, known.name] = known

    @override
    def remove(self, customer_type: str, name: str) -> bool:
        return self._state.customer_fields.pop((customer_type, name), None) is not None


class FakeContracts(FakeRepository, Contracts):
    @override
    def find_number(self, number: str) -> Contract | None:
        return first(c for c in self._state.contracts.values() if c.number == number)

    @override
    def of_customer(self, customer: CustomerId) -> list[Contract]:
        found = [c for c in self._state.contracts.values() if c.customer == customer]
        return sorted(found, key=lambda contract: (contract.signed_on, contract.id), reverse=True)

    @override
    def add(self, contract: Contract) -> None:
        taken = self.find_number(contract.number) is not None
        self._transaction.insert(self._state.contracts, contract.id, contract, taken)
