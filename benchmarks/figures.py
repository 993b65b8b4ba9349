"""The figures by name: what each means, its unit, the bar it must hold, and how they are shown.

Names are public: what reads results.json knows them.
"""

import json
import operator
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table
from typing_extensions import override

OUT = Path(__file__).resolve().parent / "out"

Results = dict[str, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must hold."""

    relation: Literal["<", "<=", ">="]
    value: float

    def holds(self, measured: float) -> bool:
        """Tell whether a measured value is on the right side."""
        return _RELATIONS[self.relation](measured, self.value)

    @override
    def __str__(self) -> str:
        return f"{self.relation} {self.value:g}"


_RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What one name in results.json stands for."""

    unit: str
    meaning: str
    bar: Bar | None = None


FIGURES: Mapping[str, Figure] = {
    "callback_p50_ms_at_50_per_s": Figure("ms", "signed callback to durable reply, open loop"),
    "callback_p99_ms_at_50_per_s": Figure("ms", "the same", Bar("<", 100)),
    "callback_per_s_1_process": Figure("1/s", "the same, closed loop, SQLite"),
    "callback_per_s_2_processes": Figure("1/s", "two web processes, one writer at a time"),
    "callback_per_s_1_process_postgres": Figure("1/s", "one web process, PostgreSQL"),
    "callback_per_s_2_processes_postgres": Figure("1/s", "two web processes, PostgreSQL"),
    "bare_echo_per_s": Figure("1/s", "FastAPI giving the body back: same server and load"),
    "callback_rate_over_bare_echo": Figure("ratio", "the two, round by round", Bar(">=", 0.1)),
    "wechatpy_codec_per_s": Figure("1/s", "wechatpy alone: decrypt, parse, reply, encrypt"),
    "warning_p50_ms_idle": Figure("ms", "customer's bad review to card on supervisor's phone"),
    "warning_p99_ms_idle": Figure("ms", "the same", Bar("<", 1000)),
    "warning_p99_ms_busy": Figure("ms", "the same while 20 callbacks/s run"),
    "verify_entries_per_s": Figure("1/s", "zhufen verify, all of it, SQLite", Bar(">=", 80_000)),
    "verify_entries_per_s_postgres": Figure("1/s", "the same, PostgreSQL beside it"),
    "backtest_1m_events_s": Figure("s", "back-test of 1 million events, compared", Bar("<", 60)),
    "backtest_1m_events_tenant_cap_s": Figure("s", "the same with a cap over all customers"),
    "backtest_events_per_s_postgres": Figure("1/s", "the same without it, PostgreSQL"),
    "expire_100k_lots_s": Figure("s", "booking the end of 100,000 lots, SQLite", Bar("<", 30)),
    "expire_writer_wait_max_ms": Figure("ms", "another writer meanwhile", Bar("<", 50)),
    "expire_100k_lots_s_postgres": Figure("s", "the same, PostgreSQL", Bar("<", 30)),
    "expire_writer_wait_max_ms_postgres": Figure("ms", "the same", Bar("<", 50)),
    "bare_per_s_sqlite": Figure("1/s", "(a) one entry between two accounts, one commit"),
    "bare_per_s_postgres": Figure("1/s", "the same, PostgreSQL"),
    "posting_per_s_sqlite": Figure("1/s", "(b) with key, guard, lots and chain, one commit"),
    "posting_per_s_postgres": Figure("1/s", "the same, PostgreSQL"),
    "posting_over_raw_sql_sqlite": Figure("ratio", "(b) to its SQL alone", Bar(">=", 0.25)),
    "posting_over_raw_sql_postgres": Figure("ratio", "the same, PostgreSQL", Bar(">=", 0.5)),
    "posting_over_hordak_postgres": Figure(
        "ratio", "(b) to django-hordak's transfer_to", Bar(">=", 7)
    ),
    "events_per_s_sqlite": Figure("1/s", "(c) event to delivery row, one commit", Bar(">=", 600)),
    "events_per_s_postgres": Figure("1/s", "the same, PostgreSQL"),
    "event_p99_ms_sqlite": Figure("ms", "(c) one client", Bar("<", 10)),
    "redeem_per_s_sqlite": Figure("1/s", "preview, confirm, receipt; worse of one and many"),
    "redeem_p99_ms_sqlite": Figure("ms", "the same, 16 clients on one writer"),
    "redeem_one_reward_per_s_postgres": Figure("1/s", "the same, all on one reward's stock"),
    "redeem_one_reward_p99_ms_postgres": Figure("ms", "the same"),
    "redeem_many_rewards_per_s_postgres": Figure("1/s", "the same on 64 rewards"),
    "redeem_many_rewards_p99_ms_postgres": Figure("ms", "the same"),
    "wallet_read_p99_ms_1k": Figure("ms", "balance and next ends, 1 thousand entries"),
    "wallet_read_p99_ms_1m": Figure("ms", "the same, 1 million, also the hot one", Bar("<", 5)),
    "wallet_read_p99_ms_1m_hot": Figure("ms", "the hot one: 100 thousand open lots"),
    "wallet_read_growth_1k_to_1m": Figure("ratio", "p99 of wallets by chance", Bar("<=", 1.2)),
    "wallet_read_p99_ms_1m_postgres": Figure("ms", "the same, PostgreSQL"),
    "wallet_read_growth_1k_to_1m_postgres": Figure("ratio", "the same, PostgreSQL"),
    "ready_s": Figure("s", "start of the demo to /readyz and /demo", Bar("<=", 8)),
    "demo_memory_mib": Figure("MiB", "idle demo, all processes, shared pages once", Bar("<", 400)),
    "import_events_per_s": Figure("1/s", "a file's bytes to its last commit", Bar(">=", 5000)),
    "demo_memory_rss_mib": Figure("MiB", "the same, shared pages once per process"),
}


def quantile(values: Sequence[float], share: float) -> float:
    """Give the value that this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(0, min(len(ordered) - 1, -(-len(ordered) * share // 1) - 1))
    return ordered[int(rank)]


def median(values: Iterable[float]) -> float:
    """Give the middle value."""
    return statistics.median(values)


def tell(results: Results) -> None:
    """Print the figures of one part at once: the whole takes long, and may not come to its end."""
    for name, value in results.items():
        figure = FIGURES[name]
        print(f"  {name}: {_number(value)} {figure.unit} {_verdict(figure, value)}", flush=True)


def show(results: Results) -> None:
    """Print the figures that were measured and which bars hold."""
    table = Table(title="zhufen: make bench")
    for heading, side in (("figure", "left"), ("value", "right"), ("unit", "left")):
        table.add_column(heading, justify="right" if side == "right" else "left", no_wrap=True)
    table.add_column("bar", no_wrap=True)
    table.add_column("what")
    for name, figure in FIGURES.items():
        if name in results:
            value = results[name]
            verdict = _verdict(figure, value)
            table.add_row(name, _number(value), figure.unit, verdict, figure.meaning)
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    failed = [
        name
        for name, figure in FIGURES.items()
        if figure.bar and name in results and not figure.bar.holds(results[name])
    ]
    console.print(f"bars failed: {', '.join(failed)}" if failed else "all bars hold", style="bold")


def write(results: Results, settings: Mapping[str, str]) -> None:
    """Write results.json (name to number) and settings.json beside it."""
    OUT.mkdir(exist_ok=True)
    rounded = {name: float(_number(results[name])) for name in FIGURES if name in results}
    for name, content in (("results", rounded), ("settings", dict(settings))):
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        (OUT / f"{name}.json").write_text(text, encoding="utf-8")


def _number(value: float) -> str:
    """Give about three digits: more would pretend."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def _verdict(figure: Figure, measured: float) -> str:
    if figure.bar is None:
        return ""
    return f"{figure.bar} {'holds' if figure.bar.holds(measured) else 'FAILS'}"
