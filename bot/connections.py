"""The configured platforms of every tenant, built once and shared by the threads of a process.

Tenant `main` is configured by the settings, others by their channel rows. Nothing is connected
until it is first used.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from pydantic import SecretStr
from redis import Redis

from bot.deliveries import Line
from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.client import DingtalkClient
from bot.dingtalk.config import DingtalkConfig
from bot.dingtalk.outbound import DingtalkOutbound
from bot.platform import Deadlines, DeliveryError, HttpAnswer, Limits, Rendered
from bot.pulls import Log
from bot.wecom import WecomConfig
from bot.wecom.callbacks import DEADLINES as WECOM_TIMING, WecomCallbacks
from bot.wecom.client import WecomClient, app_client, kf_client
from bot.wecom.kf import KfAccount, KfOutbound
from bot.wecom.kf_pull import KfPuller
from bot.wecom.outbound import LIMITS as WECOM_LIMITS, WecomAppOutbound
from bot.wecom.webhook import LIMITS as GROUP_LIMITS, GroupWebhook
from domain.channels import ChannelKind
from domain.ids import ChannelId, TenantId
from domain.ports import Clock
from handlers.incoming import Incoming

log = structlog.get_logger(__name__)

DINGTALK_TIMING: Final = Deadlines(decide=timedelta(seconds=1.2), give_up=timedelta(seconds=1.6))
"""DingTalk waits 2 s for a card's answer and 2.5 s for the rest."""
NO_LIMITS: Final = Limits()
LOOK_AGAIN_SECONDS: Final = 10.0
"""How soon a channel added or changed by another process is noticed."""


@dataclass(frozen=True, slots=True)
class GroupConfig:
    """A group's robot; its address is its only secret."""

    channel: ChannelId
    url: SecretStr


@dataclass(frozen=True, slots=True)
class Platforms:
    """What a tenant has configured."""

    wecom: WecomConfig | None = None
    dingtalk: DingtalkConfig | None = None
    group_webhook: GroupConfig | None = None


