"""The roles as processes of their own, started from the command line and killed by their id."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from typing_extensions import override

from bot.embedded import redis_url, server_command
from bot.settings import PREFIX, Settings
from tests.support.servers import Listener
from tests.support.town import Platforms, Town, TownParts
from tests.support.world import Ding, MovingClock, Places, settings_of

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 30.0


class Role:
    """One process, born and killed as often as a test likes."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.lives = 0
        self._command, self._environment = command, environment
        self._process: subprocess.Popen[bytes] | None = None
        self._said: Path | None = None

    def start(self, folder: Path) -> None:
        self.lives += 1
        self._said = folder / f"{self.name}-{self.lives}.log"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def kill(self) -> None:
        """End it without warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    @property
    def pid(self) -> int:
        """The number of its present process."""
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def has_begun(self) -> bool:
        """Tell whether this life hears when it is asked to end; it says so."""
        return "role_begun" in self.said()

    def ends(self, within: float) -> int:
        """Ask it to end and give its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(within)

    def said(self) -> str:
        """Give what its last life has logged; nothing when it was never started."""
        return (
            "" if self._said is None else self._said.read_text(encoding="utf-8", errors="replace")
        )


class _QueueServer(Role):
    """The queue server, which says nothing but answers."""

    def __init__(self, places: Places) -> None:
        super().__init__("queue", server_command(places.data), dict(os.environ))
        self._address = redis_url(places.data)

    @override
    def has_begun(self) -> bool:
        with Redis.from_url(self._address, socket_timeout=1) as redis, suppress(RedisError):
            return bool(redis.ping())
        return False


def environment_of(settings: Settings, port: int) -> dict[str, str]:
    """Write settings as the environment of a role."""
    given = {
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PUBLIC_URL": settings.public_url,
        "PORT": str(port),
    }
    for group in ("wecom", "dingtalk"):
        for name, value in getattr(settings, group).model_dump().items():
            text = value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
            given[f"{group.upper()}__{name.upper()}"] = text
    own = {PREFIX + name: value for name, value in given.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**kept, **own, "PYTHONPATH": str(ROOT)}


def role(name: str, settings: Settings, port: int) -> Role:
    """Describe a role of the program, named as `zhufen up` names it."""
    kind = name.partition("-")[0]
    words = ("worker", "--backtests") if kind == "backtests" else (kind,)
    return Role(name, [sys.executable, "-m", "bot", *words], environment_of(settings, port))


@contextmanager
def town_of_processes(url: str, folder: Path, *names: str) -> Iterator[tuple[Town, list[Role]]]:
    """Open a town on a database whose roles are processes, beside the queue server's."""
    ding, clock, bot = Ding("http", has_template=False), MovingClock(), Listener()
    platforms = Platforms(ding, clock)
    data = folder / "d"
    data.mkdir()
    places = Places(data, redis_url(data), url, platforms.url, bot.url)
    settings = settings_of(places, ding)
    town = Town(platforms, TownParts(settings, clock))
    town.bot = bot
    platforms.call_back_at(bot.url)
    roles: list[Role] = [queue_server(places), *(role(n, settings, bot.port) for n in names)]
    bot.close()
    for one in roles:
        one.start(folder)
    try:
        answers(bot.url)
        yield town, roles
    finally:
        for one in reversed(roles):
            one.kill()
        platforms.close()
        town.parts.close()


def queue_server(places: Places) -> Role:
    """Describe the queue server of the places' data folder."""
    return _QueueServer(places)


def answers(url: str) -> None:
    """Wait until a web process answers."""
    host = url.rpartition("/")[2]
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        connection = HTTPConnection(host, timeout=1)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    raise AssertionError(f"{url} did not start")
