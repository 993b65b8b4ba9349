"""Contracts as rows."""

from typing_extensions import override

from domain.customer_files import Contract
from domain.ids import ContractId, CustomerId, ProjectId
from domain.repositories import Contracts
from storage.db import Db, Row
from storage.values import date_of

_SELECT = """
    SELECT id, customer_id, number, name, amount, signed_on, project_id FROM contracts
    WHERE tenant_id = :tenant
"""
_FIND_NUMBER = _SELECT + " AND number = :number"
_OF_CUSTOMER = _SELECT + " AND customer_id = :customer ORDER BY signed_on DESC, id DESC"
_ADD = """
    INSERT INTO contracts (tenant_id, id, customer_id, number, name, amount, signed_on, project_id)
    VALUES (:tenant, :id, :customer, :number, :name, :amount, :signed_on, :project)
"""


class SqlContracts(Contracts):
    """Contracts in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def find_number(self, number: str) -> Contract | None:
        row = self._db.one(_FIND_NUMBER, number=number)
        return None if row is None else _contract(row)

    @override
    def of_customer(self, customer: CustomerId) -> list[Contract]:
        return [_contract(row) for row in self._db.all(_OF_CUSTOMER, customer=customer)]

    @override
    def add(self, contract: Contract) -> None:
        self._db.run(
            _ADD,
            id=contract.id,
            customer=contract.customer,
            number=contract.number,
            name=contract.name,
            amount=contract.amount,
            signed_on=contract.signed_on,
            project=contract.project,
        )


def _contract(row: Row) -> Contract:
    id_, customer, number, name, amount, signed_on, project = row
    return Contract(
        id=ContractId(id_),
        customer=CustomerId(customer),
        number=number,
        name=name,
        amount=amount,
        signed_on=date_of(signed_on),
        project=None if project is None else ProjectId(project),
    )
