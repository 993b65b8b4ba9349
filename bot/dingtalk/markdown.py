"""The last look at markdown before it goes out: no links, pictures, mentions or HTML.

The presenter has made people's text harmless already; this holds for whatever reaches a card by
another way. Our own templates use headings, bold, lists and quotes only: DingTalk's subset has no
tables (doc 0717), and pages are opened by buttons.
"""

import re

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_FULL_WIDTH = 0xFEE0
# Full-width twins look the same and mean nothing.
_HARMLESS = {ord(mark): ord(mark) + _FULL_WIDTH for mark in "[]<@"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SCHEME = re.compile(r"(?i)\b(?!https?:)([a-z][a-z0-9+.-]{1,30}):(?=//)|\b(javascript|data):")


def defuse(markdown: str) -> str:
    """Take the effect from everything that could be tapped or would call somebody."""
    colon = chr(ord(":") + _FULL_WIDTH)
    plain = _SCHEME.sub(lambda found: (found[1] or found[2]) + colon, printable(markdown))
    return plain.translate(_HARMLESS)


def printable(text: str) -> str:
    """Drop control characters, which JSON would blow up to six bytes each."""
    return _CONTROLS.sub("", text)


def clamp(text: str, size: int) -> str:
    """Cut a text between characters to so many bytes of UTF-8, marking that something is gone."""
    encoded = text.encode()
    if len(encoded) <= size:
        return text
    return encoded[: size - len(ELLIPSIS.encode())].decode(errors="ignore") + ELLIPSIS
