"""What became of a file of rewards, or would, for machines and for people at a terminal."""

from collections.abc import Iterator
from typing import Any, Final

from bot.catalogue.planning import Plan
from bot.catalogue.problems import RowProblem, word_problem
from bot.catalogue.words import listed, term_for, word_for
from bot.presenter import Presenter
from bot.presenter.filters import yuan
from bot.wiring import TEMPLATES
from domain.approvals import Approval
from domain.reward_report import Selling
from domain.reward_terms import value_to_json
from handlers.reward_views import plain_term
from handlers.usecases.rewards import Change

Report = dict[str, Any]
PROBLEMS_SHOWN: Final = 50


def report_of(name: str, plan: Plan, approval: Approval | None) -> Report:
    """Give everything that became of a file, or would."""
    words = Presenter(TEMPLATES, public_url="")
    return {
        "file": name,
        "changes": [] if plan.problems else [_change(one) for one in plan.changes],
        "unchanged": plan.unchanged,
        "approval": approval.number if approval else None,
        "problems": [_problem(one, words) for one in plan.problems],
        "warnings": [_problem(one, words) for one in plan.warnings],
        "unused": plan.unused,
    }


def _change(change: Change) -> Report:
    before, after = change.before, change.after
    state = "added" if before is None else "changed" if change.differing else "stock"
    return {
        "state": state,
        "number": after.number or None,
        "name": after.name,
        "terms": {
            name: [value_to_json(getattr(one, name)) for one in (before, after)]
            for name in change.differing
        },
        "stock": change.stock,
    }


def _problem(problem: RowProblem, words: Presenter) -> Report:
    return {
        "place": problem.place.shown,
        "row": problem.place.row,
        "column": problem.place.heading,
        "code": problem.code.value,
        "found": value_to_json(problem.data.get("found")),
        "text": word_problem(problem, words),
    }


def report_lines(report: Report) -> Iterator[tuple[str, str]]:
    """Give what people should see first of an import, as pairs."""
    states = [one["state"] for one in report["changes"]]
    for state in ("added", "changed", "stock"):
        if state in states:
            yield word_for("state", state), str(states.count(state))
    yield word_for("state", "unchanged"), str(report["unchanged"])
    words = Presenter(TEMPLATES, public_url="")
    for one in report["changes"]:
        said = [_changed(name, values, words) for name, values in one["terms"].items()]
        if one["stock"]:
            said.append(f"{word_for('state', 'stock')} {one['stock']:+d}")
        yield f"{word_for('state', one['state'])} {one['name']}", listed(said)
    if report["approval"] is not None:
        yield word_for("state", "waiting"), f"#{report['approval']}"
    if report["unused"]:
        yield word_for("state", "unused"), listed(report["unused"])


def problem_lines(report: Report) -> Iterator[str]:
    """Give the first problems, each on a line, and how many more there are."""
    problems = report["problems"]
    yield from map(_line, problems[:PROBLEMS_SHOWN])
    if problems[PROBLEMS_SHOWN:]:
        count = len(problems) - PROBLEMS_SHOWN
        yield word_for("state", "problems_more").format(count=count)
    if problems:
        yield word_for("state", "nothing").format(count=len(problems))


def warning_lines(report: Report) -> Iterator[str]:
    """Give what is surprising, each on a line."""
    yield from map(_line, report["warnings"][:PROBLEMS_SHOWN])


def _changed(name: str, values: list[Any], words: Presenter) -> str:
    """Say what one of a reward's terms was and is to be, as a card does."""
    before, after = (
        words.word("parts/reward_term.txt.j2", {"term": name, "value": plain_term(value, {})})
        for value in values
    )
    return f"{term_for(name)} {before} → {after}"


def _line(problem: Report) -> str:
    # What the check of rewards says begins with the field.
    column = "" if problem["text"].startswith(problem["column"]) else problem["column"]
    place = f"{problem['place']} {column}".strip()
    return word_for("piece", "colon").join(filter(None, (place, problem["text"])))


def selling_json(selling: Selling) -> Report:
    """Give how a reward sells, and in words what that says about its price."""
    reward, sold, hint = selling.reward, selling.sold, selling.hint
    figures: Report = {
        "number": reward.number,
        "name": reward.name,
        "points": reward.points,
        "sold_30_days": sold.recent,
        "sold_90_days": sold.quantity,
        "points_90_days": sold.points,
        "buyers": sold.customers,
        "able": selling.able,
        "customers": selling.customers,
        "able_percent": selling.able_percent,
        "taken_percent": selling.taken_percent,
        "given": selling.given,
        "booked": selling.booked,
        "fen_per_point": round(selling.given / reward.points, 2),
    }
    if hint is None:
        return {**figures, "hint": None, "said": ""}
    money = {f"{name}_yuan": yuan(figures[name]) for name in ("given", "booked")}
    facts = figures | money | {"hinted": hint.points, "hinted_able": hint.able}
    return {
        **figures,
        "hint": {"kind": hint.kind.value, "points": hint.points},
        "said": word_for("hint", hint.kind).format_map(facts),
    }
