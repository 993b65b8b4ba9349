"""What became of a file, for machines and for people at a terminal."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.imports.filing import FileSummary, state_word
from bot.imports.problems import RowProblem, word_place, word_row_problem
from bot.imports.running import Summary
from bot.imports.words import listed, word_for

PROBLEMS_SHOWN: Final = 50
CUSTOMERS_SHOWN: Final = 20


def summary_json(summary: Summary) -> dict[str, Any]:
    """Give everything but the single rows, which stand in the report."""
    return {
        "batch": summary.batch,
        "rows": len(summary.rows),
        "states": dict(summary.states),
        "points": summary.points,
        "problems": [_problem_json(one) for one in summary.problems],
        "unused": summary.unused,
        "by_rule": dict(summary.by_rule),
        "by_customer": dict(summary.by_customer),
    }


def summary_lines(summary: Summary) -> Iterator[tuple[str, str]]:
    """Give what people should see first, as pairs; the problems come in summary_problems."""
    is_done = summary.batch is not None
    if is_done:
        yield word_for("summary", "batch"), str(summary.batch)
    for state, count in summary.states.items():
        shown = "foreseen" if state == "counted" and not is_done else state
        yield word_for("state", shown), str(count)
    if is_done or summary.is_check:
        yield word_for("summary", "points"), f"{summary.points:+d}"
    for rule, points in sorted(summary.by_rule.items()):
        yield f"{word_for('summary', 'by_rule')} {rule}", f"{points:+d}"
    most = sorted(summary.by_customer.items(), key=lambda one: (-abs(one[1]), one[0]))
    for customer, points in most[:CUSTOMERS_SHOWN]:
        yield f"{word_for('summary', 'by_customer')} {customer}", f"{points:+d}"
    if summary.unused:
        yield word_for("summary", "unused"), listed(summary.unused)


def problem_lines(summary: Summary | FileSummary) -> Iterator[str]:
    """Give the first problems, each on a line, and how many more there are."""
    yield from _lines(summary.problems)
    if summary.problems and not summary.is_done and not summary.is_check:
        yield word_for("summary", "nothing").format(count=len(summary.problems))


def file_json(summary: FileSummary) -> dict[str, Any]:
    """Give everything but the single rows, which stand in the report."""
    return {
        "rows": len(summary.rows),
        "states": dict(summary.states),
        "problems": [_problem_json(one) for one in summary.problems],
        "remarks": [_problem_json(one) for one in summary.remarks],
        "unused": summary.unused,
    }


def file_lines(summary: FileSummary) -> Iterator[tuple[str, str]]:
    """Give what people should see first, as pairs; the problems come in problem_lines."""
    for state, count in summary.states.items():
        yield state_word(state, is_done=summary.is_done), str(count)
    if summary.unused:
        yield word_for("summary", "unused"), listed(summary.unused)


def remark_lines(summary: FileSummary) -> Iterator[str]:
    """Give the first remarks, each on a line, and how many more there are."""
    yield from _lines(summary.remarks)


def _lines(problems: Sequence[RowProblem]) -> Iterator[str]:
    for problem in problems[:PROBLEMS_SHOWN]:
        place = f"{word_place(problem.place)} {problem.place.heading}".strip()
        yield place + word_for("piece", "colon") + word_row_problem(problem)
    more = len(problems) - PROBLEMS_SHOWN
    if more > 0:
        yield word_for("summary", "problems_more").format(count=more)


def _problem_json(problem: RowProblem) -> dict[str, Any]:
    return {
        "place": word_place(problem.place),
        "sheet": problem.place.sheet,
        "row": problem.place.row,
        "column": problem.place.heading,
        "code": problem.code,
        "found": problem.data.get("found"),
        "text": word_row_problem(problem),
    }
