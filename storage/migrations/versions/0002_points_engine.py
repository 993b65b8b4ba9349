"""The points engine: sealed events, rules as documents, pending lots, caps, tiers, closed months.

Tables that change their shape are made anew and filled from the old ones, on both engines: SQLite
cannot change a constraint. Entries keep the form in which they were hashed.

Revision ID: 0002
Revises: 0001
"""

import importlib.util
import json as _json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHANGED = ("events", "rule_versions", "entries", "lots", "lot_uses")
"""In the order in which they refer to each other."""
ADDED = (
    "event_undos",
    "programme_versions",
    "cap_counters",
    "earned_months",
    "closed_months",
    "customer_segments",
    "holds",
    "import_batches",
)
APPEND_ONLY = (
    "entries",
    "lot_uses",
    "events",
    "event_undos",
    "programme_versions",
    "closed_months",
)
LOT_COLUMNS_FIXED = (
    "tenant_id, id, customer_id, entry_id, points, earned_at, expires_at, matures_at"
)
RULE_COLUMNS_FIXED = (
    "tenant_id, code, version, name, event_type, effective_from, effective_to, content,"
    " content_hash, published_at, published_by, approved_by"
)
ADDED_COLUMNS: dict[str, dict[str, str]] = {
    "events": {"data": "CAST(data AS TEXT)", "facts": "'{}'", "outcomes": "'[]'", "twin_key": "''"},
    "entries": {
        "form": "1",
        "held_after": "0",
        "pending_after": "0",
        "qualifying": "0",
        "period": "{period}",
    },
    "lots": {"is_pending": "{no}"},
    "lot_uses": {},
}
"""What a copied row gets that the old one had not, or had in another shape."""
PERIOD = {
    "sqlite": "strftime('%Y-%m', effective_at, '+8 hours')",
    "postgresql": "to_char(effective_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')",
}
NO = {"sqlite": "0", "postgresql": "FALSE"}
UNDONE_BEFORE = """
    INSERT INTO event_undos (tenant_id, event_id, undone_at, actor)
    SELECT e.tenant_id, e.event_id, MIN(r.recorded_at), MIN(r.actor)
    FROM entries r JOIN entries e ON e.tenant_id = r.tenant_id AND e.id = r.reverses
    WHERE e.event_id IS NOT NULL GROUP BY e.tenant_id, e.event_id
"""
"""Until now an event was undone when its entries were."""


def upgrade() -> None:
    """Make the changed tables anew, then what is new, then the triggers that keep all of it."""
    first, dialect = _first(), op.get_context().dialect.name
    op.add_column("customers", sa.Column("type", sa.String()))
    op.add_column("projects", sa.Column("type", sa.String()))
    _set_aside(dialect)
    _tables(first)
    first.METADATA.create_all(
        op.get_bind(),
        [first.METADATA.tables[name] for name in (*ADDED, *CHANGED)],
        checkfirst=False,
    )
    for name in CHANGED:
        if name == "rule_versions":
            _copy_rules()
        else:
            _copy(name, dialect)
    op.execute(UNDONE_BEFORE)
    for name in reversed(CHANGED):
        op.execute(f"DROP TABLE old_{name}")
    if dialect == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def downgrade() -> None:
    """Go back to the first schema; only for an installation that has counted nothing yet."""
    first, dialect = _first(), op.get_context().dialect.name
    for name in ("events", "entries", "programme_versions", "closed_months"):
        if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {name}")):  # noqa: S608
            raise RuntimeError(f"{name} would be lost")
    cascade = " CASCADE" if dialect == "postgresql" else ""
    for name in (*ADDED, *reversed(CHANGED)):
        op.execute(f"DROP TABLE {name}{cascade}")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION refuse_closed_month()")
    first._points()  # noqa: SLF001  the first schema's own declaration of these tables
    first._people()  # noqa: SLF001  what they refer to
    first.METADATA.create_all(
        op.get_bind(), [first.METADATA.tables[name] for name in CHANGED], checkfirst=False
    )
    for table in ("customers", "projects"):
        op.drop_column(table, "type")


