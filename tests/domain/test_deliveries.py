"""When a delivery is tried again, and when it is given up."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from domain.deliveries import RETRY_LONGEST, is_exhausted, retry_delay


@pytest.mark.parametrize(
    ("attempts", "jitter", "seconds"),
    [(1, 0.0, 1), (1, 0.5, 1.5), (2, 0.0, 2), (3, 0.0, 4), (9, 0.0, 256), (10, 0.0, 300)],
)
def test_the_pause_doubles_up_to_ten_minutes_with_jitter(
    attempts: int, jitter: float, seconds: float
) -> None:
    assert retry_delay(attempts, jitter) == timedelta(seconds=seconds)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_the_pause_is_never_longer_than_the_longest_nor_shorter_than_a_second(
    attempts: int, jitter: float
) -> None:
    assert timedelta(seconds=1) <= retry_delay(attempts, jitter) <= RETRY_LONGEST


@pytest.mark.parametrize(("attempts", "exhausted"), [(0, False), (7, False), (8, True), (9, True)])
def test_eight_tries_are_enough(attempts: int, *, exhausted: bool) -> None:
    assert is_exhausted(attempts) is exhausted
