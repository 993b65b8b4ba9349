"""Lots: points earned together, expiring together, spent soonest-expiring first."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import heappop, heappush

from domain.ids import EntryId, LotId
from domain.values import value_type


@value_type
class Lot:
    """What is left of points that were earned together."""

    id: LotId
    entry: EntryId
    points: int
    remaining: int
    earned_at: datetime
    expires_at: datetime
    """The first instant at which the lot can no longer be spent."""
    matures_at: datetime | None = None
    """The first instant at which a lot that was earned as pending can be spent."""
    is_pending: bool = False


@value_type
class LotUse:
    """How many points a debit took from one lot (or an undo gave back to it)."""

    lot: LotId
    points: int


class Shelf:
    """A wallet's lots while it is being written to, soonest expiry first.

    Stored lots are read one by one as they are needed: a wallet may have many thousands, and most
    postings touch none of them.
    """

    __slots__ = ("_ahead", "_heap", "_is_read", "_lots", "_source", "_waiting", "left")

    def __init__(self, lots: Iterable[Lot] = ()) -> None:
        """Keep the stored lots that can be spent and have something left, soonest expiry first."""
        self._source: Iterator[Lot] = iter(lots)
        self._is_read = False
        """Whether all stored lots have been read."""
        self._ahead: Lot | None = None
        self._lots: dict[LotId, Lot] = {}
        self._heap: list[tuple[datetime, LotId]] = []
        self._waiting: set[LotId] = set()
        self.left: dict[LotId, int] = {}
        """What is left of the lots that are known by now."""

    def __getitem__(self, lot: LotId) -> Lot:
        """Give a lot that is known, as it was when it became known."""
        return self._lots[lot]

    def learn(self, lot: Lot) -> None:
        """Get to know a stored lot, empty or pending too; one that is known stays as it is here."""
        if lot.id not in self._lots:
            self._lots[lot.id] = lot
            self.left[lot.id] = lot.remaining
            self._push(lot)

    def soonest(self) -> Lot | None:
        """Give the lot that is spent next; None when nothing can be spent."""
        self._read_on()
        heap = self._heap
        while heap:
            lot = self._lots[heap[0][1]]
            if self.left[lot.id] and not lot.is_pending:
                return lot
            heappop(heap)
            self._waiting.discard(lot.id)
            self._read_on()
        return None

    def has_ended(self, at: datetime) -> bool:
        """Tell whether something that could be spent has ended by an instant."""
        self._read_on()
        # The first that waits may be empty by now, but nothing ends before it.
        if not self._heap or self._heap[0][0] > at:
            return False
        lot = self.soonest()
        return lot is not None and lot.expires_at <= at

    def ended(self, at: datetime) -> int:
        """Add up what is left in known lots that can be spent and have ended by an instant."""
        heap, left, points, places = self._heap, self.left, 0, [0]
        for place in places:
            # What stands below a lot in the heap ends no sooner.
            if place < len(heap) and heap[place][0] <= at:
                points += left[heap[place][1]]
                places += (2 * place + 1, 2 * place + 2)
        return points

    def move(self, lot: LotId, points: int) -> None:
        """Change what is left of a known lot.

        Raises:
            ValueError: less than nothing or more than all of it would be left; that is a bug.
        """
        left = self.left[lot] + points
        if not 0 <= left <= self._lots[lot].points:
            raise ValueError(lot)
        self.left[lot] = left
        self._push(self._lots[lot])

    def mature(self, matured: Lot) -> None:
        """Let a known lot that was pending be spent from now on."""
        self._lots[matured.id] = matured
        self._push(matured)

    def _push(self, lot: Lot) -> None:
        if self.left[lot.id] and not lot.is_pending and lot.id not in self._waiting:
            self._waiting.add(lot.id)
            heappush(self._heap, (lot.expires_at, lot.id))

    def _read_on(self) -> None:
        """Read stored lots until the next one certainly comes after the first that is known."""
        while not self._is_read:
            if self._ahead is None:
                self._ahead = next(self._source, None)
            if self._ahead is None:
                self._is_read = True
                return
            ahead = self._ahead
            if self._heap and self._heap[0] < (ahead.expires_at, ahead.id):
                return
            self._ahead = None
            self.learn(ahead)
