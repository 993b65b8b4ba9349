"""Where in a sentence a known name stands, typed in full or in part, with or without blanks.

All texts here are normalised already; positions refer to them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic

from handlers.parsing.names import (
    SURE,
    Decision,
    IdT_co,
    Match,
    Named,
    NameIndex,
    Nothing,
    One,
    Reason,
    Several,
    decide,
    fold,
    syllables,
)

WINDOW: Final = 300
"""Names are looked for in so many characters from the start."""

TAKEN: Final = "\n"
"""Stands in for what another part of the grammar has used; normalised text never contains it."""

_SHORT: Final = 2
_MAX_TOKENS: Final = 3
_MAX_CHOICES: Final = 10
_TOKEN: Final = re.compile(r"[^\s,。;:!?、|]+")
_LATIN_START: Final = re.compile(r"[A-Za-z][A-Za-z0-9\-]+(?=[^A-Za-z0-9\-])")
_AFTER_NAME: Final = re.compile(
    r"(?:(?:股份|有限|责任|集团|总|分){0,4}公司)?(?:集团)?(?:项目部?|工程|工地)?的?"
)
_NUMERALS: Final = frozenset("〇一二三四五六七八九十")


@dataclass(frozen=True, slots=True)
class Located(Generic[IdT_co]):
    """What was decided about a name, and the place text[start:end] where it was typed."""

    decision: Decision[IdT_co]
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text in the form names are compared in, with the way back to its positions."""

    source: str
    text: str
    positions: tuple[int, ...]

    def span(self, start: int, length: int) -> tuple[int, int]:
        """Return the place in the source of `length` folded characters."""
        return self.positions[start], self.positions[start + length - 1] + 1

    def splits_a_number(self, start: int, length: int) -> bool:
        """Tell whether the place ends (or begins) inside a number or a Latin word."""
        first, end = self.span(start, length)
        return any(
            _same_kind(self.source[edge - 1 : edge], self.source[edge : edge + 1])
            for edge in (first, end)
        )


def _same_kind(left: str, right: str) -> bool:
    if fold(left) in _NUMERALS and fold(right) in _NUMERALS:
        return True
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    return fold(character)


def align(text: str) -> str:
    """Return the folded text with blanks and punctuation kept, so that positions stay the same."""
    folded = ((character, _fold_character(character)) for character in text)
    return "".join(one if len(one) == 1 else character for character, one in folded)


def _fold_in_place(source: str) -> _Folded:
    letters: list[str] = []
    positions: list[int] = []
    for position, character in enumerate(source):
        folded = _fold_character(character)
        letters.append(folded)
        positions += [position] * len(folded)
    return _Folded(source, "".join(letters), tuple(positions))


def take(text: str, start: int, end: int) -> str:
    """Return `text` with text[start:end] marked as used, all positions unchanged."""
    return text[:start] + TAKEN * (end - start) + text[end:]


def after_name(text: str, end: int) -> int:
    """Return the position after 项目, 的 and the like that may follow a name."""
    found = _AFTER_NAME.match(text, end)
    return found.end() if found and end else end


def locate_full(text: str, index: NameIndex[IdT_co]) -> Located[IdT_co]:
    """Find the longest complete name, short form, alias or code that stands in the text."""
    folded = _fold_in_place(text[:WINDOW])
    best: dict[str, Named[IdT_co]] = {}
    spelling, place = "", 0
    for named, candidate in index.spellings():
        if len(candidate) < max(_SHORT, len(spelling)):
            continue
        at = folded.text.find(candidate)
        if at < 0 or folded.splits_a_number(at, len(candidate)):
            continue
        if len(candidate) > len(spelling):
            best, spelling, place = {}, candidate, at
        best[named.id] = named
    if not best:
        return Located(Nothing())
    start, end = folded.span(place, len(spelling))
    matches = [Match(named, 100, Reason.EXACT) for named in best.values()]
    longer = _longer(folded, place, spelling, index)
    matches += [match for match in longer if match.named.id not in best]
    return Located(decide(matches), start, end)


def _longer(
    folded: _Folded, place: int, spelling: str, index: NameIndex[IdT_co]
) -> Iterator[Match[IdT_co]]:
    """Yield candidates whose longer name goes on for a while in the text: 一期商(业街)."""
    _, end = folded.span(place, len(spelling))
    follows = folded.source[end : end + 1]
    if not follows.isalnum():
        return
    beginning = spelling + fold(follows)
    for named, candidate in index.spellings():
        if candidate.startswith(beginning):
            yield Match(named, 95, Reason.PREFIX)


