"""What people said while nobody listened, and firms beside `main` that listen over Stream."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.channel_configs import DINGTALK, seal
from bot.wiring import MAIN, Parts
from domain.channels import Channel, ChannelKind
from domain.ids import TenantId
from storage.channels import ChannelConfig
from storage.db import reading
from tests.support.pump import Streaming
from tests.support.servers import Listener
from tests.support.town import MovingClock, Platforms, Town, TownParts
from tests.support.world import (
    CLIENT_ID,
    CLIENT_SECRET,
    DING_CORP,
    Ding,
    Places,
    settings_of,
)

WANG = "wechat:wmWang"
SECOND = TenantId("second")


@pytest.fixture
def deaf_town(town: Town) -> Iterator[Town]:
    """Give a town that has read its customers' log and can't be called."""
    town.waits_until(lambda: town.all("SELECT 1 FROM channels WHERE log_cursor NOT LIKE 'r%:%'"))
    address = town.wecom.callback_url
    town.wecom.callback_url = "http://127.0.0.1:9/"
    yield town
    town.wecom.callback_url = address


def starts_again(town: Town) -> None:
    """Let a scheduler begin."""
    parts = TownParts(town.settings, town.clock)
    parts.scheduler.tick()
    parts.close()


def test_a_new_scheduler_fetches_what_customers_wrote_in_an_outage(deaf_town: Town) -> None:
    mark = deaf_town.says(WANG, "你好")
    deaf_town.settles()
    assert deaf_town.shown(WANG, mark) == []

    deaf_town.clock.pass_by(minutes=5)
    starts_again(deaf_town)
    deaf_town.waits_for(WANG, "", after=mark)
    deaf_town.settles()
    assert deaf_town.one("SELECT count(*) FROM inbox WHERE state = 'stale'") == 0


def test_after_a_long_outage_a_customer_is_asked_to_write_again(deaf_town: Town) -> None:
    mark = deaf_town.says(WANG, "你好")
    deaf_town.says(WANG, "在吗")
    deaf_town.clock.pass_by(hours=2)
    starts_again(deaf_town)

    deaf_town.waits_for(WANG, "请再发一次", after=mark)
    deaf_town.settles()
    assert len(deaf_town.shown(WANG, mark)) == 1
    assert deaf_town.one("SELECT count(*) FROM inbox WHERE state = 'stale'") == 2


@pytest.fixture
def two_firms(
    clean_queue: str, sqlite_url: str, tmp_path: Path
) -> Iterator[tuple[Parts, Platforms]]:
    """Give `main` by settings and a second firm by its row, each at a platform of its own."""
    clock, bot = MovingClock(), Listener()
    ours, theirs = Platforms(Ding(), clock), Platforms(Ding(), clock)
    places = Places(tmp_path / "data", clean_queue, sqlite_url, ours.url, bot.url)
    parts = TownParts(settings_of(places, Ding()), clock)
    parts.set_up_main()
    channel = Channel(DINGTALK, ChannelKind.DINGTALK)
    values = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "robot_code": CLIENT_ID,
        "corp_id": DING_CORP,
        "api_base": theirs.url,
        "oapi_base": theirs.url,
    }
    sealed = seal(SECOND, channel, values, parts.cipher)
    parts.store.add_tenant(SECOND, SECOND)
    config = ChannelConfig(channel, CLIENT_ID, sealed.settings, sealed.secrets)
    parts.store.save_channel(SECOND, config)
    yield parts, theirs
    parts.close()
    ours.close()
    theirs.close()
    bot.close()


def test_every_firm_in_stream_mode_is_heard(two_firms: tuple[Parts, Platforms]) -> None:
    parts, theirs = two_firms
    streaming = Streaming(parts)
    probes = parts.web.probes
    until(lambda: all(s.is_connected for s in probes.streams(parts.clock.now()).values()))
    assert set(probes.streams(parts.clock.now())) == {MAIN, SECOND}

    theirs.loop.run(theirs.dingtalk.member_says("zhoutao01", "你好"))
    until(lambda: came_in(parts, SECOND))
    assert not came_in(parts, MAIN)
    streaming.close()
    until(lambda: not any(s.is_connected for s in probes.streams(parts.clock.now()).values()))


def came_in(parts: Parts, tenant: TenantId) -> bool:
    """Tell whether a firm has been told anything."""
    with reading(parts.store.database, tenant) as db:
        return bool(db.all("SELECT 1 FROM inbox WHERE tenant_id = :tenant"))


def until(holds: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)
