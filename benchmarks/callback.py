"""A signed, encrypted 余额 from a customer's contact to the durable reply in the same response.

Every response is opened and checked, and afterwards the database must hold exactly one finished
inbox row and one reply row for each.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from sqlalchemy import create_engine, text

from benchmarks import codec
from benchmarks.figures import Results, median, quantile
from benchmarks.firm import Credentials, make_credentials
from benchmarks.load import Generator, Job, Outcome
from benchmarks.postgres import postgres
from benchmarks.programs import READY_SECONDS_MAX, bot_settings, free_ports, run, running
from benchmarks.traffic import Traffic

CONNECTIONS = 24
ARRIVALS_PER_SECOND = 50.0
PACED_ROUNDS, PACED = 3, 600
RATE_ROUNDS, RATED, ECHOED = 5, 2500, 15_000
RATED_POSTGRES = 1000
WARM_UP = 400
HOW = (
    f"{CONNECTIONS} kept-alive connections, fsync on; paced: {PACED_ROUNDS} rounds of {PACED},"
    f" random arrivals, latency from when due; rates: {RATE_ROUNDS} rounds of {RATED} beside echo"
    f" and codec, 3 for the others, of {RATED_POSTGRES} on PostgreSQL; medians of rounds"
)


class RowsDiffer(Exception):
    """The database does not hold what was answered."""


@dataclass
class Installed:
    """A running installation without its platforms, and everything it has been asked."""

    known: Credentials
    ports: tuple[int, ...]
    url: str
    traffic: Traffic
    load: Generator
    asked: int = 0

    def rate(self, count: int) -> float:
        """Ask as fast as answers come; give answers per second."""
        return self._ask(count).per_second

    def latencies(self, count: int, per_second: float, seed: int) -> list[float]:
        """Ask at a mean rate; give milliseconds from when each request was due."""
        return [1000 * taken for taken in self._ask(count, per_second, seed).latencies]

    def _ask(self, count: int, per_second: float | None = None, seed: int = 1) -> Outcome:
        requests, guests = self.traffic.callbacks(count)
        outcome = self.load.run(Job(self.ports, requests, CONNECTIONS, per_second, seed))
        self.asked += count
        self.traffic.check(outcome.statuses, outcome.bodies, guests)
        return outcome

    def check_rows(self) -> None:
        """Compare the rows with what was asked.

        Raises:
            RowsDiffer: a callback left no finished inbox row or not exactly one reply.
        """
        engine = create_engine(self.url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            finished = connection.execute(text(_FINISHED)).scalar_one()
            replied = connection.execute(text(_REPLIED)).scalar_one()
        engine.dispose()
        if not finished == replied == self.asked:
            raise RowsDiffer(f"{self.asked} asked, {finished} finished, {replied} replied")


_FINISHED = "SELECT count(*) FROM inbox WHERE state = 'done' AND answer IS NOT NULL"
_REPLIED = """
    SELECT count(DISTINCT inbox_id) FROM deliveries
    WHERE state = 'in_band' AND kind = 'reply' AND view = 'balance'
"""


def measure(folder: Path, load: Generator) -> Results:
    """Measure on SQLite beside the echo, then on PostgreSQL."""
    results = _beside_echo(folder / "sqlite", load)
    with postgres("bench") as url:
        one, two = _rates(folder / "postgres", load, url)
    results["callback_per_s_1_process_postgres"] = one
    results["callback_per_s_2_processes_postgres"] = two
    return results


def _beside_echo(folder: Path, load: Generator) -> Results:
    with ExitStack() as stack:
        bot = stack.enter_context(installed(folder, load))
        (echo_port,) = free_ports(1)
        echo = stack.enter_context(running(["benchmarks.echo", str(echo_port)], folder))
        echo.await_ok(f"http://127.0.0.1:{echo_port}/healthz", monotonic() + READY_SECONDS_MAX)
        echoes = bot.traffic.echoes(ECHOED)

        def echo_rate(count: int) -> float:
            return load.run(Job((echo_port,), echoes[:count], CONNECTIONS)).per_second

        bot.rate(WARM_UP)
        echo_rate(WARM_UP)
        paced = [bot.latencies(PACED, ARRIVALS_PER_SECOND, seed) for seed in range(PACED_ROUNDS)]
        rounds = [
            (bot.rate(RATED), echo_rate(ECHOED), codec.codec_per_second(bot.known))
            for _ in range(RATE_ROUNDS)
        ]
        with second_web(bot, folder) as both:
            two = median(both.rate(RATED) for _ in range(3))
        both.check_rows()
    return {
        "callback_p50_ms_at_50_per_s": median(quantile(taken, 0.5) for taken in paced),
        "callback_p99_ms_at_50_per_s": median(quantile(taken, 0.99) for taken in paced),
        "callback_per_s_1_process": median(one for one, _, _ in rounds),
        "callback_per_s_2_processes": two,
        "bare_echo_per_s": median(echoed for _, echoed, _ in rounds),
        "callback_rate_over_bare_echo": median(one / echoed for one, echoed, _ in rounds),
        "wechatpy_codec_per_s": median(coded for _, _, coded in rounds),
    }


def _rates(folder: Path, load: Generator, url: str) -> tuple[float, float]:
    with installed(folder, load, url) as bot:
        bot.rate(WARM_UP)
        one = median(bot.rate(RATED_POSTGRES) for _ in range(3))
        with second_web(bot, folder) as both:
            two = median(both.rate(RATED_POSTGRES) for _ in range(3))
        both.check_rows()
    return one, two


@contextmanager
def installed(folder: Path, load: Generator, url: str = "") -> Iterator[Installed]:
    """Run a whole installation (`zhufen up`) with the made-up firm."""
    folder.mkdir()
    known = make_credentials()
    port, nobody = free_ports(2)
    settings = bot_settings(known, folder / "data", port, nobody, url)
    run(["benchmarks.firm"], folder, settings)
    with running(["bot", "up"], folder, settings) as program:
        program.await_ok(f"http://127.0.0.1:{port}/readyz", monotonic() + READY_SECONDS_MAX)
        database = url or f"sqlite:///{folder / 'data' / 'zhufen.db'}"
        yield Installed(known, (port,), database, Traffic(known), load)


@contextmanager
def second_web(bot: Installed, folder: Path) -> Iterator[Installed]:
    """Run one more web process (`zhufen web`) on the same data."""
    (port,) = free_ports(1)
    database = bot.url if bot.url.startswith("postgresql") else ""
    settings = bot_settings(bot.known, folder / "data", port, port + 1, database)
    with running(["bot", "web"], folder, settings) as program:
        program.await_ok(f"http://127.0.0.1:{port}/healthz", monotonic() + READY_SECONDS_MAX)
        both = Installed(
            bot.known, (*bot.ports, port), bot.url, bot.traffic, bot.load, asked=bot.asked
        )
        both.rate(WARM_UP)
        yield both
