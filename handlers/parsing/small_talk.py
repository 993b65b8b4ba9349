"""Greetings, thanks and yeses: they ask for nothing, and there is nothing in them to understand."""

import re
from typing import Final

# No word here is made of others, so that a line falls apart in one way only: with two ways for one
# word, a long line of it would be tried in millions.
_SMALL_TALK: Final = re.compile(
    r"(?:大家好|哈[啰罗]?|嗨|hi|hello|在[吗么嘛]|在不在|早上好|上午好|中午好|下午好|晚上好"
    r"|谢谢|感谢|多谢|辛苦|麻烦|收到|知道|明白|可以|嗯|ok|再见"
    r"|[你您好行对是的们了啦吗呢啊呀吧哦噢嘛喽嘞 ,。.!?~、;:…])+",
    re.IGNORECASE,
)


def is_small_talk(text: str) -> bool:
    """Tell whether a normalised line is nothing but greetings, thanks and yeses."""
    return _SMALL_TALK.fullmatch(text) is not None
