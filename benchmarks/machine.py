"""What was measured on: the machine, the versions, and how busy and how even it was."""

import os
import platform
import sqlite3
import sys
import time
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("fastapi", "uvicorn", "uvloop", "httptools", "pydantic", "wechatpy", "psycopg")


def describe(folder: Path) -> dict[str, str]:
    """Describe the machine, the versions, and the disk under a folder."""
    return {
        "machine": f"{_processor()}, {cores()} cores, {_memory_gib()} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}"
        f" ({sys.platform})",
        "sqlite": f"{sqlite3.sqlite_version}, WAL, synchronous=FULL",
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "load_before": load(),
        "evenness": evenness(),
        "fsync": fsync(folder),
    }


def cores() -> int:
    """Give the number of cores we may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def load() -> str:
    """Give the mean number of busy processes over the last minute."""
    return f"{os.getloadavg()[0]:.2f}"


def evenness() -> str:
    """Time the same small loop many times: a wide range means a busy or shared machine."""
    took = []
    for _ in range(30):
        started = time.perf_counter()
        total = 0
        for number in range(100_000):
            total += number * number
        took.append((time.perf_counter() - started) * 1000)
    took.sort()
    return f"a loop took {took[0]:.1f} / {took[len(took) // 2]:.1f} / {took[-1]:.1f} ms"


def fsync(folder: Path) -> str:
    """Time what every durable commit waits for."""
    file = folder / "fsync.tmp"
    took = []
    with file.open("wb") as out:
        for _ in range(50):
            out.write(b"x" * 4096)
            out.flush()
            started = time.perf_counter()
            os.fsync(out.fileno())
            took.append((time.perf_counter() - started) * 1e6)
    file.unlink()
    took.sort()
    return f"{took[len(took) // 2]:.0f} µs (median of {len(took)})"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
