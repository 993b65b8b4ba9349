"""Binding codes and how guessing them is stopped; what contacts may do, and who is one person."""

from datetime import timedelta

import pytest

from domain.customers import (
    BindingTries,
    hash_code,
    is_first_to_redeem,
    is_usable,
    permit,
    same_person,
)
from tests.support.fakes import START
from tests.support.make import a_contact, an_invitation
from tests.support.stores import MAIN, OTHER

HALF_AN_HOUR = timedelta(minutes=30)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("typed", ["7K2M9QXA", "7k2m9qxa", " 7K2M 9QXA\n", "7k2m\u30009qxa"])
def test_case_and_blanks_of_a_code_do_not_count(typed: str) -> None:
    assert hash_code(MAIN, typed) == hash_code(MAIN, "7K2M9QXA")


def test_a_code_is_kept_as_a_hash_that_differs_by_tenant_and_code() -> None:
    hashes = {
        hash_code(MAIN, "7K2M9QXA"),
        hash_code(OTHER, "7K2M9QXA"),
        hash_code(MAIN, "7K2M9QXB"),
    }
    assert len(hashes) == 3
    assert all(len(found) == 64 and "7K2M9QXA" not in found for found in hashes)


def test_a_code_works_once_until_it_ends() -> None:
    invitation = an_invitation()
    assert is_usable(invitation, START)
    assert is_usable(invitation, invitation.expires_at - MOMENT)
    assert not is_usable(invitation, invitation.expires_at)
    assert not is_usable(an_invitation(used_at=START), START)


def test_the_fifth_wrong_code_locks_for_half_an_hour_and_then_all_tries_are_back() -> None:
    tries = BindingTries()
    seen = []
    for _ in range(5):
        tries = tries.after_failure(START)
        seen.append((tries.left, tries.is_locked(START)))
    assert seen == [(4, False), (3, False), (2, False), (1, False), (5, True)]
    assert tries.locked_until == START + HALF_AN_HOUR
    assert tries.is_locked(START + HALF_AN_HOUR - MOMENT)
    assert not tries.is_locked(START + HALF_AN_HOUR)


def test_a_wrong_code_after_the_lock_counts_from_the_beginning() -> None:
    locked = BindingTries(locked_until=START)
    assert locked.after_failure(START) == BindingTries(failed=1, locked_until=None)


@pytest.mark.parametrize(
    ("before", "see", "redeem", "after"),
    [
        ((True, False), None, None, (True, False)),
        ((True, False), None, True, (True, True)),
        ((False, False), None, True, (True, True)),
        ((False, False), None, False, (False, False)),
        ((False, False), True, None, (True, False)),
        ((True, True), False, None, (False, False)),
        ((True, True), None, False, (True, False)),
        ((True, True), True, None, (True, True)),
        ((True, True), False, True, (False, False)),
    ],
)
def test_who_redeems_sees(
    before: tuple[bool, bool], see: bool | None, redeem: bool | None, after: tuple[bool, bool]
) -> None:
    contact = a_contact(may_see=before[0], may_redeem=before[1])
    changed = permit(contact, see=see, redeem=redeem)
    assert (changed.may_see, changed.may_redeem) == after


def test_only_who_is_still_there_keeps_a_new_one_from_redeeming() -> None:
    assert is_first_to_redeem([])
    assert is_first_to_redeem([a_contact(may_redeem=False), a_contact(is_active=False)])
    assert not is_first_to_redeem([a_contact(may_redeem=False), a_contact("li")])


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("13800138000", "13800138000", True),
        ("13800138000", "+86 138-0013-8000", True),
        ("8613800138000", "0086 13800138000", True),
        ("13800138000", "13800138001", False),
        ("13800138000", "4413800138000", False),
        ("13800138000", None, False),
        (None, None, False),
        ("", "", False),
        ("0571-8800", "05718800", True),
    ],
)
def test_a_phone_tells_who_is_one_person(one: str | None, other: str | None, is_same: bool) -> None:
    wang, li = a_contact("wang", phone=one), a_contact("li", phone=other)
    assert same_person(wang, li) is same_person(li, wang) is is_same


def test_a_record_is_one_person_whatever_its_phone() -> None:
    assert same_person(a_contact(phone=None), a_contact(phone="13800138000", customer="C002"))
