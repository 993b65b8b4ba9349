"""Points liability: every point in one bucket, and an estimate that says what it rests on."""

from hypothesis import given, strategies as st

from domain.liability import AGES, LIVES, Balance, Liability, Spent, liability
from domain.months import number_of

NOV = number_of("2026-11")


def owed(
    balances: list[Balance], spent: list[Spent] | None = None, *, held: int = 0, fen: int = 100
) -> Liability:
    return liability(NOV, balances, spent or [], held=held, point_fen=fen)


def test_points_are_sorted_by_age_and_by_remaining_life() -> None:
    found = owed(
        [
            Balance(NOV, NOV + 24, 1),
            Balance(NOV - 2, NOV + 22, 2),
            Balance(NOV - 3, NOV + 21, 4),
            Balance(NOV - 24, NOV, 8),
            Balance(NOV - 30, NOV + 1, 16),
        ]
    )
    assert [(one.from_months, one.to_months, one.points) for one in found.by_age] == [
        (0, 3, 3),
        (3, 6, 4),
        (6, 12, 0),
        (12, 18, 0),
        (18, 24, 0),
        (24, None, 24),
    ]
    assert [(one.from_months, one.points) for one in found.by_life] == [
        (0, 8),
        (1, 16),
        (3, 0),
        (6, 0),
        (12, 6),
        (24, 1),
    ]


def test_the_share_is_of_what_had_reached_the_age() -> None:
    # Of 1,000 points 500 were redeemed young, 100 old, 400 expired.
    spent = [
        Spent(NOV - 30, NOV - 29, 500, 0),
        Spent(NOV - 30, NOV - 10, 100, 0),
        Spent(NOV - 30, NOV - 6, 0, 400),
    ]
    found = owed([Balance(NOV, NOV + 24, 1000), Balance(NOV - 18, NOV + 6, 1000)], spent)
    young, *_, old, _ = found.by_age
    assert (young.expected, young.sample) == (600, 1000)
    assert (old.from_months, old.expected, old.sample) == (18, 200, 500)
    assert [young.is_small_sample, old.is_small_sample] == [False, True]
    assert (found.expected, found.expected_fen) == (800, 80_000)
    assert sum(one.expected for one in found.by_life) == 800


def test_without_anything_ended_all_is_expected_and_the_sample_is_small() -> None:
    found = owed([Balance(NOV, NOV + 24, 7)])
    assert (found.expected, found.by_age[0].is_small_sample) == (7, True)


def test_cancelled_redemptions_do_not_count_below_nothing() -> None:
    spent = [Spent(NOV - 30, NOV - 20, -50, 0), Spent(NOV - 30, NOV - 6, 0, 10)]
    assert owed([Balance(NOV, NOV + 24, 100)], spent).expected == 0


def test_held_points_are_owed_in_full() -> None:
    found = owed([Balance(NOV, NOV + 24, 100)], [Spent(NOV - 30, NOV - 6, 0, 10)], held=30)
    assert (found.points, found.expected, found.fen, found.expected_fen) == (130, 30, 13_000, 3_000)


def test_half_points_are_rounded_up() -> None:
    spent = [Spent(NOV - 30, NOV - 6, 1, 1)]
    assert owed([Balance(NOV, NOV + 24, 5)], spent).expected == 3


BALANCES = st.lists(
    st.builds(
        Balance,
        st.integers(NOV - 60, NOV),
        st.integers(NOV - 3, NOV + 60),
        st.integers(1, 10**9),
    ),
    max_size=20,
)
SPENT = st.lists(
    st.builds(
        Spent,
        st.integers(NOV - 60, NOV - 30),
        st.integers(NOV - 30, NOV),
        st.integers(-(10**6), 10**9),
        st.integers(0, 10**9),
    ),
    max_size=20,
)


@given(BALANCES, SPENT, st.integers(0, 10**9))
def test_nothing_is_lost_between_buckets(
    balances: list[Balance], spent: list[Spent], held: int
) -> None:
    found = owed(balances, spent, held=held)
    points = sum(one.points for one in balances)
    assert sum(one.points for one in found.by_age) == points
    assert sum(one.points for one in found.by_life) == points
    assert held <= found.expected <= found.points == points + held
    assert sum(one.expected for one in found.by_life) + held == found.expected
    assert [one.from_months for one in found.by_age] == list(AGES)
    assert [one.from_months for one in found.by_life] == list(LIVES)
