"""What exists in the emulated DingTalk: the company, its app, its people, the platform's limits.

All of it is configuration that can be written as JSON; what happens at run time lives elsewhere.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    """How robot messages and events reach the app: one console setting for both here."""

    STREAM = "stream"
    HTTP = "http"


@dataclass(frozen=True)
class Group:
    """An internal group the robot is in."""

    title: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class CustomRobot:
    """A webhook robot of one group; `secret` is its signing secret."""

    group: str
    secret: str


@dataclass(frozen=True)
class Limits:
    """The platform's numbers; times in seconds. None means unlimited or never."""

    push_deadline_http: float = 2.5
    push_deadline_stream: float = 3.0
    card_deadline: float = 2.0
    session_lifetime: float = 5_400.0
    ticket_lifetime: float = 90.0
    token_lifetime: float = 7_200.0
    auth_code_lifetime: float = 300.0
    ping_every: float = 30.0
    disconnect_grace: float = 10.0
    robot_redelivery: float | None = None
    """Redeliver an unacknowledged robot message after this (documented: never; reported: 60)."""
    event_redelivery: float | None = 60.0
    """Redeliver an unacknowledged event over Stream after this long."""
    event_retries: tuple[float, ...] = (10.0, 30.0)
    """Waits before each further attempt of an event over HTTP."""
    calls_per_second: int | None = 20
    """Per API."""
    monthly_calls: int | None = None
    monthly_pushes: int | None = None


STANDARD_EDITION = Limits(monthly_calls=5_000, monthly_pushes=3_000)
"""The free edition's allowance (DingTalk doc 1431)."""


@dataclass(frozen=True)
class DingtalkWorld:
    """One company with one app; JSON by `to_json`, back by `from_json`."""

    corp_id: str = "dingcorp0001"
    client_id: str = "dingappkey0001"
    client_secret: str = "emulated-client-secret"
    robot_code: str = "dingappkey0001"
    event_token: str = "emulated-event-token"
    event_aes_key: str = "abcdefghijabcdefghijabcdefghijabcdefghij123"
    card_template_ids: tuple[str, ...] = ()
    api_secret: str = ""
    """Signs card callbacks of the pre-registered route; empty sends them unsigned."""
    callback_route_key: str = ""
    """The route key registered beforehand for `{callback_base_url}/card`."""
    members: Mapping[str, str] = field(default_factory=dict)
    """staffId to name."""
    groups: Mapping[str, Group] = field(default_factory=dict)
    """openConversationId to group."""
    custom_robots: Mapping[str, CustomRobot] = field(default_factory=dict)
    """access_token to webhook robot."""
    published: bool = True
    """An unpublished app's robot callbacks lack senderStaffId and isAdmin (doc 0699)."""
    mode: Mode = Mode.STREAM
    limits: Limits = Limits()

    def to_json(self) -> dict[str, Any]:
        """Write the world as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DingtalkWorld":
        """Read what `to_json` wrote; missing names keep their defaults."""
        values = dict(data)
        if "limits" in values:
            limits = dict(values["limits"])
            if "event_retries" in limits:
                limits["event_retries"] = tuple(limits["event_retries"])
            values["limits"] = Limits(**limits)
        if "groups" in values:
            values["groups"] = {
                cid: Group(g["title"], tuple(g["members"])) for cid, g in values["groups"].items()
            }
        if "custom_robots" in values:
            values["custom_robots"] = {
                token: CustomRobot(**robot) for token, robot in values["custom_robots"].items()
            }
        if "card_template_ids" in values:
            values["card_template_ids"] = tuple(values["card_template_ids"])
        if "mode" in values:
            values["mode"] = Mode(values["mode"])
        return cls(**values)
