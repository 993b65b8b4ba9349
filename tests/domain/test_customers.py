"""Binding codes: how they are kept, when they work, and how guessing is stopped."""

from datetime import timedelta

import pytest

from domain.customers import BindingTries, hash_code, is_usable
from tests.support.fakes import START
from tests.support.make import an_invitation
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
