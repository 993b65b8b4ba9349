"""Values are compared and hashed by what they say."""

from dataclasses import field, replace
from functools import cached_property

from domain.values import caching_value_type, value_type


@value_type
class Span:
    first: int
    last: int = 9
    seen: list[int] = field(default_factory=list, compare=False)


@caching_value_type
class Word:
    text: str

    @cached_property
    def size(self) -> int:
        return len(self.text)


def test_values_that_say_the_same_are_equal() -> None:
    assert Span(1) == Span(1, 9, [4])
    assert hash(Span(1)) == hash(Span(1, 9, [4]))
    assert replace(Span(1), last=3) == Span(1, 3) != Span(1)


def test_a_value_has_its_fields_and_no_others() -> None:
    assert not hasattr(Span(1), "__dict__")


def test_what_a_value_keeps_of_itself_is_no_part_of_it() -> None:
    word, other = Word("point"), Word("point")
    assert word.size == word.size == 5
    assert word == other
    assert len({word, other, Word("lot")}) == 2
