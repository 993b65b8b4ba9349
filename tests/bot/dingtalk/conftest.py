"""Fixtures of the DingTalk adapter's tests."""

from collections.abc import Iterator

import pytest

from bot.dingtalk.callbacks import DingtalkCallbacks
from tests.bot.dingtalk.stage import CONFIG, Emulated, StandingClock


@pytest.fixture
def clock() -> StandingClock:
    """Stand still at the instant of the fixtures."""
    return StandingClock()


@pytest.fixture
def callbacks(clock: StandingClock) -> DingtalkCallbacks:
    """Read callbacks of the usual app."""
    return DingtalkCallbacks(CONFIG, clock)


@pytest.fixture
def emulated() -> Iterator[Emulated]:
    """Serve the usual company."""
    with Emulated() as emulated:
        yield emulated
