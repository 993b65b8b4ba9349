"""The project's own source files, read and parsed once, for rules that look at them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "handlers", "domain", "storage")
FOLDERS = (*PACKAGES, "tests", "benchmarks")

Finding = tuple[int, str]
"""A line and what is wrong there."""


@dataclass(frozen=True)
class Source:
    """One Python file: where it stands in the project, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def of(cls, path: str, text: str) -> "Source":
        """Parse `text` as if it stood at `path`, relative to the project."""
        return cls(path, text, ast.parse(text, filename=path))

    @property
    def lines(self) -> list[str]:
        """Give the lines of the text."""
        return self.text.splitlines()

    def within(self, *places: str) -> bool:
        """Say whether this file is one of `places` or lies in it: "bot/cli" is file or folder."""
        return any(
            self.path == f"{place}.py" or self.path.startswith(f"{place}/") for place in places
        )


@cache
def project_sources() -> tuple[Source, ...]:
    """Read every Python file of the project."""
    return tuple(_read())


def _read() -> Iterator[Source]:
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield Source.of(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
