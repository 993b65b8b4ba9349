"""Whether the stored daily heads still follow from the stored seals, and what is wrong if not.

Findings name days and entries; how they are worded is not decided here.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain import verification
from domain.ids import CustomerId
from domain.ledger import GENESIS
from domain.merkle import root_of
from domain.proof import DayHead, Published, WalletSeal, head_hash, is_same, leaf_of
from domain.verification import Fault


class Part(StrEnum):
    """What of a stored head does not follow from the rest."""

    ROOT = "root"
    WALLETS = "wallets"
    ENTRIES = "entries"
    PREVIOUS = "previous"
    """It does not hold the hash of the head before it: one is missing, or was put in."""
    HASH = "hash"


class Kept(StrEnum):
    """Who knows of a head beside the table of heads."""

    PUBLISHED = "published"
    """Somebody outside has kept it: the ledger has been rewritten."""
    POSTED = "posted"
    """It stands in a message to the supervisors."""
    SEALED = "sealed"
    """Wallets were sealed for that day."""


@dataclass(frozen=True, slots=True)
class HeadAltered:
    """A stored head does not say what follows from the seals and the head before it."""

    day: date
    part: Part


@dataclass(frozen=True, slots=True)
class HeadMissing:
    """There is no head of a day that is known to have had one."""

    day: date
    known_from: Kept


@dataclass(frozen=True, slots=True)
class HeadDiffers:
    """The stored head of a day is another than the one that was given out."""

    day: date
    known_from: Kept
    kept: str


@dataclass(frozen=True, slots=True)
class EntryMissing:
    """A sealed entry is gone: the wallet's chain has been cut below it."""

    customer: CustomerId
    seq: int
    day: date


@dataclass(frozen=True, slots=True)
class EntryDiffers:
    """A sealed entry has another hash now: it or one before it has been changed and re-hashed."""

    customer: CustomerId
    seq: int
    day: date


Finding = HeadAltered | HeadMissing | HeadDiffers | EntryMissing | EntryDiffers


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """A seal whose entry has another hash, or (None) is gone."""

    day: date
    seal: WalletSeal
    hash: str | None


def as_verified(finding: Finding) -> verification.Finding:
    """Give a finding as one of a check of the whole ledger."""
    match finding:
        case HeadAltered(day, part):
            return verification.Finding(Fault.HEAD_CHANGED, subject=f"{day} {part}")
        case HeadMissing(day, known_from):
            return verification.Finding(Fault.HEAD_MISSING, subject=f"{day} {known_from}")
        case HeadDiffers(day, known_from, _):
            return verification.Finding(Fault.HEAD_DIFFERS, subject=f"{day} {known_from}")
        case EntryMissing(customer, seq, day):
            return verification.Finding(Fault.CUT_BELOW_SEAL, customer, seq, str(day))
        case EntryDiffers(customer, seq, day):
            return verification.Finding(Fault.REHASHED, customer, seq, str(day))
        case _:
            assert_never(finding)


class WalletTree:
    """The tree over all wallets as it grows from day to day, without hashing what stands still."""

    def __init__(self) -> None:
        """Begin without wallets."""
        self._order: list[bytes] = []
        self._leaves: dict[bytes, bytes] = {}
        self._lengths: dict[bytes, int] = {}

    @property
    def wallets(self) -> int:
        """How many wallets have been sealed."""
        return len(self._order)

    @property
    def entries(self) -> int:
        """How many entries the sealed wallets have together."""
        return sum(self._lengths.values())

    @property
    def root(self) -> str:
        """The root over the wallets as they were sealed last."""
        return root_of([self._leaves[key] for key in self._order]).hex()

    def move(self, seals: Iterable[WalletSeal]) -> None:
        """Put seals in the place of the ones their wallets had before."""
        for seal in seals:
            key = seal.customer.encode()
            if key not in self._leaves:
                insort(self._order, key)
            self._leaves[key] = leaf_of(seal)
            self._lengths[key] = seal.seq


def check_head(head: DayHead, before: DayHead | None, tree: WalletTree) -> Iterator[HeadAltered]:
    """Compare a stored head with the tree of its day, the head before it, and its own hash."""
    expected = (
        (Part.ROOT, head.root == tree.root),
        (Part.WALLETS, head.wallets == tree.wallets),
        (Part.ENTRIES, head.entries == tree.entries),
        (Part.PREVIOUS, head.previous == (GENESIS if before is None else before.hash)),
        (Part.HASH, head.hash == head_hash(head)),
    )
    for part, is_right in expected:
        if not is_right:
            yield HeadAltered(head.day, part)


def compare(
    known: Iterable[Published], heads: Iterable[DayHead], known_from: Kept
) -> Iterator[HeadMissing | HeadDiffers]:
    """Compare what is known elsewhere of heads with the stored ones."""
    by_day = {head.day: head for head in heads}
    for published in known:
        head = by_day.get(published.day)
        if head is None:
            yield HeadMissing(published.day, known_from)
        elif not is_same(published, head):
            yield HeadDiffers(published.day, known_from, published.kept)


def first_broken(seals: Iterable[BrokenSeal]) -> Iterator[EntryMissing | EntryDiffers]:
    """Name each customer's first broken seal: the ones after it follow from it."""
    named: set[CustomerId] = set()
    for broken in sorted(seals, key=lambda broken: (broken.seal.customer, broken.seal.seq)):
        seal = broken.seal
        if seal.customer in named:
            continue
        named.add(seal.customer)
        kind = EntryMissing if broken.hash is None else EntryDiffers
        yield kind(seal.customer, seal.seq, broken.day)
