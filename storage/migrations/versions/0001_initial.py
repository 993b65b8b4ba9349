"""The first schema: people, points, reviews, alerts, messages.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
APPEND_ONLY = ("audit", "delivery_attempts", "entries", "lot_uses")
LOT_COLUMNS_FIXED = "tenant_id, id, customer_id, entry_id, points, earned_at, expires_at"


def upgrade() -> None:
    """Create all tables, then the triggers that keep what is written."""
    _people()
    _points()
    _care()
    _messages()
    _operation()
    METADATA.create_all(op.get_bind(), checkfirst=False)
    if op.get_context().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def downgrade() -> None:
    """Drop everything; there is no schema before the first."""
    _people()
    _points()
    _care()
    _messages()
    _operation()
    METADATA.drop_all(op.get_bind(), checkfirst=False)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _people() -> None:
    """Declare channels, people and projects."""
    table(
        "tenants",
        text("id", is_key=True),
        text("name"),
        time("created_at"),
    )
    tenant_table(
        "counters",
        text("name", is_key=True),
        whole("value"),
    )
    tenant_table(
        "channels",
        text("id", is_key=True),
        text("kind"),
        text("account"),
        json("settings"),
        text("secrets", nullable=True),
        text("contact_url", nullable=True),
        text("log_cursor", nullable=True),
        unique("kind", "account"),
        belongs_to_tenant(),
        one_of("kind", "wecom_app", "wecom_kf", "wecom_group", "dingtalk"),
    )
    tenant_table(
        "members",
        text("id", is_key=True),
        text("name"),
        flag("is_active"),
        belongs_to_tenant(),
    )
    tenant_table(
        "member_roles",
        text("member_id", is_key=True),
        text("role", is_key=True),
        refers("member_id", "members"),
        one_of("role", "project_manager", "sales", "service", "finance", "supervisor", "admin"),
        index("ix_member_roles_role", "role", "member_id"),
    )
    tenant_table(
        "customers",
        text("id", is_key=True),
        text("code"),
        text("name"),
        text("account_manager", nullable=True),
        unique("code"),
        refers("account_manager", "members"),
        belongs_to_tenant(),
    )
    tenant_table(
        "contacts",
        text("id", is_key=True),
        text("customer_id"),
        text("name"),
        text("phone", nullable=True),
        flag("is_active"),
        refers("customer_id", "customers"),
        index("ix_contacts_customer", "customer_id"),
    )
    tenant_table(
        "invitations",
        text("id", is_key=True),
        text("code_hash"),
        text("contact_id", nullable=True),
        text("member_id", nullable=True),
        text("created_by", nullable=True),
        time("created_at"),
        time("expires_at"),
        time("used_at", nullable=True),
        unique("code_hash"),
        refers("contact_id", "contacts"),
        refers("created_by", "members"),
        refers("member_id", "members"),
        check("ends_later", "expires_at > created_at"),
        check("one_person", "(contact_id IS NULL) <> (member_id IS NULL)"),
    )
    tenant_table(
        "identities",
        text("channel_id", is_key=True),
        text("external_id", is_key=True),
        text("member_id", nullable=True),
        text("contact_id", nullable=True),
        flag("is_alerted"),
        time("last_inbound_at", nullable=True),
        whole("sends_since_inbound"),
        text("session"),
        text("blocked_reason", nullable=True),
        whole("tries_failed"),
        time("tries_locked_until", nullable=True),
        refers("channel_id", "channels"),
        refers("contact_id", "contacts"),
        refers("member_id", "members"),
        check("one_person", "member_id IS NULL OR contact_id IS NULL"),
        check("sends", "sends_since_inbound >= 0"),
        one_of("session", "bot", "human", "ended"),
        check("tries", "tries_failed >= 0"),
        index(
            "ix_identities_contact",
            "contact_id",
            "channel_id",
            "external_id",
            where="contact_id IS NOT NULL",
        ),
        index(
            "ix_identities_member",
            "member_id",
            "channel_id",
            "external_id",
            where="member_id IS NOT NULL",
        ),
    )
    tenant_table(
        "projects",
        text("id", is_key=True),
        text("code"),
        text("name"),
        text("customer_id"),
        text("manager", nullable=True),
        text("stage"),
        unique("code"),
        refers("customer_id", "customers"),
        refers("manager", "members"),
        index("ix_projects_customer", "customer_id", "code"),
        index("ix_projects_manager", "manager", "code", where="manager IS NOT NULL"),
    )
    tenant_table(
        "milestones",
        text("id", is_key=True),
        text("project_id"),
        text("name"),
        day("planned_on"),
        day("accepted_on", nullable=True),
        refers("project_id", "projects"),
        index("ix_milestones_project", "project_id", "planned_on"),
    )


def _points() -> None:
    """Declare events, rules and the ledger."""
    tenant_table(
        "events",
        text("id", is_key=True),
        text("source"),
        text("source_id"),
        text("type"),
        text("customer_id"),
        text("project_id", nullable=True),
        time("occurred_at"),
        time("recorded_at"),
        text("recorded_by", nullable=True),
        json("data"),
        text("evidence", nullable=True),
        text("content_hash"),
        unique("source", "source_id"),
        refers("customer_id", "customers"),
        refers("project_id", "projects"),
        refers("recorded_by", "members"),
        one_of(
            "type",
            "contract_signed",
            "milestone_accepted",
            "payment_received",
            "suggestion_adopted",
            "referral_signed",
            "complaint_closed",
            "review_submitted",
            "check_in",
            "survey_completed",
        ),
        index(
            "ix_events_recorder",
            "recorded_by",
            "type",
            "recorded_at",
            where="recorded_by IS NOT NULL",
        ),
    )
    tenant_table(
        "rule_versions",
        text("code", is_key=True),
        whole("version", is_key=True),
        text("event_type"),
        json("conditions"),
        json("formula"),
        text("direction"),
        whole("valid_months"),
        text("debt_policy"),
        time("effective_from"),
        time("effective_to", nullable=True),
        one_of("debt_policy", "take_and_owe"),
        one_of("direction", "earn", "deduct"),
        check("ends_later", "effective_to IS NULL OR effective_to > effective_from"),
        one_of(
            "event_type",
            "contract_signed",
            "milestone_accepted",
            "payment_received",
            "suggestion_adopted",
            "referral_signed",
            "complaint_closed",
            "review_submitted",
            "check_in",
            "survey_completed",
        ),
        check("valid_months", "valid_months > 0"),
        check("version", "version > 0"),
    )
    tenant_table(
        "wallets",
        text("customer_id", is_key=True),
        big("available"),
        big("held"),
        big("pending"),
        big("debt"),
        big("seq"),
        text("head"),
        refers("customer_id", "customers"),
        check("available", "available >= 0"),
        check("debt", "debt >= 0"),
        check("held", "held >= 0"),
        check("pending", "pending >= 0"),
        check("points_or_debt", "available = 0 OR debt = 0"),
        check("seq", "seq >= 0"),
    )
    tenant_table(
        "entries",
        text("id", is_key=True),
        text("customer_id"),
        big("seq"),
        text("debit"),
        text("credit"),
        big("points"),
        text("reason"),
        text("event_id", nullable=True),
        text("rule", nullable=True),
        whole("rule_version", nullable=True),
        text("actor"),
        time("effective_at"),
        time("recorded_at"),
        text("cause_key"),
        text("key"),
        text("reverses", nullable=True),
        whole("reversal_part", nullable=True),
        big("available_after"),
        big("debt_after"),
        text("previous"),
        text("hash"),
        unique("customer_id", "seq"),
        unique("key"),
        unique("reverses", "reversal_part"),
        refers("customer_id", "wallets", column="customer_id"),
        refers("event_id", "events"),
        refers("reverses", "entries"),
        check("available_after", "available_after >= 0"),
        one_of(
            "credit",
            "wallet.available",
            "wallet.held",
            "wallet.pending",
            "wallet.debt",
            "firm.issued",
            "firm.redeemed",
            "firm.expired",
            "firm.penalties",
        ),
        one_of(
            "debit",
            "wallet.available",
            "wallet.held",
            "wallet.pending",
            "wallet.debt",
            "firm.issued",
            "firm.redeemed",
            "firm.expired",
            "firm.penalties",
        ),
        check("debt_after", "debt_after >= 0"),
        check("points", "points > 0"),
        one_of(
            "reason",
            "award",
            "debt_paid",
            "penalty",
            "reversal",
            "hold",
            "redemption",
            "release",
            "expiry",
            "adjustment",
            "gift",
        ),
        check("reversal", "(reverses IS NULL) = (reversal_part IS NULL)"),
        check("seq", "seq > 0"),
        check("two_accounts", "debit <> credit"),
        index("ix_entries_event", "event_id", "seq", where="event_id IS NOT NULL"),
    )
    tenant_table(
        "lots",
        text("id", is_key=True),
        text("customer_id"),
        text("entry_id"),
        big("points"),
        big("remaining"),
        time("earned_at"),
        time("expires_at"),
        unique("entry_id"),
        refers("customer_id", "wallets", column="customer_id"),
        refers("entry_id", "entries"),
        check("points", "points > 0"),
        check("remaining", "remaining >= 0 AND remaining <= points"),
        index("ix_lots_expiry", "expires_at", where="remaining > 0"),
        index("ix_lots_open", "customer_id", "expires_at", "id", where="remaining > 0"),
    )
    tenant_table(
        "lot_uses",
        text("entry_id", is_key=True),
        whole("place", is_key=True),
        text("lot_id"),
        text("direction"),
        big("points"),
        refers("entry_id", "entries"),
        refers("lot_id", "lots"),
        one_of("direction", "take", "give_back"),
        check("points", "points > 0"),
        index("ix_lot_uses_lot", "lot_id"),
    )


def _care() -> None:
    """Declare reviews and alerts."""
    tenant_table(
        "reviews",
        text("id", is_key=True),
        text("customer_id"),
        text("contact_id"),
        text("project_id"),
        whole("stars"),
        text("text"),
        time("given_at"),
        refers("contact_id", "contacts"),
        refers("customer_id", "customers"),
        refers("project_id", "projects"),
        check("stars", "stars BETWEEN 1 AND 5"),
        index("ix_reviews_project", "project_id", "given_at"),
    )
    tenant_table(
        "alerts",
        text("id", is_key=True),
        whole("number"),
        text("kind"),
        text("severity"),
        text("dedupe_key"),
        text("customer_id"),
        text("project_id", nullable=True),
        text("review_id", nullable=True),
        time("opened_at"),
        text("state"),
        whole("occurrences"),
        text("taken_by", nullable=True),
        time("taken_at", nullable=True),
        time("resolved_at", nullable=True),
        time("confirmed_at", nullable=True),
        text("cause", nullable=True),
        text("measure", nullable=True),
        text("note"),
        whole("reopened"),
        whole("version"),
        unique("number"),
        refers("customer_id", "customers"),
        refers("project_id", "projects"),
        refers("review_id", "reviews"),
        refers("taken_by", "members"),
        one_of("cause", "workmanship", "material", "schedule", "communication", "other"),
        check("closed", "state <> 'resolved' OR (cause IS NOT NULL AND measure IS NOT NULL)"),
        one_of("kind", "bad_review"),
        one_of("measure", "rework", "visit", "compensation", "explained", "other"),
        check("occurrences", "occurrences > 0"),
        check("reopened", "reopened >= 0"),
        check("resolved", "(state = 'resolved') = (resolved_at IS NOT NULL)"),
        check("confirmed", "confirmed_at IS NULL OR state = 'resolved'"),
        one_of("severity", "red", "amber"),
        one_of("state", "new", "taken", "resolved"),
        check("taken", "(taken_by IS NULL) = (taken_at IS NULL)"),
        check("taken_state", "(state = 'new') = (taken_by IS NULL)"),
        check("version", "version > 0"),
        index("uq_alerts_open", "dedupe_key", where="state <> 'resolved'", is_unique=True),
    )


def _messages() -> None:
    """Declare what comes in and goes out."""
    tenant_table(
        "inbox",
        text("id", is_key=True),
        text("channel_id"),
        text("source_id"),
        text("sender"),
        json("payload"),
        time("received_at"),
        text("state"),
        whole("attempts"),
        json("answer", nullable=True),
        text("reference", nullable=True),
        time("next_at"),
        time("finished_at", nullable=True),
        unique("channel_id", "source_id"),
        check("attempts", "attempts >= 0"),
        one_of("state", "new", "parked", "done", "failed", "stale"),
        index("ix_inbox_new", "next_at", where="state = 'new'"),
        index("ix_inbox_parked", "channel_id", "sender", where="state = 'parked'"),
    )
    tenant_table(
        "tickets",
        text("id", is_key=True),
        text("kind"),
        text("member_id", nullable=True),
        text("contact_id", nullable=True),
        json("payload"),
        time("created_at"),
        time("expires_at"),
        time("used_at", nullable=True),
        check("ends_later", "expires_at > created_at"),
        one_of("kind", "record", "alert", "alert_form", "told", "follow_up", "choose", "undo"),
    )
    tenant_table(
        "cards",
        text("key", is_key=True),
        text("channel_id"),
        text("external_id"),
        text("subject", nullable=True),
        text("view"),
        time("sent_at"),
        text("response_code", nullable=True),
        time("response_code_at", nullable=True),
        index("ix_cards_subject", "subject", where="subject IS NOT NULL"),
    )
    tenant_table(
        "deliveries",
        text("id", is_key=True),
        text("channel_id"),
        text("external_id"),
        text("kind"),
        text("view"),
        json("data"),
        text("dedupe_key"),
        time("created_at"),
        text("state"),
        text("subject", nullable=True),
        text("card_key", nullable=True),
        text("inbox_id", nullable=True),
        json("reply_handle", nullable=True),
        whole("attempts"),
        time("next_at", nullable=True),
        text("reason", nullable=True),
        time("lease_until", nullable=True),
        time("sent_at", nullable=True),
        text("platform_ref", nullable=True),
        unique("channel_id", "external_id", "dedupe_key"),
        check("attempts", "attempts >= 0"),
        one_of("kind", "reply", "push", "update"),
        check("lease", "(state = 'sending') = (lease_until IS NOT NULL)"),
        one_of(
            "state", "queued", "sending", "sent", "in_band", "held", "merged", "by_hand", "dead"
        ),
        index(
            "ix_deliveries_account",
            "channel_id",
            "external_id",
            "created_at",
            where="state IN ('queued', 'sending', 'held')",
        ),
        index("ix_deliveries_due", "created_at", where="state IN ('queued', 'sending')"),
        index("ix_deliveries_card", "card_key", "id", where="card_key IS NOT NULL"),
        index("ix_deliveries_in_band", "inbox_id", where="state = 'in_band'"),
        index(
            "ix_deliveries_subject", "subject", "created_at", where="state IN ('queued', 'sending')"
        ),
        index(
            "ix_deliveries_sent",
            "channel_id",
            "external_id",
            "sent_at",
            where="sent_at IS NOT NULL",
        ),
    )
    tenant_table(
        "delivery_attempts",
        text("delivery_id", is_key=True),
        whole("number", is_key=True),
        time("at"),
        text("outcome"),
        text("code", nullable=True),
        refers("delivery_id", "deliveries"),
    )


def _operation() -> None:
    """Declare the record of changes and the signs of life."""
    tenant_table(
        "audit",
        text("id", is_key=True),
        time("at"),
        text("actor"),
        text("channel_id", nullable=True),
        text("action"),
        text("subject"),
        json("before", nullable=True),
        json("after", nullable=True),
        text("inbox_id", nullable=True),
        index("ix_audit_subject", "subject", "at"),
    )
    table(
        "beats",
        text("name", is_key=True),
        time("at"),
        json("detail"),
    )


def _sqlite_triggers() -> None:
    for name in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name}"
                f" BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            )
    op.execute(
        f"CREATE TRIGGER lots_no_update BEFORE UPDATE OF {LOT_COLUMNS_FIXED} ON lots"
        " BEGIN SELECT RAISE(ABORT, 'lots is fixed but for remaining'); END"
    )
    op.execute(
        "CREATE TRIGGER lots_no_delete BEFORE DELETE ON lots"
        " BEGIN SELECT RAISE(ABORT, 'lots is append-only'); END"
    )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for name in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        f"CREATE TRIGGER lots_no_change BEFORE DELETE OR UPDATE OF {LOT_COLUMNS_FIXED} ON lots"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    for name in (*APPEND_ONLY, "lots"):
        op.execute(
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def tenant_table(name: str, *parts: SchemaItem) -> None:
    table(name, text("tenant_id", is_key=True), *parts)


def table(name: str, *parts: SchemaItem) -> None:
    sa.Table(name, METADATA, *parts)


def text(name: str, *, nullable: bool = False, is_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable, primary_key=is_key)


def whole(name: str, *, nullable: bool = False, is_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable, primary_key=is_key, autoincrement=False)


def big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def json(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON().with_variant(JSONB(), "postgresql"), nullable=nullable)


def belongs_to_tenant() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"])


def refers(name: str, other: str, *, column: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", name], [f"{other}.tenant_id", f"{other}.{column}"])


def unique(*columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("tenant_id", *columns)


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=name)


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    return check(column, f"{column} IN ({', '.join(repr(value) for value in values)})")


def index(name: str, *columns: str, where: str | None = None, is_unique: bool = False) -> sa.Index:
    condition = None if where is None else sa.text(where)
    return sa.Index(
        name,
        "tenant_id",
        *columns,
        unique=is_unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )
