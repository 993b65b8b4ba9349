"""Lists that must agree: facts and reactions, words and commands, tickets and buttons, settings."""

import ast
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from bot.settings import PREFIX, Settings
from domain import errors
from domain.approvals import ApprovalKind
from domain.errors import DomainError, ErrorCode
from domain.facts import Fact
from domain.tickets import TicketKind
from handlers.approval_effects import EFFECTS
from handlers.reactions import _REACTIONS
from handlers.registry import MODULES, router
from handlers.views import VIEWS
from handlers.vocabulary import SHOWN_IN_HELP, all_names
from tests.architecture.source import ROOT, project_sources

WORDS = tomllib.loads((ROOT / "templates/parts/words.toml").read_text(encoding="utf-8"))
NOT_IN_HELP = {
    "help": "the menu is what it shows",
    "redemption": "the list of redemptions says how",
    "drop_redemption": "a redemption has a button for it",
    **dict.fromkeys(("put_on", "take_off", "restock"), "the list of rewards says how"),
}
HANDLED_BY_DISPATCH = {TicketKind.PROOF, TicketKind.VOUCHER_PAGE}
CHOICE = re.compile(r'ticket ~ ":(\w+)"|set choice, meaning = "(\w+)"')
ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, DomainError) and kind is not DomainError
]


@cache
def called_names(*folders: str) -> set[str]:
    """Give what is called or raised by name in these folders."""
    names = set()
    for source in project_sources():
        if source.within(*folders):
            for node in ast.walk(source.tree):
                made = node.func if isinstance(node, ast.Call) else None
                made = node.exc if isinstance(node, ast.Raise) else made
                if isinstance(made, ast.Name):
                    names.add(made.id)
    return names


def test_every_fact_has_a_reaction_and_every_reaction_a_fact() -> None:
    assert set(_REACTIONS) == set(get_args(Fact))


def test_every_fact_is_emitted_somewhere() -> None:
    made = called_names("handlers", "bot")
    assert {fact.__name__ for fact in get_args(Fact)} <= made


def test_every_kind_of_approval_that_is_asked_for_has_an_effect() -> None:
    asked = {
        ApprovalKind[node.attr]
        for source in project_sources()
        if source.within("handlers") and source.path != "handlers/approval_effects.py"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "ApprovalKind"
    }
    assert asked == set(EFFECTS)
    assert set(EFFECTS) == set(ApprovalKind)


def test_every_command_has_words_and_all_words_are_commands() -> None:
    assert set(router.commands) == all_names()


def test_every_command_stands_in_the_help_of_those_who_may_use_it() -> None:
    shown = {name for name, _ in SHOWN_IN_HELP}
    assert shown | set(NOT_IN_HELP) == set(router.commands)
    assert shown & set(NOT_IN_HELP) == set()


def test_every_ticket_is_pressed_somewhere() -> None:
    assert set(router.presses) | HANDLED_BY_DISPATCH == set(TicketKind)
    assert set(router.presses) & HANDLED_BY_DISPATCH == set()


def test_every_choice_a_template_offers_is_understood_and_every_other_way_round() -> None:
    offered = {
        first or second
        for path in (ROOT / "templates").rglob("*.j2")
        for first, second in CHOICE.findall(path.read_text(encoding="utf-8"))
    }
    # A redemption offers what its state allows, worded by name.
    offered |= set(WORDS["redemption_choice"])
    understood = {choice for button in router.presses.values() for choice in button.choices}
    assert offered == understood


def test_every_module_of_commands_and_cards_is_in_the_registry() -> None:
    listed = {module.__name__ for module in MODULES}
    files = {
        f"handlers.{folder}.{path.stem}"
        for folder in ("commands", "cards")
        for path in (ROOT / "handlers" / folder).glob("*.py")
        if path.stem != "__init__"
    }
    assert listed == files


def test_every_refusal_has_a_code_of_its_own() -> None:
    assert Counter(kind.code for kind in ERRORS) == Counter(dict.fromkeys(ErrorCode, 1))


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_refusal_is_given_somewhere(kind: type[DomainError]) -> None:
    assert kind.__name__ in called_names("domain", "handlers")


def test_every_view_is_shown_somewhere() -> None:
    made = called_names("handlers", "bot")
    assert {view.__name__ for view in VIEWS} <= made


def setting_names(model: type[BaseModel], prefix: str) -> set[str]:
    names = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        full = f"{prefix}{name.upper()}"
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= setting_names(kind, f"{full}__")
        else:
            names.add(full)
    return names


def test_every_setting_stands_in_the_example_file_and_nothing_else_does() -> None:
    example = Path(ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(rf"^#?({PREFIX}\w+)=", example, re.MULTILINE)
    assert sorted(named) == sorted(setting_names(Settings, PREFIX))
