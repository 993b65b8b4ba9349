"""Amounts as people type them: points as whole numbers, money as fen.

Arabic and Chinese numerals, 万/亿 and w/k, spoken short forms (三万五). Whatever could be read in
two ways is refused: an amount must be right or asked for again.
"""

import re
from fractions import Fraction
from typing import Final

from handlers.parsing.normalise import normalise, same_length_fold
from handlers.parsing.problems import NotANumber, NotPositive, NotWhole, TooLarge

MAX_POINTS: Final = 1_000_000_000
MAX_FEN: Final = 10_000_000_000_000
"""One hundred thousand million yuan."""

_FEN_PER_YUAN: Final = 100
_MAX_LENGTH: Final = 32
_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_SINGLE_DIGITS: Final = frozenset("123456789一二两三四五六七八九")
_TEN: Final = 10
_UNITS: Final = {"亿": 10**8, "万": 10**4, "千": 1000, "百": 100, "十": _TEN}
_LETTER_UNITS: Final = str.maketrans("wWkK", "万万千千")
_ARABIC: Final = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_CHINESE_DECIMAL: Final = re.compile(r"([^点]+)点([零〇一二三四五六七八九]{1,8})")
_LONG_DIGITS: Final = re.compile(r"[+]?[0-9]{20,}(?:\.[0-9]*)?")
_SIGN: Final = re.compile(r"[-\u2010-\u2015\u2212\ufe63负]\s*")
_BLANK_BETWEEN_DIGITS: Final = re.compile(r"[0-9] [0-9]")
_POINT_WORD: Final = re.compile(r"(?:积分|(?<=[0-9万千百十分])点|分)$")
_CURRENCY: Final = re.compile(r"(?:人民币|RMB|CNY)?¥?", re.IGNORECASE)
_YUAN: Final = re.compile(
    r"(?P<yuan>[^元块]+?)"
    r"(?:元|块钱?)?"
    r"(?:(?<=块)(?P<spoken>[1-9一二三四五六七八九])"
    r"|(?:(?<=[元块])(?P<jiao>[0-9零一二三四五六七八九])[角毛])?"
    r"(?:(?<=[元角毛])零?(?P<fen>[0-9一二三四五六七八九])分)?)"
    r"(?:整|正)?"
)


def _atom(text: str) -> Fraction:
    """Read a number without units: Arabic, one Chinese digit, or a Chinese decimal."""
    if _ARABIC.fullmatch(text):
        return Fraction(text.replace(",", ""))
    if text in _DIGITS:
        return Fraction(_DIGITS[text])
    if decimal := _CHINESE_DECIMAL.fullmatch(text):
        places = "".join(str(_DIGITS[digit]) for digit in decimal[2])
        whole = _quantity(decimal[1], short=False)
        if whole.denominator == 1:
            return whole + Fraction(int(places), 10 ** len(places))
    raise NotANumber


def _tail(text: str, unit: int, *, short: bool) -> Fraction:
    """Read what follows a unit: after 三万, 五 is 5000 (where `short` is allowed), 零五 is 5."""
    if not text:
        return Fraction(0)
    filled = text.lstrip("零〇")
    if filled == text and text in _SINGLE_DIGITS:
        if unit == _TEN:
            return _atom(text)
        if not short:
            raise NotANumber
        return _atom(text) * unit / _TEN
    if filled[:1].isdigit() and not _UNITS.keys() & set(filled):
        # 3万50 may mean 30050 or 35000: only a full set of digits is clear.
        whole = filled.replace(",", "").partition(".")[0]
        if filled != text or whole.startswith("0") or len(whole) != len(str(unit)) - 1:
            raise NotANumber
    if "点" in filled and filled == text and unit > _TEN:
        # 三万五点五 may mean 30005.5 or 35500.
        raise NotANumber
    return _quantity(filled, short=short)


def _quantity(text: str, *, short: bool = True) -> Fraction:
    """Read an unsigned number, largest unit first."""
    for name, unit in _UNITS.items():
        head, found, rest = text.rpartition(name)
        if not found:
            continue
        if name in head:
            raise NotANumber
        if name == "十" and not head:
            return _TEN + _tail(rest, unit, short=short)
        multiplier = _quantity(head, short=False) if name in "亿万" else _atom(head)
        if multiplier.denominator != 1 and rest:
            raise NotANumber
        return multiplier * unit + _tail(rest, unit, short=short)
    return _atom(text)


def _prepare(text: str) -> tuple[str, bool]:
    """Return the folded text without its sign, and whether the sign was negative."""
    clean = same_length_fold(normalise(text))
    negative = _SIGN.match(clean)
    if negative:
        clean = clean[negative.end() :]
    if _LONG_DIGITS.fullmatch(clean):
        return clean, bool(negative)
    if len(clean) > _MAX_LENGTH or _BLANK_BETWEEN_DIGITS.search(clean):
        raise NotANumber
    return clean.removeprefix("+").replace(" ", ""), bool(negative)


def _checked(value: Fraction, *, negative: bool, limit: int) -> int:
    if negative or value <= 0:
        raise NotPositive
    if value > limit:
        raise TooLarge(limit)
    if value.denominator != 1:
        raise NotWhole
    return int(value)


def parse_points(text: str, *, limit: int = MAX_POINTS) -> int:
    """Read a positive whole number of points.

    Raises NotANumber, NotPositive, NotWhole or TooLarge.
    """
    clean, negative = _prepare(text)
    if _LONG_DIGITS.fullmatch(clean):
        return _refuse_long(negative=negative, limit=limit)
    amount = _POINT_WORD.sub("", clean).translate(_LETTER_UNITS)
    return _checked(_quantity(amount), negative=negative, limit=limit)


def parse_money_fen(text: str, *, limit: int = MAX_FEN) -> int:
    """Read a positive amount of yuan and return it in fen.

    `limit` is in fen. Raises NotANumber, NotPositive, NotWhole (finer than a fen) or TooLarge.
    """
    clean, negative = _prepare(text)
    if _LONG_DIGITS.fullmatch(clean):
        return _refuse_long(negative=negative, limit=limit)
    clean = _CURRENCY.sub("", clean, count=1)
    if sign := _SIGN.match(clean):
        clean, negative = clean[sign.end() :], True
    parts = _YUAN.fullmatch(clean)
    if not parts:
        raise NotANumber
    value = _quantity(parts["yuan"].translate(_LETTER_UNITS))
    value += sum(
        _atom(parts[name] or "零") / share
        for name, share in (("spoken", 10), ("jiao", 10), ("fen", 100))
    )
    return _checked(value * _FEN_PER_YUAN, negative=negative, limit=limit)


def _refuse_long(*, negative: bool, limit: int) -> int:
    if negative:
        raise NotPositive
    raise TooLarge(limit)
