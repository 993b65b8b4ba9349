"""The composition root: settings in, working parts out. The only place that knows every part."""

import base64
import contextlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.api.gate import Gate
from bot.api.page import ApiPage
from bot.api.problems import Problems
from bot.app import Web
from bot.channel_configs import (
    DINGTALK,
    GROUP,
    KF,
    WECOM,
    SealedChannel,
    platforms_of_rows,
    platforms_of_settings,
)
from bot.clock import SystemClock, SystemIds
from bot.connections import Connections, Platforms
from bot.contact_links import fetch_contact_links
from bot.day_heads import DayHeads
from bot.deliveries import Sender
from bot.dingtalk.config import DingtalkConfig
from bot.embedded import redis_url
from bot.hints import Hints
from bot.intake import Intake
from bot.platform import Rendered
from bot.presenter import Form, Presenter
from bot.pulls import Puller, own_ring
from bot.runtime import Runtime
from bot.settings import Settings
from bot.stream_state import stream_state
from bot.together import Together
from bot.verifying import log_damage, steps_of
from bot.web.callbacks import Callbacks
from bot.web.health import Probes
from bot.web.pages import make_pages
from bot.workers.jobs import Bench
from bot.workers.nightly import NightlyVerify
from bot.workers.runs import Runs
from bot.workers.scheduler import BEAT, Scheduler
from bot.workers.worker import make_queue
from domain.channels import Channel, ChannelKind
from domain.ids import ChannelId, TenantId
from domain.verification import Finding
from handlers.usecases.decisions import expire_overdue
from handlers.usecases.setup import publish_starter_rules
from handlers.usecases.watching import report_damage
from storage.channels import ChannelConfig
from storage.cipher import AesGcmCipher, Undecipherable
from storage.migrate import NotMigrated, is_current
from storage.work import SqlStore, open_store

log = structlog.get_logger(__name__)

MAIN = TenantId("main")
RULES_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
"""They hold for every event a firm may still enter; later versions have real dates."""
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
KEY_BYTES = 32

_FORMS: dict[ChannelKind, Form] = {
    ChannelKind.WECOM_APP: Form.WECOM,
    ChannelKind.WECOM_KF: Form.KF,
    ChannelKind.WECOM_GROUP: Form.PLAIN,
    ChannelKind.DINGTALK: Form.DINGTALK,
}


class WrongSecretKey(Exception):
    """ZHUFEN_SECRET_KEY is not 32 bytes in base64."""


