"""The chance to answer in the platform's own request, which exactly one side may use.

The working thread takes it at commit; the web side closes it when the platform won't wait longer.
Whoever is first wins, so an answer is never both sent back and queued, nor lost between the two.
"""

import threading
from collections.abc import Callable
from datetime import datetime

from bot.platform import HttpAnswer, Rendered
from domain.ports import Clock

Carry = Callable[[Rendered, bool], HttpAnswer | None]
"""Turns a rendered reply into the response's body, or says that it can't go that way."""


class InBand:
    """One request's chance."""

    def __init__(self, carry: Carry, clock: Clock, decide_before: datetime) -> None:
        """Open the chance until `decide_before`."""
        self._carry = carry
        self._clock = clock
        self._decide_before = decide_before
        self._lock = threading.Lock()
        self._is_open = True
        self.is_taken = False

    def carry(self, message: Rendered, *, replaces_card: bool) -> HttpAnswer | None:
        """Turn a reply into a response body without taking the chance yet."""
        return self._carry(message, replaces_card)

    def take(self) -> bool:
        """Take the chance right before the commit; False when it is too late."""
        with self._lock:
            if self._is_open and self._clock.now() < self._decide_before:
                self._is_open = False
                self.is_taken = True
            return self.is_taken

    def close(self) -> bool:
        """Give the chance up from the web side; False when the answer is already on its way."""
        with self._lock:
            self._is_open = False
            return not self.is_taken
