"""Calls to the API: tokens, error numbers, broken answers, secrets that stay secret."""

import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from bot.platform import CardNotUpdatable, DeliveryError
from bot.wecom import KfConfig, WecomConfig
from bot.wecom.client import WecomClient, app_client, kf_client
from tests.bot.wecom.stub import Raw, Request, StubWecom
from tests.bot.wecom.town import KF_SECRET, SECRET

SEND = "message/send"


def send(client: WecomClient) -> Any:
    return client.api.message.send(1000002, "pm01", msg={"msgtype": "text"})


def failure(client: WecomClient) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(client)
    assert caught.value.__cause__ is None
    return caught.value


class TestToken:
    def test_one_token_serves_many_calls(self, client: WecomClient, stub: StubWecom) -> None:
        for _ in range(5):
            send(client)

        assert [request.query["access_token"] for request in stub.asked(SEND)] == ["token-1"] * 5
        assert [request.query for request in stub.asked("gettoken")] == [
            {"corpid": "wwdemo0000000001", "corpsecret": SECRET}
        ]

    @pytest.mark.parametrize("code", [40014, 42001])
    def test_a_refused_token_is_renewed_once_and_the_call_repeated(
        self, client: WecomClient, stub: StubWecom, code: int
    ) -> None:
        stub.will(SEND, {"errcode": code}, {"errcode": 0, "msgid": "m"})

        assert send(client)["msgid"] == "m"
        assert [request.query["access_token"] for request in stub.asked(SEND)] == [
            "token-1",
            "token-2",
        ]

    def test_a_token_refused_for_ever_is_tried_twice_only(
        self, client: WecomClient, stub: StubWecom
    ) -> None:
        stub.will(SEND, {"errcode": 42001})

        error = failure(client)

        assert (error.code, error.permanent) == ("42001", False)
        assert (len(stub.asked("gettoken")), len(stub.asked(SEND))) == (2, 2)

    def test_t65_an_expired_token_under_100_sends_is_renewed_once(
        self, client: WecomClient, stub: StubWecom
    ) -> None:
        send(client)
        stub.tokens += 1000  # the platform has given the token up early
        stub.will("gettoken", stub.fetch_token)
        stub.will(SEND, stub.if_token_is_newest({"errcode": 0}))

        with ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(lambda _: send(client), range(100)))

        assert answers == [{"errcode": 0}] * 100
        assert len(stub.asked("gettoken")) == 2  # the first one and the renewal

    def test_a_cold_start_of_many_threads_fetches_once(
        self, client: WecomClient, stub: StubWecom
    ) -> None:
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda _: send(client), range(20)))

        assert len(stub.asked("gettoken")) == 1

    @pytest.mark.parametrize("code", [40001, 40013])
    def test_a_wrong_secret_is_asked_for_once(
        self, client: WecomClient, stub: StubWecom, code: int
    ) -> None:
        stub.will("gettoken", {"errcode": code, "errmsg": "invalid"})

        for _ in range(10):
            error = failure(client)
            assert (error.code, error.permanent) == (str(code), True)
            assert error.is_operator_matter

        assert len(stub.asked("gettoken")) == 1
        assert stub.asked(SEND) == []

    def test_check_says_whether_the_secret_is_good(
        self, client: WecomClient, stub: StubWecom
    ) -> None:
        client.check()
        assert len(stub.asked("gettoken")) == 1

    @pytest.mark.parametrize(
        "answer",
        [
            {"errcode": 0},
            {"access_token": ""},
            {"access_token": 5},
            {"access_token": "t", "expires_in": "x"},
        ],
    )
    def test_a_token_answer_without_a_token_is_temporary(
        self, client: WecomClient, stub: StubWecom, answer: dict[str, Any]
    ) -> None:
        stub.will("gettoken", answer)

        assert failure(client).code == "bad_answer"
        assert stub.asked(SEND) == []

    def test_asking_for_tokens_too_often_pauses_for_long(
        self, client: WecomClient, stub: StubWecom
    ) -> None:
        stub.will("gettoken", {"errcode": 45009})

        error = failure(client)

        assert (error.permanent, error.retry_after) == (False, timedelta(minutes=10))


