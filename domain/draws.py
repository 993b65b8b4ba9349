"""Draws of a lottery: how each is decided, how they are chained, and how all are replayed.

The seed is made and kept secret when a lottery opens; the hash over it and the terms is published
then. Draw number n takes the ticket that HMAC-SHA256(seed, lottery, n) points at among those left,
so nobody can change a seed, a prize or the outcome of a number afterwards without being found out.
docs/lottery.md has the same in words, and twenty lines of Python that need nothing of ours.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from domain.ids import ContactId, CustomerId, DrawId, LotteryId
from domain.ledger import GENESIS
from domain.lotteries import Lottery, Prize
from domain.sealing import instant, sealed

_BITS = 64
"""So many bits of each HMAC are looked at, far more than any urn needs."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One ticket taken from an urn; never changes."""

    id: DrawId
    lottery: LotteryId
    number: int
    """Counts up within the lottery, in the order of the draws."""
    source: str
    """What asked for it ("ticket:<id>"); unique, so that asking again gives the same."""
    customer: CustomerId
    contact: ContactId
    prize: int
    """The place of what was drawn."""
    price: int
    drawn_at: datetime
    previous: str
    """The hash of the draw before."""
    hash: str = ""

    @property
    def purpose(self) -> str:
        """Say what its points are for; what entries of the ledger are noted with."""
        return f"draw:{self.id}"

    @property
    def who(self) -> str:
        """Stand for who has drawn in what is published, without saying who it is."""
        return sealed((self.id, self.customer, self.contact))


class DrawFault(StrEnum):
    """What a check of a lottery finds."""

    COMMITMENT = "commitment"
    """Seed and terms are not what was promised."""
    NUMBER = "number"
    """A draw's number is not the next one."""
    HASH = "hash"
    """A draw is not as it was written, or does not follow the one before."""
    PRIZE = "prize"
    """Another prize should have been drawn."""
    LEFT = "left"
    """The urn holds something else than what the draws have left."""
    HEAD = "head"
    """The last draws are missing, or there are more than were counted."""
    POINTS = "points"
    """The points of a draw were not taken as they should have been."""
    GIVEN = "given"
    """A prize was not given as it should have been."""


@dataclass(frozen=True, slots=True)
class FoundFault:
    """Something that is wrong with a lottery."""

    fault: DrawFault
    number: int = 0
    """The draw it is about; 0 for the lottery itself."""


def commitment_of(seed: str, terms: str) -> str:
    """Hash seed and terms together: what is published before the first draw."""
    return sha256(f"{seed}\n{terms}".encode()).hexdigest()


def pointed_at(seed: str, lottery: LotteryId, number: int, total: int) -> int:
    """Give which of `total` tickets a draw takes, from 0; each is as likely as any other.

    As many bits as the total needs are taken; what lies beyond it is thrown away, not folded back,
    and the next HMAC is asked.
    """
    bits = (total - 1).bit_length()
    attempt, value = 0, total
    while value >= total:
        message = f"{lottery}:{number}:{attempt}"
        digest = hmac.digest(seed.encode(), message.encode(), "sha256")
        value = int.from_bytes(digest[: _BITS // 8]) >> (_BITS - bits)
        attempt += 1
    return value


def ticket_at(prizes: Iterable[Prize], position: int) -> Prize:
    """Give the prize of a ticket: the urn lies in the fixed order of its prizes.

    Raises:
        ValueError: the urn holds fewer tickets; that is a bug.
    """
    for prize in prizes:
        if position < prize.left:
            return prize
        position -= prize.left
    raise ValueError(position)


def taken(lottery: Lottery, place: int, draw_hash: str) -> Lottery:
    """Take one ticket of the prize of a place out of the urn."""
    return replace(
        lottery,
        prizes=tuple(
            replace(prize, left=prize.left - 1) if prize.place == place else prize
            for prize in lottery.prizes
        ),
        drawn=lottery.drawn + 1,
        head=draw_hash,
        version=lottery.version + 1,
    )


def next_draw(lottery: Lottery, seed: str) -> Prize:
    """Decide the next draw of a lottery whose urn is not empty."""
    position = pointed_at(seed, lottery.id, lottery.drawn + 1, lottery.left)
    return ticket_at(lottery.prizes, position)


def draw_hash(draw: Draw) -> str:
    """Chain a draw: SHA-256 over its framed fields and the hash before it."""
    return sealed(
        (
            draw.previous,
            draw.lottery,
            str(draw.number),
            draw.id,
            draw.who,
            str(draw.prize),
            str(draw.price),
            instant(draw.drawn_at),
        )
    )


def replay(lottery: Lottery, seed: str, draws: Sequence[Draw]) -> Iterator[FoundFault]:
    """Draw everything again and say what is not as it is recorded, in order of the draws."""
    if commitment_of(seed, lottery.terms()) != lottery.commitment:
        yield FoundFault(DrawFault.COMMITMENT)
    full = tuple(replace(prize, left=prize.count) for prize in lottery.prizes)
    urn = replace(lottery, prizes=full, drawn=0, head=GENESIS)
    for draw in draws:
        yield from _wrong(urn, seed, draw)
        urn = taken(urn, draw.prize, draw.hash)
    if [prize.left for prize in urn.prizes] != [prize.left for prize in lottery.prizes]:
        yield FoundFault(DrawFault.LEFT)
    if (urn.drawn, urn.head) != (lottery.drawn, lottery.head):
        yield FoundFault(DrawFault.HEAD)


def _wrong(urn: Lottery, seed: str, draw: Draw) -> Iterator[FoundFault]:
    """Say what is wrong with one draw; the urn goes on with what is recorded."""
    if (draw.lottery, draw.number) != (urn.id, urn.drawn + 1):
        yield FoundFault(DrawFault.NUMBER, draw.number)
    if draw.previous != urn.head or draw.hash != draw_hash(draw):
        yield FoundFault(DrawFault.HASH, draw.number)
    if urn.left < 1 or next_draw(urn, seed).place != draw.prize or draw.price != urn.price:
        yield FoundFault(DrawFault.PRIZE, draw.number)
