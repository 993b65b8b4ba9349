"""Codes of vouchers: how they are made, typed and shown.

A code is 16 random characters, 80 bits that nobody guesses, and one that checks them: a slip of
the finger is told from a code that does not exist. People type it in any case and width, with
blanks and dashes where they like.
"""

import re
import unicodedata

from domain.errors import VoucherMistyped

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""
RANDOM_LENGTH = 16
CODE_LENGTH = RANDOM_LENGTH + 1
TAIL_LENGTH = 4
GROUP_LENGTH = 4

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOK_ALIKES = str.maketrans("OIL", "011")
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212._·]+")
_FIELD = 0b100101
"""x⁵ + x² + 1, by which products are reduced to five bits."""
_OVERFLOW = 0b100000


def complete(random: str) -> str:
    """Give the code of 16 random characters of the alphabet: them and the one that checks them.

    The check is linear over GF(32) with another factor at each place, so every single wrong
    character and every two neighbours changed over are found.
    """
    check = 0
    for character in random:
        check = _twice(check ^ _VALUES[character])
    return random + ALPHABET[check]


def read_code(typed: str) -> tuple[str, str]:
    """Read the code a text begins with; give it and the rest of the text.

    Raises:
        VoucherMistyped: it does not begin with one.
    """
    text = typed.strip()
    code, place = "", 0
    while len(code) < CODE_LENGTH and place < len(text):
        character = _folded(text[place]).upper().translate(_LOOK_ALIKES)
        place += 1
        if _BETWEEN.fullmatch(character):
            continue
        if character not in _VALUES:
            raise VoucherMistyped
        code += character
    rest = text[place:]
    if len(code) < CODE_LENGTH or complete(code[:RANDOM_LENGTH]) != code or _goes_on(rest):
        raise VoucherMistyped
    return code, rest.strip()


def grouped(code: str) -> str:
    """Show a code so that it can be read aloud: four groups, the last with the check character."""
    groups = [code[at : at + GROUP_LENGTH] for at in range(0, RANDOM_LENGTH, GROUP_LENGTH)]
    return "-".join(groups) + code[RANDOM_LENGTH:]


def tail_of(code: str) -> str:
    """Give what of a code may be shown afterwards: its last characters."""
    return code[-TAIL_LENGTH:]


def _twice(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD if doubled & _OVERFLOW else doubled


def _goes_on(rest: str) -> bool:
    """Tell whether letters or digits follow at once, so that what was read is a piece of more."""
    following = _folded(rest[:1])
    return following.isascii() and following.isalnum()


def _folded(character: str) -> str:
    """Fold one character of a code; what comes after a code keeps its value, as ² does."""
    return unicodedata.normalize("NFKC", character)
