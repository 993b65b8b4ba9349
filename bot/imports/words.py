"""The words that files are read in: templates/sheets/events.toml and customers.toml."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from bot.sheets.words import read_toml
from handlers.parsing.normalise import normalise


class WordFile:
    """A file of word tables: several words may stand for one value, the first is the usual one."""

    def __init__(self, name: str) -> None:
        """Keep which file it is; it is read when it is first asked."""
        self._name = name

    def value_of(self, table: str, word: str) -> str | None:
        """Give what a word stands for, in any width and case; None when it is no such."""
        return _values(self._name, table).get(folded(word))

    def word_for(self, table: str, value: str) -> str:
        """Give the word for a value."""
        word: str | list[str] = self._table(table)[value]
        return word if isinstance(word, str) else word[0]

    def words_for(self, table: str, value: str) -> Sequence[str]:
        """Give all words for a value."""
        words: Sequence[str] = self._table(table)[value]
        return words

    def listed(self, words: Iterable[str]) -> str:
        """Put words in a row."""
        return self.word_for("piece", "list").join(words)

    def first_words(self, table: str) -> Sequence[str]:
        """List the first word of each value of a table, in its order."""
        return [self.word_for(table, value) for value in self._table(table)]

    def values_of(self, table: str) -> Sequence[str]:
        """List the values of a table, in its order."""
        return list(self._table(table))

    def _table(self, table: str) -> Mapping[str, Any]:
        return read_toml(self._name)[table]


def folded(word: str) -> str:
    """Give the form in which words are compared."""
    return "".join(normalise(word).split()).casefold()


@cache
def _values(name: str, table: str) -> Mapping[str, str]:
    return {
        folded(word): value for value, words in read_toml(name)[table].items() for word in words
    }


EVENTS: Final = WordFile("events")
CUSTOMERS: Final = WordFile("customers")

value_of = EVENTS.value_of
word_for = EVENTS.word_for
listed = EVENTS.listed
first_words = EVENTS.first_words
values_of = EVENTS.values_of
