"""Which customers may be one unit written down twice: by names, credit code and phones.

A register finds them by keys, so that looking through a whole file is not quadratic; what they have
in common is said as hints, and the hints make a level.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

_PER_KEY: Final = 50
"""So many of one key are compared: a phone that half the file has says nothing."""
KeyT = TypeVar("KeyT", bound=Hashable)


class Level(StrEnum):
    """How surely two customers are one unit, surest first."""

    SAME = "same"
    LIKELY = "likely"
    MAYBE = "maybe"


class Hint(StrEnum):
    """What two customers have in common."""

    CREDIT_CODE = "credit_code"
    NAME = "name"
    """But for blanks, brackets and width."""
    SHORT_NAME = "short_name"
    """But for the company's legal form, or by what people call them."""
    PLACE_NAME = "place_name"
    """But for the province or city in front, which only one of them names."""
    PHONE = "phone"
    """A contact of each has this phone."""


@dataclass(frozen=True, slots=True)
class NameForms:
    """A name in the forms in which it is compared."""

    whole: str
    """Folded: no blanks, brackets or capitals."""
    short: str
    """Without its legal form."""
    placed: tuple[str, ...]
    """The short name with all places in front, then with the wider ones left out, to none."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a customer is compared by."""

    names: frozenset[NameForms]
    """The name and the full name."""
    aliases: frozenset[NameForms]
    """What people call it besides."""
    credit_code: str
    """Empty where it isn't known."""
    phones: frozenset[str]
    """The contacts' phones, or marks that are equal when the phones are."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two customers are, and by what."""

    level: Level
    hints: tuple[Hint, ...]


def compare(one: Profile, other: Profile) -> Likeness | None:
    """Say how alike two customers are; None when they have nothing in common.

    Two different credit codes are two legal units, whatever they are called.
    """
    hints = []
    if one.credit_code and one.credit_code == other.credit_code:
        hints.append(Hint.CREDIT_CODE)
    name = _common_name(one, other)
    if name is not None:
        hints.append(name)
    if one.phones & other.phones:
        hints.append(Hint.PHONE)
    if not hints:
        return None
    return Likeness(_level(hints, has_two_codes=_has_two_codes(one, other)), tuple(hints))


class Register(Generic[KeyT]):
    """Customers to be found by what they have in common with another."""

    def __init__(self) -> None:
        """Begin without any."""
        self._profiles: dict[KeyT, Profile] = {}
        self._stored: dict[str, dict[KeyT, None]] = {}

    def put(self, key: KeyT, profile: Profile) -> None:
        """Add a customer, or replace what is known of it."""
        known = self._profiles.get(key)
        for place in () if known is None else _stored_under(known):
            self._stored[place].pop(key, None)
        self._profiles[key] = profile
        for place in _stored_under(profile):
            self._stored.setdefault(place, {})[key] = None

    def alike(self, profile: Profile) -> list[tuple[KeyT, Likeness]]:
        """List the customers that are alike, the surest first."""
        found: dict[KeyT, Likeness] = {}
        for place in _sought_under(profile):
            for key, _ in zip(self._stored.get(place, ()), range(_PER_KEY), strict=False):
                likeness = None if key in found else compare(profile, self._profiles[key])
                if likeness is not None:
                    found[key] = likeness
        order = list(Level)
        return sorted(found.items(), key=lambda one: order.index(one[1].level))


def pairs(profiles: Iterable[tuple[KeyT, Profile]]) -> Iterator[tuple[KeyT, KeyT, Likeness]]:
    """Find the pairs that are alike: one that came before, this one, and how."""
    register = Register[KeyT]()
    for key, profile in profiles:
        for before, likeness in register.alike(profile):
            yield before, key, likeness
        register.put(key, profile)


def _common_name(one: Profile, other: Profile) -> Hint | None:
    if _forms(one.names, "whole") & _forms(other.names, "whole"):
        return Hint.NAME
    mine, theirs = one.names | one.aliases, other.names | other.aliases
    if _forms(mine, "short") & _forms(theirs, "short"):
        return Hint.SHORT_NAME
    fully = {form.placed[0] for form in mine}, {form.placed[0] for form in theirs}
    widely = (
        {name for form in mine for name in form.placed},
        {name for form in theirs for name in form.placed},
    )
    return Hint.PLACE_NAME if fully[0] & widely[1] or widely[0] & fully[1] else None


def _forms(names: Iterable[NameForms], form: str) -> set[str]:
    return {getattr(name, form) for name in names}


def _has_two_codes(one: Profile, other: Profile) -> bool:
    return bool(one.credit_code and other.credit_code) and one.credit_code != other.credit_code


def _level(hints: list[Hint], *, has_two_codes: bool) -> Level:
    first = hints[0]
    if has_two_codes:
        return Level.LIKELY if first is Hint.NAME else Level.MAYBE
    if first in {Hint.CREDIT_CODE, Hint.NAME}:
        return Level.SAME
    if first is Hint.SHORT_NAME or len(hints) > 1:
        return Level.LIKELY
    return Level.MAYBE


def _stored_under(profile: Profile) -> Iterator[str]:
    yield from _plain(profile)
    for form in profile.names | profile.aliases:
        yield f"fully:{form.placed[0]}"
        yield from (f"widely:{name}" for name in form.placed)


def _sought_under(profile: Profile) -> Iterator[str]:
    yield from _plain(profile)
    for form in sorted(profile.names | profile.aliases, key=lambda form: form.whole):
        yield f"widely:{form.placed[0]}"
        yield from (f"fully:{name}" for name in form.placed)


def _plain(profile: Profile) -> Iterator[str]:
    if profile.credit_code:
        yield f"code:{profile.credit_code}"
    called = profile.names | profile.aliases
    yield from (f"short:{name}" for name in sorted({form.short for form in called}))
    yield from (f"whole:{name}" for name in sorted({form.whole for form in called}))
    yield from (f"phone:{phone}" for phone in sorted(profile.phones))
