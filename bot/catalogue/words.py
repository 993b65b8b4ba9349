"""The words that files of rewards are read and written in: templates/sheets/rewards.toml."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from bot.sheets.words import read_toml
from handlers.parsing.normalise import normalise

_FILE: Final = "rewards"


def value_of(table: str, word: str) -> str | None:
    """Give what a word stands for in a table, in any width and case; None when it is no such."""
    return _values(table).get(folded(word))


def word_for(table: str, value: str) -> str:
    """Give the word for a value."""
    word = _table(table)[value]
    return str(word if isinstance(word, str) else word[0])


def words_for(table: str, value: str) -> Sequence[str]:
    """Give all words for a value, the longest first."""
    return sorted(map(folded, _table(table)[value]), key=len, reverse=True)


def values_of(table: str) -> Sequence[str]:
    """List the values of a table, in its order."""
    return list(_table(table))


def first_words(table: str) -> str:
    """List the first word of each value of a table."""
    return listed(word_for(table, value) for value in _table(table))


def listed(words: Iterable[str]) -> str:
    """Put words in a row."""
    return word_for("piece", "list").join(words)


def heading_for(name: str) -> str:
    """Give the heading of a column as it is written."""
    return f"{word_for('heading', name)}{_table('remark').get(name, '')}"


def term_for(name: str) -> str:
    """Give what one of a reward's terms is called: as its column, where it has one."""
    return word_for("term" if name in _table("term") else "heading", name)


def folded(word: str) -> str:
    """Give the form words are compared in: in any width and case, without blanks."""
    return "".join(normalise(word).split()).casefold()


@cache
def _values(table: str) -> Mapping[str, str]:
    return {folded(word): value for value, words in _table(table).items() for word in words}


def _table(table: str) -> Mapping[str, Any]:
    return read_toml(_FILE)[table]
