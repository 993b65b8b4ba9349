"""Makes text that people typed harmless on every platform.

Names, notes and reviews are shown to others. Their text must not become a link, a mention, a
heading or markup there, must not reorder the line it stands in, and stays on one line. Characters
that would do so are replaced by their full-width twins, which look the same and mean nothing.
Cleaning twice changes nothing.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Reveal = Callable[[str, str], str]
"""Opens what is concealed, given its place and the concealed text."""

_CONCEALED: Final = {"place", "concealed"}
"""The fields of `domain.vouchers.Concealed`."""

# Controls, formats (zero-width, bidirectional, tags), invisible fillers, halves of surrogate pairs.
_UNSEEN: Final = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u08e2"
    r"\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    r"\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
)
_INVISIBLE: Final = re.compile(f"[{_UNSEEN}]")
# Most texts have none of what the rules below look for; one pass tells.
_SAFE: Final = rf"[^\s{_UNSEEN}<>\[\]*_`\\@&~#:]+"
_WITHIN: Final = r"(?: |(?<=\d):(?=\d)|(?<=[0-9A-Za-z])_(?=[0-9A-Za-z]))"
_HARMLESS: Final = re.compile(rf"(?:{_SAFE}(?:{_WITHIN}{_SAFE})*)?")
_BLANKS: Final = re.compile(r"\s+")
# Whatever the clients turn into something to tap; plain "date: 5" stays as it is.
_SCHEME: Final = re.compile(
    r"(?i)(?P<name>[a-z][a-z0-9+.-]{1,30}) ?:(?=//)"
    r"|\b(?P<bare>javascript|vbscript|data|dtmd|dingtalk|weixin|wxwork|mailto|tel|sms) ?:"
)
_FULL_WIDTH: Final = 0xFEE0
_MARKUP: Final = {ord(mark): ord(mark) + _FULL_WIDTH for mark in "<>[]*`\\@"}
_ENTITY: Final = re.compile(r"&(?=#?\w{1,31};)")
_STRIKE: Final = re.compile(r"~{2,}")
# Within a word it is no markup, and our own names (window_closed) have it.
_EMPHASIS: Final = re.compile(r"(?<![0-9A-Za-z])_+|_+(?![0-9A-Za-z])")
_HEADING: Final = re.compile(r"^#+")
_LINK: Final = re.compile(r"https?://[!#-;=?-Z_a-z~]+")


def clean(text: str) -> str:
    """Make one text harmless, on one line."""
    return text if _HARMLESS.fullmatch(text) else _repair(text)


def _repair(text: str) -> str:
    seen = _INVISIBLE.sub("", text)
    line = _BLANKS.sub(" ", seen).strip()
    plain = _SCHEME.sub(_without_colon, line).translate(_MARKUP)
    for pattern in (_ENTITY, _STRIKE, _EMPHASIS, _HEADING):
        plain = pattern.sub(_widen, plain)
    return plain


def clean_link(text: str) -> str:
    """Keep a web address made by a platform as it is; anything else is text like any other."""
    return text if _LINK.fullmatch(text) else clean(text)


def clean_data(
    data: Mapping[str, Any],
    links: frozenset[str] = frozenset(),
    reveal: Reveal | None = None,
) -> dict[str, Any]:
    """Make every text in a view's data harmless, however deep; `links` name address fields.

    `reveal` opens what is concealed in them: our own texts, which stay as they are.
    """
    cleaned = {name: _clean_any(value, reveal) for name, value in data.items()}
    for name in links & data.keys():
        if isinstance(data[name], str):
            cleaned[name] = clean_link(data[name])
    return cleaned


def _clean_any(value: object, reveal: Reveal | None) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        if reveal is not None and value.keys() == _CONCEALED:
            return reveal(value["place"], value["concealed"])
        return {name: _clean_any(inner, reveal) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean_any(item, reveal) for item in value]
    return value


def _without_colon(found: re.Match[str]) -> str:
    name: str = found["name"] or found["bare"]
    return name + chr(ord(":") + _FULL_WIDTH)


def _widen(found: re.Match[str]) -> str:
    return "".join(chr(ord(character) + _FULL_WIDTH) for character in found[0])
