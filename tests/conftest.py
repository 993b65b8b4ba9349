"""What holds for every test; fixtures of one area live in that area's own conftest."""

import gc
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent
TRACED = tuple(
    TESTS / folder
    for folder in (
        *("backtest", "bot/imports", "cards", "contracts"),
        *("domain", "handlers", "proof", "verification"),
    )
)
"""Tests beside the code that coverage has a floor for: it is to be met by them alone."""

# Two busy cores make single examples slow for reasons that are not ours.
settings.register_profile("zhufen", deadline=None, print_blob=True)
settings.load_profile("zhufen")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from going through all the tests again and again.

    They are most of a million objects that live to the end. Looking for garbage among them took
    half the time of collecting, and two thirds of a second now and then afterwards.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for half a minute and more, so that nobody waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Trace only what the floor is for: tracing doubles what a test takes.

    pytest-cov's mark `no_cover` does nothing in the processes of pytest-xdist: there two tracers
    lie on each other, and ending one lets the other go on.
    """
    if item.get_closest_marker("untraced") is None and _is_beside(item):
        return (yield)
    kept = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(kept[0])
        threading.settrace(kept[1])


def _is_beside(item: pytest.Item) -> bool:
    return any(folder in item.path.parents for folder in TRACED)


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests (ASGI endpoints, emulator, Stream socket) on asyncio only."""
    return "asyncio"
