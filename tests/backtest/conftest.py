"""The stores that back-tests are tested on, and a history on each."""

import pytest

from tests.support.fakes import FakeClock, SequenceIds
from tests.support.history import History
from tests.support.stores import *  # noqa: F403  a fixture must be a name of the conftest
from tests.support.stores import AnyStore, _cluster_stops_at_the_end  # noqa: F401


@pytest.fixture
def history(any_store: AnyStore, clock: FakeClock, ids: SequenceIds) -> History:
    """Begin a history on each kind of store in turn."""
    return History(any_store, clock, ids)
