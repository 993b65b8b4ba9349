"""Tables of channels, people and projects."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field

from domain.channels import ChannelKind, SessionState
from domain.members import Role
from storage.tables import (
    TenantTable,
    belongs_to_tenant,
    check,
    index,
    json_column,
    one_of,
    refers,
    unique,
)


class ChannelRow(TenantTable, table=True):
    """A configured connection; `secrets` is encrypted."""

    __tablename__ = "channels"
    __table_args__ = (
        belongs_to_tenant(),
        unique("kind", "account"),
        one_of("kind", ChannelKind),
    )

    id: str = Field(primary_key=True)
    kind: str
    account: str
    settings: dict[str, Any] = json_column()
    secrets: str | None = None
    contact_url: str | None = None
    log_cursor: str | None = None


class MemberRow(TenantTable, table=True):
    """A person of the firm."""

    __tablename__ = "members"
    __table_args__ = (belongs_to_tenant(),)

    id: str = Field(primary_key=True)
    name: str
    is_active: bool


class MemberRoleRow(TenantTable, table=True):
    """A role a member has."""

    __tablename__ = "member_roles"
    __table_args__ = (
        refers("member_id", "members"),
        one_of("role", Role),
        index("ix_member_roles_role", "role", "member_id"),
    )

    member_id: str = Field(primary_key=True)
    role: str = Field(primary_key=True)


class CustomerRow(TenantTable, table=True):
    """The unit that signs contracts and owns points."""

    __tablename__ = "customers"
    __table_args__ = (
        belongs_to_tenant(),
        unique("code"),
        refers("account_manager", "members"),
    )

    id: str = Field(primary_key=True)
    code: str
    name: str
    account_manager: str | None = None
    type: str | None = None


class ContactRow(TenantTable, table=True):
    """A person of a customer; `phone` is encrypted."""

    __tablename__ = "contacts"
    __table_args__ = (
        refers("customer_id", "customers"),
        check("redeems_what_is_seen", "may_see OR NOT may_redeem"),
        index("ix_contacts_customer", "customer_id"),
    )

    id: str = Field(primary_key=True)
    customer_id: str
    name: str
    phone: str | None = None
    is_active: bool
    may_see: bool
    may_redeem: bool


class InvitationRow(TenantTable, table=True):
    """A one-time code for one person, kept as a hash."""

    __tablename__ = "invitations"
    __table_args__ = (
        unique("code_hash"),
        refers("contact_id", "contacts"),
        refers("member_id", "members"),
        refers("created_by", "members"),
        check("one_person", "(contact_id IS NULL) <> (member_id IS NULL)"),
        check("ends_later", "expires_at > created_at"),
        index(
            "ix_invitations_open",
            "contact_id",
            where="contact_id IS NOT NULL AND used_at IS NULL",
        ),
    )

    id: str = Field(primary_key=True)
    code_hash: str
    contact_id: str | None = None
    member_id: str | None = None
    created_by: str | None = None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class IdentityRow(TenantTable, table=True):
    """An account on a channel, and how many wrong codes it has typed."""

    __tablename__ = "identities"
    __table_args__ = (
        refers("channel_id", "channels"),
        refers("member_id", "members"),
        refers("contact_id", "contacts"),
        one_of("session", SessionState),
        check("one_person", "member_id IS NULL OR contact_id IS NULL"),
        check("sends", "sends_since_inbound >= 0"),
        check("tries", "tries_failed >= 0"),
        index(
            "ix_identities_member",
            "member_id",
            "channel_id",
            "external_id",
            where="member_id IS NOT NULL",
        ),
        index(
            "ix_identities_contact",
            "contact_id",
            "channel_id",
            "external_id",
            where="contact_id IS NOT NULL",
        ),
    )

    channel_id: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    member_id: str | None = None
    contact_id: str | None = None
    is_alerted: bool
    last_inbound_at: datetime | None = None
    sends_since_inbound: int
    session: str
    blocked_reason: str | None = None
    tries_failed: int
    tries_locked_until: datetime | None = None


class ProjectRow(TenantTable, table=True):
    """A building project of a customer."""

    __tablename__ = "projects"
    __table_args__ = (
        unique("code"),
        refers("customer_id", "customers"),
        refers("manager", "members"),
        index("ix_projects_customer", "customer_id", "code"),
        index("ix_projects_manager", "manager", "code", where="manager IS NOT NULL"),
    )

    id: str = Field(primary_key=True)
    code: str
    name: str
    customer_id: str
    manager: str | None = None
    stage: str
    type: str | None = None


class MilestoneRow(TenantTable, table=True):
    """A dated step of a project."""

    __tablename__ = "milestones"
    __table_args__ = (
        refers("project_id", "projects"),
        index("ix_milestones_project", "project_id", "planned_on"),
    )

    id: str = Field(primary_key=True)
    project_id: str
    name: str
    planned_on: date
    accepted_on: date | None = None
