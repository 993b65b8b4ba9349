"""Conversations, their session webhooks, and the phones of the people in them."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.messages import Message
from bot.emulator.dingtalk.world import DingtalkWorld
from bot.emulator.faults import FaultKind, Faults
from bot.emulator.phones import Phones


@dataclass(frozen=True)
class Conversation:
    """A one-to-one chat with the robot (`staff_id` set) or a group (`staff_id` None)."""

    id: str
    title: str
    people: tuple[str, ...]
    staff_id: str | None


@dataclass(frozen=True)
class _Session:
    conversation: Conversation
    until: float


class Chats:
    """Who is in which conversation, and which session webhooks still work."""

    def __init__(self, world: DingtalkWorld, journal: Journal) -> None:
        self._world = world
        self._clock = journal.clock
        self._sessions: dict[str, _Session] = {}

    def one_to_one(self, staff_id: str) -> Conversation:
        """Find the chat between a member and the robot."""
        name = self._world.members[staff_id]
        digest = hashlib.sha256(f"{self._world.corp_id}/{staff_id}".encode()).hexdigest()[:20]
        return Conversation(f"cid{digest}==", name, (staff_id,), staff_id)

    def group(self, conversation_id: str) -> Conversation:
        """Find a group; raises KeyError."""
        group = self._world.groups[conversation_id]
        return Conversation(conversation_id, group.title, group.members, None)

    def open_session(self, conversation: Conversation) -> tuple[str, int]:
        """Start a session webhook: its key and its end in milliseconds."""
        key = secrets.token_hex(16)
        until = self._clock() + self._world.limits.session_lifetime
        self._sessions[key] = _Session(conversation, until)
        return key, int(until * 1000)

    def session(self, key: str) -> Conversation | None:
        """Find the conversation of a session that has not ended."""
        session = self._sessions.get(key)
        return session.conversation if session and self._clock() < session.until else None

    def end_sessions(self) -> None:
        """End every session webhook now, as if their time had run out."""
        self._sessions.clear()


class Screen:
    """Puts what the app sends on phones, or not, as the faults for the place say."""

    def __init__(self, phones: Phones, faults: Faults, journal: Journal) -> None:
        self.phones = phones
        self._faults = faults
        self._journal = journal
        self._held: list[Callable[[], None]] = []

    def send(
        self,
        place: str,
        people: Sequence[str],
        message: Message,
        meta: dict[str, Any] | None = None,
    ) -> None:
        """Show a message to people, and note what their clients would not render."""
        for problem in message.problems():
            self._journal.wrong(place, problem)

        def show() -> None:
            for staff_id in people:
                self.phones.show(
                    phone_of(staff_id), message.kind, dict(message.body), meta=dict(meta or {})
                )

        fault = self._faults.take(place, FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.REORDER)
        match fault.kind if fault else None:
            case FaultKind.DROP:
                return
            case FaultKind.REORDER:
                self._held.append(show)
                return
            case FaultKind.DUPLICATE:
                for _ in range(int((fault and fault.value) or 2)):
                    show()
            case _:
                show()
        held, self._held = self._held, []
        for late in held:
            late()

    def dropped(self, place: str) -> bool:
        """Use up a DROP armed for the place."""
        return self._faults.take(place, FaultKind.DROP) is not None


def phone_of(staff_id: str) -> str:
    """Name a member's phone."""
    return f"dingtalk:{staff_id}"
