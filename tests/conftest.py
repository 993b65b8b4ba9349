"""What holds for every test; fixtures of one area live in that area's own conftest."""

import pytest
from hypothesis import settings

# Two busy cores make single examples slow for reasons that are not ours.
settings.register_profile("zhufen", deadline=None, print_blob=True)
settings.load_profile("zhufen")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for half a minute and more, so that nobody waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests (ASGI endpoints, emulator, Stream socket) on asyncio only."""
    return "asyncio"
