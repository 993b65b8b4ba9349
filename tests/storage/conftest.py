"""The stores and databases the storage tests run on."""

from tests.support.stores import *  # noqa: F403  a fixture must be a name of the conftest
from tests.support.stores import _cluster_stops_at_the_end  # noqa: F401
