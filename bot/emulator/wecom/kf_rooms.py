"""What 微信客服 remembers: sessions, the log behind sync_msg, ping tokens, codes (doc 94670)."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from bot.emulator.wecom.core import Core
from bot.emulator.wecom.errors import ApiError
from bot.emulator.wecom.world import KfAccount

Json = dict[str, Any]

HISTORY_SECONDS = 3 * 24 * 3600
REPLY_SECONDS = 48 * 3600
_TOKEN_SECONDS = 600

UNTREATED, ASSISTANT, POOL, HUMAN, ENDED = range(5)


@dataclass
class Session:
    """One customer with one service account."""

    account: KfAccount
    external_userid: str
    state: int = ENDED
    servicer: str = ""
    last_said_at: float | None = None
    sent_since: int = 0
    """API messages since the customer's last one."""
    last_welcome_at: float | None = None
    entered: Json = field(default_factory=dict)
    """The context of the last enter_session."""

    def said_within(self, now: float, seconds: float) -> bool:
        """Say whether the customer wrote in the last so many seconds."""
        return self.last_said_at is not None and self.last_said_at > now - seconds


@dataclass(frozen=True)
class Logged:
    """One item of the log with its place in it."""

    number: int
    item: Json


@dataclass(frozen=True)
class EventCode:
    """A welcome_code or msg_code: the right to send one message about an event."""

    session: Session
    until: float
    msgtypes: frozenset[str]
    welcome: bool


class KfRooms:
    """All sessions, logs, ping tokens and codes."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._sessions: dict[tuple[str, str], Session] = {}
        self._logs: dict[str, list[Logged]] = defaultdict(list)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._codes: dict[str, EventCode] = {}

    def session(self, account: KfAccount, external_userid: str) -> Session:
        """Find or make the session of a customer."""
        key = (account.open_kfid, external_userid)
        return self._sessions.setdefault(key, Session(account, external_userid))

    def of_customer(self, external_userid: str) -> list[Session]:
        """Every session of one customer."""
        return [s for s in self._sessions.values() if s.external_userid == external_userid]

    def log_message(self, session: Session, msgtype: str, content: Json, **more: Any) -> Json:
        """Add a message to the log."""
        item = {
            "msgid": self._core.new_id(32),
            "open_kfid": session.account.open_kfid,
            "external_userid": session.external_userid,
            "send_time": int(self._core.clock()),
            "origin": 3,
            **more,
            "msgtype": msgtype,
            msgtype: content,
        }
        return self._log(session.account, item)

    def log_event(self, account: KfAccount, event_type: str, fields: Json) -> Json:
        """Add a system event to the log; its ids are inside `event`."""
        event = {"event_type": event_type, "open_kfid": account.open_kfid, **fields}
        item = {
            "msgid": self._core.new_id(32),
            "send_time": int(self._core.clock()),
            "origin": 4,
            "msgtype": "event",
            "event": event,
        }
        return self._log(account, item)

    def _log(self, account: KfAccount, item: Json) -> Json:
        self._logs[account.open_kfid].append(Logged(self._core.next_number(), item))
        return item

    def page(self, open_kfid: str, cursor: str, limit: int) -> tuple[list[Json], str, bool]:
        """Read up to `limit` items after a cursor; also the next cursor and whether there are more.

        An empty cursor starts three days ago; nothing older is ever given.
        """
        after = self._read_cursor(open_kfid, cursor) if cursor else 0
        oldest = self._core.clock() - HISTORY_SECONDS
        fresh = [
            logged
            for logged in self._logs[open_kfid]
            if logged.number > after and logged.item["send_time"] >= oldest
        ]
        page = fresh[:limit]
        last = page[-1].number if page else after
        items = [logged.item for logged in page]
        return items, self._write_cursor(open_kfid, last), len(fresh) > limit

    def _write_cursor(self, open_kfid: str, number: int) -> str:
        """Write an opaque cursor; numbers grow with time, so it outlives a restart."""
        mark = hashlib.sha256(f"{open_kfid}/{number}".encode()).hexdigest()[:16]
        return f"{number:x}.{mark}"

    def _read_cursor(self, open_kfid: str, cursor: str) -> int:
        try:
            number = int(cursor.partition(".")[0], 16)
        except ValueError:
            number = -1
        if cursor != self._write_cursor(open_kfid, number):
            raise ApiError(40058, "cursor")
        return number

    def new_token(self, account: KfAccount) -> str:
        """Make the token of a ping."""
        token = self._core.new_id(64)
        self._tokens[token] = (account.open_kfid, self._core.clock() + _TOKEN_SECONDS)
        return token

    def check_token(self, open_kfid: str, token: str) -> None:
        """Check a ping's token.

        Raises:
            ApiError: 95007 unknown, another account's or older than ten minutes.
        """
        owner, until = self._tokens.get(token, ("", 0.0))
        if owner != open_kfid or until <= self._core.clock():
            raise ApiError(95007)

    def new_code(self, session: Session, seconds: float, *msgtypes: str, welcome: bool) -> str:
        """Make a welcome_code or msg_code."""
        code = self._core.new_id(40)
        until = self._core.clock() + seconds
        self._codes[code] = EventCode(session, until, frozenset(msgtypes), welcome)
        return code

    def event_code(self, code: object) -> EventCode:
        """Find a code that is still good.

        Raises:
            ApiError: 41050 unknown, used or late.
        """
        found = self._codes.get(str(code))
        if found is None or found.until <= self._core.clock():
            raise ApiError(41050)
        return found

    def use_up(self, code: object) -> None:
        """End a code's life."""
        self._codes.pop(str(code), None)
