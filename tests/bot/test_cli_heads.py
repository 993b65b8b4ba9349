"""`zhufen heads`: the daily heads, for printing and keeping elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.proof import DayHead
from storage.work import open_store
from tests.support.desk import Desk
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.stores import CIPHER, MAIN
from tests.support.story import Story

NIGHT = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)
END = START + timedelta(days=700)


@pytest.fixture
def head(desk: Desk) -> DayHead:
    """Close a day in the desk's firm."""
    url = f"sqlite:///{desk.folder / 'data' / 'zhufen.db'}"
    store = open_store(url, clock=FakeClock(NIGHT), ids=SequenceIds(), cipher=CIPHER)
    story = Story(store)
    with store.reading(MAIN) as work:
        customer = work.customers.find_by_code("C001")
    assert customer is not None
    story.writes(customer, lambda opened, cause: opened.award(50, cause, expires_at=END))
    head = story.closes_the_day()
    store.close()
    return head


def test_heads_are_listed(desk: Desk, head: DayHead) -> None:
    listed = desk.run("heads")
    assert listed.code == 0
    assert "2026-11-22" in listed.out
    assert head.fingerprint in listed.out
    assert desk.run("heads", "--json").json() == [
        {
            "previous": "0" * 64,
            "day": "2026-11-22",
            "root": head.root,
            "wallets": "1",
            "entries": "1",
            "available": "50",
            "held": "0",
            "pending": "0",
            "debt": "0",
            "sealed_at": "2026-11-22 16:05:00.000000",
            "hash": head.hash,
            "fingerprint": head.fingerprint,
        }
    ]


def test_one_head_is_printed_as_it_was_posted(desk: Desk, head: DayHead) -> None:
    printed = desk.run("heads", "--day", "2026-11-22")
    assert printed.code == 0
    for part in ("账本封存", head.fingerprint, head.hash, "1 个账户", "11-23 00:05"):
        assert part in printed.out


def test_without_heads_nothing_is_listed(desk: Desk) -> None:
    assert desk.run("heads", "--json").json() == []


@pytest.mark.parametrize(
    "options",
    [("--day", "2026-11-21"), ("--day", "2026-02-30"), ("--tenant", "nobody")],
    ids=["no head", "no date", "tenant"],
)
def test_what_is_not_there_is_refused(desk: Desk, head: DayHead, options: tuple[str, ...]) -> None:
    desk.is_refused("heads", *options)
