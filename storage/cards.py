"""Cards on people's phones as rows."""

from datetime import datetime

from typing_extensions import override

from domain.ids import CardKey
from domain.repositories import Card, Cards
from storage.db import Db, Row
from storage.values import time_of, time_or_none

_SELECT = """
    SELECT key, channel_id, external_id, subject, view, sent_at, response_code, response_code_at
    FROM cards WHERE tenant_id = :tenant
"""
_FIND = _SELECT + " AND key = :key"
_OF_SUBJECT = _SELECT + " AND subject = :subject ORDER BY sent_at, key"
_SAVE = """
    INSERT INTO cards (tenant_id, key, channel_id, external_id, subject, view, sent_at,
        response_code, response_code_at)
    VALUES (:tenant, :key, :channel, :account, :subject, :view, :sent_at,
        :response_code, :response_code_at)
    ON CONFLICT (tenant_id, key) DO UPDATE SET
        channel_id = excluded.channel_id, external_id = excluded.external_id,
        subject = excluded.subject, view = excluded.view, sent_at = excluded.sent_at,
        response_code = excluded.response_code, response_code_at = excluded.response_code_at
"""
_SET_RESPONSE_CODE = """
    UPDATE cards SET response_code = :code, response_code_at = :at
    WHERE tenant_id = :tenant AND key = :key
      AND (response_code_at IS NULL OR response_code_at <= :at)
"""


class SqlCards(Cards):
    """Cards in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def find(self, key: CardKey) -> Card | None:
        row = self._db.one(_FIND, key=key)
        return None if row is None else _card(row)

    @override
    def of_subject(self, subject: str) -> list[Card]:
        return [_card(row) for row in self._db.all(_OF_SUBJECT, subject=subject)]

    @override
    def save(self, card: Card) -> None:
        self._db.run(
            _SAVE,
            key=card.key,
            channel=card.channel,
            account=card.external_id,
            subject=card.subject,
            view=card.view,
            sent_at=card.sent_at,
            response_code=card.response_code,
            response_code_at=card.response_code_at,
        )

    @override
    def set_response_code(self, key: CardKey, code: str | None, at: datetime) -> None:
        self._db.run(_SET_RESPONSE_CODE, key=key, code=code, at=at)


def _card(row: Row) -> Card:
    key, channel, external_id, subject, view, sent_at, code, code_at = row
    return Card(
        key, channel, external_id, subject, view, time_of(sent_at), code, time_or_none(code_at)
    )
