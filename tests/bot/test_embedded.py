"""The embedded queue server and the lock on its folder, with real processes."""

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from bot.embedded import (
    DataFolder,
    DataFolderInUse,
    ServerDidNotStart,
    redis_url,
    socket_path,
    start_server,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data() -> Iterator[Path]:
    """Give a folder with a short name: sockets have to fit into 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="zf-") as folder:
        yield Path(folder)


def until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def answers(data: Path) -> bool:
    with Redis.from_url(redis_url(data)) as redis:
        try:
            return bool(redis.ping())
        except (RedisError, OSError):
            return False


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(10)


def script(text: str, data: Path) -> "subprocess.Popen[str]":
    """Start a Python process that prints a process id."""
    beginning = "import os, sys, time\nfrom pathlib import Path\nfrom bot.embedded import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", f"{beginning}data = Path(sys.argv[1])\n{text}", str(data)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def said(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def is_free(data: Path) -> bool:
    """Try to lock a folder, and let it go again."""
    folder = DataFolder(data)
    try:
        folder.lock()
    except DataFolderInUse:
        return False
    assert folder._file is not None
    folder._file.close()
    return True


def test_a_folder_has_one_installation(data: Path) -> None:
    first = DataFolder(data)
    first.lock()
    assert first._file is not None

    assert not is_free(data)
    assert is_free(data / "other")

    first._file.close()
    assert is_free(data)


def test_a_folder_is_free_again_when_its_installation_was_killed(data: Path) -> None:
    holder = script(
        "folder = DataFolder(data); folder.lock(); print(os.getpid(), flush=True); time.sleep(60)",
        data,
    )
    said(holder)
    assert not is_free(data)

    holder.kill()
    holder.communicate()

    assert is_free(data)


def test_a_folder_stays_locked_while_a_server_still_writes_into_it(data: Path) -> None:
    parent = script(
        "folder = DataFolder(data); folder.lock(); child = os.fork()\n"
        "if child == 0:\n    os.close(1); os.open('/dev/null', 1); become_server(data)\n"
        "print(child, flush=True)",
        data,
    )
    server = said(parent)
    try:
        parent.communicate()
        until(lambda: answers(data), "the server did not start")
        assert not is_free(data)
    finally:
        os.kill(server, signal.SIGTERM)
    until(lambda: is_free(data), "the lock stayed")


def test_what_was_acknowledged_survives_the_servers_death(data: Path) -> None:
    server = start_server(data)
    with Redis.from_url(redis_url(data)) as redis:
        for number in range(200):
            redis.rpush("queue", number)
        server.kill()
    server.wait(10)
    assert not answers(data)

    server = start_server(data)
    with Redis.from_url(redis_url(data)) as redis:
        assert redis.lrange("queue", 0, -1) == [str(number).encode() for number in range(200)]
        assert redis.config_get("appendfsync") == {"appendfsync": "always"}
    end(server)


def test_only_the_owner_may_use_the_socket_and_there_is_no_port(data: Path) -> None:
    server = start_server(data)
    with Redis.from_url(redis_url(data)) as redis:
        assert redis.config_get("port") == {"port": "0"}
    mode = socket_path(data).stat().st_mode
    end(server)

    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o700


def test_the_server_ends_when_its_parent_is_killed(data: Path) -> None:
    parent = script("print(start_server(data).pid, flush=True); time.sleep(60)", data)
    said(parent)
    assert answers(data)

    parent.kill()
    parent.communicate()

    until(lambda: not answers(data), "the server has outlived its parent")


def test_a_folder_with_a_long_name_has_its_socket_elsewhere(data: Path) -> None:
    folder = data / ("深" * 30) / ("x" * 60)
    other = folder.with_name("y" * 60)
    assert folder not in socket_path(folder).parents
    assert socket_path(folder) != socket_path(other)
    assert socket_path(data) == data.resolve() / "queue.sock"

    server = start_server(folder)
    assert answers(folder)
    end(server)
    assert (folder / "queue" / "server.log").exists()


def test_a_server_that_cannot_start_is_no_server(data: Path) -> None:
    (data / "queue" / "appendonlydir").mkdir(parents=True)
    (data / "queue" / "appendonlydir" / "appendonly.aof.manifest").write_text("rubbish\n")

    with pytest.raises(ServerDidNotStart):
        start_server(data)
    assert not answers(data)


def test_a_socket_left_by_a_dead_server_is_no_hindrance(data: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(socket_path(data)))
    assert not answers(data)

    server = start_server(data)
    assert answers(data)
    end(server)
