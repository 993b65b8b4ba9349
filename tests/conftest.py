"""What holds for every test; fixtures of one area live in that area's own conftest."""

import pytest
from hypothesis import settings

# Two busy cores make single examples slow for reasons that are not ours.
settings.register_profile("zhufen", deadline=None, print_blob=True)
settings.load_profile("zhufen")


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests (ASGI endpoints, emulator, Stream socket) on asyncio only."""
    return "asyncio"
