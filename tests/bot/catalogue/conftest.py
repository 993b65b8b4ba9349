"""The firm of the handler tests, whose catalogue is written into files and read from them."""

from tests.handlers.conftest import chat, clock, fake_store, ids

__all__ = ["chat", "clock", "fake_store", "ids"]
