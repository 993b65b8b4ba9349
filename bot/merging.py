"""Which pushes may be told together in one message, and how many fit into it.

A member's become a line each, a customer's notices keep every word. Gathering, sending and
recording them is in deliveries.py and carrying.py; how the message looks in templates/.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from bot.codec import view_to_json
from bot.presenter.filters import clip
from domain.deliveries import Delivery, DeliveryKind
from domain.reachability import is_told_together
from handlers.views import AlertCard, NoticeDigest, NoticeText, PersonWantedCard

LINES_MAX = 12
BYTES_MAX = 1900
"""Of all lines; a text to a member has 2048 bytes, heading and numbers included."""
_LINE_BYTES_MORE = len(b"12. \n")
NOTICES_BYTES_MAX = 2000
"""Of notices told together; a text to a customer has 2048 bytes, and what is longer is cut."""
_SAID_MAX = 40
_ASKED_MAX = 50


def is_mergeable(delivery: Delivery) -> bool:
    """Tell whether a line can stand for a message.

    Not for codes nor for what asks for something (it has a ticket): its button and the text to copy
    would be lost. An alert's plain text names the words to type instead. Nor for a customer who
    needs a human: whom to phone and what was said are no line.
    """
    if delivery.kind is not DeliveryKind.PUSH or delivery.view == PersonWantedCard.view_name:
        return False
    return delivery.view == AlertCard.view_name or is_told_together(delivery)


def line_of(delivery: Delivery, text: str) -> str:
    """Give the line for a message: what its plain text says first, and last what to type."""
    said, *more = text.strip().splitlines()
    line = clip(said, _SAID_MAX)
    if more and delivery.data.get("ticket"):
        line = f"{line} {clip(more[-1], _ASKED_MAX)}"
    return line


def count_fitting(lines: Sequence[str]) -> int:
    """Tell how many of the lines, from the first, fit into one message; at least one."""
    sizes = accumulate(len(line.encode()) + _LINE_BYTES_MORE for line in lines[:LINES_MAX])
    return max(sum(size <= BYTES_MAX for size in sizes), 1)


def joined(notices: Sequence[Delivery]) -> Delivery:
    """Make one message of a customer's notices; it stands for the first of them."""
    if len(notices) == 1:
        return notices[0]
    texts = tuple(NoticeText(each.view, each.data) for each in notices)
    data = view_to_json(NoticeDigest(texts))
    return replace(notices[0], view=NoticeDigest.view_name, data=data)
