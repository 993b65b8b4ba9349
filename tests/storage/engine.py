"""The real use cases on a real store, for what happens to one wallet, step by step."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from domain.calendar import business_date
from domain.errors import ShortOfPoints
from domain.events import BusinessEvent
from domain.ids import ChannelId, CustomerId, EventId, HoldId
from domain.repositories import Publication
from handlers.contract import Context, Machine
from handlers.usecases.books import open_book, store_books
from handlers.usecases.holds import hold_points, refund_hold, release_hold, settle_hold
from handlers.usecases.points import book, preview, preview_undo, undo
from storage.db import reading
from storage.work import SqlStore
from tests.domain.auditor import Told
from tests.domain.steps import Picture, lots_left
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.make import a_customer, an_event
from tests.support.small_firm import BEGAN, KINDS, PROGRAMME, RULES
from tests.support.stores import MAIN

T = TypeVar("T")
HOLD_DAYS = 400

IDENTITIES = {
    "a wallet that is not the sum of its entries": """
        SELECT w.customer_id FROM wallets w WHERE
            w.available <> (SELECT COALESCE(SUM(CASE WHEN credit = 'wallet.available' THEN points
                WHEN debit = 'wallet.available' THEN -points ELSE 0 END), 0)
                FROM entries e WHERE e.customer_id = w.customer_id)
            OR w.held <> (SELECT COALESCE(SUM(CASE WHEN credit = 'wallet.held' THEN points
                WHEN debit = 'wallet.held' THEN -points ELSE 0 END), 0)
                FROM entries e WHERE e.customer_id = w.customer_id)
            OR w.pending <> (SELECT COALESCE(SUM(CASE WHEN credit = 'wallet.pending' THEN points
                WHEN debit = 'wallet.pending' THEN -points ELSE 0 END), 0)
                FROM entries e WHERE e.customer_id = w.customer_id)
            OR w.debt <> (SELECT COALESCE(SUM(CASE WHEN debit = 'wallet.debt' THEN points
                WHEN credit = 'wallet.debt' THEN -points ELSE 0 END), 0)
                FROM entries e WHERE e.customer_id = w.customer_id)""",
    "a wallet that is not what is left in its lots": """
        SELECT w.customer_id FROM wallets w WHERE
            w.available <> (SELECT COALESCE(SUM(remaining), 0) FROM lots l
                WHERE l.customer_id = w.customer_id AND NOT is_pending)
            OR w.pending <> (SELECT COALESCE(SUM(remaining), 0) FROM lots l
                WHERE l.customer_id = w.customer_id AND is_pending)
            OR w.held <> (SELECT COALESCE(SUM(points), 0) FROM holds h
                WHERE h.customer_id = w.customer_id AND h.state = 'open')""",
    "points and a debt at once": "SELECT 1 FROM wallets WHERE available > 0 AND debt > 0",
    "a lot that does not follow from its uses": """
        SELECT l.id FROM lots l WHERE l.remaining <> l.points + (
            SELECT COALESCE(SUM(CASE direction WHEN 'take' THEN -points
                WHEN 'give_back' THEN points ELSE 0 END), 0)
            FROM lot_uses u WHERE u.lot_id = l.id)""",
    "a movement that does not name its lots": """
        SELECT e.id FROM entries e WHERE
            (SELECT COALESCE(SUM(points), 0) FROM lot_uses u
                WHERE u.entry_id = e.id AND u.direction IN ('take', 'mature'))
            <> CASE WHEN e.debit IN ('wallet.available', 'wallet.pending')
                THEN e.points ELSE 0 END
            OR (SELECT COALESCE(SUM(points), 0) FROM lot_uses u
                WHERE u.entry_id = e.id AND u.direction IN ('give_back', 'mature'))
            + (SELECT COALESCE(SUM(points), 0) FROM lots l WHERE l.entry_id = e.id)
            <> CASE WHEN e.credit IN ('wallet.available', 'wallet.pending')
                THEN e.points ELSE 0 END""",
    "a lot that was spent after its end": """
        SELECT e.id FROM entries e JOIN lot_uses u ON u.entry_id = e.id
        JOIN lots l ON l.id = u.lot_id
        WHERE u.direction = 'take' AND e.debit = 'wallet.available' AND e.reason <> 'expiry'
            AND l.expires_at <= e.recorded_at""",
    "an entry that does not follow the one before": """
        SELECT e.id FROM entries e LEFT JOIN entries b
            ON b.customer_id = e.customer_id AND b.seq = e.seq - 1
        WHERE (e.seq > 1 AND (b.id IS NULL OR b.hash <> e.previous))
            OR (e.seq = 1 AND e.previous NOT LIKE '000000%')""",
    "a wallet that does not end with its last entry": """
        SELECT w.customer_id FROM wallets w WHERE w.seq > 0 AND NOT EXISTS
            (SELECT 1 FROM entries e WHERE e.customer_id = w.customer_id
                AND e.seq = w.seq AND e.hash = w.head)""",
    "an entry that was undone in part or more than once": """
        SELECT e.id FROM entries e JOIN event_undos n ON n.event_id = e.event_id
        WHERE e.reverses IS NULL AND e.points <> (SELECT COALESCE(SUM(r.points), 0)
            FROM entries r WHERE r.reverses = e.id)""",
    "an entry that was undone though its event was not": """
        SELECT r.id FROM entries r JOIN entries e ON e.id = r.reverses
        WHERE r.reason <> 'refund' AND NOT EXISTS
            (SELECT 1 FROM event_undos n WHERE n.event_id = e.event_id)""",
    "a redemption of which more was refunded than spent": """
        SELECT e.id FROM entries e WHERE e.points < (SELECT COALESCE(SUM(r.points), 0)
            FROM entries r WHERE r.reverses = e.id AND r.reason = 'refund')""",
    "a refund of what is no redemption": """
        SELECT r.id FROM entries r LEFT JOIN entries e ON e.id = r.reverses
        WHERE r.reason = 'refund' AND COALESCE(e.reason, '') <> 'redemption'""",
    "an entry without its event's seal": """
        SELECT e.id FROM entries e JOIN events v ON v.id = e.event_id
        WHERE e.event_seal <> v.seal""",
    "months that are not the sum of qualifying points": """
        SELECT m.month FROM earned_months m WHERE m.points <> (
            SELECT COALESCE(SUM(CASE WHEN e.reverses IS NULL THEN e.qualifying
                ELSE -e.qualifying END), 0)
            FROM entries e JOIN events v ON v.id = e.event_id
            WHERE e.customer_id = m.customer_id
                AND {year} * 12 + {month} - 1 = m.month)""",
    "a cap that was passed": """
        SELECT key FROM cap_counters WHERE points > 60 OR times < 0
            OR (key LIKE 'amount|%' AND points > 30) OR (key LIKE 'check-in|%' AND times > 2)""",
    "an entry in a month that was closed before": """
        SELECT e.id FROM entries e JOIN closed_months c ON c.month = e.period
        WHERE e.recorded_at > c.closed_at""",
}
"""Queries that find what must never be there."""
MONTH_OF = {
    "sqlite": (
        "CAST(strftime('%Y', v.occurred_at, '+8 hours') AS INTEGER)",
        "CAST(strftime('%m', v.occurred_at, '+8 hours') AS INTEGER)",
    ),
    "postgresql": (
        "CAST(EXTRACT(YEAR FROM v.occurred_at AT TIME ZONE 'Asia/Shanghai') AS INTEGER)",
        "CAST(EXTRACT(MONTH FROM v.occurred_at AT TIME ZONE 'Asia/Shanghai') AS INTEGER)",
    ),
}


class StoredSystem:
    """One customer's wallet in a store; every step is a transaction of the real use cases."""

    def __init__(self, store: SqlStore, customer: str) -> None:
        self.store = store
        self.customer = CustomerId(customer)
        self.clock = FakeClock()
        self.ids = SequenceIds()
        self.events: list[BusinessEvent] = []
        self.holds: list[HoldId] = []
        with store.work(MAIN) as work:
            work.customers.add(a_customer(customer, customer))
            if not work.rules.published():
                for one in RULES:
                    work.rules.add(one, Publication(BEGAN))
                work.rules.add_programme(PROGRAMME, Publication(BEGAN))
            work.commit()

    @property
    def now(self) -> datetime:
        """The time of the next step."""
        return self.clock.at

    @now.setter
    def now(self, at: datetime) -> None:
        self.clock.at = at

    def picture(self) -> Picture:
        found = self._all(
            "SELECT available, held, pending, debt FROM wallets WHERE customer_id = :customer"
        )
        available, held, pending, debt = found[0] if found else (0, 0, 0, 0)
        lots = self._all(
            "SELECT l.remaining, l.is_pending FROM lots l JOIN entries e ON e.id = l.entry_id"
            " WHERE l.customer_id = :customer ORDER BY e.seq"
        )
        return Picture(available, held, pending, debt, lots_left(lots))

    def tells(self, kind: str, amount: int, at: datetime) -> Told:
        number = len(self.events)
        event = an_event(
            id=EventId(f"{self.customer}-{number}"),
            source_id=f"{self.customer}-{number}",
            type=KINDS[kind],
            customer=self.customer,
            project=None,
            occurred_at=at,
            recorded_at=self.now,
            data={"amount": amount},
        )
        self.events.append(event)
        seen = self._sees(lambda ctx: preview(ctx, event))
        booked = self._does(lambda ctx: book(ctx, event))
        assert (booked.outcomes, booked.points) == (seen.outcomes, seen.points)
        again = self._does(lambda ctx: book(ctx, event))
        assert (again.outcomes, again.entries) == (booked.outcomes, booked.entries)
        return [(o.rule, o.requested, o.applied, str(o.ending)) for o in booked.outcomes]

    def takes_back(self, number: int) -> None:
        event = self.events[number]
        seen = self._sees(lambda ctx: preview_undo(ctx, event))
        assert self._does(lambda ctx: undo(ctx, event)).points == seen

    def hold(self, points: int) -> bool:
        name, until = HoldId(self.ids.new()), self.now + timedelta(days=HOLD_DAYS)
        try:
            self._does(
                lambda ctx: hold_points(
                    ctx, name, self.customer, points, purpose="test", expires_at=until
                )
            )
        except ShortOfPoints:
            return False
        self.holds.append(name)
        return True

    def settle(self, number: int) -> None:
        assert self._does(lambda ctx: settle_hold(ctx, self.holds[number]))

    def release(self, number: int) -> None:
        assert self._does(lambda ctx: release_hold(ctx, self.holds[number]))

    def refund(self, number: int, points: int) -> None:
        part = self.ids.new()
        refunded, again = (
            self._does(lambda ctx: refund_hold(ctx, self.holds[number], points, part=part))
            for _ in range(2)
        )
        assert again == refunded

    def opens(self) -> None:
        self._does(lambda ctx: store_books(ctx, [open_book(ctx, self.customer)], {}))

    def close_month(self, month: str) -> None:
        self._does(lambda ctx: ctx.work.months.close(month, ctx.now, None))
        self.now += timedelta(microseconds=1)

    def check(self) -> None:
        """Look for what must never be there, by queries of the test's own."""
        year, month = MONTH_OF[self.store.database.dialect.name]
        found = {
            name: rows
            for name, query in IDENTITIES.items()
            if (rows := self._all(query.replace("{year}", year).replace("{month}", month)))
        }
        assert found == {}

    def digest(self) -> str:
        """Hash what the entries say, for comparing two stores."""
        rows = self._all(
            "SELECT seq, debit, credit, points, reason, rule, key, period, hash FROM entries"
            " WHERE customer_id = :customer ORDER BY seq"
        )
        return sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()

    def _does(self, act: Callable[[Context], T]) -> T:
        with self.store.work(MAIN) as work:
            done = act(self._context(work))
            work.commit()
        return done

    def _sees(self, act: Callable[[Context], T]) -> T:
        with self.store.reading(MAIN) as work:
            return act(self._context(work))

    def _context(self, work: Any) -> Context:
        return Context(
            work=work,
            now=self.now,
            today=business_date(self.now),
            ids=self.ids,
            actor=Machine(),
            channel=ChannelId(""),
            sender="",
            inbox=None,
            sent_at=self.now,
        )

    def _all(self, query: str) -> list[Any]:
        with reading(self.store.database, None) as db:
            given = {"customer": self.customer} if ":customer" in query else {}
            return db.all(query, **given)
