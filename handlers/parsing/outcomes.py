"""Whether a sentence says that something was accepted, was not, or leaves it open.

Only a plain statement counts: plans, questions and mixed news are open, so that nothing is ever
recorded as accepted by mistake.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handlers.parsing.mentions import take
from handlers.parsing.normalise import same_length_fold


class Outcome(StrEnum):
    """What was said about a milestone."""

    PASSED = "passed"
    NOT_PASSED = "not_passed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, None when nothing was said or when it is open, and the words that said it."""

    outcome: Outcome | None
    is_open: bool
    typed: str
    rest: str
    """The text without those words."""


_NEGATIVE: Final = re.compile(
    r"(?:还?未能?|还?没有?能?|不能?|不予|尚未|无法)(?:被|予|获得?|太|是|再|全部?|完全|最终|正式|得到|验收|检查|复验)?"
    r"(?:通过|合格|完成|完工|竣工|封顶|验收|达标|做完|搞定|交付|(?<=[没未有])过)"
    r"|取消|推迟|延期|延后|推后|延误|返工|整改|暂停|停工|失败|拒收|作废|驳回|退回|搁置|中止|未果|重做|不行"
)
_POSITIVE: Final = re.compile(
    r"(?:验收|检查|复验|顺利|全部|都|一次性?|已经?|正式|圆满){0,3}"
    r"(?:通过(?!率)|合格(?![证率])|完成(?![率度])|完工|竣工|封顶|达标|办结|做完|搞定|交付|搞完|验完"
    r"|验收(?:了|完毕?|过了?(?!程))|(?<=已)验收?|(?<=已经)验收?|(?i:ok)(?![a-zA-Z]))了?"
)
_PLAIN: Final = re.compile(r"验收")
# Makes bad news doubtful as well; a plan to repeat something (需返工) is still bad news.
_DOUBTFUL: Final = re.compile(
    r"可能|也许|大概|应该|差不多|如果|要是|假如|是否|是不是|[吗么]|能不能|要不要|可不可以|什么时候|何时|几时|\?"
    r"|不是|并非|没有?不|无不"
)
_OPEN: Final = re.compile(
    _DOUBTFUL.pattern
    + r"|准备|计划|打算|预计|预约|申请|安排|即将|将要|快要|等待|等着|待|争取|基本|部分|一半|报验"
    + r"|希望|需要?|[不没未无非别勿莫]"
)
# Signs of doubt in words that raise none.
_HARMLESS: Final = re.compile(
    r"没有?(?:任何|什么|啥|大)?(?:问题|意见|异议|毛病)|[毫并]?无(?:任何)?(?:问题|意见|异议|误)"
    r"|不错|不少|不过|不容易|未来|按(?:原|既定)?计划|计划内"
)
_CLAUSE: Final = re.compile(r"[^,。;!、]+")
_DONE: Final = re.compile(r"了|完|过了")
_EVENT_NAME: Final = re.compile(r"(?:验收|竣工|封顶|完工|交付|完成)$")


def _stands_open(text: str, start: int, signs: re.Pattern[str]) -> bool:
    """Tell whether one of the signs is in the clause around `start`."""
    return any(
        clause.start() <= start < clause.end() and signs.search(_HARMLESS.sub("", clause[0]))
        for clause in _CLAUSE.finditer(text)
    )


def read_outcome(text: str, *, milestone: str = "", milestone_end: int = 0) -> Verdict:
    """Read what a sentence says, its names and dates already taken out.

    `milestone` is the milestone as typed, ending at `milestone_end`: 竣工验收 followed by 了 says
    that it has happened, while the words inside its name say nothing.
    """
    folded = same_length_fold(text)
    negative = list(_NEGATIVE.finditer(folded))
    without = _take_all(folded, negative)
    positive = list(_POSITIVE.finditer(without))
    if not positive and _EVENT_NAME.search(milestone):
        positive = [found for found in [_DONE.match(without, milestone_end)] if found]
    said = sorted([*negative, *positive], key=re.Match.start)
    rest = _take_all(text, [*said, *_PLAIN.finditer(folded)])
    typed = " ".join(text[slice(*found.span())] for found in said)
    signs = _DOUBTFUL if negative else _OPEN
    if (negative and positive) or any(_stands_open(folded, found.start(), signs) for found in said):
        return Verdict(None, is_open=True, typed=typed, rest=rest)
    outcome = (Outcome.NOT_PASSED if negative else Outcome.PASSED) if said else None
    return Verdict(outcome, is_open=False, typed=typed, rest=rest)


def _take_all(text: str, places: Iterable[re.Match[str]]) -> str:
    for found in places:
        text = take(text, *found.span())
    return text