def _first() -> ModuleType:
    """Load the first revision for its way to declare tables."""
    file = Path(__file__).with_name("0001_initial.py")
    spec = importlib.util.spec_from_file_location("zhufen_migration_0001", file)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _set_aside(dialect: str) -> None:
    """Rename the changed tables and free the names of their constraints and indexes."""
    if dialect == "sqlite":
        # Otherwise renaming would rewrite what the other tables refer to.
        op.execute("PRAGMA legacy_alter_table=ON")
    bind = op.get_bind()
    for name in CHANGED:
        op.execute(f"ALTER TABLE {name} RENAME TO old_{name}")
    for name in CHANGED:
        if dialect == "sqlite":
            found = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :t"
            rows = bind.execute(sa.text(found + " AND sql IS NOT NULL"), {"t": f"old_{name}"})
            for (index,) in rows.fetchall():
                op.execute(f"DROP INDEX {index}")
            continue
        found = "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:t AS regclass)"
        keys = bind.execute(
            sa.text(found + " AND contype IN ('p', 'u', 'f')"), {"t": f"old_{name}"}
        )
        for (constraint,) in keys.fetchall():
            op.execute(f"ALTER TABLE old_{name} DROP CONSTRAINT {constraint} CASCADE")
        found = "SELECT indexname FROM pg_indexes WHERE tablename = :t"
        for (index,) in bind.execute(sa.text(found), {"t": f"old_{name}"}).fetchall():
            op.execute(f"DROP INDEX {index}")
    if dialect == "sqlite":
        op.execute("PRAGMA legacy_alter_table=OFF")


def _copy(name: str, dialect: str) -> None:
    added = ADDED_COLUMNS[name]
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(f"old_{name}")}
    kept = sorted(columns - set(added))
    values = [_worded(added[column], dialect) for column in added]
    into, out_of = ", ".join([*kept, *added]), ", ".join([*kept, *values])
    op.execute(f"INSERT INTO {name} ({into}) SELECT {out_of} FROM old_{name}")  # noqa: S608


def _worded(value: str, dialect: str) -> str:
    return value.replace("{period}", PERIOD[dialect]).replace("{no}", NO[dialect])


def _copy_rules() -> None:
    """Write each rule version as the document it is now."""
    bind = op.get_bind()
    rows = bind.execute(
        sa.text(
            "SELECT tenant_id, code, version, event_type, conditions, formula, direction,"
            " valid_months, debt_policy, effective_from, effective_to FROM old_rule_versions"
        )
    ).mappings()
    for row in rows.fetchall():
        content = _dump(_document(row))
        bind.execute(
            sa.text(
                "INSERT INTO rule_versions (tenant_id, code, version, name, event_type,"
                " effective_from, effective_to, content, content_hash, published_at)"
                " VALUES (:tenant_id, :code, :version, :name, :event_type, :effective_from,"
                " :effective_to, :content, :content_hash, :effective_from)"
            ),
            {**row, "name": "", "content": content, "content_hash": _hash(content)},
        )


def _document(row: Any) -> dict[str, Any]:
    formula = dict(_loaded(row["formula"]))
    if formula["kind"] == "per_full_unit":
        formula["kind"] = "per_unit"
    document = {
        "code": row["code"],
        "version": row["version"],
        "trigger": row["event_type"],
        "conditions": _loaded(row["conditions"]),
        "formula": formula,
        "direction": row["direction"],
        "effective_from": _instant(row["effective_from"]),
    }
    if row["effective_to"] is not None:
        document["effective_to"] = _instant(row["effective_to"])
    if row["valid_months"] != 24:  # noqa: PLR2004  the document's default
        document["valid_months"] = row["valid_months"]
    return document


def _loaded(value: Any) -> Any:
    return _json.loads(value) if isinstance(value, str) else value


def _dump(value: Any) -> str:
    return _json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _instant(value: Any) -> str:
    if isinstance(value, str):
        return datetime.fromisoformat(value + "+00:00").isoformat()
    at: datetime = value
    return at.astimezone(UTC).isoformat()