OPERATOR = {"permanent": True, "is_operator_matter": True}
GONE = {"permanent": True, "blocks_account": True}
BUG = {"permanent": True}
LATER = {"permanent": False}
TABLE: dict[int, dict[str, Any]] = {
    -1: {**LATER, "retry_after": timedelta(seconds=2)},
    45009: {**LATER, "retry_after": timedelta(minutes=1)},
    45033: {**LATER, "retry_after": timedelta(seconds=2)},
    40001: OPERATOR,
    40013: OPERATOR,
    48002: OPERATOR,
    50002: OPERATOR,
    50003: OPERATOR,
    60011: OPERATOR,
    60020: OPERATOR,
    301002: OPERATOR,
    93000: OPERATOR,
    95000: OPERATOR,
    95003: OPERATOR,
    95004: OPERATOR,
    95014: OPERATOR,
    95017: OPERATOR,
    95019: OPERATOR,
    60111: GONE,
    81013: GONE,
    82001: GONE,
    82002: GONE,
    82003: GONE,
    40003: BUG,
    40008: BUG,
    40056: BUG,
    40058: BUG,
    41001: BUG,
    42014: BUG,
    42016: BUG,
    42017: BUG,
    42018: BUG,
    44004: BUG,
    45002: BUG,
    95008: BUG,
    95009: BUG,
    95016: BUG,
    95001: {"permanent": True, "obstacle": "allowance_used"},
    95002: {"permanent": True, "obstacle": "window_closed"},
    95013: {"permanent": True, "obstacle": "session_ended"},
    95018: {"permanent": True, "obstacle": "with_a_person"},
    99999: LATER,
}


@pytest.mark.parametrize("code", TABLE)
def test_an_error_number_says_what_to_do(client: WecomClient, stub: StubWecom, code: int) -> None:
    stub.will(SEND, {"errcode": code, "errmsg": "text with pm01 in it"})

    error = failure(client)

    expected = DeliveryError(str(code), **TABLE[code])
    assert vars(error) == vars(expected)
    assert len(stub.asked(SEND)) == 1
    assert "pm01" not in str(error)


def test_60140_means_that_a_new_card_is_needed(client: WecomClient, stub: StubWecom) -> None:
    stub.will(SEND, {"errcode": 60140})

    error = failure(client)

    assert isinstance(error, CardNotUpdatable)
    assert error.permanent


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (Raw(500, b"{}"), "http_500"),
        (Raw(502, b"<html>bad gateway</html>"), "http_502"),
        (Raw(404, b""), "http_404"),
        (Raw(302, b""), "http_302"),
        (Raw(200, b"<html>busy</html>"), "bad_answer"),
        (Raw(200, b""), "bad_answer"),
        (Raw(200, b"[]"), "bad_answer"),
        (Raw(200, b'{"errcode": "0"}'), "bad_answer"),
        (Raw(200, b'{"errcode": true}'), "bad_answer"),
        (Raw(200, b'{"errcode": 0'), "bad_answer"),
        (Raw(200, b"\xff\xfe"), "bad_answer"),
    ],
)
def test_an_answer_that_is_not_the_platforms_is_temporary(
    client: WecomClient, stub: StubWecom, raw: Raw, code: str
) -> None:
    stub.will(SEND, raw)

    error = failure(client)

    assert (error.code, error.permanent, error.is_operator_matter) == (code, False, False)
    assert stub.asked("elsewhere") == []


def test_nobody_listening_is_temporary(config: WecomConfig) -> None:
    client = app_client(replace(config, api_base="http://127.0.0.1:9"), None)

    error = failure(client)

    assert (error.code, error.permanent) == ("unreachable", False)
    client.close()


@pytest.mark.parametrize("path", ["gettoken", SEND])
def test_a_silent_platform_is_given_up(client: WecomClient, stub: StubWecom, path: str) -> None:
    stub.will(path, Raw(200, b'{"errcode": 0}', seconds=3))
    client._http._http.timeout = httpx2.Timeout(0.1)

    error = failure(client)

    assert (error.code, error.permanent) == ("timeout", False)


def test_every_request_has_time_outs(client: WecomClient) -> None:
    timeout = client._http._http.timeout

    assert (timeout.connect, timeout.read) == (3, 5)


