r"""Every labelled chat line of corpus/*.tsv gives the outcome written beside it.

A file holds "line<TAB>outcome", its name says which grammar reads the line; \uXXXX stands for
characters an editor would hide. How outcomes are written is what `describe` does.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from handlers.parsing.amounts import parse_money_fen, parse_points
from handlers.parsing.commands import CommandFound, NearMiss, split_command
from handlers.parsing.dates import parse_date
from handlers.parsing.gaps import Gap
from handlers.parsing.names import NameIndex, One, Several, decide
from handlers.parsing.normalise import normalise
from handlers.parsing.problems import ParseProblem
from handlers.parsing.sentences import (
    InviteFound,
    RecordFound,
    RecordUnclear,
    ReviewFound,
    parse_invite,
    parse_record,
    parse_review,
)
from tests.handlers.parsing.town import (
    CUSTOMERS,
    PROJECTS,
    TODAY,
    VOCABULARY,
    milestones_of,
)

CORPUS = Path(__file__).parent / "corpus"


def _gaps(gaps: tuple[Gap, ...]) -> str:
    return "? " + " ".join(_gap(gap) for gap in gaps)


def _gap(gap: Gap) -> str:
    inside = ",".join(match.named.id for match in gap.choices)
    inside = type(gap.problem).__name__ if gap.problem else inside
    return f"{gap.part}:{gap.why}" + (f"({inside})" if inside else "")


def _record(text: str) -> str:
    parsed = parse_record(text, projects=PROJECTS, milestones_of=milestones_of, today=TODAY)
    match parsed:
        case RecordFound(project, milestone, day, outcome, note):
            said = f"{project} {milestone} {day} {outcome}"
            return f"{said} | {note}" if note else said
        case RecordUnclear(gaps):
            return ("talk " if parsed.is_talk else "") + _gaps(gaps)


def _review(text: str) -> str:
    match parse_review(text, PROJECTS):
        case ReviewFound(project, stars, said):
            return f"{project} {stars} | {said}" if said else f"{project} {stars}"
        case unclear:
            return _gaps(unclear.gaps)


def _invite(text: str) -> str:
    match parse_invite(text, CUSTOMERS):
        case InviteFound(customer, contact, phone):
            return f"{customer} {contact} {phone or '-'}"
        case unclear:
            return _gaps(unclear.gaps)


def _command(text: str) -> str:
    match split_command(text, VOCABULARY):
        case CommandFound(name, rest):
            return f"{name} | {rest}" if rest else name
        case NearMiss(guesses):
            return "~ " + ",".join(guesses)
        case _:
            return "-"


def _name(index: NameIndex[str]) -> Callable[[str], str]:
    def described(text: str) -> str:
        match decide(index.rank(text)):
            case One(match):
                return f"{match.named.id} {match.reason}"
            case Several(matches):
                return "? " + ",".join(match.named.id for match in matches)
            case _:
                return "-"

    return described


DESCRIBE: dict[str, Callable[[str], str]] = {
    "records": _record,
    "reviews": _review,
    "invites": _invite,
    "commands": _command,
    "projects": _name(PROJECTS),
    "customers": _name(CUSTOMERS),
    "points": lambda text: str(parse_points(text)),
    "money": lambda text: str(parse_money_fen(text)),
    "past_dates": lambda text: str(parse_date(text, today=TODAY)),
    "future_dates": lambda text: str(parse_date(text, today=TODAY, prefer="future")),
    "texts": lambda text: normalise(text, strip_mention=True, strip_slash=True),
}


def _unescape(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def _lines() -> Iterator[tuple[str, str, str, int]]:
    for path in sorted(CORPUS.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line and not line.startswith("#"):
                text, _, outcome = line.partition("\t")
                yield path.stem, _unescape(text), _unescape(outcome), number


def describe(kind: str, text: str) -> str:
    """Write what the grammar makes of a line in one line."""
    try:
        return DESCRIBE[kind](text)
    except ParseProblem as problem:
        return type(problem).__name__


@pytest.mark.parametrize(
    ("kind", "text", "outcome"),
    [pytest.param(*line, id=f"{line[0]}-line-{number}") for *line, number in _lines()],
)
def test_a_chat_line_means_what_its_label_says(kind: str, text: str, outcome: str) -> None:
    assert describe(kind, text) == outcome


def test_the_corpus_is_large_and_has_every_kind_of_line() -> None:
    lines = list(_lines())
    assert len(lines) >= 150
    assert {kind for kind, *_ in lines} == set(DESCRIBE)
