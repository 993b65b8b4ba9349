"""The house rules no off-the-shelf tool checks, each with its reason.

A rule is a function from one parsed file to findings. What ruff, mypy and import-linter can check
is configured in pyproject.toml and not repeated here.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.architecture.rules_imports import (
    domain_imports_only_the_standard_library,
    http_clients_live_in_client_modules,
    imports_stand_at_the_top,
    tests_use_real_things,
)
from tests.architecture.rules_shape import (
    everything_public_has_a_docstring,
    files_are_short,
    functions_are_short,
    modules_are_named_after_business,
    modules_have_a_docstring,
)
from tests.architecture.source import Finding, Source

COMMITTERS = (
    "bot/runtime",
    "bot/intake",
    "bot/pulls",
    "bot/contact_links",
    "bot/deliveries",
    "bot/wiring",
    "storage",
)
ADDRESSERS = ("handlers/addressing", "bot/replies", "bot/runtime")
"""Notices are addressed by how a contact can be reached, answers go back where the question was."""
CHINESE_ALLOWED = ("bot/emulator", "handlers/vocabulary", "handlers/parsing")


@dataclass(frozen=True)
class Rule:
    """One house rule: what it is called, why it is there and how it looks at a file."""

    name: str
    reason: str
    check: Callable[[Source], Iterator[Finding]]

    def findings(self, source: Source) -> list[str]:
        """Say where `source` breaks the rule, one readable line each."""
        return [
            f"{source.path}:{line}: {what} [{self.name}: {self.reason}]"
            for line, what in self.check(source)
        ]


def only_the_edge_commits(source: Source) -> Iterator[Finding]:
    """Find commit() and rollback() outside the modules that own a transaction."""
    if source.within("tests", "benchmarks", *COMMITTERS):
        return
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"commit", "rollback"}
        ):
            yield node.lineno, f"calls {node.func.attr}()"


def wording_lives_in_templates(source: Source) -> Iterator[Finding]:
    """Find Chinese string literals in code that must not hold sentences for people."""
    if not source.within("bot", "handlers", "domain") or source.within(*CHINESE_ALLOWED):
        return
    documentation = {
        id(node.value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
            and any(_is_chinese(character) for character in node.value)
        ):
            yield node.lineno, f"holds the text {node.value[:20]!r}"


def _is_chinese(character: str) -> bool:
    return (
        "\u3000" <= character <= "\u303f"  # punctuation
        or "\u3400" <= character <= "\u9fff"  # ideographs
        or "\uf900" <= character <= "\ufaff"
        or "\uff00" <= character <= "\uffef"  # full-width forms
    )


def messages_have_one_address(source: Source) -> Iterator[Finding]:
    """Find messages that are made or queued where nobody weighs whether they can arrive."""
    if not source.within("bot", "handlers", "domain") or source.within(*ADDRESSERS):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called == "Delivery" or called.endswith("deliveries.add"):
            yield node.lineno, f"calls {called}()"


def the_core_is_synchronous(source: Source) -> Iterator[Finding]:
    """Find coroutines in the layers that are called the same way from web, worker, CLI and test."""
    if not source.within("domain", "handlers", "storage"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncWith | ast.AsyncFor):
            yield node.lineno, "is asynchronous"


RULES = (
    Rule("short-file", "400 lines is what a reader holds in mind", files_are_short),
    Rule("short-function", "50 lines is one screen and one idea", functions_are_short),
    Rule(
        "edge-commits",
        "one event is one transaction, so only those who open it may end it",
        only_the_edge_commits,
    ),
    Rule(
        "wording-in-templates",
        "wording is changed by people who do not read Python",
        wording_lives_in_templates,
    ),
    Rule(
        "one-address",
        "a notice that passes the weighing of roads by may be shown as sent and never arrive",
        messages_have_one_address,
    ),
    Rule(
        "synchronous-core",
        "there is one way to call the core from web, worker, CLI and test",
        the_core_is_synchronous,
    ),
    Rule(
        "business-names",
        "a drawer called utils fills up with everything",
        modules_are_named_after_business,
    ),
    Rule(
        "imports-at-the-top",
        "a late import hides a dependency; a heavy SDK may say `# lazy: why`",
        imports_stand_at_the_top,
    ),
    Rule(
        "module-docstring",
        "a reader wants to know what lives here before reading it",
        modules_have_a_docstring,
    ),
    Rule(
        "public-docstring",
        "who calls it should not have to read it",
        everything_public_has_a_docstring,
    ),
    Rule(
        "pure-domain",
        "rules about points must outlive every library",
        domain_imports_only_the_standard_library,
    ),
    Rule(
        "http-in-clients",
        "time-outs, tokens and error codes are handled where the client is made",
        http_clients_live_in_client_modules,
    ),
    Rule(
        "real-tests",
        "a test that is mocked, skipped or expected to fail shows nothing",
        tests_use_real_things,
    ),
)
