"""A wallet that is hashed anew with all that follows: named as far as anything still tells."""

import pytest

from domain.proof import DayHead, Published
from domain.verification import Fault, Finding
from tests.verification.rewriting import blame, rehead, reseal
from tests.verification.tampering import Tampered

ACME = "c-acme"


@pytest.fixture(params=["ledger", "postgres_ledger"])
def either(request: pytest.FixtureRequest) -> Tampered:
    """Give a ledger on each engine in turn."""
    found: Tampered = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def kept(heads: list[DayHead]) -> list[Published]:
    """Give what a supervisor has kept."""
    return [Published(head.day, head.fingerprint) for head in heads]


@pytest.mark.parametrize(("seq", "seal", "day"), [(3, 4, "22"), (4, 4, "22"), (9, 15, "23")])
def test_the_seals_name_customer_entry_and_day(
    either: Tampered, seq: int, seal: int, day: str
) -> None:
    blame(either, ACME, seq, "member:nobody")
    assert either.findings() == [Finding(Fault.REHASHED, ACME, seal, f"2026-11-{day}")]


def test_with_the_seals_rewritten_the_heads_name_the_day(either: Tampered) -> None:
    blame(either, ACME, 9, "member:nobody")
    reseal(either)
    assert either.findings() == [Finding(Fault.HEAD_CHANGED, subject="2026-11-23 root")]


def test_with_the_heads_rewritten_a_posted_head_names_the_day(
    either: Tampered, kept: list[Published]
) -> None:
    blame(either, ACME, 9, "member:nobody")
    reseal(either)
    rehead(either)
    assert either.findings() == []
    assert either.findings(*kept) == [Finding(Fault.HEAD_DIFFERS, subject="2026-11-23 published")]


def test_from_the_first_day_rewritten_no_posted_head_fits(
    either: Tampered, kept: list[Published]
) -> None:
    blame(either, ACME, 1, "member:nobody")
    reseal(either)
    rehead(either)
    assert either.findings() == []
    assert [each.fault for each in either.findings(*kept)] == [Fault.HEAD_DIFFERS] * 2


def test_a_day_that_is_none_is_said_to_be_unreadable(ledger: Tampered) -> None:
    ledger.run("UPDATE day_heads SET day = 'never' WHERE day = '2026-11-22'")
    assert ledger.findings() == [Finding(Fault.UNREADABLE, subject="day_heads")]


def test_above_the_last_head_nobody_can_tell(either: Tampered, kept: list[Published]) -> None:
    blame(either, ACME, 18, "member:nobody")
    assert either.findings(*kept) == []
