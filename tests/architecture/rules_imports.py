"""House rules about what may be imported, where and how, beyond what import-linter sees."""

import ast
import sys
from collections.abc import Iterator

from tests.architecture.source import PACKAGES, Finding, Source

LAZY = "# lazy:"
HTTP_OPENERS = frozenset(
    {
        "AsyncClient",
        "Client",
        "delete",
        "get",
        "head",
        "options",
        "patch",
        "post",
        "put",
        "request",
        "stream",
    }
)
BESIDE_STANDARD_LIBRARY = frozenset({"domain", "typing_extensions"})
ESCAPES = frozenset(
    {
        "unittest.mock",
        "pytest.importorskip",
        "pytest.mark.skip",
        "pytest.mark.skipif",
        "pytest.mark.xfail",
        "pytest.skip",
        "pytest.xfail",
    }
)


def imports_stand_at_the_top(source: Source) -> Iterator[Finding]:
    """Find imports inside functions, unless a `# lazy:` comment on or above the line says why."""
    if source.within("bot/cli"):
        return
    lines = source.lines
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                around = lines[max(node.lineno - 2, 0) : node.lineno]
                if not any(LAZY in line for line in around):
                    yield node.lineno, f"imports inside {function.name}"


def domain_imports_only_the_standard_library(source: Source) -> Iterator[Finding]:
    """Find third-party packages in the domain."""
    if not source.within("domain"):
        return
    for node, name in _imported(source):
        root = name.partition(".")[0]
        if root not in sys.stdlib_module_names and root not in BESIDE_STANDARD_LIBRARY:
            yield node.lineno, f"imports {root}"


def http_clients_live_in_client_modules(source: Source) -> Iterator[Finding]:
    """Find httpx2 clients and calls outside the client.py modules and the emulator."""
    if not source.within(*PACKAGES) or source.within("bot/emulator"):
        return
    if source.path.endswith("/client.py"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "httpx2":
            for alias in node.names:
                if alias.name in HTTP_OPENERS:
                    yield node.lineno, f"takes {alias.name} from httpx2"
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "httpx2"
            and node.attr in HTTP_OPENERS
        ):
            yield node.lineno, f"uses httpx2.{node.attr}"


def tests_use_real_things(source: Source) -> Iterator[Finding]:
    """Find mocks, skips and expected failures in tests."""
    if not source.within("tests"):
        return
    for node, name in _imported(source):
        if name in ESCAPES:
            yield node.lineno, f"imports {name}"
    for part in ast.walk(source.tree):
        if isinstance(part, ast.Attribute) and ast.unparse(part) in ESCAPES:
            yield part.lineno, f"uses {ast.unparse(part)}"


def _imported(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node, node.module
            for alias in node.names:
                yield node, f"{node.module}.{alias.name}"
