"""One clean form of typed text, before any grammar looks at it.

Width, invisible characters, blanks, mentions and length are settled here; meaning is not.
"""

import re
import unicodedata
from typing import Final

MAX_CHARACTERS: Final = 2000
"""Longest text that the grammars look at; more is cut off."""

# Compatibility folding can make one character eighteen, so the raw text is cut as well.
_MAX_RAW: Final = 2 * MAX_CHARACTERS

# NFKC would turn ² into 2 and ½ into 1⁄2: an amount must not change its value on the way in.
_KEPT_TAGS: Final = ("<super>", "<sub>", "<fraction>", "<circle>")

# Letters by category, but they draw nothing: Hangul fillers and the Braille blank.
_INVISIBLE: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs"})

_MENTIONS: Final = re.compile(r"(?:@[^\s@]{1,64}(?:\s+|$))+")
_SLASHES: Final = re.compile(r"/+\s*(?=[^\s/:])")
_STICKER_CODES: Final = re.compile(r"\[[A-Za-z\u4e00-\u9fff]{1,6}\]|/:[A-Za-z]{1,8}")

_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# Traditional characters of dates, numbers and outcomes; names are compared by sound anyway.
_SIMPLIFIED: Final = str.maketrans(
    "後週禮號個兩這萬億圓圆點壹贰貳叁參肆伍陆陸柒捌玖拾佰仟時驗過沒還嗎遲達標應該計劃準備預約請辦圖無",
    "后周礼号个两这万亿元元点一二二三三四五六六七八九十百千时验过没还吗迟达标应该计划准备预约请办图无",
)


# Nothing below changes such a text, and most texts are such.
_CLEAN: Final = re.compile(r"(?![@/])[!-~\u4e00-\u9fff]+(?: [!-~\u4e00-\u9fff]+)*")


def _is_kept(character: str) -> bool:
    return unicodedata.decomposition(character).startswith(_KEPT_TAGS)


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    if character in _INVISIBLE or unicodedata.category(character) in _DROPPED_CATEGORIES:
        return ""
    return character


def _clear(text: str) -> str:
    """Make every blank a space and drop what nobody can see."""
    return text.translate({ord(character): _visible(character) for character in set(text)})


def _fold_width(text: str) -> str:
    kept = "".join(filter(_is_kept, set(text)))
    if not kept:
        return unicodedata.normalize("NFKC", text)
    parts = re.split(f"([{kept}])", text)
    return "".join(part if part in kept else unicodedata.normalize("NFKC", part) for part in parts)


def normalise(
    text: str,
    *,
    strip_slash: bool = False,
    strip_mention: bool = False,
    limit: int = MAX_CHARACTERS,
) -> str:
    """Return `text` in half width, without invisible characters, cut to `limit`.

    Blanks of all kinds become single spaces.
    Superscripts, fractions and circled digits stay as they are, so that `10²` never becomes 102.
    `strip_mention` removes leading `@name ` words, `strip_slash` a leading `/`. Never raises.
    """
    if len(text) <= limit and _CLEAN.fullmatch(text):
        return text
    folded = _clear(_fold_width(_clear(text[:_MAX_RAW])))
    clean = " ".join(folded.split())
    if strip_mention and (mentions := _MENTIONS.match(clean)):
        clean = clean[mentions.end() :]
    if strip_slash and (slashes := _SLASHES.match(clean)):
        clean = clean[slashes.end() :]
    return clean[:limit].rstrip()


def same_length_fold(text: str) -> str:
    """Return `text` in half width with simplified date and number words, character for character.

    For grammars that report positions: the result is as long as the text.
    """
    return text.translate(_HALF_WIDTH).translate(_SIMPLIFIED)


def is_empty_talk(text: str) -> bool:
    """Tell whether `text` says nothing: blanks, punctuation, emoji, sticker codes, a lone mention.

    A question mark alone is not empty: it asks for help.
    """
    clean = normalise(text, strip_mention=True)
    if clean and not clean.strip("?"):
        return False
    words = _STICKER_CODES.sub("", clean)
    return not any(character.isalnum() for character in words)
