"""Reading the file that a draft of rules or of the programme is written in."""

import json

from bot.sheets.problems import Problem, word_problem
from bot.sheets.rules_loading import load_rules
from domain.replay.drafts import Draft
from domain.rules.codec import Malformed, read_as

_ZIP = b"PK"


def read_draft(data: bytes) -> Draft:
    """Read a draft: {"rules": [...], "programme": {...}}, at least one, or a workbook of rules.

    Raises:
        Malformed: it isn't one; says where.
        Unreadable: it is no workbook that can be read.
        ValueError: it isn't JSON, or cells of the workbook are wrong: says which.
    """
    if data.startswith(_ZIP):
        loaded = load_rules(data)
        if loaded.problems:
            raise ValueError("; ".join(map(_said, loaded.problems)))
        return Draft(tuple(loaded.rules))
    draft = read_as(Draft, json.loads(data))
    if not isinstance(draft, Draft) or draft == Draft():
        raise Malformed("rules", "missing")
    return draft


def _said(problem: Problem) -> str:
    place = " ".join(filter(None, (problem.sheet, problem.cell)))
    return ": ".join(filter(None, (place, word_problem(problem))))
