"""A customer's entries page by page, each with its cause and lot, and the lots left to spend."""

from datetime import timedelta
from functools import partial
from typing import Any

from domain.events import EventType
from domain.ids import CustomerId, EventId
from domain.ledger import Entry
from handlers.usecases.points import book, undo
from handlers.usecases.statement import Explained, explain, read_entries, read_lots
from tests.support.chat import Chat
from tests.support.make import an_event

CUSTOMER = CustomerId("C001")


def contract(number: int, yuan: int) -> Any:
    return an_event(
        id=EventId(f"event-{number}"),
        source_id=f"HT-{number}",
        type=EventType.CONTRACT_SIGNED,
        project=None,
        data={"amount": yuan * 100},
    )


def furnish(chat: Chat) -> None:
    for number in (1, 2, 3):
        chat.acts(partial(book, event=contract(number, number * 10_000)))
    chat.acts(lambda ctx: undo(ctx, contract(2, 20_000)))


def page(chat: Chat, before: int | None, limit: int) -> list[Explained]:
    found: list[Explained] = chat.acts(
        lambda ctx: read_entries(ctx, CUSTOMER, before=before, limit=limit)
    )
    return found


def test_entries_come_newest_first_page_by_page(chat: Chat) -> None:
    furnish(chat)

    assert [each.entry.seq for each in page(chat, None, 3)] == [4, 3, 2]
    assert [each.entry.seq for each in page(chat, 2, 3)] == [1]
    assert page(chat, 1, 3) == []


def test_an_entry_has_its_event_and_the_lot_it_opened(chat: Chat) -> None:
    furnish(chat)
    undone, third, *_ = page(chat, None, 4)

    assert third.event is not None
    assert third.lot is not None
    assert (third.event.source_id, third.lot.points, third.lot.entry) == (
        "HT-3",
        30,
        third.entry.id,
    )
    assert undone.event is not None
    assert (undone.event.source_id, undone.lot) == ("HT-2", None)


def test_an_expiry_has_no_event(chat: Chat) -> None:
    furnish(chat)
    chat.pass_time(days=800)
    chat.acts(lambda ctx: book(ctx, contract(4, 10_000)))

    causes = [each.event and each.event.source_id for each in page(chat, None, 3)]
    assert None in causes


def test_nothing_is_explained_by_nothing(chat: Chat) -> None:
    entries: list[Entry] = []
    assert chat.acts(lambda ctx: explain(ctx, entries)) == []


def test_lots_that_can_be_spent_are_listed_soonest_end_first(chat: Chat) -> None:
    furnish(chat)

    lots = chat.acts(lambda ctx: read_lots(ctx, CUSTOMER))
    assert [lot.remaining for lot in lots] == [10, 30]
    chat.clock.at = lots[0].expires_at - timedelta(microseconds=1)
    assert chat.acts(lambda ctx: read_lots(ctx, CUSTOMER)) == lots
    chat.clock.at = lots[0].expires_at
    assert chat.acts(lambda ctx: read_lots(ctx, CUSTOMER)) == []
