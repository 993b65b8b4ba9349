"""Reading a wallet: the balance and when its points end, as 余额 does, while the firm grows.

At a thousand and at a million entries, on both engines; customers by chance, and the one customer
with 100 000 open lots. Every read is a transaction of its own.
"""

import random
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from benchmarks import million
from benchmarks.figures import Results, median, quantile
from benchmarks.million import HOT, TENANT, Million
from benchmarks.postgres import another
from benchmarks.posting_rungs import parts
from bot.wiring import Parts
from domain.ids import CustomerId
from handlers.usecases.statement import read_balance

SMALL = 1_000
READS, ROUNDS = 1_500, 5
HOT_READS = 300
HOW = (
    f"{ROUNDS} rounds of {READS} reads of wallets by chance, one in the small firm, one in the"
    f" large, by turns, then {HOT_READS} of the hot one; medians of the rounds' p99; one client"
)


@dataclass(frozen=True, slots=True)
class Reads:
    """p99 of reads in milliseconds, medians of the rounds."""

    small: float
    large: float
    hot: float
    """Of the customer with the most open lots in the large firm."""


def measure(folder: Path, firm: Million) -> Results:
    """Measure on both engines; SQLite's figures carry the bars."""
    small = f"sqlite:///{folder / 'small.db'}"
    million.found(small, SMALL)
    million.fill(small, SMALL)
    reads = _read(folder, small, (firm.sqlite, firm.entries))
    small_postgres = another(firm.postgres, "small")
    million.bring(small, small_postgres)
    postgres = _read(folder, small_postgres, (firm.postgres, firm.entries_postgres))
    return {
        "wallet_read_p99_ms_1k": reads.small,
        "wallet_read_p99_ms_1m": max(reads.large, reads.hot),
        "wallet_read_growth_1k_to_1m": reads.large / reads.small,
        "wallet_read_p99_ms_1m_hot": reads.hot,
        "wallet_read_p99_ms_1m_postgres": max(postgres.large, postgres.hot),
        "wallet_read_growth_1k_to_1m_postgres": postgres.large / postgres.small,
    }


def _read(folder: Path, small: str, large: tuple[str, int]) -> Reads:
    """Read the small and the large firm by turns, then the hot wallet, round by round."""
    few, many = million.customers_with_past(SMALL), million.customers_with_past(large[1])
    rounds = []
    with (
        closing(parts(small, folder)) as little,
        closing(parts(large[0], folder)) as big,
    ):
        for chance in map(random.Random, range(ROUNDS)):
            pairs = [
                (
                    _read_ms(little, million.customer(chance.randrange(few))),
                    _read_ms(big, million.customer(chance.randrange(many))),
                )
                for _ in range(READS)
            ]
            hot = [_read_ms(big, HOT) for _ in range(HOT_READS)]
            took = (*zip(*pairs, strict=True), hot)
            rounds.append(Reads(*(quantile(one, 0.99) for one in took)))
    return Reads(
        median(one.small for one in rounds),
        median(one.large for one in rounds),
        median(one.hot for one in rounds),
    )


def _read_ms(known: Parts, customer: CustomerId) -> float:
    started = perf_counter()
    known.runtime.look(TENANT, partial(read_balance, customer=customer))
    return 1000 * (perf_counter() - started)
