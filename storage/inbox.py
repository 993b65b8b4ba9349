"""Incoming callbacks as rows; what was said is encrypted: it may be a code or a phone number."""

import json
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override

from domain.ids import ChannelId, InboxId
from domain.inbox import Exchange, InboxItem, InboxState, ReplyPart, reply_key
from domain.repositories import Inbox
from storage.cipher import Cipher
from storage.db import Db, Missing, Row
from storage.values import Json, json_of, json_or_none, json_text, time_of

LEFT_TO_THE_REQUEST = timedelta(seconds=5)
"""So long the request that brought an item is believed to be handling it."""

_ANSWER = reply_key(InboxId("*"), ReplyPart.ANSWER)
_FAILURE = reply_key(InboxId("*"), ReplyPart.FAILURE)
_SEALED = "sealed"
"""The only name in the payload of a row; those of the first releases are in clear."""
_SELECT = """
    SELECT id, channel_id, source_id, sender, payload, received_at, state, attempts, answer
    FROM inbox WHERE tenant_id = :tenant
"""
_FIND = _SELECT + " AND channel_id = :channel AND source_id = :source_id"
_LOCK = _SELECT + " AND id = :id FOR UPDATE SKIP LOCKED"
_PARKED = (
    _SELECT
    + """ AND channel_id = :channel AND sender = :sender AND state = 'parked'
    ORDER BY received_at, id"""
)
_RECEIVE = """
    INSERT INTO inbox (tenant_id, id, channel_id, source_id, sender, payload, received_at, state,
        attempts, answer, next_at)
    VALUES (:tenant, :id, :channel, :source_id, :sender, :payload, :received_at, :state,
        :attempts, :answer, :next_at)
    ON CONFLICT (tenant_id, channel_id, source_id) DO NOTHING
"""
_FINISH = """
    UPDATE inbox SET state = :state, finished_at = :now, answer = :answer, reference = :reference
    WHERE tenant_id = :tenant AND id = :id
"""
_COUNT_ATTEMPT = """
    UPDATE inbox SET attempts = attempts + 1, next_at = :next_at
    WHERE tenant_id = :tenant AND id = :id RETURNING attempts
"""
_REOPEN = """
    UPDATE inbox SET state = 'new', finished_at = NULL
    WHERE tenant_id = :tenant AND id = :id AND state = 'parked'
"""
# Found by their keys, replies need no index of their own. They are looked up item by item: joined
# by the key, PostgreSQL reads all that was ever told the account as long as it has no statistics.
_SAID = """
    SELECT i.id, i.payload, i.received_at, i.state, (
        SELECT d.id FROM deliveries d
        WHERE d.tenant_id = i.tenant_id AND d.channel_id = i.channel_id
          AND d.external_id = i.sender
          AND d.dedupe_key IN (replace(:answer, '*', i.id), replace(:failure, '*', i.id))
        LIMIT 1
    ) AS reply
    FROM inbox i
    WHERE i.tenant_id = :tenant AND i.channel_id = :channel AND i.sender = :sender
      AND i.received_at > :since
"""
_RECENT = f"""
    SELECT said.id, said.payload, said.received_at, d.view, d.data
    FROM ({_SAID}) AS said
    LEFT JOIN deliveries d ON d.tenant_id = :tenant AND d.id = said.reply
    WHERE said.state = 'new' OR d.id IS NOT NULL
    ORDER BY said.received_at DESC, said.id DESC LIMIT :limit
"""  # noqa: S608  made of constants
_LAST_ANSWER = f"""
    SELECT d.view
    FROM ({_SAID}) AS said
    JOIN deliveries d ON d.tenant_id = :tenant AND d.id = said.reply
    ORDER BY said.received_at DESC, said.id DESC LIMIT 1
"""  # noqa: S608  made of constants
_LAST_OF = f"""
    SELECT d.view
    FROM ({_SAID}) AS said
    JOIN deliveries d ON d.tenant_id = :tenant AND d.id = said.reply
    WHERE d.view IN (:one, :other)
    ORDER BY d.created_at DESC, d.id DESC LIMIT 1
"""  # noqa: S608  made of constants
_DUE = """
    SELECT id FROM inbox WHERE tenant_id = :tenant AND state = 'new' AND next_at <= :now
    ORDER BY received_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
"""


