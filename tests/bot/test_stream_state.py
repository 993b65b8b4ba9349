"""Stream connections as readiness sees them, and which tenants have one."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channel_configs import DINGTALK, seal
from bot.installation import Installation
from bot.settings import DingtalkSettings, Settings
from bot.stream_state import StreamState, note_stream, stream_state
from bot.web.health import Probes, readiness
from bot.wiring import MAIN, Parts
from domain.channels import Channel, ChannelKind
from domain.ids import TenantId
from storage.channels import ChannelConfig
from tests.support.fakes import START, FakeClock, FakeStore

SECOND, BROKEN = TenantId("second"), TenantId("broken")
ROW = {"client_id": "ding2", "client_secret": "sesame", "robot_code": "r2", "corp_id": "c2"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def probes(store: FakeStore, *tenants: TenantId) -> Probes:
    return Probes(
        database=lambda: True,
        migrations=lambda: True,
        queue=lambda: True,
        oldest_due_seconds=lambda _: 0.0,
        oldest_backtest_seconds=lambda _: 0.0,
        last_beat=lambda: START + timedelta(hours=1),
        streams=lambda now: {tenant: stream_state(store, tenant, now) for tenant in tenants},
    )


def test_a_stream_may_be_gone_for_a_minute(clock: FakeClock) -> None:
    store = FakeStore()
    note_stream(store, MAIN, clock.now(), is_connected=True)
    is_ready, checks = readiness(probes(store, MAIN), clock)
    assert is_ready
    assert checks["stream"] == {MAIN: {"connected": True, "age_seconds": 0.0}}

    clock.forward(timedelta(seconds=60))
    note_stream(store, MAIN, clock.now(), is_connected=False)
    is_ready, checks = readiness(probes(store, MAIN), clock)
    assert is_ready
    assert checks["stream"] == {MAIN: {"connected": False, "age_seconds": 60.0}}

    clock.forward(timedelta(seconds=1))
    is_ready, checks = readiness(probes(store, MAIN), clock)
    assert not is_ready
    assert checks["stream"][MAIN]["age_seconds"] == 61.0


def test_one_tenants_missing_stream_is_shown_beside_the_others(clock: FakeClock) -> None:
    store = FakeStore()
    note_stream(store, MAIN, clock.now(), is_connected=True)
    note_stream(store, SECOND, clock.now(), is_connected=False)

    is_ready, checks = readiness(probes(store, MAIN, SECOND), clock)
    assert not is_ready
    assert checks["stream"][MAIN]["connected"] is True
    assert checks["stream"][SECOND] == {"connected": False, "age_seconds": None}


def test_a_stream_nobody_reports_about_is_not_connected(clock: FakeClock) -> None:
    store = FakeStore()
    assert stream_state(store, MAIN, clock.now()) == StreamState(False, None)

    note_stream(store, MAIN, clock.now(), is_connected=True)
    clock.forward(timedelta(seconds=16))
    assert stream_state(store, MAIN, clock.now()) == StreamState(False, START)


def test_a_probe_of_streams_that_breaks_is_named(clock: FakeClock) -> None:
    def broken(_: object) -> dict[TenantId, StreamState]:
        raise ConnectionError("sesame")

    good = probes(FakeStore())
    found = replace(good, streams=broken)
    is_ready, checks = readiness(found, clock)
    assert (is_ready, checks["stream"]) == (False, "failed")
    assert readiness(good, clock)[0]


def add_row(parts: Parts, tenant: TenantId, **changes: str) -> None:
    channel = Channel(DINGTALK, ChannelKind.DINGTALK)
    sealed = seal(tenant, channel, {**ROW, **changes}, parts.cipher)
    parts.store.add_tenant(tenant, tenant)
    config = ChannelConfig(channel, "ding2", sealed.settings, sealed.secrets)
    parts.store.save_channel(tenant, config)


@pytest.mark.parametrize(("mode", "names"), [("stream", {"stream"}), ("http", set())])
def test_the_stream_role_runs_when_any_tenant_needs_it(
    tmp_path: Path, mode: str, names: set[str]
) -> None:
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        dingtalk=DingtalkSettings(**ROW, mode="http"),
    )
    installation = Installation(settings)

    def fill(parts: Parts) -> None:
        add_row(parts, SECOND, mode=mode)
        add_row(parts, BROKEN, mode="pigeon")
        assert set(parts.stream_configs()) == ({SECOND} if mode == "stream" else set())

    installation.prepare(fill)
    always = {"queue", "web", "worker", "backtests", "scheduler"}
    assert {role.name for role in installation.roles()} == always | names
    lock = installation.folder._file
    assert lock is not None
    lock.close()
