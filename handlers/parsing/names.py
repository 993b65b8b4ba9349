"""Which of the known names a typed name means: exact, partial, by pinyin, or with typos.

An index is built once for a list of candidates and asked many times. Deciding what to do with a
close call is left to `decide`, wording it to the caller.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Generic, TypeVar

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz, process

from handlers.parsing.normalise import normalise

IdT_co = TypeVar("IdT_co", bound=str, covariant=True)

SURE: Final = 80
"""From this score on a match may be taken without asking."""
GAP: Final = 8
"""So far ahead of the second the first must be."""
PLAUSIBLE: Final = 55
"""Below this score a match isn't worth showing."""

_SHORT: Final = 2
_TYPO_CUTOFF: Final = 60
_MAX_QUERY: Final = 64
_MAX_CHOICES: Final = 10
_NUMERALS: Final = str.maketrans("0123456789", "〇一二三四五六七八九")
_COMPANY_TAIL: Final = re.compile(
    r"(?:股份|有限|责任|集团|总|分)*公司$|(?:股份|集团|项目部?|工程)$"
)
_LATIN: Final = re.compile(r"(?=.*[a-z])[a-z〇一二三四五六七八九]+")


class Reason(StrEnum):
    """Why a candidate matches, best first."""

    CODE = "code"
    EXACT = "exact"
    CORE = "core"
    """Equal once 有限公司 and the like are left out."""
    PINYIN = "pinyin"
    """Sounds the same, or typed in full pinyin."""
    PREFIX = "prefix"
    INITIALS = "initials"
    CONTAINS = "contains"
    ABBREVIATION = "abbreviation"
    """The typed characters occur in this order."""
    TYPO = "typo"


@dataclass(frozen=True, slots=True)
class Named(Generic[IdT_co]):
    """Something that people call by name or number."""

    id: IdT_co
    name: str
    code: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match(Generic[IdT_co]):
    """A candidate with its score (0-100) and the best reason for it."""

    named: Named[IdT_co]
    score: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class One(Generic[IdT_co]):
    """The match that is meant."""

    match: Match[IdT_co]


