"""What came out of a run, as JSON for machines, for keeping and for the tables made of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from domain.calendar import business_date
from domain.replay.comparing import Difference
from domain.replay.drafts import Rulebook
from domain.replay.figures import Ending, Figures, Liability, Sums, month_at, month_name
from domain.replay.people import Unpaid
from domain.replay.running import Plan, Replayed

TOP = 20
"""So many winners and losers are named."""
UNPAID_MAX = 100
"""So many unpaid redemptions are named; all are counted."""

Json = dict[str, Any]


def report(plan: Plan, replayed: Replayed) -> Json:
    """Write down what came out of a run."""
    past, drafted = replayed.past, replayed.draft
    fen = _point_fen(plan)
    customers = _customers(past, drafted)
    return {
        "as_of": plan.as_of.isoformat(timespec="seconds"),
        "first": _day(plan.period.first),
        "last": _day(plan.period.last),
        "content_hash": "" if plan.draft is None else plan.draft.hash,
        "exact": is_exact(plan, replayed),
        "checked": plan.checks,
        "steps": replayed.steps,
        "entries": replayed.entries,
        "differences": {
            "customers": replayed.different_customers,
            "steps": replayed.different_steps,
            "first": [_difference(one) for one in replayed.differences],
        },
        "point_fen": {"past": fen[0], "draft": fen[1]},
        "total": _pair(_total(past), None if drafted is None else _total(drafted), fen),
        "rules": _table("rule", past.rules, None if drafted is None else drafted.rules, fen),
        "months": _months(plan, past, drafted, fen),
        "customers": customers,
        **_sides(customers),
        "tiers": _tier_moves(past, drafted),
        "unpaid": _unpaid(drafted),
    }


def is_exact(plan: Plan, replayed: Replayed) -> bool:
    """Tell whether the past was compared and came out as it was recorded."""
    return plan.checks and not replayed.different_steps


def _point_fen(plan: Plan) -> tuple[int, int]:
    """Give what a point costs at the end, in the past and by the draft."""
    on = business_date(plan.as_of)
    _, programmes = Rulebook(plan.laws).laws(on, plan.as_of)
    past = programmes.at(plan.as_of).point_fen
    drafted = plan.draft.programme if plan.draft is not None else None
    return past, past if drafted is None else drafted.point_fen


def _total(figures: Figures) -> Sums:
    total = Sums()
    for sums in figures.months.values():
        total.add(sums)
    return total


def _pair(past: Sums, drafted: Sums | None, fen: tuple[int, int]) -> Json:
    row: Json = {"past": _sums(past, fen[0])}
    if drafted is not None:
        row["draft"] = _sums(drafted, fen[1])
        row["difference"] = {name: row["draft"][name] - row["past"][name] for name in row["past"]}
    return row


def _sums(sums: Sums, point_fen: int) -> Json:
    return {
        "events": sums.events,
        "given": sums.given,
        "taken": sums.taken,
        "capped": sums.capped,
        "waived": sums.waived,
        "expired": sums.expired,
        "redeemed": sums.redeemed,
        "net": sums.net,
        "cost_fen": sums.net * point_fen,
    }


def _table(
    name: str,
    past: Mapping[str, Sums],
    drafted: Mapping[str, Sums] | None,
    fen: tuple[int, int],
) -> list[Json]:
    rows = []
    for key in sorted({*past, *(drafted or ())}):
        other = None if drafted is None else drafted.get(key, Sums())
        rows.append({name: key, **_pair(past.get(key, Sums()), other, fen)})
    return rows


def _months(plan: Plan, past: Figures, drafted: Figures | None, fen: tuple[int, int]) -> list[Json]:
    first = None if plan.period.first is None else plan.period.first.isoformat()[:7]
    found = _table("month", past.months, None if drafted is None else drafted.months, fen)
    rows = {row["month"]: row for row in found}
    for month in sorted({*past.liability, *(drafted.liability if drafted else ())}):
        name = month_name(month)
        if first is not None and name < first:
            continue
        row = rows.setdefault(
            name, {"month": name, **_pair(Sums(), None if drafted is None else Sums(), fen)}
        )
        row["is_running"] = month == month_at(plan.as_of)
        row["liability"] = {"past": _liability(past.liability.get(month), fen[0])}
        if drafted is not None:
            row["liability"]["draft"] = _liability(drafted.liability.get(month), fen[1])
    return [rows[name] for name in sorted(rows)]


def _liability(found: Liability | None, point_fen: int) -> Json:
    owed = found or Liability()
    return {"points": owed.points, "fen": owed.points * point_fen, "debt": owed.debt}


def _customers(past: Figures, drafted: Figures | None) -> list[Json]:
    rows = []
    for key in sorted(past.endings):
        was = past.customers.get(key, Sums())
        row: Json = {"customer": key, "past": _stand(was, past.endings[key])}
        if drafted is not None:
            now = drafted.customers.get(key, Sums())
            row["draft"] = _stand(now, drafted.endings[key])
            row["difference"] = now.net - was.net
        rows.append(row)
    return rows


def _stand(sums: Sums, ending: Ending) -> Json:
    return {
        "given": sums.given,
        "taken": sums.taken,
        "capped": sums.capped,
        "expired": sums.expired,
        "redeemed": sums.redeemed,
        "available": ending.available,
        "held": ending.held,
        "pending": ending.pending,
        "debt": ending.debt,
        "tier": ending.tier,
    }


def _sides(customers: Sequence[Json]) -> Json:
    changed = [(row.get("difference", 0), row["customer"]) for row in customers]
    changed.sort()
    return {
        "winners": _side([one for one in reversed(changed) if one[0] > 0]),
        "losers": _side([one for one in changed if one[0] < 0]),
    }


def _side(changed: Sequence[tuple[int, str]]) -> Json:
    return {
        "count": len(changed),
        "points": sum(points for points, _ in changed),
        "top": [{"customer": who, "points": points} for points, who in changed[:TOP]],
    }


def _tier_moves(past: Figures, drafted: Figures | None) -> list[Json]:
    if drafted is None:
        return []
    moves = Counter(
        (was.tier, drafted.endings[key].tier)
        for key, was in past.endings.items()
        if was.tier != drafted.endings[key].tier
    )
    return [{"past": was, "draft": now, "customers": n} for (was, now), n in sorted(moves.items())]


def _unpaid(drafted: Figures | None) -> Json:
    found: Iterable[Unpaid] = () if drafted is None else drafted.unpaid
    ordered = sorted(found, key=lambda one: (one.at, one.customer))
    return {
        "count": len(ordered),
        "points": sum(one.points for one in ordered),
        "missing": sum(one.missing for one in ordered),
        "first": [
            {
                "customer": one.customer,
                "at": one.at.isoformat(timespec="seconds"),
                "reason": one.reason,
                "points": one.points,
                "missing": one.missing,
            }
            for one in ordered[:UNPAID_MAX]
        ],
    }


def _difference(one: Difference) -> Json:
    return {
        "customer": one.customer,
        "seq": one.seq,
        "event": one.event,
        "field": one.field,
        "recorded": one.recorded,
        "replayed": one.replayed,
    }


def _day(day: date | datetime | None) -> str | None:
    return None if day is None else day.isoformat()
