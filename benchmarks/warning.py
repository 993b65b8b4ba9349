"""From a customer's bad review on 微信客服 to the warning card on a supervisor's phone.

Both instants are the emulator's: when the customer's message stood on the customer's phone, and
when the card stood on the supervisor's. In between lie the ping, the pull, the work, the queue,
the worker and message/send.
"""

import json
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, Final

from benchmarks.callback import CONNECTIONS
from benchmarks.figures import Results, median, quantile
from benchmarks.firm import (
    GUESTS,
    SUPERVISORS,
    Credentials,
    guest,
    make_credentials,
    platforms,
    supervisor,
)
from benchmarks.load import Generator, Job, Outcome
from benchmarks.programs import READY_SECONDS_MAX, bot_settings, free_ports, run, running
from benchmarks.traffic import Traffic

IDLE, BUSY, WARM_UP = 60, 48, 6
BUSY_PER_SECOND = 20.0
SHIFT = 10
"""Cards for one supervisor; above 15 a minute pushes are merged, which is not measured here."""
PAUSE_SECONDS = 0.15
CARD_SECONDS_MAX = 15.0
HOW = f"{IDLE} idle, {BUSY} while {BUSY_PER_SECOND:g} callbacks/s run, by the emulator's clock"
REVIEW = "评价 {project} 1 渗水三次没人管"


class NoCard(Exception):
    """A warning did not arrive."""


def measure(folder: Path, load: Generator) -> Results:
    """Measure idle, then while callbacks run."""
    known = make_credentials()
    port, platform_port = free_ports(2)
    settings = bot_settings(known, folder / "data", port, platform_port)
    config = folder / "platforms.json"
    config.write_text(platforms(known, platform_port, port).to_json(), encoding="utf-8")
    run(["benchmarks.firm"], folder, settings)
    deadline = time.monotonic() + READY_SECONDS_MAX
    with ExitStack() as stack:
        emulator = stack.enter_context(running(["bot.emulator", "--config", str(config)], folder))
        emulator.await_ok(f"http://127.0.0.1:{platform_port}/emulator/health", deadline)
        bot = stack.enter_context(running(["bot", "up"], folder, settings))
        bot.await_ok(f"http://127.0.0.1:{port}/readyz", deadline)
        phones = _Phones(f"http://127.0.0.1:{platform_port}/emulator")
        shifts = _Shifts(folder / "data" / "zhufen.db")
        samples = _samples(phones, shifts)
        for _ in range(WARM_UP):
            next(samples)
        idle = [next(samples) for _ in range(IDLE)]
        busy = _while_busy(load, known, port, lambda: [next(samples) for _ in range(BUSY)])
    return {
        "warning_p50_ms_idle": median(idle),
        "warning_p99_ms_idle": quantile(idle, 0.99),
        "warning_p99_ms_busy": quantile(busy, 0.99),
    }


def _samples(phones: "_Phones", shifts: "_Shifts") -> Iterator[float]:
    """Give the milliseconds of one warning after the other, each about another project."""
    for number in range(GUESTS):
        if number % SHIFT == 0:
            shifts.begin(number // SHIFT % SUPERVISORS)
        on_duty = supervisor(number // SHIFT % SUPERVISORS)
        yield 1000 * phones.warn(guest(number).wechat, guest(number).project, on_duty)
        time.sleep(PAUSE_SECONDS)


def _while_busy(
    load: Generator, known: Credentials, port: int, measured: Callable[[], list[float]]
) -> list[float]:
    """Measure while callbacks come in; they must outlast the samples."""
    traffic = Traffic(known)
    requests, guests = traffic.callbacks(int(BUSY_PER_SECOND * BUSY * 0.6))
    running_load: Callable[[], Outcome] = load.start(
        Job((port,), requests, CONNECTIONS, BUSY_PER_SECOND)
    )
    found = measured()
    outcome = running_load()
    traffic.check(outcome.statuses, outcome.bodies, guests)
    return found


class _Shifts:
    """Which supervisor is there: exactly one, so that no phone gets more cards than it may."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def begin(self, number: int) -> None:
        """Let one supervisor begin and the others go."""
        connection = sqlite3.connect(self._database, timeout=10)
        connection.execute("UPDATE members SET is_active = (name = ?)", (f"主管{number:02d}",))
        connection.commit()
        connection.close()


class _Phones:
    """The emulated phones: acting on them, and every bubble as it appears."""

    def __init__(self, address: str) -> None:
        self._address: Final = address
        # No proxy from the environment: the emulator is on this machine.
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self._bubbles: Queue[dict[str, Any]] = Queue()
        stream = self._open(f"{address}/stream", timeout=60)
        Thread(target=self._read, args=(stream,), daemon=True).start()

    def warn(self, customer: str, project: str, on_duty: str) -> float:
        """Let a customer complain; give the seconds until the supervisor has the card.

        Raises:
            NoCard: it did not come.
        """
        said = REVIEW.format(project=project)
        act = {"app": "wechat", "user": customer, "do": "say", "text": said}
        request = urllib.request.Request(  # noqa: S310  our own address
            f"{self._address}/act",
            json.dumps(act).encode(),
            {"content-type": "application/json"},
        )
        with self._open(request, timeout=CARD_SECONDS_MAX) as answer:
            if not json.load(answer)["accepted"]:
                raise NoCard("callback not accepted")
        asked = self._await(f"wechat:{customer}", "text")
        card = self._await(f"wecom:{on_duty}", "card")
        if project not in json.dumps(card["body"], ensure_ascii=False):
            raise NoCard("the card is about something else")
        return float(card["at"]) - float(asked["at"])

    def _await(self, phone: str, kind: str) -> dict[str, Any]:
        deadline = time.monotonic() + CARD_SECONDS_MAX
        while (left := deadline - time.monotonic()) > 0:
            try:
                bubble = self._bubbles.get(timeout=left)
            except Empty:
                break
            if bubble["phone"] == phone and bubble["kind"] == kind and bubble["version"] == 1:
                return bubble
        raise NoCard(f"no {kind} on {phone}")

    def _read(self, stream: Any) -> None:
        try:
            for line in stream:
                if line.startswith(b"data: "):
                    self._bubbles.put(json.loads(line[6:]))
        except (OSError, ValueError):
            # The emulator has ended, and with it the measurement.
            return
