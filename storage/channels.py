"""Channels as rows: what the ports show of them, and their settings and secrets for the wiring."""

from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from domain.channels import Channel, ChannelKind
from domain.ids import ChannelId
from domain.repositories import Channels
from storage.db import Db, Missing, Row
from storage.values import Json, json_of

_SELECT = "SELECT id, kind, contact_url FROM channels WHERE tenant_id = :tenant"
_GET = _SELECT + " AND id = :id"
_ALL = _SELECT + " ORDER BY id"
_OF_KIND = _SELECT + " AND kind = :kind ORDER BY id LIMIT 1"
_SET_CONTACT_URL = """
    UPDATE channels SET contact_url = :url WHERE tenant_id = :tenant AND id = :id
"""
_CURSOR = "SELECT log_cursor FROM channels WHERE tenant_id = :tenant AND id = :id"
_SET_CURSOR = """
    UPDATE channels SET log_cursor = :cursor
    WHERE tenant_id = :tenant AND id = :id
      AND (log_cursor = :after OR (log_cursor IS NULL AND :after IS NULL))
"""
_CONFIGS = """
    SELECT id, kind, contact_url, account, settings, secrets FROM channels
    WHERE tenant_id = :tenant ORDER BY id
"""
_SAVE_CONFIG = """
    INSERT INTO channels (tenant_id, id, kind, contact_url, account, settings, secrets)
    VALUES (:tenant, :id, :kind, :contact_url, :account, :settings, :secrets)
    ON CONFLICT (tenant_id, id) DO UPDATE SET
        kind = excluded.kind, account = excluded.account,
        settings = excluded.settings, secrets = excluded.secrets,
        contact_url = CASE WHEN channels.account = excluded.account THEN channels.contact_url END,
        log_cursor = CASE WHEN channels.account = excluded.account THEN channels.log_cursor END
"""


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """A channel with what it takes to connect it."""

    channel: Channel
    account: str
    """Whose connection it is on the platform: corp and agent id, kf id, client id."""
    settings: dict[str, Any] = field(default_factory=dict)
    secrets: str | None = None
    """Encrypted by the caller; None when they come from the process's settings."""


class SqlChannels(Channels):
    """Configured connections in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def get(self, channel: ChannelId) -> Channel:
        row = self._db.one(_GET, id=channel)
        if row is None:
            raise Missing("channel", channel)
        return _channel(row)

    @override
    def all(self) -> list[Channel]:
        return [_channel(row) for row in self._db.all(_ALL)]

    @override
    def customer_channel(self) -> Channel | None:
        row = self._db.one(_OF_KIND, kind=ChannelKind.WECOM_KF)
        return None if row is None else _channel(row)

    @override
    def set_contact_url(self, channel: ChannelId, url: str) -> None:
        if not self._db.run(_SET_CONTACT_URL, id=channel, url=url):
            raise Missing("channel", channel)

    @override
    def cursor(self, channel: ChannelId) -> str | None:
        row = self._db.one(_CURSOR, id=channel)
        if row is None:
            raise Missing("channel", channel)
        return row[0]  # type: ignore[no-any-return]

    @override
    def set_cursor(self, channel: ChannelId, cursor: str, *, after: str | None) -> bool:
        return self._db.run(_SET_CURSOR, id=channel, cursor=cursor, after=after) == 1

    def configs(self) -> list[ChannelConfig]:
        """List the channels with their settings and still encrypted secrets."""
        return [
            ChannelConfig(_channel(row), account, json_of(settings), secrets)
            for *row, account, settings, secrets in self._db.all(_CONFIGS)
        ]

    def save(self, config: ChannelConfig) -> None:
        """Insert or replace a channel's settings.

        Its link and cursor stay once they are known, but are the account's: with another account
        they are asked for anew.

        Raises:
            Conflict: another channel of the kind has the account.
        """
        self._db.run(
            _SAVE_CONFIG,
            id=config.channel.id,
            kind=config.channel.kind,
            contact_url=config.channel.contact_url,
            account=config.account,
            settings=Json(config.settings),
            secrets=config.secrets,
        )


def _channel(row: Row | list[Any]) -> Channel:
    id_, kind, contact_url = row
    return Channel(id_, ChannelKind(kind), contact_url)
