"""The demo as a newcomer starts it: how soon it is ready, and what it takes while nobody plays."""

import sys
import time
from pathlib import Path

from benchmarks.figures import Results, median
from benchmarks.load import Generator
from benchmarks.programs import READY_SECONDS_MAX, free_ports, running

STARTS = 5
IDLE_SECONDS = 10.0
HOW = f"median of {STARTS} starts on fresh data; memory after {IDLE_SECONDS:g} s idle"


def measure(folder: Path, _: Generator) -> Results:
    """Start the demo on fresh data again and again; weigh the last one."""
    took: list[float] = []
    results: Results = {}
    for number in range(STARTS):
        (port,) = free_ports(1)
        data = folder / f"data{number}"
        started = time.perf_counter()
        arguments = ["bot", "demo", "--no-browser", "--port", str(port), "--data", str(data)]
        with running(arguments, folder) as program:
            for path in ("readyz", "demo"):
                program.await_ok(
                    f"http://127.0.0.1:{port}/{path}", time.monotonic() + READY_SECONDS_MAX
                )
            took.append(time.perf_counter() - started)
            if number == STARTS - 1 and sys.platform == "linux":
                time.sleep(IDLE_SECONDS)
                results = _weigh(program.group)
    return {"ready_s": median(took), **results}


def _weigh(group: int) -> Results:
    """Add up the memory of a process group, in MiB."""
    kib = {"Pss": 0, "Rss": 0}
    for process in _members(group):
        for line in (process / "smaps_rollup").read_text(encoding="ascii").splitlines():
            name, _, rest = line.partition(":")
            if name in kib:
                kib[name] += int(rest.split()[0])
    return {
        "demo_memory_mib": kib["Pss"] / 1024,
        "demo_memory_rss_mib": kib["Rss"] / 1024,
    }


def _members(group: int) -> list[Path]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[2]) == group:
            found.append(process)
    return found