@dataclass(frozen=True)
class Parts:
    """Everything one process may need, built when it is first asked for."""

    settings: Settings

    @cached_property
    def clock(self) -> SystemClock:
        """Give the clock."""
        return SystemClock()

    @cached_property
    def ids(self) -> SystemIds:
        """Give the source of ids."""
        return SystemIds()

    @cached_property
    def cipher(self) -> AesGcmCipher:
        """Give the cipher of personal data and secrets."""
        return AesGcmCipher(load_key(self.settings))

    @cached_property
    def store(self) -> SqlStore:
        """Open the database; it has been migrated."""
        return open_store(
            self.settings.resolved_database_url,
            clock=self.clock,
            ids=self.ids,
            cipher=self.cipher,
        )

    @cached_property
    def redis(self) -> Redis:
        """Give a client that fails fast: a hint or a shared token is never worth waiting for."""
        return Redis.from_url(
            self.redis_address,
            socket_timeout=0.3,
            socket_connect_timeout=0.3,
            retry=Retry(NoBackoff(), 0),
        )

    @property
    def redis_address(self) -> str:
        """Give where the queue is: as set, or the embedded server's socket."""
        return self.settings.redis_url or redis_url(self.settings.data_dir)

    @cached_property
    def presenter(self) -> Presenter:
        """Give the renderer of views."""
        url, reveal = self.settings.public_url, self.cipher.reveal
        return Presenter(TEMPLATES, public_url=url, reveal=reveal)

    def render(self, view: str, data: dict[str, object], kind: ChannelKind) -> Rendered:
        """Render a view for a channel."""
        return self.presenter.render(view, data, _FORMS[kind])

    @cached_property
    def connections(self) -> Connections:
        """Give the platforms' adapters."""
        return Connections(
            clock=self.clock,
            redis=self.redis,
            jitter=self.ids.jitter,
            platforms=self._platforms,
        )

    @cached_property
    def intake(self) -> Intake:
        """Give the intake of callbacks."""
        return Intake(self.store, self.clock, self.ids)

    @cached_property
    def runtime(self) -> Runtime:
        """Give the handler of inbox items."""
        return Runtime(
            store=self.store,
            clock=self.clock,
            ids=self.ids,
            render=self.render,
            pullers=Puller(self.store, self.intake, self.connections.log),
        )

    @cached_property
    def sender(self) -> Sender:
        """Give the sender of deliveries."""
        return Sender(
            store=self.store,
            queue=self.store.queue,
            clock=self.clock,
            ids=self.ids,
            render=self.render,
            lines=self.connections.line,
            runtime=self.runtime,
        )

    @cached_property
    def hints(self) -> Hints:
        """Give the way to tell the workers."""
        return Hints(make_queue(self.redis))

    @cached_property
    def bench(self) -> Bench:
        """Give what a worker works with."""
        return Bench(self.runtime, self.sender, self.hints)

    @cached_property
    def web(self) -> Web:
        """Give what the web process works with."""
        callbacks = Callbacks(
            intake=self.intake,
            runtime=self.runtime,
            together=Together(self.store, self.runtime, is_quicker=self.store.has_one_writer),
            hints=self.hints,
            clock=self.clock,
        )
        pages = make_pages(self.store, self.clock, self.cipher.reveal, TEMPLATES)
        problems = Problems(TEMPLATES, self.presenter, self.settings.public_url)
        gate = Gate(
            keys=self.store,
            runtime=self.runtime,
            hints=self.hints,
            problems=problems,
            ids=self.ids,
        )
        page = ApiPage(TEMPLATES, problems)
        return Web(self.connections, callbacks, self._probes(), pages, self.clock, gate, page)

    @cached_property
    def scheduler(self) -> Scheduler:
        """Give the scheduler."""
        day_heads = DayHeads(
            store=self.store, runtime=self.runtime, clock=self.clock, hints=self.hints
        )
        return Scheduler(
            store=self.store,
            beats=self.store,
            queue=self.store.queue,
            clock=self.clock,
            hints=self.hints,
            runtime=self.runtime,
            sender=self.sender,
            chores=(
                self._look_for_messages,
                self._fetch_contact_link,
                self._register_card_address,
                self._end_lapsed_approvals,
                day_heads.close_day,
                self._verify_nightly,
            ),
            runs=Runs(
                store=self.store, clock=self.clock, runtime=self.runtime, hints=self.hints
            ).all(),
        )

    @cached_property
    def nightly(self) -> NightlyVerify:
        """Give the nightly check of the ledger."""
        return NightlyVerify(
            steps=partial(steps_of, self.store, self.settings.resolved_database_url),
            notes=self.store,
            clock=self.clock,
            warn=self._warn_of_damage,
        )

    def stream_configs(self) -> dict[TenantId, DingtalkConfig]:
        """Give every tenant whose DingTalk comes over Stream; one that can't work is left out."""
        found: dict[TenantId, DingtalkConfig] = {}
        for tenant in self.store.tenants():
            try:
                platforms = self._platforms(tenant)
            except (ValueError, KeyError, Undecipherable) as error:
                log.error("tenant_misconfigured", tenant=tenant, exc=error)  # noqa: TRY400  frames
                continue
            config = platforms.dingtalk if platforms is not None else None
            if config is not None and config.mode == "stream":
                found[tenant] = config
        return found

    def close(self) -> None:
        """Close what has been opened; what is used again opens again."""
        for name in ("connections", "store", "redis"):
            if name in self.__dict__:
                getattr(self, name).close()

    def ready(self) -> "Parts":
        """Make sure that a role can begin: the schema is there and tenant `main` is set up.

        Raises:
            NotMigrated: it isn't; `zhufen migrate` brings it there.
        """
        if not is_current(self.settings.resolved_database_url):
            raise NotMigrated("zhufen migrate")
        self.set_up_main()
        return self

    def set_up_main(self) -> None:
        """Make tenant `main` and the channels its settings name; safe to repeat."""
        self.store.add_tenant(MAIN, MAIN)
        self.runtime.act(MAIN, lambda ctx: publish_starter_rules(ctx, RULES_SINCE))
        platforms = self._of_settings()
        if platforms.wecom is not None:
            account = f"{platforms.wecom.corp_id}/{platforms.wecom.agent_id}"
            self._save(WECOM, ChannelKind.WECOM_APP, account)
            if platforms.wecom.kf is not None:
                self._save(KF, ChannelKind.WECOM_KF, platforms.wecom.kf.open_kfid)
        if platforms.group_webhook is not None:
            self._save(GROUP, ChannelKind.WECOM_GROUP, str(GROUP))
        if platforms.dingtalk is not None:
            self._save(DINGTALK, ChannelKind.DINGTALK, platforms.dingtalk.client_id)

    def _save(self, channel: ChannelId, kind: ChannelKind, account: str) -> None:
        self.store.save_channel(MAIN, ChannelConfig(Channel(channel, kind), account))

    def _platforms(self, tenant: TenantId) -> Platforms | None:
        if tenant == MAIN:
            return self._of_settings()
        if tenant not in self.store.tenants():
            return None
        return self._of_rows(tenant)

    def _of_settings(self) -> Platforms:
        return platforms_of_settings(self.settings)

    def _of_rows(self, tenant: TenantId) -> Platforms:
        rows = [
            SealedChannel(row.channel, row.settings, row.secrets)
            for row in self.store.channel_configs(tenant)
        ]
        return platforms_of_rows(tenant, rows, self.cipher)

    def _probes(self) -> Probes:
        url = self.settings.resolved_database_url

        def last_beat() -> datetime | None:
            beat = self.store.last_beat(BEAT)
            return beat.at if beat else None

        return Probes(
            database=lambda: len(self.store.tenants()) >= 0,
            migrations=lambda: is_current(url),
            queue=lambda: bool(self.redis.ping()),
            oldest_due_seconds=self.store.queue.oldest_due_seconds,
            oldest_backtest_seconds=self.store.backtest_queue.oldest_due_seconds,
            last_beat=last_beat,
            streams=lambda now: {
                tenant: stream_state(self.store, tenant, now) for tenant in self.stream_configs()
            },
        )

    def _fetch_contact_link(self, tenant: TenantId) -> None:
        """Ask the platform once for the link by which customers reach us."""
        connection = self.connections.of(tenant)
        if connection is None:
            return
        fetch_contact_links(self.store, tenant, connection.kf_accounts)

    def _register_card_address(self, tenant: TenantId) -> None:
        """Tell DingTalk where presses go in HTTP mode, once per process."""
        connection = self.connections.of(tenant)
        if connection is not None:
            address = f"{self.settings.public_url}/callback/{tenant}/dingtalk/card"
            connection.register_card_address(address)

    def _end_lapsed_approvals(self, tenant: TenantId) -> None:
        """End what nobody has decided in time; looking takes no writer's place."""
        with self.store.reading(tenant) as work:
            lapsed = work.approvals.lapsed(self.clock.now())
        for act in [partial(expire_overdue, approval_id=one.id) for one in lapsed]:
            self.hints.after(tenant, self.runtime.act(tenant, act))

    def _verify_nightly(self, tenant: TenantId) -> None:
        self.nightly(tenant)

    def _warn_of_damage(self, tenant: TenantId, findings: Sequence[Finding]) -> None:
        log_damage(tenant, findings)
        warn = partial(report_damage, count=len(findings))
        self.hints.after(tenant, self.runtime.act(tenant, warn))

    def _look_for_messages(self, tenant: TenantId) -> None:
        """Pull now and then unasked: rings get lost while nobody listens, messages don't."""
        connection = self.connections.of(tenant)
        for channel in connection.logs if connection is not None else ():
            received = self.intake.receive(tenant, own_ring(channel, self.clock.now()))
            if received.is_new:
                self.hints.handle(tenant, [received.item])


def load_key(settings: Settings) -> bytes:
    """Give the secret key: as set, or the one made once and kept in the data folder.

    Raises:
        WrongSecretKey: it isn't 32 bytes in base64.
    """
    text = settings.secret_key.get_secret_value()
    if not text:
        path = settings.data_dir / "secret.key"
        if not path.exists():
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            made = base64.b64encode(secrets.token_bytes(KEY_BYTES))
            fresh = path.with_name(f"{path.name}.{os.getpid()}")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(made)
            # Of two processes that start at once one makes the key, whole, and both read it.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
        text = path.read_text(encoding="ascii").strip()
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise WrongSecretKey from None
    if len(key) != KEY_BYTES:
        raise WrongSecretKey
    return key