class SqlInbox(Inbox):
    """Incoming callbacks in the database."""

    def __init__(self, db: Db, cipher: Cipher) -> None:
        self._db = db
        self._cipher = cipher

    @override
    def receive(self, item: InboxItem) -> InboxItem | None:
        added = self._db.run(
            _RECEIVE,
            id=item.id,
            channel=item.channel,
            source_id=item.source_id,
            sender=item.sender,
            payload=Json({_SEALED: self._sealed(item)}),
            received_at=item.received_at,
            state=item.state,
            attempts=item.attempts,
            answer=json_or_none(item.answer),
            next_at=item.received_at + LEFT_TO_THE_REQUEST,
        )
        if added:
            return None
        row = self._db.one(_FIND, channel=item.channel, source_id=item.source_id)
        if row is None:
            raise Missing("inbox item", item.id)
        return self._item(row)

    @override
    def lock(self, item: InboxId) -> InboxItem | None:
        row = self._db.one(_LOCK, id=item)
        return None if row is None else self._item(row)

    @override
    def finish(
        self,
        item: InboxId,
        state: InboxState,
        *,
        now: datetime,
        answer: dict[str, Any] | None = None,
        reference: str | None = None,
    ) -> None:
        finished = self._db.run(
            _FINISH,
            id=item,
            state=state,
            now=now,
            answer=json_or_none(answer),
            reference=reference,
        )
        if not finished:
            raise Missing("inbox item", item)

    @override
    def count_attempt(self, item: InboxId, *, next_at: datetime) -> int:
        row = self._db.one(_COUNT_ATTEMPT, id=item, next_at=next_at)
        if row is None:
            raise Missing("inbox item", item)
        return row[0]  # type: ignore[no-any-return]

    @override
    def parked(self, channel: ChannelId, sender: str) -> list[InboxItem]:
        return [self._item(row) for row in self._db.all(_PARKED, channel=channel, sender=sender)]

    @override
    def reopen(self, item: InboxId) -> None:
        self._db.run(_REOPEN, id=item)

    @override
    def recent(
        self, channel: ChannelId, sender: str, *, since: datetime, limit: int
    ) -> list[Exchange]:
        rows = self._db.all(
            _RECENT,
            channel=channel,
            sender=sender,
            since=since,
            limit=limit,
            answer=_ANSWER,
            failure=_FAILURE,
        )
        return [
            Exchange(id_, self._opened(id_, payload), time_of(received_at), view, json_of(data))
            for id_, payload, received_at, view, data in reversed(rows)
        ]

    @override
    def last_answer(self, channel: ChannelId, sender: str, *, since: datetime) -> str | None:
        row = self._db.one(
            _LAST_ANSWER,
            channel=channel,
            sender=sender,
            since=since,
            answer=_ANSWER,
            failure=_FAILURE,
        )
        return None if row is None else row[0]

    @override
    def last_of(
        self, channel: ChannelId, sender: str, views: tuple[str, str], *, since: datetime
    ) -> str | None:
        one, other = views
        row = self._db.one(
            _LAST_OF,
            channel=channel,
            sender=sender,
            one=one,
            other=other,
            since=since,
            answer=_ANSWER,
            failure=_FAILURE,
        )
        return None if row is None else row[0]

    @override
    def due(self, now: datetime, limit: int) -> list[InboxId]:
        return [row[0] for row in self._db.all(_DUE, now=now, limit=limit)]

    def _sealed(self, item: InboxItem) -> str:
        return self._cipher.encrypt(json_text(Json(item.payload)), self._place(item.id))

    def _item(self, row: Row) -> InboxItem:
        id_, channel, source_id, sender, payload, received_at, state, attempts, answer = row
        return InboxItem(
            id=id_,
            channel=channel,
            source_id=source_id,
            sender=sender,
            payload=self._opened(id_, payload),
            received_at=time_of(received_at),
            state=InboxState(state),
            attempts=attempts,
            answer=json_of(answer),
        )

    def _opened(self, item: str, payload: Any) -> dict[str, Any]:
        kept: dict[str, Any] = json_of(payload)
        if kept.keys() == {_SEALED}:
            kept = json.loads(self._cipher.decrypt(kept[_SEALED], self._place(item)))
        return kept

    def _place(self, item: str) -> str:
        return f"inbox:{self._db.tenant}/{item}"
