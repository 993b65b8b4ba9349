"""`python -m benchmarks`: measure everything, print a table, write benchmarks/out/."""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from benchmarks import callback, demo, figures, machine, warning
from benchmarks.figures import Results
from benchmarks.load import Generator, generator

PARTS: dict[str, Callable[[Path, Generator], Results]] = {
    "demo": demo.measure,
    "warning": warning.measure,
    "callback": callback.measure,
}

HOW = {"demo": demo.HOW, "warning": warning.HOW, "callback": callback.HOW}


def main() -> None:
    """Measure; exit 0 whether the bars hold or not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=sorted(PARTS), help="this part; nothing is written")
    only = parser.parse_args().only
    started = monotonic()
    results: Results = {}
    with tempfile.TemporaryDirectory(prefix="zf-") as name, generator() as load:
        folder = Path(name)
        settings = machine.describe(folder)
        for part, measure in PARTS.items():
            if only in {None, part}:
                print(f"measuring: {part}", flush=True)
                (folder / part).mkdir()
                results |= measure(folder / part, load)
                settings[part] = HOW[part]
    settings |= {"load_after": machine.load(), "took_s": f"{monotonic() - started:.0f}"}
    figures.show(results)
    for key, value in settings.items():
        print(f"{key}: {value}")
    if only is None:
        figures.write(results, settings)


if __name__ == "__main__":
    main()
