"""Stars are whole numbers from 1 to 5; two or fewer need somebody to act."""

import pytest

from domain.errors import InvalidStars
from tests.support.make import a_review


@pytest.mark.parametrize(
    ("stars", "bad"), [(1, True), (2, True), (3, False), (4, False), (5, False)]
)
def test_a_review_with_at_most_two_stars_is_bad(stars: int, *, bad: bool) -> None:
    assert a_review(stars).is_bad is bad


@pytest.mark.parametrize("stars", [-1, 0, 6, 10**18])
def test_stars_outside_the_scale_are_refused(stars: int) -> None:
    with pytest.raises(InvalidStars) as refused:
        a_review(stars)
    assert refused.value.asked == str(stars)
