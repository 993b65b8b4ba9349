"""Points liability: what customers may still spend, how old it is, and what is likely spent.

How much of it will be redeemed is estimated from lots that have ended: of the points that had
reached an age, the share that was redeemed later and not expired. Ages are whole months, counted
by the months the books count in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

AGES = (0, 3, 6, 12, 18, 24)
"""The youngest age of each bucket, in months."""
LIVES = (0, 1, 3, 6, 12, 24)
"""The shortest remaining life of each bucket, in months; 0 ends with this month."""
SMALL_SAMPLE_POINTS = 1_000
"""From fewer ended points a share says little."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Points left at the end of a month in lots earned and ending in the same months."""

    earned: int
    """The month the lot's entry counts in, from year 0."""
    ends: int
    """The last month in which they can be spent."""
    points: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What became of ended lots earned in one month, in another."""

    earned: int
    spent: int
    redeemed: int
    """Negative where a redemption was cancelled."""
    expired: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Points of one age, or of one remaining life."""

    from_months: int
    to_months: int | None
    """Exclusive; None for the last bucket."""
    points: int
    expected: int
    """Points that are likely to be redeemed."""
    sample: int
    """Points of ended lots the estimate comes from; nothing for a remaining life."""

    @property
    def is_small_sample(self) -> bool:
        """Tell whether the estimate rests on little."""
        return self.sample < SMALL_SAMPLE_POINTS


@dataclass(frozen=True, slots=True)
class Liability:
    """What the firm owes in points at the end of a month."""

    month: int
    by_age: tuple[Bucket, ...]
    by_life: tuple[Bucket, ...]
    held: int
    """Points set aside for redemptions that are under way: owed in full."""
    point_fen: int

    @property
    def points(self) -> int:
        """Give all points that are owed."""
        return sum(one.points for one in self.by_age) + self.held

    @property
    def expected(self) -> int:
        """Give the points that are likely to be redeemed."""
        return sum(one.expected for one in self.by_age) + self.held

    @property
    def fen(self) -> int:
        """Give what all points would cost."""
        return self.points * self.point_fen

    @property
    def expected_fen(self) -> int:
        """Give what is likely to be paid."""
        return self.expected * self.point_fen


def liability(
    month: int, balances: Sequence[Balance], spent: Sequence[Spent], *, held: int, point_fen: int
) -> Liability:
    """Sort what is left into buckets and estimate what will be redeemed.

    Without any ended points everything is expected to be redeemed: prudent, and marked as small.
    """
    shares = {age: _share(spent, age) for age in AGES}

    def age_of(one: Balance) -> int:
        return _bucket(AGES, month - one.earned)

    def expected(one: Balance) -> int:
        redeemed, ended = shares[age_of(one)]
        return (one.points * redeemed * 2 + ended) // (ended * 2) if ended else one.points

    def buckets(
        edges: tuple[int, ...], place: Callable[[Balance], int], sample: Callable[[int], int]
    ) -> tuple[Bucket, ...]:
        found = []
        for start, end in zip(edges, (*edges[1:], None), strict=True):
            inside = [one for one in balances if place(one) == start]
            points = sum(one.points for one in inside)
            likely = sum(expected(one) for one in inside)
            found.append(Bucket(start, end, points, likely, sample(start)))
        return tuple(found)

    return Liability(
        month=month,
        by_age=buckets(AGES, age_of, lambda age: shares[age][1]),
        by_life=buckets(LIVES, lambda one: _bucket(LIVES, one.ends - month), lambda _: 0),
        held=held,
        point_fen=point_fen,
    )


def _share(spent: Sequence[Spent], age: int) -> tuple[int, int]:
    """Give what was redeemed at an age or later, and what was redeemed or expired then."""
    later = [one for one in spent if one.spent - one.earned >= age]
    redeemed = max(0, sum(one.redeemed for one in later))
    return redeemed, redeemed + sum(one.expired for one in later)


def _bucket(edges: tuple[int, ...], months: int) -> int:
    return max((edge for edge in edges if edge <= months), default=edges[0])
