"""Whose phones the demo page shows, how it introduces them and what it suggests they type."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from bot.emulator.dingtalk.world import DingtalkWorld
from bot.emulator.wecom.world import WecomWorld

App = Literal["wecom", "wechat", "dingtalk", "wecom-group"]

_ROLES: dict[App, str] = {
    "wecom": "成员",
    "wechat": "客户",
    "dingtalk": "成员",
    "wecom-group": "群",
}


@dataclass(frozen=True)
class CastMember:
    """One person's window; a group robot's group is shown too, but nobody can write there."""

    app: App
    user: str
    name: str
    role: str = ""
    hint: str = ""
    """What to do here, shown while the window is empty."""
    chips: tuple[str, ...] = ()
    """Lines to send with one tap; one that ends in a blank is only filled in, to be completed.

    `{code}` stands for the newest invitation code, `{voucher}` for the newest voucher's; without an
    unused invitation, or any voucher, the line is not shown. The guide takes its lines from here:
    the sales member's that starts with 邀请, and so on.
    """

    @property
    def phone(self) -> str:
        """Name the phone as `Phones` does."""
        return f"{self.app}:{self.user}"

    def to_json(self) -> dict[str, Any]:
        """Give what the page reads."""
        return {"phone": self.phone, **asdict(self)}


def read_cast(rows: Iterable[Mapping[str, Any]]) -> tuple[CastMember, ...]:
    """Read rows as `CastMember.to_json` writes them; names they leave out keep their defaults."""
    return _ADAPTER.validate_python([dict(row) for row in rows])


def everybody(wecom: WecomWorld | None, dingtalk: DingtalkWorld | None) -> Iterator[CastMember]:
    """List all people and robots' groups of the worlds, with no more than their names."""
    owners: dict[App, Mapping[str, str]] = {}
    if wecom is not None:
        groups = {name: name for name in wecom.webhooks.values()}
        owners |= {"wechat": wecom.customers, "wecom": wecom.members, "wecom-group": groups}
    if dingtalk is not None:
        owners["dingtalk"] = dingtalk.members
    for app, users in owners.items():
        for user, name in users.items():
            yield CastMember(app, user, name, _ROLES[app])


def choose_cast(
    wanted: tuple[CastMember, ...], wecom: WecomWorld | None, dingtalk: DingtalkWorld | None
) -> tuple[CastMember, ...]:
    """Give the wanted cast, or everybody when none is named.

    Raises:
        ValueError: somebody wanted does not exist in the worlds.
    """
    known = {person.phone: person for person in everybody(wecom, dingtalk)}
    strangers = [person.phone for person in wanted if person.phone not in known]
    if strangers:
        msg = f"the cast names phones that nobody has: {', '.join(strangers)}"
        raise ValueError(msg)
    return wanted or tuple(known.values())


_ADAPTER = TypeAdapter(tuple[CastMember, ...])
