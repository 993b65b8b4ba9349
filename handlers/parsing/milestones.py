"""Which milestone of a project a sentence speaks of, typed in full or in part.

Words that stand in every milestone's name (验收, 工程) say nothing about which one is meant.
"""

import re
from collections.abc import Sequence
from typing import Final

from handlers.parsing.mentions import WINDOW, Located, align, is_numbered, locate_full, locate_part
from handlers.parsing.names import (
    SURE,
    IdT_co,
    Match,
    Named,
    NameIndex,
    Nothing,
    One,
    Reason,
    Several,
    fold,
)

_GENERIC: Final = re.compile(r"验收|完成|通过|合格|工程|施工|节点|阶段|里程碑")
_SHORT: Final = 2


def locate_milestone(text: str, milestones: Sequence[Named[IdT_co]]) -> Located[IdT_co]:
    """Find the milestone; a part that could belong to another one is a question."""
    index = NameIndex(milestones)
    full = locate_full(text, index)
    if not isinstance(full.decision, Nothing):
        return full
    part = locate_part(text, index)
    if isinstance(part.decision, One) and part.decision.match.reason is Reason.PINYIN:
        return part
    run = _locate_run(text, index)
    return part if isinstance(run.decision, Nothing) else run


def begins_with_milestone(text: str, start: int, milestones: Sequence[Named[IdT_co]]) -> bool:
    """Tell whether a milestone's name begins at `start`."""
    typed = fold(text[start : start + _SHORT])
    return len(typed) == _SHORT and any(fold(named.name).startswith(typed) for named in milestones)


def _locate_run(text: str, index: NameIndex[IdT_co]) -> Located[IdT_co]:
    """Find the longest stretch of a telling part of a name."""
    aligned = align(text[:WINDOW])
    longest, end = _SHORT, 0
    best: dict[str, Match[IdT_co]] = {}
    for named, spelling in index.spellings():
        telling = _GENERIC.sub("", spelling)
        for begin in range(len(telling) - 1):
            length, place = _typed_run(telling[begin:], aligned)
            if length < longest:
                continue
            if length > longest:
                best, longest = {}, length
            end = place + length
            if not begin and not is_numbered(telling, length):
                best[named.id] = Match(named, 85, Reason.PREFIX)
            else:
                best.setdefault(named.id, Match(named, 75, Reason.CONTAINS))
    if not best:
        return Located(Nothing())
    matches = tuple(best.values())
    if len(matches) == 1 and matches[0].score >= SURE and not is_numbered(text, end):
        return Located(One(matches[0]), end - longest, end)
    return Located(Several(matches), end - longest, end)


def _typed_run(telling: str, text: str) -> tuple[int, int]:
    length, place = 0, 0
    while length < len(telling) and (at := text.find(telling[: length + 1])) >= 0:
        length, place = length + 1, at
    return length, place
