"""Which command a line of text asks for.

The words themselves are given by the caller; here are only the rules: the longest word wins, a
word without arguments takes nothing but politeness after it, a near miss is offered, never obeyed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from rapidfuzz.distance import OSA

from handlers.parsing.names import fold, syllables
from handlers.parsing.normalise import normalise

MAX_GUESSES: Final = 3

_SHORT_TALK: Final = 8
# Every alternative begins differently, so that a long tail is read in one pass.
_POLITE: Final = re.compile(
    r"(?:一下|询|多少|现在|目前|谢谢"
    r"|[吗呢啊呀吧了哦噢嘛喽哈么查看我的您你请好有还是几分个点呗 ,。.!?~、;:…])*"
)
_LEADING: Final = re.compile(
    r"(?:(?:帮我|给我|麻烦你?|请问?|我要|我想要?|想要?|要|查询|查看|查一?查|看一?看|查|看|您好|你好"
    r"|我们?的|我|一下|现在|目前)[, ]*)+"
)
_SEPARATORS: Final = " ,，:：、。.;；-"
_QUESTION: Final = re.compile(
    r"怎么|怎样|如何|为什么|为何|什么|哪|多久|能不能|可不可以|是不是|吗\??$"
)
_LETTERS_LONG_ENOUGH: Final = 4
_MAX_HEAD: Final = 24


class Takes(Enum):
    """What may follow a command word."""

    NOTHING = "nothing"
    MAYBE = "maybe"
    """An argument or nothing; a question glued to the word is neither."""
    PARTED = "parted"
    """An argument behind a blank or a mark; glued to the word it is talk."""
    WORDS = "words"
    """Arguments or free text; anything counts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command with every word people may type for it."""

    name: str
    words: tuple[str, ...]
    takes: Takes = Takes.NOTHING


@dataclass(frozen=True, slots=True)
class CommandFound:
    """The command `name`, typed as `word`, followed by `rest`."""

    name: str
    rest: str
    word: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Names of commands that may have been meant, best first; to be offered, not run."""

    guesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotACommand:
    """Nothing comes near."""


@dataclass(frozen=True, slots=True)
class _Word:
    entry: Entry
    text: str
    sounds: tuple[str, ...]
    pattern: re.Pattern[str]


def _make_word(entry: Entry, text: str) -> _Word:
    # A blank may stand anywhere in a Chinese word, nowhere in a Latin one.
    between = "" if text.isascii() else " ?"
    pattern = re.compile(between.join(map(re.escape, text)), re.IGNORECASE)
    return _Word(entry, text, syllables(text), pattern)


class Vocabulary:
    """The words of the commands that one person may use."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Prepare the entries; a word that stands for two commands is refused with ValueError."""
        words: dict[str, _Word] = {}
        for entry in entries:
            for typed in entry.words:
                text = normalise(typed).casefold()
                if not text or (text in words and words[text].entry is not entry):
                    raise ValueError(typed)
                words[text] = _make_word(entry, text)
        self.longest_first = sorted(words.values(), key=lambda word: (-len(word.text), word.text))
        self._texts = frozenset(words)

    def is_talk(self, tail: str) -> bool:
        """Tell whether what is glued to a word makes it talk: a question, or another command."""
        return tail in self._texts or _QUESTION.search(tail) is not None


def split_command(text: str, vocabulary: Vocabulary) -> CommandFound | NearMiss | NotACommand:
    """Split a line into the command and what follows it."""
    clean = normalise(text, strip_slash=True)
    if found := _match(clean, vocabulary):
        return found
    if (leading := _LEADING.match(clean)) and (found := _match(clean[leading.end() :], vocabulary)):
        return found
    guesses = _guesses(clean.casefold(), vocabulary)
    return NearMiss(guesses) if guesses else NotACommand()


def _match(clean: str, vocabulary: Vocabulary) -> CommandFound | None:
    for word in vocabulary.longest_first:
        if found := word.pattern.match(clean):
            rest = _rest(clean[found.end() :], word, vocabulary)
            if rest is not None:
                return CommandFound(word.entry.name, rest, word.text)
    return None


def _rest(tail: str, word: _Word, vocabulary: Vocabulary) -> str | None:
    """Return the argument after the word, or None if the word isn't meant as a command here."""
    if _is_letter(word.text[-1]) and _is_letter(tail[:1]):
        return None
    if _POLITE.fullmatch(tail):
        return ""
    if word.entry.takes is Takes.NOTHING:
        return None
    is_glued = tail[0] not in _SEPARATORS
    if is_glued and word.entry.takes is Takes.PARTED:
        return None
    if word.entry.takes is Takes.MAYBE and is_glued and vocabulary.is_talk(tail):
        return None
    return tail.lstrip(_SEPARATORS)


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _guesses(line: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    head = line.split(" ", 1)[0][:_MAX_HEAD]
    scored: dict[str, int] = {}
    for word in vocabulary.longest_first:
        score = _likeness(line, head, word)
        if score > scored.get(word.entry.name, 0):
            scored[word.entry.name] = score
    best = sorted(scored, key=lambda name: -scored[name])
    return tuple(best[:MAX_GUESSES])


def _likeness(line: str, head: str, word: _Word) -> int:
    """Score how likely the line means the word; 0 is not at all."""
    typed = fold(head)
    sounds = syllables(typed[: len(word.text)])
    if typed.isascii():
        return _likeness_latin(typed, word)
    if sounds == word.sounds:
        return 90
    if len(head) == len(word.text) > 1 and OSA.distance(head, word.text) == 1:
        return 70
    if len(line) <= _SHORT_TALK and len(word.text) > 1 and word.text in line:
        return 60
    return 0


def _likeness_latin(typed: str, word: _Word) -> int:
    if not typed:
        return 0
    if typed == "".join(word.sounds):
        return 85
    if typed == "".join(syllable[0] for syllable in word.sounds):
        return 80
    if len(typed) >= _LETTERS_LONG_ENOUGH and OSA.distance(typed, "".join(word.sounds)) == 1:
        return 75
    return 0
