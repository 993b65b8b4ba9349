"""dingtalk-sdk stays behind one module and costs nothing until it is needed (ADR 0007)."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

from tests.architecture.source import PACKAGES, ROOT, project_sources

PROGRAM = """
import sys
import bot.dingtalk.callbacks, bot.dingtalk.stream, bot.dingtalk.outbound
before = sorted(m for m in sys.modules if m.partition(".")[0] == "dingtalk")
from bot.dingtalk.sdk_edge import EventCrypto
EventCrypto("token", "a" * 43, "owner").seal("success", timestamp="1")
after = sorted(m for m in sys.modules if m.partition(".")[0] == "dingtalk")
import dingtalk
print(before)
print([m for m in after if m.startswith(("dingtalk.client", "dingtalk.model")) or m == "dingtalk"])
print("requests" in after, len(after) > 3, dingtalk.AppKeyClient.__name__)
"""


def imported() -> Iterator[tuple[str, str]]:
    for source in project_sources():
        if not source.within(*PACKAGES):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import):
                yield from ((source.path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield source.path, node.module


def test_only_the_edge_imports_the_sdk() -> None:
    users = {path for path, name in imported() if name.partition(".")[0] == "dingtalk"}

    assert users == {"bot/dingtalk/sdk_edge.py"}


def test_no_stream_sdk_is_imported_or_locked() -> None:
    names = {name.partition(".")[0] for _, name in imported()}
    locked = (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-dev.txt").read_text()

    assert names.isdisjoint({"dingtalk_stream", "alibabacloud_dingtalk", "aiohttp"})
    assert re.search(r"(?m)^dingtalk-stream|^alibabacloud", locked) is None


def test_the_sdk_is_loaded_late_and_without_its_client() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == ["[]", "[]", "False True AppKeyClient"]