@dataclass(frozen=True, slots=True)
class Several(Generic[IdT_co]):
    """Matches to choose from, best first; a single one is a question, not an answer."""

    matches: tuple[Match[IdT_co], ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No name comes near."""


Decision = One[IdT_co] | Several[IdT_co] | Nothing


def fold(text: str) -> str:
    """Return the form names are compared in: no blanks or punctuation, small letters, 1 as 一."""
    letters = filter(str.isalnum, normalise(text).casefold())
    return "".join(letters).translate(_NUMERALS)


def core(folded: str) -> str:
    """Return a folded company or project name without its legal tail, unless nothing is left."""
    short = folded
    while (cut := _COMPANY_TAIL.sub("", short)) != short and len(cut) >= _SHORT:
        short = cut
    return short


@lru_cache(maxsize=65536)
def syllables(folded: str) -> tuple[str, ...]:
    """Return the pinyin of each character without tones; other characters stand for themselves."""
    spoken = lazy_pinyin(folded, errors=" ".join)
    return tuple(syllable for piece in spoken for syllable in piece.split())


@dataclass(frozen=True, slots=True)
class _Form:
    """One spelling in every form it is compared in."""

    text: str
    core: str
    spoken: tuple[str, ...]
    sounds: str
    """Syllables between blanks, so that a part is found only at syllable borders."""
    initials: str
    pinyin: str
    characters: frozenset[str]
    is_latin: bool


def _form(folded: str) -> _Form:
    short = core(folded)
    spoken = syllables(short)
    return _Form(
        text=folded,
        core=short,
        spoken=spoken,
        sounds=f" {' '.join(spoken)} ",
        initials="".join(syllable[0] for syllable in spoken),
        pinyin="".join(spoken),
        characters=frozenset(folded),
        is_latin=_LATIN.fullmatch(folded) is not None,
    )


def _share(part: str, whole: str, points: int) -> int:
    return points * len(part) // len(whole)


def _compare(query: _Form, key: _Form) -> tuple[int, Reason] | None:
    """Score one spelling without regard to typos."""
    if query.text == key.text:
        return 100, Reason.EXACT
    if query.core == key.core:
        return 97, Reason.CORE
    if query.sounds == key.sounds or (query.is_latin and query.pinyin == key.pinyin):
        return 92, Reason.PINYIN
    if query.is_latin and len(query.text) >= _SHORT:
        return _compare_latin(query, key)
    return _compare_part(query, key)


def _compare_part(query: _Form, key: _Form) -> tuple[int, Reason] | None:
    if key.core.startswith(query.core):
        return 80 + _share(query.core, key.core, 12), Reason.PREFIX
    if query.core in key.core or query.text in key.text:
        return 72 + _share(query.core, key.core, 14), Reason.CONTAINS
    if len(key.core) > 1 and key.core in query.core:
        return 68 + _share(key.core, query.core, 14), Reason.CONTAINS
    if query.sounds in key.sounds:
        return 66 + _share(query.core, key.core, 14), Reason.PINYIN
    if len(query.core) > 1 and key.characters >= query.characters:
        return _compare_abbreviation(query, key)
    return None


def _compare_latin(query: _Form, key: _Form) -> tuple[int, Reason] | None:
    if query.initials == key.initials:
        return 88, Reason.INITIALS
    if key.pinyin.startswith(query.pinyin):
        return 76 + _share(query.pinyin, key.pinyin, 12), Reason.PREFIX
    if key.initials.startswith(query.initials):
        return 72 + _share(query.initials, key.initials, 12), Reason.INITIALS
    if query.text in key.text:
        return 66 + _share(query.text, key.text, 12), Reason.CONTAINS
    if query.initials in key.initials:
        return 60 + _share(query.initials, key.initials, 12), Reason.INITIALS
    return None


def _compare_abbreviation(query: _Form, key: _Form) -> tuple[int, Reason] | None:
    position = -1
    for character in query.core:
        position = key.core.find(character, position + 1)
        if position < 0:
            return None
    return 64 + _share(query.core, key.core, 14), Reason.ABBREVIATION


class NameIndex(Generic[IdT_co]):
    """Candidates prepared for many questions."""

    def __init__(self, candidates: Iterable[Named[IdT_co]]) -> None:
        self._named = tuple(candidates)
        self._keys: list[tuple[int, _Form]] = []
        self._codes: dict[str, list[int]] = {}
        for owner, named in enumerate(self._named):
            if code := fold(named.code):
                self._codes.setdefault(code, []).append(owner)
            spellings = dict.fromkeys(fold(text) for text in (named.name, *named.aliases))
            self._keys += [(owner, _form(text)) for text in spellings if text]
        self._cores = [key.core for _, key in self._keys]
        self._spoken = [key.pinyin for _, key in self._keys]

    @property
    def named(self) -> tuple[Named[IdT_co], ...]:
        """The candidates in the order given."""
        return self._named

    def spellings(self) -> Iterator[tuple[Named[IdT_co], str]]:
        """Yield each candidate with its folded names, their short forms and its code."""
        for owner, key in self._keys:
            yield self._named[owner], key.text
            if key.core != key.text:
                yield self._named[owner], key.core
        for code, owners in self._codes.items():
            for owner in owners:
                yield self._named[owner], code

    def cores(self) -> Iterator[tuple[Named[IdT_co], str, tuple[str, ...]]]:
        """Yield each candidate with its names' short forms and their syllables."""
        for owner, key in self._keys:
            yield self._named[owner], key.core, key.spoken

    def rank(self, typed: str, *, limit: int = _MAX_CHOICES) -> list[Match[IdT_co]]:
        """Return the candidates that come near, best first, at most `limit`."""
        folded = fold(typed)[:_MAX_QUERY]
        if not folded:
            return []
        query = _form(folded)
        best: dict[int, tuple[int, Reason]] = {}
        for owner in self._codes.get(folded, ()):
            best[owner] = (100, Reason.CODE)
        for owner, key in self._keys:
            if scored := _compare(query, key):
                _keep(best, owner, scored)
        self._add_typos(query, best)
        if len(folded) < _SHORT:
            # One character is a hint, never an answer, unless it is the whole name.
            best = {
                owner: (score if score >= SURE + GAP else min(score, SURE - 1), reason)
                for owner, (score, reason) in best.items()
            }
        matches = [Match(self._named[owner], *scored) for owner, scored in best.items()]
        matches.sort(key=lambda match: (-match.score, len(match.named.name), match.named.name))
        return matches[:limit]

    def _add_typos(self, query: _Form, best: dict[int, tuple[int, Reason]]) -> None:
        for typed, spellings in ((query.core, self._cores), (query.pinyin, self._spoken)):
            if len(typed) < _SHORT:
                continue
            found = process.extract(
                typed, spellings, scorer=fuzz.ratio, score_cutoff=_TYPO_CUTOFF, limit=_MAX_CHOICES
            )
            for _, ratio, position in found:
                # 三局 and 八局 differ by one character as well: a typo is always asked about.
                scored = (min(int(ratio * 0.9), SURE - 1), Reason.TYPO)
                _keep(best, self._keys[position][0], scored)


def _keep(best: dict[int, tuple[int, Reason]], owner: int, scored: tuple[int, Reason]) -> None:
    if scored[0] >= PLAUSIBLE and (owner not in best or scored[0] > best[owner][0]):
        best[owner] = scored


def rank(typed: str, candidates: Sequence[Named[IdT_co]]) -> list[Match[IdT_co]]:
    """Return the candidates that come near, best first; for lists that are used once."""
    return NameIndex(candidates).rank(typed)


def decide(
    matches: Sequence[Match[IdT_co]], *, sure: int = SURE, gap: int = GAP
) -> Decision[IdT_co]:
    """Take the first match if it is good and far enough ahead, otherwise offer the near ones."""
    if not matches:
        return Nothing()
    first = matches[0]
    second = matches[1].score if len(matches) > 1 else 0
    if first.score >= sure and first.score - second >= gap:
        return One(first)
    return Several(tuple(matches))
