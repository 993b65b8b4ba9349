"""What a file may at most be, and why one was not read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from typing_extensions import override


class Fault(StrEnum):
    """Why a file could not be read at all; the wording stands in templates/sheets."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_A_WORKBOOK = "not_a_workbook"
    OLD_OR_LOCKED = "old_or_locked"
    """The format before 2007, or a password."""
    UNPACKS_TOO_LARGE = "unpacks_too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    NOT_A_TEXT = "not_a_text"


@dataclass(eq=False)
class Unreadable(Exception):
    """A file can't be read; says why, never what stands in it."""

    fault: Fault
    data: Mapping[str, int] = field(default_factory=dict)

    @override
    def __str__(self) -> str:
        """Name the fault."""
        return self.fault


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read."""

    file_bytes: int = 20 * 2**20
    unpacked_bytes: int = 100 * 2**20
    rows: int = 200_000
    """In each sheet."""
    columns: int = 200
