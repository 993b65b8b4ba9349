"""What holds for every test; fixtures of one area live in that area's own conftest."""

from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent
UNTRACED = {"flows", "kills", "storage"}
"""Tests of whole processes and of the database."""

# Two busy cores make single examples slow for reasons that are not ours.
settings.register_profile("zhufen", deadline=None, print_blob=True)
settings.load_profile("zhufen")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for half a minute and more, so that nobody waits for it at the end.

    Coverage has a floor that these are not needed for; tracing them as well takes long.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        if item.path.is_relative_to(TESTS) and item.path.relative_to(TESTS).parts[0] in UNTRACED:
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests (ASGI endpoints, emulator, Stream socket) on asyncio only."""
    return "asyncio"
