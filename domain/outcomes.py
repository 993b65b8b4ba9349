"""What a rule made of an event: kept with the event, so that every entry can say why.

An outcome is kept even where nothing was booked: what was asked for is always what was applied and
a shortfall with its reason.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from json.encoder import encode_basestring as _quoted
from typing import Any

from domain.events import FactValue
from domain.rules.model import Direction, Scope, Window
from domain.sealing import instant
from domain.values import value_type


class Ending(StrEnum):
    """What became of an outcome."""

    APPLIED = "applied"
    """Everything was booked."""
    CAPPED = "capped"
    """A cap left less, perhaps nothing."""
    WAIVED = "waived"
    """The debt's floor left less."""
    REFUSED = "refused"
    """The wallet was short and the rule takes nothing then."""
    ASKED = "asked"
    """The wallet was short; a supervisor decides."""


@value_type
class Limit:
    """A cap that gave less than was asked."""

    scope: Scope
    window: Window
    points: int | None
    times: int | None
    used_points: int
    used_times: int


@value_type
class Meterage:
    """How far one counter was moved."""

    key: str
    points: int
    times: int


@value_type
class Outcome:
    """What one rule made of an event."""

    rule: str
    version: int
    name: str
    direction: Direction
    requested: int
    """What the formula gave; always positive."""
    applied: int
    """What was booked; the rest is the shortfall."""
    ending: Ending
    inputs: dict[str, FactValue]
    """The fields the rule looked at."""
    percent: int = 0
    """Set for what raises other outcomes: a campaign, a tier."""
    base: int = 0
    """What was raised."""
    owed: int = 0
    """How much of a deduction became debt."""
    qualifies: bool = False
    matures_at: datetime | None = None
    limits: tuple[Limit, ...] = ()
    meters: tuple[Meterage, ...] = ()

    @property
    def shortfall(self) -> int:
        """Count what was asked and not booked."""
        return self.requested - self.applied

    @property
    def net(self) -> int:
        """Give the booked points with their sign."""
        return self.applied if self.direction is Direction.EARN else -self.applied


def outcomes_text(outcomes: Sequence[Outcome]) -> str:
    """Write outcomes as the JSON text that is stored and sealed: compact, names in order."""
    return f"[{','.join(map(_text, outcomes))}]"


def outcomes_of(text: str) -> list[Outcome]:
    """Read stored outcomes."""
    return [_from_json(one) for one in json.loads(text)]


_dump = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _text(one: Outcome) -> str:
    """Write one outcome; by hand, because a general encoder takes several times as long."""
    parts = [f'"applied":{one.applied}']
    if one.base:
        parts.append(f'"base":{one.base}')
    inputs = ",".join(
        [f"{_quoted(name)}:{_value(one.inputs[name])}" for name in sorted(one.inputs)]
    )
    parts.append(f'"direction":"{one.direction}","ending":"{one.ending}","inputs":{{{inputs}}}')
    if one.limits:
        limits = [
            [s.scope, s.window, s.points, s.times, s.used_points, s.used_times] for s in one.limits
        ]
        parts.append(f'"limits":{_dump(limits)}')
    if one.matures_at is not None:
        parts.append(f'"matures_at":"{instant(one.matures_at)}"')
    if one.meters:
        meters = ",".join([f"[{_quoted(m.key)},{m.points},{m.times}]" for m in one.meters])
        parts.append(f'"meters":[{meters}]')
    parts.append(f'"name":{_quoted(one.name)}')
    if one.owed:
        parts.append(f'"owed":{one.owed}')
    if one.percent:
        parts.append(f'"percent":{one.percent}')
    if one.qualifies:
        parts.append('"qualifies":true')
    parts.append(f'"requested":{one.requested},"rule":{_quoted(one.rule)},"version":{one.version}')
    return f"{{{','.join(parts)}}}"


def _value(value: FactValue) -> str:
    if type(value) is int:
        return str(value)
    return _quoted(value) if type(value) is str else _dump(value)


def _from_json(read: dict[str, Any]) -> Outcome:
    matures = read.get("matures_at")
    return Outcome(
        rule=read["rule"],
        version=read["version"],
        name=read["name"],
        direction=Direction(read["direction"]),
        requested=read["requested"],
        applied=read["applied"],
        ending=Ending(read["ending"]),
        inputs={
            name: tuple(value) if isinstance(value, list) else value
            for name, value in read["inputs"].items()
        },
        percent=read.get("percent", 0),
        base=read.get("base", 0),
        owed=read.get("owed", 0),
        qualifies=read.get("qualifies", False),
        matures_at=datetime.fromisoformat(matures + "+00:00") if matures else None,
        limits=tuple(Limit(Scope(s), Window(w), *rest) for s, w, *rest in read.get("limits", ())),
        meters=tuple(Meterage(*one) for one in read.get("meters", ())),
    )
