"""Tables of the customer file: legal data, aliases, own fields, contracts, marks of phones."""

from datetime import date
from typing import Any

from sqlmodel import Field

from domain.customer_files import FieldKind
from storage.tables import TenantTable, big, check, index, json_column, one_of, refers, unique


class CustomerDetailsRow(TenantTable, table=True):
    """What is known of a unit beside its name; `own_fields` holds the fields of its type."""

    __tablename__ = "customer_details"
    __table_args__ = (
        refers("customer_id", "customers"),
        check("payment_days", "payment_days >= 0"),
        index(
            "ix_customer_details_credit_code",
            "credit_code",
            "customer_id",
            where="credit_code IS NOT NULL",
        ),
    )

    customer_id: str = Field(primary_key=True)
    full_name: str
    credit_code: str | None = None
    address: str
    payment_days: int | None = None
    own_fields: dict[str, Any] = json_column()


class CustomerAliasRow(TenantTable, table=True):
    """What people call a unit besides."""

    __tablename__ = "customer_aliases"
    __table_args__ = (refers("customer_id", "customers"),)

    customer_id: str = Field(primary_key=True)
    alias: str = Field(primary_key=True)


class CustomerFieldRow(TenantTable, table=True):
    """A field that is kept of the customers of a type."""

    __tablename__ = "customer_fields"
    __table_args__ = (one_of("kind", FieldKind),)

    customer_type: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    kind: str
    choices: list[str] = json_column()
    position: int


class PhoneMarkRow(TenantTable, table=True):
    """What is equal for equal phones and tells nothing of them; NULL until it has been made."""

    __tablename__ = "phone_marks"
    __table_args__ = (
        refers("contact_id", "contacts"),
        index("ix_phone_marks_mark", "mark", "contact_id"),
    )

    contact_id: str = Field(primary_key=True)
    mark: str | None = None


class ContractRow(TenantTable, table=True):
    """What a unit has signed; `amount` in fen."""

    __tablename__ = "contracts"
    __table_args__ = (
        unique("number"),
        refers("customer_id", "customers"),
        refers("project_id", "projects"),
        check("amount", "amount >= 0"),
        index("ix_contracts_customer", "customer_id", "signed_on"),
    )

    id: str = Field(primary_key=True)
    customer_id: str
    number: str
    name: str
    amount: int = big()
    signed_on: date
    project_id: str | None = None
