"""Codes in what people type, taken out before others read it.

Binding codes have 8 letters and digits, vouchers' codes 17. What may be one goes, slips of the
finger included: a contract's number too many is better than a code too few. House numbers, phone
numbers, days and amounts stay.
"""

import re
from typing import Final

HIDDEN: Final = "••••"
"""What stands where a code stood."""

_TOKEN: Final = re.compile(r"[0-9A-Za-z]+")
_RUN: Final = re.compile(rf"{_TOKEN.pattern}(?:[\W_]{{1,3}}{_TOKEN.pattern})*")
_SHORT: Final = 8
_SPELLED: Final = 12
_PHONE: Final = 11
_DIGITS: Final = 16
"""So many digits without a letter are no phone number any more."""


def hide_codes(text: str) -> str:
    """Hide what may be a code in normalised text."""
    return _RUN.sub(lambda run: HIDDEN if _may_be_code(run[0]) else run[0], text)


def _may_be_code(run: str) -> bool:
    tokens = _TOKEN.findall(run)
    sizes = [len(token) for token in tokens]
    if all(token.isdecimal() for token in tokens):
        return sum(sizes) >= _DIGITS
    has_long = any(len(token) >= _SHORT and not token.isdecimal() for token in tokens)
    # Spelled in groups; a phone number beside a house number is no group.
    is_spelled = sum(sizes) >= _SPELLED and max(sizes) < _PHONE
    is_short_spelled = sum(sizes) == _SHORT and len(set(sizes)) == 1
    return has_long or is_spelled or is_short_spelled
