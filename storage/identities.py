"""Accounts on channels: whose they are, their window and allowance, their wrong codes."""

from datetime import datetime

from typing_extensions import override

from domain.channels import KF_MESSAGES_MAX, ChannelKind, Identity, SessionState
from domain.customers import BindingTries
from domain.ids import ChannelId, ContactId, MemberId
from domain.repositories import Identities
from storage.db import Db, Row
from storage.values import time_or_none

_SELECT = """
    SELECT i.channel_id, c.kind, i.external_id, i.member_id, i.contact_id, i.is_alerted,
           i.last_inbound_at, i.sends_since_inbound, i.session, i.blocked_reason
    FROM identities i JOIN channels c ON c.tenant_id = i.tenant_id AND c.id = i.channel_id
    WHERE i.tenant_id = :tenant
"""
_FIND = _SELECT + " AND i.channel_id = :channel AND i.external_id = :account"
_OF_MEMBER = _SELECT + " AND i.member_id = :member ORDER BY i.channel_id, i.external_id"
_OF_CONTACT = _SELECT + " AND i.contact_id = :contact ORDER BY i.channel_id, i.external_id"
_SAVE = """
    INSERT INTO identities (tenant_id, channel_id, external_id, member_id, contact_id, is_alerted,
        last_inbound_at, sends_since_inbound, session, blocked_reason, tries_failed)
    VALUES (:tenant, :channel, :account, :member, :contact, :is_alerted,
        :last_inbound_at, :sends, :session, :blocked_reason, 0)
    ON CONFLICT (tenant_id, channel_id, external_id) DO UPDATE SET
        member_id = excluded.member_id, contact_id = excluded.contact_id,
        is_alerted = excluded.is_alerted
"""
_HEARD_FROM = """
    INSERT INTO identities (tenant_id, channel_id, external_id, is_alerted, last_inbound_at,
        sends_since_inbound, session, tries_failed)
    VALUES (:tenant, :channel, :account, :is_alerted, :at, 0, :session, 0)
    ON CONFLICT (tenant_id, channel_id, external_id) DO UPDATE SET
        last_inbound_at = excluded.last_inbound_at, sends_since_inbound = 0, blocked_reason = NULL,
        session = CASE WHEN identities.session = 'ended' THEN 'bot' ELSE identities.session END
    WHERE identities.last_inbound_at IS NULL
       OR identities.last_inbound_at <= excluded.last_inbound_at
"""
COUNT_SEND = """
    UPDATE identities SET sends_since_inbound = sends_since_inbound + 1
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
"""
_USE_UP = """
    UPDATE identities SET sends_since_inbound = :sends
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
"""
_CLOSE_WINDOW = """
    UPDATE identities SET last_inbound_at = NULL
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
"""
_SET_SESSION = """
    UPDATE identities SET session = :session
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
"""
_BLOCK = """
    UPDATE identities SET blocked_reason = :reason
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
"""
_TRIES = """
    SELECT tries_failed, tries_locked_until FROM identities
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
"""
_SET_TRIES = """
    INSERT INTO identities (tenant_id, channel_id, external_id, is_alerted, sends_since_inbound,
        session, tries_failed, tries_locked_until)
    VALUES (:tenant, :channel, :account, :is_alerted, 0, :session, :failed, :locked_until)
    ON CONFLICT (tenant_id, channel_id, external_id) DO UPDATE SET
        tries_failed = excluded.tries_failed, tries_locked_until = excluded.tries_locked_until
"""


class SqlIdentities(Identities):
    """Accounts in the database; an account's kind is its channel's."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def find(self, channel: ChannelId, external_id: str) -> Identity | None:
        row = self._db.one(_FIND, channel=channel, account=external_id)
        return None if row is None else _identity(row)

    @override
    def of_member(self, member: MemberId) -> list[Identity]:
        return [_identity(row) for row in self._db.all(_OF_MEMBER, member=member)]

    @override
    def of_contact(self, contact: ContactId) -> list[Identity]:
        return [_identity(row) for row in self._db.all(_OF_CONTACT, contact=contact)]

    @override
    def save(self, identity: Identity) -> None:
        self._db.run(
            _SAVE,
            channel=identity.channel,
            account=identity.external_id,
            member=identity.member,
            contact=identity.contact,
            is_alerted=identity.is_alerted,
            last_inbound_at=identity.last_inbound_at,
            sends=identity.sends_since_inbound,
            session=identity.session,
            blocked_reason=identity.blocked_reason,
        )

    @override
    def heard_from(self, channel: ChannelId, external_id: str, at: datetime) -> None:
        self._db.run(
            _HEARD_FROM,
            channel=channel,
            account=external_id,
            at=at,
            is_alerted=False,
            session=SessionState.BOT,
        )

    @override
    def count_send(self, channel: ChannelId, external_id: str) -> None:
        self._db.run(COUNT_SEND, channel=channel, account=external_id)

    @override
    def use_up_allowance(self, channel: ChannelId, external_id: str) -> None:
        self._db.run(_USE_UP, channel=channel, account=external_id, sends=KF_MESSAGES_MAX)

    @override
    def close_window(self, channel: ChannelId, external_id: str) -> None:
        self._db.run(_CLOSE_WINDOW, channel=channel, account=external_id)

    @override
    def set_session(self, channel: ChannelId, external_id: str, session: SessionState) -> None:
        self._db.run(_SET_SESSION, channel=channel, account=external_id, session=session)

    @override
    def block(self, channel: ChannelId, external_id: str, reason: str | None) -> None:
        self._db.run(_BLOCK, channel=channel, account=external_id, reason=reason)

    @override
    def tries(self, channel: ChannelId, external_id: str) -> BindingTries:
        row = self._db.one(_TRIES, channel=channel, account=external_id)
        return BindingTries() if row is None else BindingTries(row[0], time_or_none(row[1]))

    @override
    def set_tries(self, channel: ChannelId, external_id: str, tries: BindingTries) -> None:
        self._db.run(
            _SET_TRIES,
            channel=channel,
            account=external_id,
            failed=tries.failed,
            locked_until=tries.locked_until,
            is_alerted=False,
            session=SessionState.BOT,
        )


def _identity(row: Row) -> Identity:
    (channel, kind, external_id, member, contact, is_alerted, heard, sends, session, blocked) = row
    return Identity(
        channel=channel,
        kind=ChannelKind(kind),
        external_id=external_id,
        member=member,
        contact=contact,
        is_alerted=bool(is_alerted),
        last_inbound_at=time_or_none(heard),
        sends_since_inbound=sends,
        session=SessionState(session),
        blocked_reason=blocked,
    )
