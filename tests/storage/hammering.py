"""A process that does one thing to a store again and again; run by test_hammers.py.

Arguments: URL, what to do, this process's number, how often. It says "ready", waits for a line, and
gives what came of it as JSON.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.clock import SystemIds
from domain.calendar import business_date
from domain.errors import AlreadyUndone, EventConflict, ShortOfPoints
from domain.events import BusinessEvent, EventType
from domain.ids import ChannelId, CustomerId, EventId
from domain.ports import Conflict
from handlers.contract import Context, Machine
from handlers.usecases.books import machine_cause, open_book, store_books
from handlers.usecases.points import book, undo
from storage.cipher import AesGcmCipher
from storage.work import SqlStore, open_store
from tests.support.fakes import START, FakeClock
from tests.support.make import an_event
from tests.support.stores import MAIN

CUSTOMERS = ("C001", "C002", "C003", "C004")
TRIES = 200


def an_amount(name: str, customer: str, amount: int) -> BusinessEvent:
    """Make an event of a customer."""
    return an_event(
        id=EventId(f"id-{name}"),
        source_id=name,
        type=EventType.CONTRACT_SIGNED,
        customer=CustomerId(customer),
        project=None,
        occurred_at=START - timedelta(hours=1),
        data={"amount": amount},
    )


class Hammer:
    """One process's way to the store."""

    def __init__(self, url: str, number: int) -> None:
        self.number = number
        self._ids = SystemIds()
        cipher = AesGcmCipher(bytes(32))
        self.store: SqlStore = open_store(url, clock=FakeClock(), ids=self._ids, cipher=cipher)

    def close(self) -> None:
        """Let the store go."""
        self.store.close()

    def does(self, act: Callable[[Context], Any]) -> Any:
        """Do something in a transaction, again while it meets conflicts, as the runtime does."""
        for _ in range(TRIES):
            try:
                with self.store.work(MAIN) as work:
                    done = act(self._context(work))
                    work.commit()
            except Conflict:
                continue
            return done
        raise AssertionError

    def spend(self, turn: int) -> str:
        """Hold points of the one wallet; there are not enough for everybody."""

        def act(ctx: Context) -> None:
            opened = open_book(ctx, CustomerId("C001"))
            opened.hold(7, machine_cause(ctx, f"hold:{self.number}:{turn}", ctx.now))
            store_books(ctx, [opened], {})

        try:
            self.does(act)
        except ShortOfPoints:
            return "short"
        return "held"

    def award(self, turn: int) -> int:
        """Count an event of a customer of its own; all share caps."""
        customer = CUSTOMERS[(self.number + turn) % len(CUSTOMERS)]
        event = an_amount(f"{self.number}-{turn}", customer, 7)
        booked = self.does(lambda ctx: book(ctx, event))
        return sum(outcome.applied for outcome in booked.outcomes)

    def count(self, name: str) -> None:
        """Count an event that everybody knows."""
        event = an_amount(name, "C001", 7)
        self.does(lambda ctx: book(ctx, event))

    def undo(self, turn: int) -> str:
        """Undo an event that everybody undoes."""
        event = an_amount(f"shared-{turn}", "C001", 7)
        try:
            self.does(lambda ctx: undo(ctx, event))
        except AlreadyUndone:
            return "late"
        return "undone"

    def repeat(self, turn: int) -> str:
        """Count an event that everybody counts."""
        event = an_amount(f"same-{turn}", "C001", 7)
        own = EventId(f"{event.id}-{self.number}")
        counted = replace(event, id=own)
        booked = self.does(lambda ctx: book(ctx, counted))
        return "counted" if booked.event.id == own else "there"

    def contradict(self, turn: int) -> str:
        """Count an event under an id that others give to other customers' events."""
        customer = CUSTOMERS[self.number % len(CUSTOMERS)]
        event = an_amount(f"clash-{turn}", customer, 7)
        counted = replace(event, id=EventId(f"{event.id}-{self.number}"))
        try:
            self.does(lambda ctx: book(ctx, counted))
        except EventConflict:
            return "refused"
        return "counted"

    def _context(self, work: Any) -> Context:
        now = START
        return Context(
            work=work,
            now=now,
            today=business_date(now),
            ids=self._ids,
            actor=Machine(),
            channel=ChannelId(""),
            sender="",
            inbox=None,
            sent_at=now,
        )


def hammer(url: str, what: str, number: int, times: int) -> None:
    """Do it so many times and say what came of it."""
    one = Hammer(url, number)
    act = getattr(one, what)
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    print(json.dumps([act(turn) for turn in range(times)]), flush=True)  # noqa: T201


if __name__ == "__main__":
    hammer(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
