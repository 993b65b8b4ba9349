"""The append-only record of changes as rows."""

from typing_extensions import override

from domain.ports import Ids
from domain.repositories import Audit, AuditNote
from storage.db import Db
from storage.values import json_or_none

_WRITE = """
    INSERT INTO audit (tenant_id, id, at, actor, channel_id, action, subject, before, after,
        inbox_id)
    VALUES (:tenant, :id, :at, :actor, :channel, :action, :subject, :before, :after, :inbox)
"""


class SqlAudit(Audit):
    """The record of changes in the database."""

    def __init__(self, db: Db, ids: Ids) -> None:
        self._db = db
        self._ids = ids

    @override
    def write(self, note: AuditNote) -> None:
        self._db.run(
            _WRITE,
            id=self._ids.new(),
            at=note.at,
            actor=note.actor,
            channel=note.channel,
            action=note.action,
            subject=note.subject,
            before=json_or_none(note.before),
            after=json_or_none(note.after),
            inbox=note.inbox,
        )
