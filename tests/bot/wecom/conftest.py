"""One corp with its app and its customer service account, on a clock that stands still."""

import threading
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.wecom import KfConfig, WecomConfig
from bot.wecom.callbacks import WecomCallbacks
from bot.wecom.client import WecomClient, app_client
from domain.ids import ChannelId
from tests.bot.wecom.envelope import Envelope
from tests.bot.wecom.stub import StubServer, StubWecom
from tests.bot.wecom.town import AES_KEY, CORP, KF_SECRET, NOW, SECRET, TOKEN, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock.at_unix(NOW)


@pytest.fixture
def config(stub: StubWecom) -> WecomConfig:
    return WecomConfig(
        corp_id=CORP,
        agent_id=1000002,
        secret=SecretStr(SECRET),
        callback_token=SecretStr(TOKEN),
        callback_aes_key=SecretStr(AES_KEY),
        app_channel=ChannelId("app"),
        kf=KfConfig("wkDEMO", SecretStr(KF_SECRET), ChannelId("kf")),
        api_base=stub.url,
    )


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(TOKEN, AES_KEY, CORP)


@pytest.fixture
def callbacks(config: WecomConfig, clock: Clock) -> WecomCallbacks:
    return WecomCallbacks(config, clock)


@pytest.fixture
def stub() -> Iterator[StubWecom]:
    stub = StubWecom()
    server = StubServer(stub)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield stub
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def client(config: WecomConfig) -> Iterator[WecomClient]:
    client = app_client(config, None)
    yield client
    client.close()
