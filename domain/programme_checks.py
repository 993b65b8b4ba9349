"""The static checker of the programme: tiers, general caps, the cost of a point."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from domain.programme import Programme
from domain.rules.checks_limits import TEXT_SHOWN_MAX, cap_findings
from domain.rules.findings import Finding, FindingCode, error
from domain.rules.model import POINTS_MAX
from domain.tiers import UNRAISED, Tier, TierPolicy

PERCENT_MAX: Final = 1_000
WINDOW_MONTHS_MAX: Final = 36
GRACE_MONTHS_MAX: Final = 12
GIFT_MONTHS_MAX: Final = 120
TIERS_MAX: Final = 10
PRIVILEGES_MAX: Final = 10
POINT_FEN_MAX: Final = 1_000_000

_CODE: Final = re.compile(r"[a-z0-9-]{1,40}")


def check_programme(
    programme: Programme, others: Sequence[Programme], *, now: datetime
) -> list[Finding]:
    """Find everything that keeps a draft of the programme from being published.

    `others` are all published versions.
    """
    return [
        *_window(programme, others, now),
        *_between(programme.point_fen, "point_fen", 1, POINT_FEN_MAX),
        *cap_findings(programme.caps),
        *(_tiers(programme.tiers) if programme.tiers is not None else ()),
    ]


def _window(programme: Programme, others: Sequence[Programme], now: datetime) -> Iterator[Finding]:
    following = max((other.version for other in others), default=0) + 1
    if programme.version != following:
        yield error(
            FindingCode.VERSION_NOT_NEXT,
            "version",
            found=programme.version,
            expected=following,
        )
    if programme.effective_from < now:
        yield error(
            FindingCode.STARTS_IN_THE_PAST, "effective_from", found=programme.effective_from
        )


def _tiers(policy: TierPolicy) -> Iterator[Finding]:
    yield from _between(policy.window_months, "tiers.window_months", 1, WINDOW_MONTHS_MAX)
    yield from _between(policy.grace_months, "tiers.grace_months", 0, GRACE_MONTHS_MAX)
    yield from _between(policy.gift_months, "tiers.gift_months", 1, GIFT_MONTHS_MAX)
    yield from _between(len(policy.tiers), "tiers.tiers", 1, TIERS_MAX)
    codes: set[str] = set()
    reached = 0
    for number, tier in enumerate(policy.tiers):
        place = f"tiers.tiers[{number}]"
        if tier.threshold <= reached:
            yield error(FindingCode.STEPS_NOT_RISING, f"{place}.threshold", found=tier.threshold)
        reached = max(reached, tier.threshold)
        if not _CODE.fullmatch(tier.code) or tier.code in codes:
            yield error(FindingCode.BAD_CODE, f"{place}.code", found=tier.code)
        codes.add(tier.code)
        yield from _tier(tier, place)


def _tier(tier: Tier, place: str) -> Iterator[Finding]:
    if tier.threshold > POINTS_MAX:
        data: dict[str, Any] = {"found": tier.threshold, "limit": POINTS_MAX}
        yield error(FindingCode.TOO_MANY_POINTS, f"{place}.threshold", **data)
    yield from _between(tier.percent, f"{place}.percent", UNRAISED, PERCENT_MAX)
    yield from _between(tier.gift, f"{place}.gift", 0, POINTS_MAX)
    yield from _between(len(tier.name), f"{place}.name", 1, TEXT_SHOWN_MAX)
    yield from _between(len(tier.privileges), f"{place}.privileges", 0, PRIVILEGES_MAX)
    for number, privilege in enumerate(tier.privileges):
        where = f"{place}.privileges[{number}]"
        yield from _between(len(privilege), where, 1, TEXT_SHOWN_MAX)


def _between(found: int, place: str, low: int, high: int) -> Iterator[Finding]:
    if not low <= found <= high:
        yield error(FindingCode.NUMBER_OUT_OF_RANGE, place, low=low, high=high, found=found)
