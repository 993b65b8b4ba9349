"""What the emulator saw: every API call, every push, and everything the app did wrong.

The answers' shapes live in `errors`, the faults in the emulator's `faults`.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from bot.emulator.dingtalk.pushes import Push

_SECRET_NAMES = frozenset(
    {
        "access_token",
        "accesstoken",
        "apisecret",
        "appsecret",
        "clientsecret",
        "session",
        "sign",
        "ticket",
        "token",
        "x-acs-dingtalk-access-token",
    }
)


@dataclass
class Call:
    """One API call as it arrived; secrets are replaced by `***`."""

    name: str
    at: float
    params: Mapping[str, Any]
    errcode: int | str | None = None
    """Zero, or the refusal's code; None until answered, and for answers not the API's own."""


@dataclass(frozen=True)
class ProtocolError:
    """Something the app did that the real platform would refuse, cut or ignore."""

    where: str
    problem: str

    @override
    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@dataclass
class Journal:
    """The lists tests and the demo page read; `clock` gives seconds since the epoch."""

    clock: Callable[[], float] = time.time
    calls: list[Call] = field(default_factory=list)
    protocol_errors: list[ProtocolError] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    """Uses of the monthly allowances: "calls" and "pushes"."""
    pushes: list[tuple[float, Push]] = field(default_factory=list)
    """When each push was first sent, and the push."""

    def pushed(self, push: Push) -> Push:
        """Record a push before it is sent."""
        self.pushes.append((self.clock(), push))
        return push

    def call(self, name: str, params: Mapping[str, Any]) -> Call:
        """Record one API call; the answer's errcode is to be filled in."""
        call = Call(name, self.clock(), redact(params))
        self.calls.append(call)
        return call

    def wrong(self, where: str, problem: str) -> None:
        """Record a mistake of the app."""
        self.protocol_errors.append(ProtocolError(where, problem))

    def named(self, name: str) -> list[Call]:
        """List the calls of one API."""
        return [call for call in self.calls if call.name == name]


def redact(value: Any) -> Any:
    """Copy a JSON value without its secrets."""
    if isinstance(value, Mapping):
        return {
            key: "***" if str(key).lower() in _SECRET_NAMES else redact(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [redact(inner) for inner in value]
    return value
