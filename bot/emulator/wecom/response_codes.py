"""Response codes and task ids: the right to change a card once, within 72 h (docs 90236, 94888)."""

from dataclasses import dataclass

from bot.emulator.wecom.core import Core
from bot.emulator.wecom.errors import ApiError


@dataclass(frozen=True)
class CardMessage:
    """One sent card, on however many phones."""

    agent_id: int
    msgid: str
    task_id: str
    """The msgid for cards without one."""
    clicker: str = ""
    """Whose click gave the code; empty for the code of the sending itself."""


class ResponseCodes:
    """All codes ever issued."""

    LIFETIME = 72 * 3600

    def __init__(self, core: Core) -> None:
        self._core = core
        self._codes: dict[str, tuple[CardMessage, float]] = {}
        self._tasks: set[tuple[int, str]] = set()

    def claim_task(self, agent_id: int, task_id: str) -> bool:
        """Take a task id for a new card; False when this app has used it."""
        if (agent_id, task_id) in self._tasks:
            return False
        self._tasks.add((agent_id, task_id))
        return True

    def issue(self, message: CardMessage) -> str:
        """Make a fresh code for a card."""
        code = self._core.new_id(48)
        self._codes[code] = (message, self._core.clock() + self.LIFETIME)
        return code

    def look_up(self, code: object, agent_id: int) -> CardMessage:
        """Find the card of a code that is still good, without using it up.

        Raises:
            ApiError: 60140 for unknown, used, expired and other apps' codes.
        """
        message, until = self._codes.get(str(code), (None, 0.0))
        if message is None or message.agent_id != agent_id or until <= self._core.clock():
            raise ApiError(60140)
        return message

    def use_up(self, code: object) -> None:
        """End the code's life."""
        self._codes.pop(str(code), None)
