"""Names and mobile numbers of people."""

import re
from dataclasses import dataclass
from typing import Final

_MOBILE: Final = re.compile(
    r"(?<![0-9])(?:\+?86[ \-]?)?(1[3-9][0-9](?:[ \-]?[0-9]{4}){2})(?![0-9])"
)
_LIKE_A_NUMBER: Final = re.compile(r"\+?[0-9](?:[ \-]?[0-9]){4,30}")
_CHINESE_NAME: Final = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf·]{2,12}")
_LATIN_NAME: Final = re.compile(r"[A-Za-z][A-Za-z.'\-]{0,30}(?: [A-Za-z.'\-]{1,30}){0,3}")


@dataclass(frozen=True, slots=True)
class PhoneFound:
    """Digits at text[start:end]; `number` is None when they are no mobile number."""

    start: int
    end: int
    number: str | None


def find_phone(text: str) -> PhoneFound | None:
    """Find a mobile number of mainland China, or digits that look like a wrong one."""
    if found := _MOBILE.search(text):
        return PhoneFound(*found.span(), "".join(filter(str.isdigit, found[1])))
    if wrong := _LIKE_A_NUMBER.search(text):
        return PhoneFound(*wrong.span(), None)
    return None


def is_person_name(text: str) -> bool:
    """Tell whether the text can be one person's name, with or without a title."""
    return bool(_CHINESE_NAME.fullmatch(text) or _LATIN_NAME.fullmatch(text))
