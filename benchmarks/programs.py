"""Starting the program's own processes for a measurement, and ending all of them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.firm import Credentials

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0
_POLL_SECONDS = 0.02


class NotReady(Exception):
    """A program did not come up."""


@dataclass(frozen=True, slots=True)
class Program:
    """A started program: the leader of its own process group."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def group(self) -> int:
        """Give the process group."""
        return self.process.pid

    def await_ok(self, url: str, deadline: float) -> None:
        """Wait until an address answers 200.

        Raises:
            NotReady: it did not in time, or the program has ended.
        """
        while not answers(url):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotReady(self.log.read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(_POLL_SECONDS)


@contextmanager
def running(
    arguments: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """Run `python -m <arguments>` in a folder until the context ends, then its whole group."""
    log = folder / f"{'-'.join(arguments[:2]).replace('.', '-')}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env=_environment(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield Program(process, log)
    finally:
        _end(process)


def run(arguments: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run `python -m <arguments>` to its end.

    Raises:
        NotReady: it failed.
    """
    with running(arguments, folder, environment) as program:
        if program.process.wait(READY_SECONDS_MAX) != 0:
            raise NotReady(program.log.read_text(encoding="utf-8", errors="replace")[-2000:])


def answers(url: str) -> bool:
    """Tell whether an address, redirections followed, answers 200 now."""
    try:
        with _plain.open(url, timeout=2) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


# No proxy from the environment: everything is on this machine.
_plain = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on, the even ones of pairs that are both free."""
    found: list[int] = []
    while len(found) < count:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port: int = first.getsockname()[1]
            try:
                with socket.create_server(("127.0.0.1", port + 1)):
                    pass
            except OSError:
                continue
        if not {port - 1, port, port + 1} & set(found):
            found.append(port)
    return found


def bot_settings(
    known: Credentials, data: Path, port: int, platform_port: int, database: str = ""
) -> dict[str, str]:
    """Give the environment of an installation whose platform is the emulator."""
    return {
        "ZHUFEN_DATA_DIR": str(data),
        "ZHUFEN_PORT": str(port),
        "ZHUFEN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ZHUFEN_WECOM__CORP_ID": known.corp_id,
        "ZHUFEN_WECOM__AGENT_ID": str(known.agent_id),
        "ZHUFEN_WECOM__SECRET": known.secret,
        "ZHUFEN_WECOM__CALLBACK_TOKEN": known.token,
        "ZHUFEN_WECOM__CALLBACK_AES_KEY": known.aes_key,
        "ZHUFEN_WECOM__KF_ID": known.kf_id,
        "ZHUFEN_WECOM__API_BASE": f"http://127.0.0.1:{platform_port}",
        **({"ZHUFEN_DATABASE_URL": database} if database else {}),
    }


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Give our own environment without anybody's settings for the bot."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHUFEN_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the leader to stop, as a user would; kill what is left of its group."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS_MAX)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
