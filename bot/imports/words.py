"""The words that files of events are read in: templates/sheets/events.toml."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from bot.sheets.words import read_toml
from handlers.parsing.normalise import normalise

EVENTS: Final = "events"


def value_of(table: str, word: str) -> str | None:
    """Give what a word stands for in a table, in any width and case; None when it is no such."""
    return _values(table).get(_folded(word))


def word_for(table: str, value: str) -> str:
    """Give the word for a value."""
    word: str | list[str] = _table(table)[value]
    return word if isinstance(word, str) else word[0]


def listed(words: Iterable[str]) -> str:
    """Put words in a row."""
    return word_for("piece", "list").join(words)


def first_words(table: str) -> Sequence[str]:
    """List the first word of each value of a table, in its order."""
    return [word_for(table, value) for value in _table(table)]


def values_of(table: str) -> Sequence[str]:
    """List the values of a table, in its order."""
    return list(_table(table))


@cache
def _values(table: str) -> Mapping[str, str]:
    return {_folded(word): value for value, words in _table(table).items() for word in words}


def _table(table: str) -> Mapping[str, Any]:
    return read_toml(EVENTS)[table]


def _folded(word: str) -> str:
    return "".join(normalise(word).split()).casefold()
