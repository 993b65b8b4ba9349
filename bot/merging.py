"""Which pushes may be told together in one message, each on a line, and how many fit into it.

Gathering, sending and recording them is in deliveries.py; how the message looks in templates/.
"""

from collections.abc import Sequence
from itertools import accumulate

from bot.presenter.filters import clip
from domain.deliveries import Delivery, DeliveryKind
from handlers.views import AlertCard, VoucherCodes

LINES_MAX = 12
BYTES_MAX = 1900
"""Of all lines; a text to a member has 2048 bytes, heading and numbers included."""
_LINE_BYTES_MORE = len(b"12. \n")
_SAID_MAX = 40
_ASKED_MAX = 50


def is_mergeable(delivery: Delivery) -> bool:
    """Tell whether a line can stand for a message.

    Not for codes, which a line would cut off, nor for what asks for something (it has a ticket):
    its button and the text to copy would be lost. An alert's plain text names the words to type
    instead.
    """
    if delivery.kind is not DeliveryKind.PUSH or delivery.view == VoucherCodes.view_name:
        return False
    return delivery.view == AlertCard.view_name or not delivery.data.get("ticket")


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
