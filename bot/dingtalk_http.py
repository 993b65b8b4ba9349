"""DingTalk's three addresses in HTTP mode, as the web layer reads them.

Robot messages are never answered in-band: DingTalk doesn't say that it repeats an unanswered one,
so a reply that is lost with the connection would be lost for good. Nor does their session address
count here: the signature doesn't cover the body, so a captured pair of headers could lead a
member's reply to somebody else's session. Replies go to the person by the API; in Stream mode,
whose connection nobody else can write to, the session address saves the call.
"""

from dataclasses import replace
from typing import Final

from bot.connections import DINGTALK_TIMING
from bot.dingtalk.answers import card_answer
from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.platform import HttpAnswer, Rendered
from handlers.incoming import Incoming

EMPTY: Final = HttpAnswer(body=b'{"msgtype":"empty"}', media_type="application/json")
NO_CHANGE: Final = HttpAnswer(body=b"{}", media_type="application/json")


class DingtalkRobotReader:
    """Messages to the robot."""

    timing = DINGTALK_TIMING

    def __init__(self, callbacks: DingtalkCallbacks) -> None:
        """Keep the adapter."""
        self._callbacks = callbacks

    def read(
        self, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[tuple[Incoming, ...], HttpAnswer]:
        """Read a message.

        Raises:
            Rejected: it isn't DingTalk's.
        """
        del query
        incoming = self._callbacks.read_robot(headers, body)
        return (replace(incoming, reply_handle=None),), EMPTY

    def carry(
        self, incoming: Incoming, message: Rendered, *, replaces_card: bool
    ) -> HttpAnswer | None:
        """Never: see above."""
        del incoming, message, replaces_card
        return None


class DingtalkCardReader:
    """Presses of interactive cards."""

    timing = DINGTALK_TIMING

    def __init__(self, callbacks: DingtalkCallbacks) -> None:
        """Keep the adapter."""
        self._callbacks = callbacks

    def read(
        self, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[tuple[Incoming, ...], HttpAnswer]:
        """Read a press.

        Raises:
            Rejected: it isn't DingTalk's.
        """
        del query
        return (self._callbacks.read_card(headers, body),), NO_CHANGE

    def carry(
        self, incoming: Incoming, message: Rendered, *, replaces_card: bool
    ) -> HttpAnswer | None:
        """Change the presser's card in the answer."""
        del incoming
        return card_answer(message) if replaces_card and message.card is not None else None


class DingtalkEventReader:
    """Subscribed events, encrypted both ways."""

    timing = DINGTALK_TIMING

    def __init__(self, callbacks: DingtalkCallbacks) -> None:
        """Keep the adapter."""
        self._callbacks = callbacks

    def read(
        self, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[tuple[Incoming, ...], HttpAnswer]:
        """Read an event; the acknowledgement is the encrypted "success" DingTalk wants.

        Raises:
            Rejected: it isn't DingTalk's.
        """
        del headers
        return self._callbacks.read_event(query, body)

    def carry(
        self, incoming: Incoming, message: Rendered, *, replaces_card: bool
    ) -> HttpAnswer | None:
        """Never: events are only acknowledged."""
        del incoming, message, replaces_card
        return None
