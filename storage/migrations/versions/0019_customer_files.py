"""The customer file: legal data, aliases, own fields per type, contracts, marks of phones.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = (
    "customer_details",
    "customer_aliases",
    "customer_fields",
    "phone_marks",
    "contracts",
)


def upgrade() -> None:
    """Create the tables; phones that are stored get their marks when they are first asked for."""
    _customers()
    _phones()
    _contracts()
    op.create_index(
        "ix_reviews_customer", "reviews", ["tenant_id", "customer_id", "given_at", "id"]
    )


def downgrade() -> None:
    """Drop them with what they hold."""
    op.drop_index("ix_reviews_customer", "reviews")
    for table in reversed(TABLES):
        op.drop_table(table)


def _customers() -> None:
    op.create_table(
        "customer_details",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("credit_code", sa.String()),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("payment_days", sa.Integer()),
        sa.Column("own_fields", _json(), nullable=False),
        _key("customer_details", "customer_id"),
        _refers("customer_details", "customer_id", "customers"),
        sa.CheckConstraint("payment_days >= 0", name=op.f("ck_customer_details_payment_days")),
    )
    is_known = sa.text("credit_code IS NOT NULL")
    op.create_index(
        "ix_customer_details_credit_code",
        "customer_details",
        ["tenant_id", "credit_code", "customer_id"],
        sqlite_where=is_known,
        postgresql_where=is_known,
    )
    op.create_table(
        "customer_aliases",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        _key("customer_aliases", "customer_id", "alias"),
        _refers("customer_aliases", "customer_id", "customers"),
    )
    op.create_table(
        "customer_fields",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("customer_type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("choices", _json(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _key("customer_fields", "customer_type", "name"),
        sa.CheckConstraint(
            "kind IN ('text', 'number', 'date', 'choice')", name=op.f("ck_customer_fields_kind")
        ),
    )


def _phones() -> None:
    op.create_table(
        "phone_marks",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("mark", sa.String()),
        _key("phone_marks", "contact_id"),
        _refers("phone_marks", "contact_id", "contacts"),
    )
    op.create_index("ix_phone_marks_mark", "phone_marks", ["tenant_id", "mark", "contact_id"])
    op.execute(
        "INSERT INTO phone_marks (tenant_id, contact_id)"
        " SELECT tenant_id, id FROM contacts WHERE phone IS NOT NULL"
    )


def _contracts() -> None:
    op.create_table(
        "contracts",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("project_id", sa.String()),
        _key("contracts", "id"),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_contracts_tenant_id_number")),
        _refers("contracts", "customer_id", "customers"),
        _refers("contracts", "project_id", "projects"),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_contracts_amount")),
    )
    op.create_index("ix_contracts_customer", "contracts", ["tenant_id", "customer_id", "signed_on"])


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", *columns, name=op.f(f"pk_{table}"))


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _json() -> sa.JSON:
    return sa.JSON().with_variant(JSONB(), "postgresql")
