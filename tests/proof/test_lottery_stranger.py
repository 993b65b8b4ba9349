"""Somebody who has only read docs/lottery.md can check what was really drawn."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.lottery_files import read_lottery
from handlers.usecases.lottery_record import record_of
from tests.handlers.approval_steps import earn
from tests.handlers.lottery_steps import closed, draw, opened, stocked, stored
from tests.support.chat import Chat

DOCUMENT = Path(__file__).parents[2] / "docs" / "lottery.md"
CODE = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)[0]
Record = dict[str, Any]


@pytest.fixture
def record(chat: Chat) -> Record:
    """Play a lottery to its end, but for two tickets; give what everybody may read."""
    earn(chat, 200)
    stocked(chat)
    opened(chat)
    for _ in range(8):
        draw(chat)
    closed(chat)
    made: Record = chat.acts(lambda ctx: record_of(ctx.work, stored(chat)))
    return made


def says(record: Record, folder: Path) -> str:
    """Run what the document says on a record, away from everything of ours."""
    (folder / "check.py").write_text(CODE, encoding="utf-8")
    file = folder / "lottery.json"
    file.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-I", str(folder / "check.py"), str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_an_honest_lottery_is_right(record: Record, tmp_path: Path) -> None:
    assert says(record, tmp_path) == "8 draws, nothing wrong"


def _terms(record: Record) -> None:
    record["terms"] = record["terms"].replace('"count":3', '"count":4')


def _seed(record: Record) -> None:
    record["seed"] = "x" * 43


def _who(record: Record) -> None:
    record["draws"][2]["who"] = "0" * 64


def _swap(record: Record) -> None:
    one, two = record["draws"][1], record["draws"][2]
    one["number"], two["number"] = two["number"], one["number"]


def _cut(record: Record) -> None:
    del record["draws"][-1]


def _left(record: Record) -> None:
    record["left"][0] += 1


FORGERIES: dict[str, tuple[Callable[[Record], None], str]] = {
    "the terms": (_terms, "'commitment'"),
    "the seed": (_seed, "'commitment'"),
    "who has drawn": (_who, "3"),
    "numbers": (_swap, "2, 3"),
    "the end": (_cut, "'end'"),
    "what is left": (_left, "'end'"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found(record: Record, tmp_path: Path, name: str) -> None:
    forge, expected = FORGERIES[name]
    forge(record)
    found = says(record, tmp_path)
    assert found.startswith("[")
    assert expected in found


def test_the_stranger_is_short_and_knows_nothing_of_ours() -> None:
    assert len(CODE.strip().splitlines()) <= 25
    tree = ast.parse(CODE)
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert names <= sys.stdlib_module_names


def test_the_documents_example_can_be_read(tmp_path: Path) -> None:
    [example] = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "lottery.json"
    file.write_text(example, encoding="utf-8")
    terms = read_lottery(file)
    assert (terms.price, sum(prize.count for prize in terms.prizes)) == (50, 1_000)
