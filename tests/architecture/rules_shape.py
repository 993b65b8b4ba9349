"""House rules about size, names and docstrings."""

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.architecture.source import PACKAGES, Finding, Source

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
DRAWERS = frozenset({"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"})
REVISIONS = "storage/migrations"


def files_are_short(source: Source) -> Iterator[Finding]:
    """Find files longer than the limit; migrations are history and exempt."""
    if not source.within(REVISIONS) and len(source.lines) > FILE_LINES_MAX:
        yield FILE_LINES_MAX + 1, f"has {len(source.lines)} lines, at most {FILE_LINES_MAX}"


def functions_are_short(source: Source) -> Iterator[Finding]:
    """Find functions longer than the limit, docstring included; migrations are exempt."""
    if source.within(REVISIONS):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield node.lineno, f"{node.name} has {length} lines, at most {FUNCTION_LINES_MAX}"


def modules_are_named_after_business(source: Source) -> Iterator[Finding]:
    """Find modules and packages whose name says nothing about what is in them."""
    for part in PurePosixPath(source.path).with_suffix("").parts:
        if part in DRAWERS:
            yield 1, f"is or lies in a module called {part}"


def modules_have_a_docstring(source: Source) -> Iterator[Finding]:
    """Find modules without a docstring; an empty __init__ in a test folder needs none."""
    empty = not source.text.strip() and source.within("tests", "benchmarks")
    if not empty and ast.get_docstring(source.tree) is None:
        yield 1, "has no module docstring"


def everything_public_has_a_docstring(source: Source) -> Iterator[Finding]:
    """Find public functions, methods and classes of the packages without a docstring."""
    if source.within(*PACKAGES) and not source.within(REVISIONS):
        yield from _undocumented(source.tree.body)


def _undocumented(body: list[ast.stmt]) -> Iterator[Finding]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or _says_it_elsewhere(node):
            continue
        if ast.get_docstring(node) is None:
            yield node.lineno, f"{node.name} has no docstring"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node.body)


def _says_it_elsewhere(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    for decorator in node.decorator_list:
        name = decorator.id if isinstance(decorator, ast.Name) else None
        if name in {"override", "overload"}:
            return True
        if isinstance(decorator, ast.Attribute) and decorator.attr == "setter":
            return True
    return False