def locate_part(
    text: str,
    index: NameIndex[IdT_co],
    *,
    follows: Callable[[Named[IdT_co], int], bool] | None = None,
) -> Located[IdT_co]:
    """Find a name typed in part, in pinyin, by initials or with typos.

    A name whose beginning is typed without a blank after it is taken for one only if `follows`
    says that the text goes on at that position as it must after this name.
    """
    asked = _by_tokens(text[:WINDOW], index)
    if isinstance(asked.decision, One):
        return asked
    begun = longest_start(text[:WINDOW], index)
    match begun.decision:
        case One():
            return begun
        case Several(matches) if follows and any(follows(m.named, begun.end) for m in matches):
            return Located(One(matches[0]), begun.start, begun.end) if len(matches) == 1 else begun
        case _:
            return begun if isinstance(asked.decision, Nothing) else asked


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places that may hold a name: words, two words together, Latin starts of words."""
    words = [found.span() for found in _TOKEN.finditer(text)][: _MAX_TOKENS + 1]
    for number, (start, end) in enumerate(words[:_MAX_TOKENS]):
        yield start, end
        if latin := _LATIN_START.match(text, start, end):
            yield latin.span()
        if number + 1 < len(words) and TAKEN not in text[end : words[number + 1][0]]:
            yield start, words[number + 1][1]


def _by_tokens(text: str, index: NameIndex[IdT_co]) -> Located[IdT_co]:
    best: Located[IdT_co] = Located(Nothing())
    best_score = 0
    for start, end in _tokens(text):
        matches = index.rank(text[start:end])
        decision = decide(matches)
        score = max((match.score for match in matches), default=0)
        if isinstance(decision, One):
            score += SURE
        if score > best_score:
            best, best_score = Located(decision, start, end), score
    return best


def longest_start(text: str, index: NameIndex[IdT_co]) -> Located[IdT_co]:
    """Find the candidates of whose beginning the most is typed, by character or by sound.

    The decision is One only if a whole name sounds like the text; a part of a name is a question.
    """
    folded = _fold_in_place(text)
    sounds = _Sounds(folded.text)
    best: dict[str, Match[IdT_co]] = {}
    longest, place = _SHORT, 0
    for named, spelling, spoken in index.cores():
        length, at = _typed_length(spelling, spoken, folded.text, sounds)
        if length < longest:
            continue
        if length > longest:
            best, longest = {}, length
        is_whole = length == len(spelling) and not folded.splits_a_number(at, length)
        match = Match(named, 92, Reason.PINYIN) if is_whole else Match(named, 79, Reason.PREFIX)
        if named.id not in best or best[named.id].score < match.score:
            best[named.id] = match
        place = at
    if not best:
        return Located(Nothing())
    ranked = sorted(best.values(), key=lambda match: (-match.score, match.named.name))
    return Located(decide(ranked[:_MAX_CHOICES]), *folded.span(place, longest))


class _Sounds:
    """The syllables of a text in one string that can be searched quickly."""

    def __init__(self, folded: str) -> None:
        self._joined = f" {' '.join(syllables(folded))} "

    def find(self, spoken: tuple[str, ...]) -> int:
        """Return the number of syllables before the first place where `spoken` is said, or -1."""
        at = self._joined.find(f" {' '.join(spoken)} ")
        return -1 if at < 0 else self._joined.count(" ", 0, at)


def _typed_length(
    spelling: str, spoken: tuple[str, ...], text: str, sounds: _Sounds
) -> tuple[int, int]:
    """Return how many characters of the beginning of `spelling` are typed, and where."""
    length, place = 0, 0
    while length < len(spelling) and (at := text.find(spelling[: length + 1])) >= 0:
        length, place = length + 1, at
    if length == len(spelling) or sounds.find(spoken[:_SHORT]) < 0:
        return length, place
    while length < len(spoken) and (at := sounds.find(spoken[: length + 1])) >= 0:
        length, place = length + 1, at
    return length, place


def is_numbered(text: str, end: int) -> bool:
    """Tell whether a number goes on at `end`: then a partly typed name is another one's."""
    return fold(text[end : end + 1]) in _NUMERALS