def test_at_most_three_calls_of_one_api_run_at_once(client: WecomClient, stub: StubWecom) -> None:
    running, most, lock = Counter[str](), Counter[str](), threading.Lock()
    together = threading.Barrier(3)

    def slowly(request: Request) -> dict[str, Any]:
        with lock:
            running[request.path] += 1
            most[request.path] = max(most[request.path], running[request.path])
        together.wait(5)  # three do get in together
        with lock:
            running[request.path] -= 1
        return {"errcode": 0}

    stub.will(SEND, slowly)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: send(client), range(12)))

    assert most[SEND] == 3


def test_who_gets_no_turn_is_sent_away_to_come_again(client: WecomClient, stub: StubWecom) -> None:
    client._slot_seconds = 0.05
    release, inside = threading.Event(), threading.Semaphore(0)

    def hold(_request: Request) -> dict[str, Any]:
        inside.release()
        release.wait(10)
        return {"errcode": 0}

    stub.will(SEND, hold)
    with ThreadPoolExecutor(3) as pool:
        held = [pool.submit(send, client) for _ in range(3)]
        for _ in held:
            assert inside.acquire(timeout=10)
        error = failure(client)
        client.api.user.get("pm01")  # another API has turns of its own
        release.set()
        assert [one.result() for one in held] == [{"errcode": 0}] * 3

    assert (error.code, error.permanent) == ("too_many_calls", False)
    assert error.retry_after is not None


def test_no_log_line_holds_a_secret_or_token(
    client: WecomClient, stub: StubWecom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.will(SEND, {"errcode": 60020, "errmsg": "from ip"})

    with pytest.raises(DeliveryError) as caught:
        send(client)

    told = caplog.text + repr(caught.value) + str(caught.value)
    assert SECRET not in told
    assert "token-1" not in told
    assert "access_token" not in told


def test_redirects_are_not_followed_with_the_token(client: WecomClient, stub: StubWecom) -> None:
    stub.will("gettoken", Raw(302, b""))

    assert failure(client).code == "http_302"
    assert stub.asked("elsewhere") == []


class TestConfiguration:
    def test_no_repr_shows_a_secret(self, config: WecomConfig) -> None:
        shown = f"{config!r} {config} {config.kf!r}"

        for secret in (SECRET, KF_SECRET, config.callback_token, config.callback_aes_key):
            plain = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
            assert plain not in shown

    @pytest.mark.parametrize(
        "changed",
        [
            {"corp_id": ""},
            {"corp_id": " "},
            {"agent_id": 0},
            {"secret": SecretStr("")},
            {"callback_token": SecretStr("")},
            {"callback_aes_key": SecretStr("")},
            {"app_channel": ""},
            {"api_base": "http://qyapi.weixin.qq.com"},
            {"api_base": "qyapi.weixin.qq.com"},
            {"api_base": "http://127.0.0.1.example.com"},
        ],
    )
    def test_what_is_empty_or_unsafe_is_refused(
        self, config: WecomConfig, changed: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match=r"is empty|must be"):
            replace(config, **changed)

    def test_an_empty_service_account_is_refused(self, config: WecomConfig) -> None:
        assert config.kf is not None
        with pytest.raises(ValueError, match="secret is empty"):
            KfConfig("wkDEMO", SecretStr(""), config.kf.channel)

    def test_a_client_needs_a_secret(self, config: WecomConfig) -> None:
        with pytest.raises(ValueError, match="secret is empty"):
            WecomClient(corp_id="ww", secret=SecretStr(""), redis=None, api_base=config.api_base)


class TestServiceAccountClient:
    def test_it_is_the_apps_when_the_secret_is(
        self, config: WecomConfig, client: WecomClient
    ) -> None:
        assert config.kf is not None
        same = replace(config, kf=replace(config.kf, secret=SecretStr(SECRET)))

        assert kf_client(same, None, client) is client

    def test_it_has_a_token_of_its_own_otherwise(
        self, config: WecomConfig, client: WecomClient, stub: StubWecom
    ) -> None:
        kf = kf_client(config, None, client)

        kf.check()

        assert [request.query["corpsecret"] for request in stub.asked("gettoken")] == [KF_SECRET]
        kf.close()

    def test_none_is_made_where_none_is_configured(
        self, config: WecomConfig, client: WecomClient
    ) -> None:
        with pytest.raises(ValueError, match="no customer service account"):
            kf_client(replace(config, kf=None), None, client)
