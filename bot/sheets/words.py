"""The words that rules are written in, both ways: templates/sheets/rules.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from handlers.parsing.normalise import normalise

FOLDER: Final = Path(__file__).resolve().parents[2] / "templates" / "sheets"


class RuleWords:
    """Word tables: a word for each value, a value for each word."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        """Turn every table around as well."""
        self._tables = tables
        self._values = {
            name: {normalise(word): value for value, word in table.items()}
            for name, table in tables.items()
        }

    def word(self, table: str, value: str) -> str:
        """Give the word for a value."""
        return self._tables[table][value]

    def field(self, name: str) -> str:
        """Give the word for a field; a draft may name one that there isn't."""
        return self._tables["field"].get(name, name)

    def value(self, table: str, word: str) -> str | None:
        """Give the value that a word stands for, in any width; None when it is no word of these."""
        return self._values[table].get(normalise(word))

    def words(self, table: str) -> tuple[str, ...]:
        """Give the words of a table, in its order."""
        return tuple(self._tables[table].values())

    def values(self, table: str) -> tuple[str, ...]:
        """Give the values of a table, in its order."""
        return tuple(self._tables[table])


@cache
def read_toml(name: str) -> dict[str, dict[str, str]]:
    """Read a file of templates/sheets."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def word_lists(table: str) -> dict[str, tuple[str, ...]]:
    """Read a table of lists of words, the longest first."""
    return {
        name: tuple(sorted(words, key=len, reverse=True))
        for name, words in read_toml("rules")[table].items()
    }


WORDS: Final = RuleWords(
    {
        name: table
        for name, table in read_toml("rules").items()
        if all(isinstance(word, str) for word in table.values())
    }
)
