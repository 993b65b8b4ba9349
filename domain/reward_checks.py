"""The checker of rewards: every problem of one with its field and value, and what is surprising.

It finds codes and facts, never sentences; the wording stands in templates/parts/words.toml.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from domain.programme import Programme
from domain.reward_terms import worth
from domain.rewards import (
    DESCRIPTION_MAX,
    MONEY_MAX,
    NAME_MAX,
    POINTS_MAX,
    QUANTITY_MAX,
    VALID_DAYS_MAX,
    Reward,
    RewardKind,
)
from domain.rules.findings import Severity

PICTURE_MAX: Final = 500
"""Characters of an address."""
ALONE_MAX: Final = 5_000
"""Points; what costs so many and more should not be one person's decision."""
_FAR_BELOW: Final = 5
"""A point that buys less than a fifth of what the firm books for it is hardly meant."""


Names = Mapping[str, Sequence[Reward]]
"""Rewards by what `folded_name` makes of their names."""


class Fault(StrEnum):
    """The stable name of what is found."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    HIDDEN_CHARACTERS = "hidden_characters"
    NAME_TAKEN = "name_taken"
    OUT_OF_RANGE = "out_of_range"
    VALUE_MISSING = "value_missing"
    ONLY_FOR_VOUCHERS = "only_for_vouchers"
    CLOSES_BEFORE_OPENS = "closes_before_opens"
    UNKNOWN_TIER = "unknown_tier"
    NOT_HTTPS = "not_https"
    OVER = "over"
    UNKNOWN_SEGMENT = "unknown_segment"
    WORTH_MORE = "worth_more"
    WORTH_LITTLE = "worth_little"
    ONE_PERSON = "one_person"


@dataclass(frozen=True, slots=True)
class RewardFinding:
    """One thing the checker found, and where."""

    severity: Severity
    fault: Fault
    place: str
    """A field of `Reward`."""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """What of the firm a reward is judged beside."""

    programme: Programme
    segments: frozenset[str]
    """Those that customers are in."""
    now: datetime


def check_reward(reward: Reward, names: Names, setting: Setting) -> list[RewardFinding]:
    """Find everything wrong or surprising in a reward.

    `names` are those of all there are, its own or an earlier version of it too.
    """
    return [
        *_texts(reward, names),
        *_numbers(reward),
        *_voucher(reward),
        *_window(reward, setting.now),
        *_whom(reward, setting),
        *_price(reward, setting.programme.point_fen),
    ]


def names_of(rewards: Iterable[Reward]) -> Names:
    """Give rewards by the form of their names in which two are the same."""
    names: dict[str, list[Reward]] = {}
    for reward in rewards:
        names.setdefault(folded_name(reward.name), []).append(reward)
    return names


def folded_name(name: str) -> str:
    """Give the form in which two names are the same: in any width and case, without blanks."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _texts(reward: Reward, names: Names) -> Iterator[RewardFinding]:
    if not reward.name.strip():
        yield _error(Fault.MISSING, "name")
    for place, text, limit in (
        ("name", reward.name, NAME_MAX),
        ("description", reward.description, DESCRIPTION_MAX),
        ("picture", reward.picture, PICTURE_MAX),
    ):
        if len(text) > limit:
            yield _error(Fault.TOO_LONG, place, found=len(text), limit=limit)
        if not text.isprintable():
            yield _error(Fault.HIDDEN_CHARACTERS, place)
    if reward.picture and not _is_https(reward.picture):
        yield _error(Fault.NOT_HTTPS, "picture", found=reward.picture)
    for other in names.get(folded_name(reward.name), ()):
        if other.id != reward.id:
            yield _error(Fault.NAME_TAKEN, "name", found=other.number)


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.netloc) and " " not in address


def _numbers(reward: Reward) -> Iterator[RewardFinding]:
    yield from _between("points", reward.points, 1, POINTS_MAX)
    yield from _between("cost", reward.cost, 0, MONEY_MAX)
    yield from _between("value", reward.value, 0, MONEY_MAX)
    if reward.limit is not None:
        yield from _between("limit", reward.limit.quantity, 1, QUANTITY_MAX)
    if reward.valid_days is not None:
        yield from _between("valid_days", reward.valid_days, 0, VALID_DAYS_MAX)


def _between(place: str, found: int, low: int, high: int) -> Iterator[RewardFinding]:
    if not low <= found <= high:
        yield _error(Fault.OUT_OF_RANGE, place, found=found, low=low, high=high)


def _voucher(reward: Reward) -> Iterator[RewardFinding]:
    if reward.kind is RewardKind.VOUCHER:
        if not reward.value:
            yield _error(Fault.VALUE_MISSING, "value")
        return
    if reward.value:
        yield _error(Fault.ONLY_FOR_VOUCHERS, "value", found=reward.value)
    if reward.is_partly_usable:
        yield _error(Fault.ONLY_FOR_VOUCHERS, "is_partly_usable")


def _window(reward: Reward, now: datetime) -> Iterator[RewardFinding]:
    opens, closes = reward.opens_at, reward.closes_at
    if closes is None:
        return
    if opens is not None and closes <= opens:
        yield _error(Fault.CLOSES_BEFORE_OPENS, "closes_at", found=closes, start=opens)
    elif closes <= now:
        yield _warning(Fault.OVER, "closes_at", found=closes)


def _whom(reward: Reward, setting: Setting) -> Iterator[RewardFinding]:
    policy = setting.programme.tiers
    known = tuple(tier.code for tier in policy.tiers) if policy is not None else ()
    if reward.tier and reward.tier not in known:
        yield _error(Fault.UNKNOWN_TIER, "tier", found=reward.tier, choices=known)
    for segment in sorted(reward.segments - setting.segments):
        yield _warning(Fault.UNKNOWN_SEGMENT, "segments", found=segment)


def _price(reward: Reward, point_fen: int) -> Iterator[RewardFinding]:
    given, booked = worth(reward), reward.points * point_fen
    if given > booked:
        yield _warning(Fault.WORTH_MORE, "points", found=given, booked=booked)
    elif 0 < given * _FAR_BELOW < booked:
        yield _warning(Fault.WORTH_LITTLE, "points", found=given, booked=booked)
    if reward.points >= ALONE_MAX and not reward.needs_second:
        yield _warning(Fault.ONE_PERSON, "points", found=reward.points, limit=ALONE_MAX)


def _error(fault: Fault, place: str, **data: Any) -> RewardFinding:
    return RewardFinding(Severity.ERROR, fault, place, data)


def _warning(fault: Fault, place: str, **data: Any) -> RewardFinding:
    return RewardFinding(Severity.WARNING, fault, place, data)
