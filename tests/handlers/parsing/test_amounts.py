"""Limits of amounts; the notations themselves are in the corpus."""

import pytest

from handlers.parsing.amounts import MAX_FEN, MAX_POINTS, parse_money_fen, parse_points
from handlers.parsing.problems import NotPositive, TooLarge


def test_the_limit_itself_is_accepted_and_one_more_is_not() -> None:
    assert parse_points(str(MAX_POINTS)) == MAX_POINTS
    with pytest.raises(TooLarge) as refused:
        parse_points(str(MAX_POINTS + 1))
    assert refused.value.limit == MAX_POINTS


def test_a_caller_may_set_a_lower_limit() -> None:
    assert parse_points("五百", limit=500) == 500
    with pytest.raises(TooLarge) as refused:
        parse_points("501", limit=500)
    assert refused.value.limit == 500


def test_the_limit_of_money_is_in_fen() -> None:
    assert parse_money_fen("1000亿") == MAX_FEN
    with pytest.raises(TooLarge) as refused:
        parse_money_fen("10.01", limit=1000)
    assert refused.value.limit == 1000


def test_digits_without_end_are_refused_at_once() -> None:
    with pytest.raises(TooLarge):
        parse_points("9" * 20_000)
    with pytest.raises(NotPositive):
        parse_money_fen("-" + "9" * 20_000)


def test_a_refusal_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(TooLarge) as refused:
        parse_points("98765432109876")
    assert "98765432109876" not in repr(refused.value) + str(refused.value)