class WecomReader:
    """WeCom's one address, for app and kf."""

    timing = WECOM_TIMING

    def __init__(self, callbacks: WecomCallbacks) -> None:
        """Keep the adapter."""
        self._callbacks = callbacks

    def verify_url(self, query: Mapping[str, str]) -> HttpAnswer:
        """Answer the check WeCom makes when the address is saved.

        Raises:
            Rejected: it isn't WeCom's.
        """
        return self._callbacks.verify_url(query)

    def read(
        self, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[tuple[Incoming, ...], HttpAnswer]:
        """Read a callback.

        Raises:
            Rejected: it isn't WeCom's.
        """
        del headers
        return (self._callbacks.read(query, body),), self._callbacks.acknowledge()

    def carry(
        self, incoming: Incoming, message: Rendered, *, replaces_card: bool
    ) -> HttpAnswer | None:
        """Turn a reply into a passive reply, if it can be one."""
        return self._callbacks.answer(incoming, message, replaces_card=replaces_card)


class Connections:
    """Builds and keeps each tenant's adapters."""

    def __init__(
        self,
        *,
        clock: Clock,
        redis: Redis,
        jitter: Callable[[], float],
        platforms: Callable[[TenantId], Platforms | None],
    ) -> None:
        """Keep what building needs; `platforms` gives None for tenants that don't exist."""
        self._clock = clock
        self._redis = redis
        self._jitter = jitter
        self._platforms = platforms
        self._lock = threading.Lock()
        self._tenants: dict[TenantId, tuple[Connection, float]] = {}

    def known(self, tenant: TenantId) -> "Connection | None":
        """Give a tenant's connection if that needs no look into the database."""
        found = self._tenants.get(tenant)
        return found[0] if found is not None and time.monotonic() < found[1] else None

    def of(self, tenant: TenantId) -> "Connection | None":
        """Give a tenant's connection as configured some seconds ago at most.

        None for a tenant that doesn't exist.

        Raises:
            ValueError: what the tenant has configured can't work.
        """
        with self._lock:
            known = self.known(tenant)
            if known is not None:
                return known
            platforms = self._platforms(tenant)
            if platforms is None:
                # Not remembered: the address of a callback must not fill the memory.
                self._tenants.pop(tenant, None)
                return None
            connection = self._tenants[tenant][0] if tenant in self._tenants else None
            if connection is None or connection.platforms != platforms:
                connection = Connection(platforms, self._clock, self._redis, self._jitter)
            self._tenants[tenant] = connection, time.monotonic() + LOOK_AGAIN_SECONDS
            return connection

    def close(self) -> None:
        """Close the connections to the platforms; they open again when they are used."""
        with self._lock:
            for connection, _ in self._tenants.values():
                connection.close()
            self._tenants.clear()

    def line(self, tenant: TenantId, channel: ChannelId) -> Line | None:
        """Give the way out of a channel."""
        connection = self.of(tenant)
        return connection.line(channel) if connection else None

    def log(self, tenant: TenantId, channel: ChannelId) -> Log | None:
        """Give the log of a channel whose messages are fetched."""
        connection = self.of(tenant)
        return connection.logs.get(channel) if connection else None


class Connection:
    """One tenant's adapters."""

    def __init__(
        self, platforms: Platforms, clock: Clock, redis: Redis, jitter: Callable[[], float]
    ) -> None:
        """Build the adapters of everything configured; nothing is called yet."""
        self.platforms = platforms
        self._jitter = jitter
        self.logs: dict[ChannelId, Log] = {}
        self.kf_accounts: dict[ChannelId, KfAccount] = {}
        self.wecom: WecomReader | None = None
        self.dingtalk: DingtalkCallbacks | None = None
        self.dingtalk_client: DingtalkClient | None = None
        self._lines: dict[ChannelId, Line] = {}
        self._is_registered = False
        self._closers: list[Callable[[], None]] = []
        self._wecom_client: WecomClient | None = None
        if platforms.wecom is not None:
            self._connect_wecom(platforms.wecom, clock, redis)
        if platforms.group_webhook is not None:
            group = platforms.group_webhook
            robot = GroupWebhook(group.url)
            self._closers.append(robot.close)
            self._lines[group.channel] = Line(ChannelKind.WECOM_GROUP, robot, GROUP_LIMITS)
        if platforms.dingtalk is not None:
            self._connect_dingtalk(platforms.dingtalk, clock, redis)

    def line(self, channel: ChannelId) -> Line | None:
        """Give the way out of a channel."""
        return self._lines.get(channel)

    def check_wecom(self) -> None:
        """Make sure that WeCom takes our credentials.

        Raises:
            DeliveryError: it doesn't.
        """
        if self._wecom_client is not None:
            self._wecom_client.check()

    def check_dingtalk(self) -> None:
        """Make sure that DingTalk takes our credentials.

        Raises:
            DeliveryError: it doesn't.
        """
        if self.dingtalk_client is not None:
            self.dingtalk_client.check()

    def close(self) -> None:
        """Close what is open to the platforms."""
        for closer in self._closers:
            closer()

    def register_card_address(self, address: str) -> None:
        """Tell DingTalk where presses go, in HTTP mode and with a card template; once.

        What fails is logged and tried again at the next call.
        """
        config = self.platforms.dingtalk
        if self._is_registered or config is None or self.dingtalk_client is None:
            return
        if config.mode != "http" or not config.card_template_id:
            return
        try:
            self.dingtalk_client.register_card_address(address)
        except DeliveryError as error:
            log.warning("card_address_not_registered", code=error.code)
            return
        self._is_registered = True

    def _connect_wecom(self, config: WecomConfig, clock: Clock, redis: Redis) -> None:
        self.wecom = WecomReader(WecomCallbacks(config, clock))
        client = app_client(config, redis)
        self._wecom_client = client
        self._closers.append(client.close)
        app = WecomAppOutbound(client, config)
        self._lines[config.app_channel] = Line(ChannelKind.WECOM_APP, app, WECOM_LIMITS)
        if config.kf is None:
            return
        kf = kf_client(config, redis, client)
        self._closers.append(kf.close)
        out = KfOutbound(kf, config.kf, clock)
        self._lines[config.kf.channel] = Line(ChannelKind.WECOM_KF, out, NO_LIMITS)
        self.logs[config.kf.channel] = KfPuller(kf, config.kf, clock)
        self.kf_accounts[config.kf.channel] = KfAccount(kf, config.kf)

    def _connect_dingtalk(self, config: DingtalkConfig, clock: Clock, redis: Redis) -> None:
        self.dingtalk = DingtalkCallbacks(config, clock)
        self.dingtalk_client = DingtalkClient(config, redis, clock=clock, jitter=self._jitter)
        self._closers.append(self.dingtalk_client.close)
        out = DingtalkOutbound(config, self.dingtalk_client, clock)
        self._lines[config.channel] = Line(ChannelKind.DINGTALK, out, NO_LIMITS)
