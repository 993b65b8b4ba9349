"""The open API: keys and given answers.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "api_keys",
        text("tenant_id"),
        text("id"),
        text("name"),
        text("hash"),
        text("last"),
        sa.Column("scopes", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        text("member_id", nullable=True),
        time("created_at"),
        time("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_keys")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_api_keys_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["members.tenant_id", "members.id"],
            name=op.f("fk_api_keys_tenant_id_member_id"),
        ),
        sa.CheckConstraint(
            "revoked_at IS NULL OR revoked_at >= created_at", name=op.f("ck_api_keys_revoked_later")
        ),
    )
    op.create_table(
        "api_requests",
        text("tenant_id"),
        text("key_id"),
        text("idempotency_key"),
        text("request_hash"),
        sa.Column("status", sa.Integer(), nullable=False),
        text("body"),
        time("created_at"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "key_id", "idempotency_key", name=op.f("pk_api_requests")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "key_id"],
            ["api_keys.tenant_id", "api_keys.id"],
            name=op.f("fk_api_requests_tenant_id_key_id"),
        ),
        sa.CheckConstraint("status BETWEEN 200 AND 299", name=op.f("ck_api_requests_status")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("api_requests")
    op.drop_table("api_keys")


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
