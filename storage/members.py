"""The firm's people and their roles as rows."""

from collections.abc import Iterable

from typing_extensions import override

from domain.ids import MemberId
from domain.members import Member, Role
from domain.repositories import Members
from storage.db import Db, Missing, Row

_SELECT = """
    SELECT m.id, m.name, m.is_active, r.role
    FROM members m LEFT JOIN member_roles r ON r.tenant_id = m.tenant_id AND r.member_id = m.id
    WHERE m.tenant_id = :tenant
"""
_GET = _SELECT + " AND m.id = :id"
_ALL = _SELECT + " ORDER BY m.id"
_WITH_ROLE = """
    SELECT m.id, m.name, m.is_active, r.role
    FROM member_roles w
    JOIN members m ON m.tenant_id = w.tenant_id AND m.id = w.member_id
    JOIN member_roles r ON r.tenant_id = m.tenant_id AND r.member_id = m.id
    WHERE w.tenant_id = :tenant AND w.role = :role AND m.is_active
    ORDER BY w.member_id
"""
_ADD = """
    INSERT INTO members (tenant_id, id, name, is_active) VALUES (:tenant, :id, :name, :is_active)
"""
_ADD_ROLE = """
    INSERT INTO member_roles (tenant_id, member_id, role) VALUES (:tenant, :member, :role)
"""


class SqlMembers(Members):
    """Members in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def get(self, member: MemberId) -> Member:
        found = _members(self._db.all(_GET, id=member))
        if not found:
            raise Missing("member", member)
        return found[0]

    @override
    def with_role(self, role: Role) -> list[Member]:
        return _members(self._db.all(_WITH_ROLE, role=role))

    @override
    def add(self, member: Member) -> None:
        self._db.run(_ADD, id=member.id, name=member.name, is_active=member.is_active)
        self._db.many(
            _ADD_ROLE, [{"member": member.id, "role": role} for role in sorted(member.roles)]
        )

    @override
    def all(self) -> list[Member]:
        return _members(self._db.all(_ALL))


def _members(rows: Iterable[Row]) -> list[Member]:
    """Fold one row per role into members, in the rows' order."""
    found: dict[MemberId, tuple[str, bool, set[Role]]] = {}
    for id_, name, is_active, role in rows:
        roles = found.setdefault(id_, (name, bool(is_active), set()))[2]
        if role is not None:
            roles.add(Role(role))
    return [
        Member(id_, name, frozenset(roles), is_active)
        for id_, (name, is_active, roles) in found.items()
    ]
