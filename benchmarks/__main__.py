"""`python -m benchmarks`: measure everything, print a table, write benchmarks/out/."""

import argparse
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from benchmarks import (
    backtest,
    callback,
    demo,
    expiry,
    figures,
    importing,
    machine,
    peers,
    posting,
    redeeming,
    verify,
    wallet,
    warning,
)
from benchmarks.figures import Results
from benchmarks.load import Generator, generator
from benchmarks.million import ENTRIES, Million

Measure = Callable[[Path, Generator], Results]

HOW = {
    "demo": demo.HOW,
    "warning": warning.HOW,
    "callback": callback.HOW,
    "expiry": expiry.HOW,
    "importing": importing.HOW,
    "redeeming": redeeming.HOW,
    "verify": verify.HOW,
    "wallet": wallet.HOW,
    "backtest": backtest.HOW,
    "posting": posting.HOW,
}
"""The parts in their order: who writes to the big firm comes after who reads it."""


def main() -> None:
    """Measure; exit 0 whether the bars hold or not."""
    chosen = _chosen()
    started = monotonic()
    results: Results = {}
    with (
        tempfile.TemporaryDirectory(prefix="zf-") as name,
        generator() as load,
        Million(Path(name), chosen.entries) as firm,
    ):
        folder = Path(name)
        settings = machine.describe(folder) | {"firm": firm.how}
        for part, measure in _parts(firm, chosen.peers).items():
            if chosen.only in {None, part}:
                print(f"measuring: {part}", flush=True)
                (folder / part).mkdir()
                begun = monotonic()
                found = measure(folder / part, load)
                figures.tell(found)
                results |= found
                settings[part] = f"{HOW[part]} ({monotonic() - begun:.0f} s)"
    settings |= {"load_after": machine.load(), "took_s": f"{monotonic() - started:.0f}"}
    figures.show(results)
    for key, value in settings.items():
        print(f"{key}: {value}")
    if chosen.only is None and chosen.entries == ENTRIES:
        figures.write(results, settings)


def _parts(firm: Million, python: Path) -> Mapping[str, Measure]:
    return {
        "demo": demo.measure,
        "warning": warning.measure,
        "callback": callback.measure,
        "expiry": expiry.measure,
        "importing": importing.measure,
        "redeeming": redeeming.measure,
        "verify": verify.measure,
        "wallet": lambda folder, _: wallet.measure(folder, firm),
        "backtest": lambda folder, _: backtest.measure(folder, firm),
        "posting": lambda folder, _: posting.measure(folder, firm, python),
    }


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=sorted(HOW), help="this part; nothing is written")
    parser.add_argument(
        "--entries",
        type=int,
        default=ENTRIES,
        help="so many entries instead of a million, to try things; nothing is written",
    )
    parser.add_argument(
        "--peers", type=Path, default=peers.PYTHON, help="the Python with the peers' packages"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
