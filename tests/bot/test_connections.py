"""A tenant's adapters: built once, noticed when they change, their small chores done once."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis
from typing_extensions import override

from bot import connections
from bot.connections import Connection, Connections, GroupConfig, Platforms
from bot.contact_links import fetch_contact_links
from bot.dingtalk.config import DingtalkConfig
from bot.platform import DeliveryError
from bot.wecom import KfConfig, WecomConfig
from domain.channels import Channel, ChannelKind
from domain.ids import ChannelId, TenantId
from storage.channels import ChannelConfig
from tests.support.fakes import FakeClock, FakeStore

MAIN, OTHER = TenantId("main"), TenantId("other")
WECOM, KF, GROUP, DING = (ChannelId(name) for name in ("wecom", "kf", "group", "ding"))
ADDRESS = "https://bot.example.org/callback/main/dingtalk/card"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRET = SecretStr("sesame")


class Api:
    """A DingTalk that gives tokens and takes card addresses, unless told to refuse them."""

    def __init__(self) -> None:
        self.registered: list[dict[str, Any]] = []
        self.refuses = False
        api = self

        class Handler(BaseHTTPRequestHandler):
            @override
            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status, answer = 200, {"accessToken": "t", "expireIn": 7200, "success": True}
                if self.path.endswith("/register"):
                    status = 400 if api.refuses else 200
                    api.registered.append(body)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


@pytest.fixture
def redis() -> Iterator[Redis]:
    """Give a queue that is not there: adapters work without."""
    with Redis.from_url("redis://127.0.0.1:1", socket_timeout=0.3) as redis:
        yield redis


def ding(url: str = "https://api.example.org", **changes: Any) -> DingtalkConfig:
    fields = {"card_template_id": "t.schema", "mode": "http", "api_base": url, "oapi_base": url}
    return DingtalkConfig(DING, "ding1", SECRET, "robot1", "corp1", **(fields | changes))


def wecom() -> WecomConfig:
    kf = KfConfig("wk1", SECRET, KF)
    return WecomConfig("ww1", 7, SECRET, SECRET, SecretStr(AES_KEY), WECOM, kf)


def connection(redis: Redis, platforms: Platforms) -> Connection:
    return Connection(platforms, FakeClock(), redis, lambda: 0.5)


def kept(redis: Redis, platforms: dict[TenantId, Platforms]) -> Connections:
    return Connections(clock=FakeClock(), redis=redis, jitter=lambda: 0.5, platforms=platforms.get)


def test_every_channel_has_its_way_out_and_kf_its_log(redis: Redis) -> None:
    group = GroupConfig(GROUP, SecretStr("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"))
    found = connection(redis, Platforms(wecom(), ding(), group))

    lines = {channel: found.line(channel) for channel in (WECOM, KF, GROUP, DING)}
    assert {channel: line.kind for channel, line in lines.items() if line} == {
        WECOM: ChannelKind.WECOM_APP,
        KF: ChannelKind.WECOM_KF,
        GROUP: ChannelKind.WECOM_GROUP,
        DING: ChannelKind.DINGTALK,
    }
    assert list(found.logs) == list(found.kf_accounts) == [KF]
    assert found.line(ChannelId("nowhere")) is None
    app = lines[WECOM]
    assert app is not None
    assert app.limits.per_minute is not None
    found.close()


def test_a_tenant_is_connected_once_and_found_again(redis: Redis) -> None:
    tenants = kept(redis, {MAIN: Platforms(dingtalk=ding())})
    assert tenants.known(MAIN) is None

    first = tenants.of(MAIN)

    assert first is not None
    assert tenants.of(MAIN) is first
    assert tenants.known(MAIN) is first
    assert tenants.line(MAIN, DING) is first.line(DING)
    assert tenants.log(MAIN, KF) is None
    tenants.close()
    assert tenants.known(MAIN) is None


def test_an_unknown_tenant_is_nobody_and_not_remembered(redis: Redis) -> None:
    tenants = kept(redis, {})
    for number in range(50):
        assert tenants.of(TenantId(f"guess{number}")) is None
    assert tenants.line(OTHER, DING) is None
    assert tenants.log(OTHER, KF) is None

    assert not tenants._tenants


def test_a_change_by_another_process_is_noticed_and_what_stays_is_kept(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LOOK_AGAIN_SECONDS", 0.0)
    given = {MAIN: Platforms(dingtalk=ding())}
    tenants = kept(redis, given)
    first = tenants.of(MAIN)
    assert tenants.of(MAIN) is first

    given[MAIN] = Platforms(wecom(), ding())
    second = tenants.of(MAIN)
    assert second is not first
    assert second is not None
    assert second.wecom is not None

    del given[MAIN]
    assert tenants.of(MAIN) is None
    assert not tenants._tenants


def test_a_configuration_that_cannot_work_is_not_remembered(redis: Redis) -> None:
    def broken(_: TenantId) -> Platforms:
        raise ValueError("secret is empty")

    tenants = Connections(clock=FakeClock(), redis=redis, jitter=lambda: 0.5, platforms=broken)
    for _ in range(2):
        with pytest.raises(ValueError, match="empty"):
            tenants.of(MAIN)
    assert not tenants._tenants


def test_the_address_of_cards_is_registered_once(api: Api, redis: Redis) -> None:
    config = ding(api.url)
    found = connection(redis, Platforms(dingtalk=config))
    for _ in range(3):
        found.register_card_address(ADDRESS)

    (registered,) = api.registered
    assert registered["callbackUrl"] == ADDRESS
    assert registered["callbackRouteKey"] == config.card_route
    assert registered["apiSecret"] == config.card_secret
    found.close()


def test_an_address_that_was_not_taken_is_registered_later(api: Api, redis: Redis) -> None:
    api.refuses = True
    found = connection(redis, Platforms(dingtalk=ding(api.url)))
    found.register_card_address(ADDRESS)
    assert api.registered

    api.refuses, api.registered = False, []
    for _ in range(2):
        found.register_card_address(ADDRESS)
    assert len(api.registered) == 1
    found.close()


@pytest.mark.parametrize("changes", [{"mode": "stream"}, {"card_template_id": ""}])
def test_without_http_mode_or_a_template_there_is_no_address_to_register(
    api: Api, redis: Redis, changes: dict[str, str]
) -> None:
    found = connection(redis, Platforms(dingtalk=ding(api.url, **changes)))
    found.register_card_address(ADDRESS)
    found.close()
    connection(redis, Platforms()).register_card_address(ADDRESS)

    assert not api.registered


class Account:
    """A customer service account that may be out of reach."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    def contact_link(self, scene: str) -> str:
        self.asked += 1
        if self.fails:
            raise DeliveryError("unreachable", permanent=False)
        return f"https://work.weixin.qq.com/kfid/wk1?scene={scene}"


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore()
    for channel in (KF, ChannelId("kf2")):
        kind = ChannelKind.WECOM_KF
        store.save_channel(MAIN, ChannelConfig(Channel(channel, kind), f"account-{channel}"))
    return store


def link(store: FakeStore, channel: ChannelId = KF) -> str | None:
    with store.reading(MAIN) as work:
        return work.channels.get(channel).contact_url


def test_a_contact_link_is_fetched_once_and_kept(store: FakeStore) -> None:
    account = Account()
    for _ in range(3):
        fetch_contact_links(store, MAIN, {KF: account})

    assert account.asked == 1
    assert link(store) == "https://work.weixin.qq.com/kfid/wk1?scene=zhufen"


def test_a_contact_link_that_was_not_given_is_fetched_later_and_stops_no_other(
    store: FakeStore,
) -> None:
    poor, rich = Account(), Account()
    poor.fails = True
    accounts = {KF: poor, ChannelId("kf2"): rich}
    fetch_contact_links(store, MAIN, accounts)
    assert link(store) is None
    assert link(store, ChannelId("kf2")) is not None

    poor.fails = False
    fetch_contact_links(store, MAIN, accounts)
    assert link(store) is not None
    assert (poor.asked, rich.asked) == (2, 1)
