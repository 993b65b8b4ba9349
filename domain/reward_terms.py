"""The terms of a reward as a whole: how two versions differ, what needs two people, JSON."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from domain.ids import RewardId
from domain.rewards import Limit, LimitPeriod, Reward, RewardKind

NOT_TERMS: Final = frozenset({"id", "number", "version"})
TERMS: Final = tuple(one.name for one in fields(Reward) if one.name not in NOT_TERMS)
"""What staff decide about a reward."""


def worth(reward: Reward) -> int:
    """Give what the firm gives away with one, in fen: 0 where nobody has said it."""
    return max(reward.cost, reward.value)


def differing(before: Reward, after: Reward) -> tuple[str, ...]:
    """Name the terms in which two versions differ."""
    return tuple(name for name in TERMS if getattr(before, name) != getattr(after, name))


def needs_second(before: Reward | None, after: Reward, point_fen: int) -> bool:
    """Tell whether a second person has to agree to the terms.

    To a new one, when it gives more for its points than the firm books for them, or nobody has said
    what it costs; to a change, when it gives more for a point than before, drops what it is worth,
    or drops a second person. Whether it is on offer doesn't matter: that is one tap.
    """
    if before is None:
        return not 0 < worth(after) <= after.points * point_fen
    if before.needs_contact > after.needs_contact or before.needs_approver > after.needs_approver:
        return True
    if worth(after) == 0:
        return worth(before) > 0 or after.points < before.points
    return worth(after) * before.points > worth(before) * after.points


def terms_to_json(reward: Reward) -> dict[str, Any]:
    """Write what staff decide about a reward."""
    return {name: value_to_json(getattr(reward, name)) for name in TERMS}


def value_to_json(value: Any) -> Any:
    """Write the value of one of a reward's terms."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case frozenset():
            return sorted(value)
        case Limit(quantity, period):
            return {"quantity": quantity, "period": period.value}
        case RewardKind():
            return value.value
        case _:
            return value


def reward_from_json(reward: RewardId, number: int, version: int, terms: dict[str, Any]) -> Reward:
    """Build the reward whose terms were written; only what `terms_to_json` gives is understood."""
    limit, opens, closes = terms["limit"], terms["opens_at"], terms["closes_at"]
    read = terms | {
        "kind": RewardKind(terms["kind"]),
        "segments": frozenset(terms["segments"]),
        "limit": Limit(limit["quantity"], LimitPeriod(limit["period"])) if limit else None,
        "opens_at": datetime.fromisoformat(opens) if opens else None,
        "closes_at": datetime.fromisoformat(closes) if closes else None,
    }
    return Reward(id=reward, number=number, version=version, **read)
