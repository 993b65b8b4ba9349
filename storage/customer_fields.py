"""The catalogue of fields per type of customer as rows."""

from typing_extensions import override

from domain.customer_files import FieldKind, TypeField
from domain.repositories import CustomerFields
from storage.db import Db
from storage.values import Json, json_of

_ALL = """
    SELECT customer_type, name, kind, choices, position FROM customer_fields
    WHERE tenant_id = :tenant
"""
_SAVE = """
    INSERT INTO customer_fields (tenant_id, customer_type, name, kind, choices, position)
    VALUES (:tenant, :customer_type, :name, :kind, :choices, :position)
    ON CONFLICT (tenant_id, customer_type, name) DO UPDATE SET kind = excluded.kind,
        choices = excluded.choices, position = excluded.position
"""
_REMOVE = """
    DELETE FROM customer_fields
    WHERE tenant_id = :tenant AND customer_type = :customer_type AND name = :name
"""


class SqlCustomerFields(CustomerFields):
    """Fields in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def all(self) -> list[TypeField]:
        found = [
            TypeField(customer_type, name, FieldKind(kind), tuple(json_of(choices)), position)
            for customer_type, name, kind, choices, position in self._db.all(_ALL)
        ]
        # Sorted here: how a database sorts texts depends on its locale.
        return sorted(found, key=lambda one: (one.customer_type, one.position, one.name))

    @override
    def save(self, known: TypeField) -> None:
        self._db.run(
            _SAVE,
            customer_type=known.customer_type,
            name=known.name,
            kind=known.kind,
            choices=Json(list(known.choices)),
            position=known.position,
        )

    @override
    def remove(self, customer_type: str, name: str) -> bool:
        return self._db.run(_REMOVE, customer_type=customer_type, name=name) == 1
