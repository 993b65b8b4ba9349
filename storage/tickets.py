"""Tickets as rows."""

from datetime import datetime

from typing_extensions import override

from domain.ids import ContactId, MemberId, TicketId
from domain.repositories import Tickets
from domain.tickets import Ticket, TicketKind
from storage.db import Db, Row
from storage.values import Json, json_of, time_of, time_or_none

_FIND = """
    SELECT id, kind, member_id, contact_id, payload, created_at, expires_at, used_at
    FROM tickets WHERE tenant_id = :tenant AND id = :id
"""
_ADD = """
    INSERT INTO tickets (tenant_id, id, kind, member_id, contact_id, payload, created_at,
        expires_at, used_at)
    VALUES (:tenant, :id, :kind, :member, :contact, :payload, :created_at, :expires_at, :used_at)
"""
_USE = """
    UPDATE tickets SET used_at = :now WHERE tenant_id = :tenant AND id = :id AND used_at IS NULL
"""
_NEWEST_OF_MEMBER = """
    SELECT id, kind, member_id, contact_id, payload, created_at, expires_at, used_at
    FROM tickets
    WHERE tenant_id = :tenant AND member_id = :member AND used_at IS NULL AND kind = :kind
        AND expires_at > :now
    ORDER BY created_at DESC, id DESC LIMIT 1
"""
_NEWEST_OF_CONTACT = """
    SELECT id, kind, member_id, contact_id, payload, created_at, expires_at, used_at
    FROM tickets
    WHERE tenant_id = :tenant AND contact_id = :contact AND used_at IS NULL AND kind = :kind
        AND expires_at > :now
    ORDER BY created_at DESC, id DESC LIMIT 1
"""
_VOID = """
    UPDATE tickets SET used_at = :now
    WHERE tenant_id = :tenant AND contact_id = :contact AND used_at IS NULL
"""


class SqlTickets(Tickets):
    """Tickets in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, ticket: Ticket) -> None:
        self._db.run(
            _ADD,
            id=ticket.id,
            kind=ticket.kind,
            member=ticket.member,
            contact=ticket.contact,
            payload=Json(ticket.payload),
            created_at=ticket.created_at,
            expires_at=ticket.expires_at,
            used_at=ticket.used_at,
        )

    @override
    def find(self, ticket: TicketId) -> Ticket | None:
        row = self._db.one(_FIND, id=ticket)
        return None if row is None else _ticket(row)

    @override
    def use(self, ticket: TicketId, now: datetime) -> bool:
        return self._db.run(_USE, id=ticket, now=now) == 1

    @override
    def newest_open(
        self,
        kind: TicketKind,
        now: datetime,
        *,
        member: MemberId | None = None,
        contact: ContactId | None = None,
    ) -> Ticket | None:
        if member is not None:
            row = self._db.one(_NEWEST_OF_MEMBER, member=member, kind=kind, now=now)
        else:
            row = self._db.one(_NEWEST_OF_CONTACT, contact=contact, kind=kind, now=now)
        return None if row is None else _ticket(row)

    @override
    def void(self, contact: ContactId, now: datetime) -> None:
        self._db.run(_VOID, contact=contact, now=now)


def _ticket(row: Row) -> Ticket:
    id_, kind, member, contact, payload, created_at, expires_at, used_at = row
    return Ticket(
        id=id_,
        kind=TicketKind(kind),
        member=member,
        contact=contact,
        payload=json_of(payload),
        created_at=time_of(created_at),
        expires_at=time_of(expires_at),
        used_at=time_or_none(used_at),
    )
