"""By which of a contact's accounts a notice goes, and what waits when none can take it.

What one account can take is in channels.py; here the accounts of a person are weighed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.channels import Identity, Reach, Unreachable
from domain.deliveries import Delivery

KEPT_FREE = 2
"""Of what a customer's message allows, notices that waited leave the answer to it and one more."""
TOGETHER_MAX = 12
"""So many notices one message carries at most: more nobody reads."""

_WAITS: dict[Unreachable | None, int] = {
    Unreachable.WITH_A_PERSON: 0,
    Unreachable.ALLOWANCE_USED: 1,
    Unreachable.WINDOW_CLOSED: 2,
    Unreachable.SESSION_ENDED: 3,
    Unreachable.NEVER_WROTE: 4,
    Unreachable.BLOCKED: 5,
}
"""What an account may suffer from; what is likely to be over first, first."""


@dataclass(frozen=True, slots=True)
class Road:
    """One account of a contact, and what it can take right now."""

    identity: Identity
    reach: Reach


def best_road(roads: Sequence[Road]) -> Road | None:
    """Choose the account a notice goes to; None when no account can take it.

    One without a window comes first, so that the few messages of 微信客服 stay for answers; then
    the one with most messages left, then the one whose window is open longest.
    """
    return max((road for road in roads if road.reach.is_open), key=_room, default=None)


def nearest_road(roads: Sequence[Road]) -> Road | None:
    """Choose, of accounts that can't take a notice, the one that is likely to be open first."""
    closed = [road for road in roads if road.reach.obstacle is not None]
    return min(closed, key=lambda road: _WAITS[road.reach.obstacle], default=None)


def let_go(held: Sequence[Delivery], messages_left: int | None) -> list[Delivery]:
    """Choose what goes out now of what was held, oldest first; the rest waits on.

    What can be told together makes one message; what asks for something is one of its own. An
    account that counts its messages keeps some free; None stands for one that does not count.
    """
    if messages_left is None:
        return list(held)
    together = [delivery for delivery in held if is_told_together(delivery)][:TOGETHER_MAX]
    messages = [together] if together else []
    messages += [[delivery] for delivery in held if not is_told_together(delivery)]
    messages.sort(key=lambda message: (message[0].created_at, message[0].id))
    room = max(messages_left - KEPT_FREE, 0)
    return [delivery for message in messages[:room] for delivery in message]


def is_told_together(notice: Delivery) -> bool:
    """Tell whether a notice may share a message: not when its button or its codes would be lost."""
    return not notice.data.get("ticket") and not notice.data.get("codes")


def _room(road: Road) -> tuple[bool, int, float]:
    reach = road.reach
    until = reach.window_until.timestamp() if reach.window_until is not None else 0.0
    return reach.messages_left is None, reach.messages_left or 0, until
