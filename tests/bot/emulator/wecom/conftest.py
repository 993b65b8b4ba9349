"""The town that every WeCom emulator test plays in."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.emulator.wecom.tiny_bot import Town


@pytest.fixture
async def town(anyio_backend: str) -> AsyncIterator[Town]:
    """Build a company with its bot, on a clock of its own."""
    town = Town()
    yield town
    await town.close()