def _sqlite_triggers() -> None:
    for name in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name}"
                f" BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            )
    for name, columns in (("lots", LOT_COLUMNS_FIXED), ("rule_versions", RULE_COLUMNS_FIXED)):
        op.execute(
            f"CREATE TRIGGER {name}_no_update BEFORE UPDATE OF {columns} ON {name}"
            f" BEGIN SELECT RAISE(ABORT, '{name} is fixed'); END"
        )
        op.execute(
            f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name}"
            f" BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER lots_mature_once BEFORE UPDATE OF is_pending ON lots"
        " WHEN NEW.is_pending AND NOT OLD.is_pending"
        " BEGIN SELECT RAISE(ABORT, 'lots mature once'); END"
    )
    op.execute(
        "CREATE TRIGGER rule_versions_withdrawn_once BEFORE UPDATE OF withdrawn_at"
        " ON rule_versions WHEN OLD.withdrawn_at IS NOT NULL"
        " BEGIN SELECT RAISE(ABORT, 'rule_versions is withdrawn once'); END"
    )
    op.execute(
        "CREATE TRIGGER entries_open_month BEFORE INSERT ON entries WHEN EXISTS"
        " (SELECT 1 FROM closed_months c WHERE c.tenant_id = NEW.tenant_id"
        " AND c.month = NEW.period)"
        " BEGIN SELECT RAISE(ABORT, 'the month is closed'); END"
    )


def _postgresql_triggers() -> None:
    for name in APPEND_ONLY:
        _refuse(f"{name}_no_change", "UPDATE OR DELETE", name)
    _refuse("lots_no_change", f"DELETE OR UPDATE OF {LOT_COLUMNS_FIXED}", "lots")
    _refuse("rule_versions_no_change", f"DELETE OR UPDATE OF {RULE_COLUMNS_FIXED}", "rule_versions")
    _refuse(
        "lots_mature_once",
        "UPDATE OF is_pending",
        "lots",
        when="NEW.is_pending AND NOT OLD.is_pending",
    )
    _refuse(
        "rule_versions_withdrawn_once",
        "UPDATE OF withdrawn_at",
        "rule_versions",
        when="OLD.withdrawn_at IS NOT NULL",
    )
    for name in (*APPEND_ONLY, "lots", "rule_versions"):
        op.execute(
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE FUNCTION refuse_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN IF EXISTS (SELECT 1 FROM closed_months c WHERE c.tenant_id = NEW.tenant_id"
        " AND c.month = NEW.period) THEN RAISE EXCEPTION 'the month is closed'; END IF;"
        " RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER entries_open_month BEFORE INSERT ON entries"
        " FOR EACH ROW EXECUTE FUNCTION refuse_closed_month()"
    )


def _refuse(name: str, verb: str, table: str, *, when: str = "") -> None:
    condition = f" WHEN ({when})" if when else ""
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table}"
        f" FOR EACH ROW{condition} EXECUTE FUNCTION refuse_change()"
    )


EVENT_TYPES = (
    "contract_signed",
    "milestone_accepted",
    "payment_received",
    "suggestion_adopted",
    "referral_signed",
    "complaint_closed",
    "review_submitted",
    "check_in",
    "survey_completed",
)
ACCOUNTS = (
    "wallet.available",
    "wallet.held",
    "wallet.pending",
    "wallet.debt",
    "firm.issued",
    "firm.redeemed",
    "firm.expired",
    "firm.penalties",
)
REASONS = (
    "award",
    "maturity",
    "debt_paid",
    "penalty",
    "reversal",
    "hold",
    "redemption",
    "release",
    "expiry",
    "reinstatement",
    "adjustment",
    "gift",
)


def _tables(m: ModuleType) -> None:
    """Declare what is new and what is made anew, beside what they refer to."""
    m._people()  # noqa: SLF001  what they refer to
    m.tenant_table("wallets", m.text("customer_id", is_key=True))
    _events(m)
    _rules(m)
    _ledger(m)
    _counters(m)


