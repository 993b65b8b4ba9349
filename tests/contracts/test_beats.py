"""Signs of life of what runs regularly, on the fake store and both engines."""

from datetime import timedelta

from storage.beats import Beat
from tests.support.fakes import START
from tests.support.stores import AnyStore


def test_the_newest_sign_of_life_is_kept(any_store: AnyStore) -> None:
    assert any_store.last_beat("sweep") is None

    any_store.beat("sweep", START, {"due": 3})
    assert any_store.last_beat("sweep") == Beat("sweep", START, {"due": 3})

    any_store.beat("sweep", START - timedelta(seconds=1), {"due": 9})
    assert any_store.last_beat("sweep") == Beat("sweep", START, {"due": 3})

    later = START + timedelta(minutes=1)
    any_store.beat("sweep", later)
    assert any_store.last_beat("sweep") == Beat("sweep", later)
    assert any_store.last_beat("nightly") is None
