"""Fixtures of the DingTalk adapter's tests."""

from collections.abc import Iterator

import pytest

from bot.dingtalk.callbacks import DingtalkCallbacks
from tests.bot.dingtalk.sender import Sender
from tests.bot.dingtalk.stage import CONFIG, TEMPLATE, Emulated, StandingClock


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


@pytest.fixture
def sender(emulated: Emulated) -> Iterator[Sender]:
    """Have no card template."""
    sender = Sender(emulated)
    yield sender
    sender.client.close()


@pytest.fixture
def carded(emulated: Emulated) -> Iterator[Sender]:
    """Have a card template."""
    sender = Sender(emulated, card_template_id=TEMPLATE)
    yield sender
    sender.client.close()