def _events(m: ModuleType) -> None:
    m.tenant_table(
        "import_batches",
        m.text("id", is_key=True),
        m.text("name"),
        m.text("file_hash"),
        m.whole("row_count"),
        m.time("created_at"),
        m.text("created_by", nullable=True),
        m.time("undone_at", nullable=True),
        m.refers("created_by", "members"),
        m.check("rows", "row_count >= 0"),
        m.index("ix_import_batches_time", "created_at"),
    )
    m.tenant_table(
        "events",
        m.text("id", is_key=True),
        m.text("source"),
        m.text("source_id"),
        m.text("type"),
        m.text("customer_id"),
        m.text("project_id", nullable=True),
        m.time("occurred_at"),
        m.time("recorded_at"),
        m.text("recorded_by", nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        m.text("evidence", nullable=True),
        m.text("content_hash"),
        m.text("contact_id", nullable=True),
        m.text("batch_id", nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("outcomes", sa.Text(), nullable=False),
        m.text("twin_key"),
        m.text("seal", nullable=True),
        m.unique("source", "source_id"),
        m.refers("customer_id", "customers"),
        m.refers("project_id", "projects"),
        m.refers("recorded_by", "members"),
        m.refers("contact_id", "contacts"),
        m.refers("batch_id", "import_batches"),
        m.one_of("type", *EVENT_TYPES),
        m.index(
            "ix_events_recorder",
            "recorded_by",
            "type",
            "recorded_at",
            "id",
            where="recorded_by IS NOT NULL",
        ),
        m.index("ix_events_customer", "customer_id", "type", "occurred_at"),
        m.index("ix_events_batch", "batch_id", "recorded_at", "id", where="batch_id IS NOT NULL"),
        m.index("ix_events_recorded", "recorded_at", "id"),
    )
    m.tenant_table(
        "event_undos",
        m.text("event_id", is_key=True),
        m.time("undone_at"),
        m.text("actor"),
        m.refers("event_id", "events"),
    )


def _rules(m: ModuleType) -> None:
    m.tenant_table(
        "rule_versions",
        m.text("code", is_key=True),
        m.whole("version", is_key=True),
        m.text("name"),
        m.text("event_type"),
        m.time("effective_from"),
        m.time("effective_to", nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        m.text("content_hash"),
        m.time("published_at"),
        m.text("published_by", nullable=True),
        m.text("approved_by", nullable=True),
        m.time("withdrawn_at", nullable=True),
        m.one_of("event_type", *EVENT_TYPES),
        m.refers("published_by", "members"),
        m.refers("approved_by", "members"),
        m.check("version", "version > 0"),
        m.check("ends_later", "effective_to IS NULL OR effective_to > effective_from"),
        m.check("two_people", "approved_by IS NULL OR approved_by <> published_by"),
    )
    m.tenant_table(
        "programme_versions",
        m.whole("version", is_key=True),
        m.time("effective_from"),
        sa.Column("content", sa.Text(), nullable=False),
        m.text("content_hash"),
        m.time("published_at"),
        m.text("published_by", nullable=True),
        m.text("approved_by", nullable=True),
        m.refers("published_by", "members"),
        m.refers("approved_by", "members"),
        m.check("version", "version > 0"),
        m.check("two_people", "approved_by IS NULL OR approved_by <> published_by"),
    )


def _ledger(m: ModuleType) -> None:
    m.tenant_table(
        "entries",
        m.text("id", is_key=True),
        m.text("customer_id"),
        m.big("seq"),
        m.text("debit"),
        m.text("credit"),
        m.big("points"),
        m.text("reason"),
        m.text("event_id", nullable=True),
        m.text("rule", nullable=True),
        m.whole("rule_version", nullable=True),
        m.text("actor"),
        m.time("effective_at"),
        m.time("recorded_at"),
        m.text("cause_key"),
        m.text("key"),
        m.text("reverses", nullable=True),
        m.whole("reversal_part", nullable=True),
        m.big("available_after"),
        m.big("debt_after"),
        m.text("previous"),
        m.text("hash"),
        m.whole("form"),
        m.big("held_after"),
        m.big("pending_after"),
        m.big("qualifying"),
        m.text("period"),
        m.text("corrects", nullable=True),
        m.text("event_seal", nullable=True),
        m.text("note", nullable=True),
        m.unique("customer_id", "seq"),
        m.unique("key"),
        m.unique("reverses", "reversal_part"),
        m.refers("customer_id", "wallets", column="customer_id"),
        m.refers("event_id", "events"),
        m.refers("reverses", "entries"),
        m.one_of("credit", *ACCOUNTS),
        m.one_of("debit", *ACCOUNTS),
        m.one_of("reason", *REASONS),
        m.check("two_accounts", "debit <> credit"),
        m.check("points", "points > 0"),
        m.check("seq", "seq > 0"),
        m.check("available_after", "available_after >= 0"),
        m.check("debt_after", "debt_after >= 0"),
        m.check("held_after", "held_after >= 0"),
        m.check("pending_after", "pending_after >= 0"),
        m.check("points_or_debt", "available_after = 0 OR debt_after = 0"),
        m.check("qualifying", "qualifying = 0 OR qualifying = points"),
        m.check("form", "form IN (1, 2)"),
        m.check("reversal", "(reverses IS NULL) = (reversal_part IS NULL)"),
        m.index("ix_entries_event", "event_id", "seq", where="event_id IS NOT NULL"),
    )
    m.tenant_table(
        "lots",
        m.text("id", is_key=True),
        m.text("customer_id"),
        m.text("entry_id"),
        m.big("points"),
        m.big("remaining"),
        m.time("earned_at"),
        m.time("expires_at"),
        m.time("matures_at", nullable=True),
        m.flag("is_pending"),
        m.unique("entry_id"),
        m.refers("entry_id", "entries"),
        m.refers("customer_id", "wallets", column="customer_id"),
        m.check("points", "points > 0"),
        m.check("remaining", "remaining >= 0 AND remaining <= points"),
        m.check("pending", "NOT is_pending OR matures_at IS NOT NULL"),
        m.index(
            "ix_lots_open",
            "customer_id",
            "expires_at",
            "id",
            where="remaining > 0 AND NOT is_pending",
        ),
        m.index("ix_lots_expiry", "expires_at", where="remaining > 0 AND NOT is_pending"),
        m.index("ix_lots_maturity", "matures_at", "customer_id", where="is_pending"),
    )
    m.tenant_table(
        "lot_uses",
        m.text("entry_id", is_key=True),
        m.whole("place", is_key=True),
        m.text("lot_id"),
        m.text("direction"),
        m.big("points"),
        m.refers("entry_id", "entries"),
        m.refers("lot_id", "lots"),
        m.one_of("direction", "take", "give_back", "mature"),
        m.check("points", "points > 0"),
        m.index("ix_lot_uses_lot", "lot_id"),
    )
    m.tenant_table(
        "holds",
        m.text("id", is_key=True),
        m.text("customer_id"),
        m.text("entry_id"),
        m.big("points"),
        m.text("purpose"),
        m.text("state"),
        m.time("held_at"),
        m.time("expires_at"),
        m.time("closed_at", nullable=True),
        m.unique("entry_id"),
        m.refers("entry_id", "entries"),
        m.refers("customer_id", "wallets", column="customer_id"),
        m.one_of("state", "open", "settled", "released"),
        m.check("points", "points > 0"),
        m.check("closed", "(state = 'open') = (closed_at IS NULL)"),
        m.index("ix_holds_open", "expires_at", where="state = 'open'"),
    )


def _counters(m: ModuleType) -> None:
    m.tenant_table(
        "cap_counters",
        m.text("key", is_key=True),
        m.big("points"),
        m.big("times"),
        m.check("points", "points >= 0"),
        m.check("times", "times >= 0"),
    )
    m.tenant_table(
        "earned_months",
        m.text("customer_id", is_key=True),
        m.whole("month", is_key=True),
        m.big("points"),
        m.refers("customer_id", "customers"),
        m.check("points", "points >= 0"),
    )
    m.tenant_table(
        "closed_months",
        m.text("month", is_key=True),
        m.time("closed_at"),
        m.text("closed_by", nullable=True),
        m.refers("closed_by", "members"),
    )
    m.tenant_table(
        "customer_segments",
        m.text("customer_id", is_key=True),
        m.text("segment", is_key=True),
        m.refers("customer_id", "customers"),
    )
