"""Customers from a file: each added, or what its file lacks filled in, or said why not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from domain.customer_files import fill_gaps
from domain.customers import Customer
from domain.duplicates import Hint, Level, Likeness, Register
from domain.ids import CustomerId
from handlers.contract import Context
from handlers.usecases.customer_files import Given, add_file, fill_file, new_people
from handlers.usecases.duplicates import profile_of_details, profiles

NAMING: Final = frozenset({Hint.CREDIT_CODE, Hint.NAME, Hint.SHORT_NAME, Hint.PLACE_NAME})
"""What a customer and a row with its code must have in common to be one."""
_CODE: Final = "KH"
_NUMBERED: Final = re.compile(rf"{_CODE}([0-9]{{1,9}})", re.ASCII)
_DIGITS: Final = 4


class State(StrEnum):
    """What became of a customer that was given."""

    ADDED = "added"
    FILLED = "filled"
    """It was there, and its file has more now."""
    KNOWN = "known"
    """It was there with all that was given."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Twin:
    """Who is alike: a customer that is there, or an earlier one of those that were given."""

    key: CustomerId | int
    """The customer, or the place of the other one given."""
    likeness: Likeness | None
    """None when only the code is the same."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a customer that was given."""

    state: State
    customer: Customer | None = None
    """None when it was refused, and when nothing is written and it isn't there."""
    twin: Twin | None = None
    """Why it was refused."""
    alike: tuple[Twin, ...] = ()
    """Who may be the same, but was not taken to be."""
    differing: tuple[str, ...] = ()
    """What the file of the customer that was there says otherwise, and keeps."""


class Filing:
    """Files customers one after the other, each beside those before it."""

    def __init__(self, ctx: Context, *, is_anyway: bool, writes: bool) -> None:
        """Read the whole file of customers.

        `is_anyway` says that likely twins were looked at; without `writes` nothing is changed, and
        what is given counts as if it had been. Writing locks the entering of customers.
        """
        if writes:
            ctx.work.files.lock_entry()
        self._ctx = ctx
        self._is_anyway = is_anyway
        self._writes = writes
        self._register = Register[CustomerId | int]()
        self.customers: dict[CustomerId, Customer] = {}
        for customer, profile in profiles(ctx):
            self.customers[customer.id] = customer
            self._register.put(customer.id, profile)
        self._by_code = {one.code: one for one in self.customers.values()}
        numbers = (_NUMBERED.fullmatch(code) for code in self._by_code)
        self._last_number = max((int(found[1]) for found in numbers if found), default=0)

    def file(self, given: Given, place: int) -> Filed:
        """Add a customer, or fill the gaps of the one that is there; the details have been read.

        `place` names it to those that come later. A customer without a code gets one.
        """
        phones = [contact.phone for contact in given.contacts]
        profile = profile_of_details(self._ctx, given.name, given.details, phones)
        twins = [Twin(key, likeness) for key, likeness in self._register.alike(profile)]
        known, refusal = self._there(given, twins)
        if known is not None:
            return self._filled(known, given)
        if refusal is not None:
            return Filed(State.REFUSED, twin=refusal)
        self._register.put(place, profile)
        return Filed(State.ADDED, self._added(given), alike=tuple(twins))

    def _there(self, given: Given, twins: Sequence[Twin]) -> tuple[Customer | None, Twin | None]:
        """Find the customer that is meant, or why what is given can't be added."""
        named = self._by_code.get(given.code) if given.code else None
        if named is not None:
            mine = {hint for one in twins if one.key == named.id for hint in _hints(one)}
            return (named, None) if mine & NAMING else (None, Twin(named.id, None))
        same = next((one for one in twins if _level(one) is Level.SAME), None)
        if same is not None:
            is_meant = not given.code and not isinstance(same.key, int)
            return (self.customers[CustomerId(str(same.key))], None) if is_meant else (None, same)
        likely = next((one for one in twins if _level(one) is Level.LIKELY), None)
        return None, None if self._is_anyway else likely

    def _filled(self, known: Customer, given: Given) -> Filed:
        details = self._ctx.work.files.get(known.id)
        filled, differing = fill_gaps(details, given.details)
        has_more = filled != details or bool(new_people(self._ctx, known, given))
        if has_more and self._writes:
            fill_file(self._ctx, known, given)
        state = State.FILLED if has_more else State.KNOWN
        return Filed(state, known, differing=differing)

    def _added(self, given: Given) -> Customer | None:
        code = given.code
        if not code:
            self._last_number += 1
            code = f"{_CODE}{self._last_number:0{_DIGITS}}"
        if not self._writes:
            return None
        customer = add_file(self._ctx, replace(given, code=code))
        self._by_code[code] = customer
        return customer


def _level(twin: Twin) -> Level | None:
    return twin.likeness.level if twin.likeness else None


def _hints(twin: Twin) -> tuple[Hint, ...]:
    return twin.likeness.hints if twin.likeness else ()
