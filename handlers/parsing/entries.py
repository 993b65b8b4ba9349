"""The number of an entry, as people write it: 12, #12, 第12笔."""

import re
from typing import Final

_NUMBER: Final = re.compile(r"[#第]?\s*([0-9]{1,9})\s*[笔号条]?")
_ENDS: Final = "?？!！。. "


class NotAnEntry(Exception):
    """The words name no entry."""


def parse_entry(text: str) -> int | None:
    """Read an entry's number; None when none is named.

    Raises:
        NotAnEntry: something else is named.
    """
    typed = text.strip().rstrip(_ENDS)
    if not typed:
        return None
    found = _NUMBER.fullmatch(typed)
    if found is None:
        raise NotAnEntry
    return int(found[1])
