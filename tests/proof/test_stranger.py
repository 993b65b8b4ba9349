"""Somebody who has only read docs/proof.md can check what the real use case gives out."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from domain.proof import code_of
from tests.proof import stranger
from tests.proof.forgeries import FORGERIES, Made, among, forged, make
from tests.support.chat import Chat

FILE = Path(stranger.__file__)
DOCUMENT = FILE.parents[2] / "docs" / "proof.md"
STRANGE_CODE = code_of("5" * 64)


@pytest.fixture
def made(chat: Chat) -> Made:
    return make(chat)


def test_a_proof_is_right(made: Made) -> None:
    assert len(made.proof["entries"]) == 3
    assert made.proof["inclusion"]["size"] == 2
    assert stranger.problems(made.proof) == []
    assert stranger.problems(made.proof, made.code, made.fingerprint) == []


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_where_it_is(made: Made, name: str) -> None:
    found = stranger.problems(forged(made, name), made.code, made.fingerprint)
    expected = FORGERIES[name][1]
    assert found[: len(expected)] == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 12, 33])
def test_every_place_in_a_tree_of_any_size_is_right(made: Made, size: int) -> None:
    for place in range(size):
        assert stranger.problems(among(made, place, size), made.code) == []


def test_a_code_that_was_kept_does_not_fit_a_rewritten_ledger(made: Made) -> None:
    assert stranger.problems(made.proof, STRANGE_CODE) == ["receipt"]
    assert stranger.problems(made.proof, made.code, STRANGE_CODE) == ["head"]


def test_the_stranger_reads_a_file(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "zhufen-proof.json"
    file.write_text(json.dumps(made.proof, ensure_ascii=False), encoding="utf-8")
    for code, told, status in ((made.code, "nothing wrong", 0), (STRANGE_CODE, "['receipt']", 1)):
        command = [sys.executable, str(FILE), str(file), code, made.fingerprint]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (ended.stdout.strip(), ended.returncode) == (told, status), ended.stderr


def test_the_documents_example_is_right() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    wallets = [("C001", 7, "a" * 64), ("C002", 1, "b" * 64), ("C003", 2, "c" * 64)]
    leaves = [stranger.sha(b"\0", stranger.framed(wallet)) for wallet in wallets]
    node = stranger.sha(b"\1", leaves[0], leaves[1])
    root = stranger.sha(b"\1", node, leaves[2]).hex()
    fields = ["0" * 64, "2026-11-26", root, 3, 10, 120, 0, 0, 20]
    head = stranger.sha(b"\2", stranger.framed([*fields, "2026-11-26 16:05:00.000000"]))
    receipt = stranger.short(stranger.sha(b"\3", stranger.framed(wallets[0])))
    framed = stranger.framed(["C001", 7, None, ""]).decode()
    shown = [framed, leaves[0].hex(), node.hex(), root, head.hex(), stranger.short(head), receipt]
    assert [each for each in shown if f"`{each}`" not in text] == []


def test_the_document_lists_the_fields_in_order() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").replace("\n", " ")
    for names in (stranger.ENTRY, stranger.FORM_1, stranger.HEAD):
        assert " ".join(f"`{name}`" for name in names) in lines


def test_the_stranger_knows_nothing_of_ours() -> None:
    tree = ast.parse(FILE.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = {alias.name for node in imports for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
