"""The table of drafts of rules and of the programme."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from domain.drafts import DraftKind, DraftState
from storage.tables import TenantTable, check, index, one_of, refers, unique


class RuleDraftRow(TenantTable, table=True):
    """What a rule or the programme is to say; by trigger for good once published or dropped."""

    __tablename__ = "rule_drafts"
    __table_args__ = (
        unique("number"),
        refers("created_by", "members"),
        refers("changed_by", "members"),
        refers("approval_id", "approvals"),
        one_of("kind", DraftKind),
        one_of("state", DraftState),
        check("submitted", "state <> 'submitted' OR approval_id IS NOT NULL"),
        check("published", "(state = 'published') = (published_version IS NOT NULL)"),
        check("version", "version > 0"),
        index("ix_rule_drafts_open", "number", where="state IN ('draft', 'submitted', 'declined')"),
        index("ix_rule_drafts_approval", "approval_id", "number", where="approval_id IS NOT NULL"),
    )

    id: str = Field(primary_key=True)
    number: int
    kind: str
    code: str
    content: str = Field(sa_type=Text)
    """What it would say, as its canonical JSON text."""
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime
    state: str
    backtest_id: str | None = None
    approval_id: str | None = None
    published_version: int | None = None
    version: int
