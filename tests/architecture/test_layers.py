"""Every import contract of pyproject.toml fails on a planted violation and passes without it.

The contracts are the project's own; the tree they are run on is a small synthetic one, so these
tests show that the contracts bite, and `make layers` shows that the project keeps them.
"""

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

MODULES = (
    "bot/__init__.py",
    "bot/cli.py",
    "bot/demo.py",
    "bot/presenter.py",
    "bot/wiring.py",
    "bot/dingtalk/__init__.py",
    "bot/dingtalk/client.py",
    "bot/emulator/__init__.py",
    "bot/emulator/server.py",
    "bot/wecom/__init__.py",
    "bot/wecom/client.py",
    "domain/__init__.py",
    "domain/ledger.py",
    "handlers/__init__.py",
    "handlers/cards/__init__.py",
    "handlers/commands/__init__.py",
    "handlers/commands/balance.py",
    "handlers/usecases/__init__.py",
    "handlers/usecases/award.py",
    "storage/__init__.py",
    "storage/ledger.py",
)
# What the design allows, so that a contract that forbids too much is noticed as well.
ALLOWED = {
    "bot/cli.py": "import bot.emulator.server, bot.wiring, storage.ledger",
    "bot/demo.py": "import bot.emulator, storage",
    "bot/presenter.py": "import jinja2, domain.ledger, handlers.commands.balance",
    "bot/wiring.py": "import bot.dingtalk.client, bot.wecom.client, storage.ledger, sqlmodel",
    "bot/wecom/client.py": "import httpx2, wechatpy, domain.ledger",
    "handlers/commands/balance.py": "import domain.ledger, handlers.usecases.award",
    "domain/ledger.py": "import dataclasses, datetime, hashlib, zoneinfo",
    "storage/ledger.py": "import sqlalchemy, sqlmodel, domain.ledger",
}
UNDER_TYPE_CHECKING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "


@dataclass(frozen=True)
class Plant:
    """One forbidden import, and the id of the contract that has to notice it."""

    contract: str
    path: str
    code: str


PLANTS = (
    Plant("layers", "handlers/commands/balance.py", "import storage.ledger"),
    Plant("layers", "storage/ledger.py", "from handlers.commands import balance"),
    Plant("layers", "domain/ledger.py", "import storage"),
    Plant("layers", "domain/ledger.py", f"{UNDER_TYPE_CHECKING}import handlers.commands"),
    Plant("layers", "handlers/cards/__init__.py", f"{UNDER_TYPE_CHECKING}from bot import wiring"),
    Plant("domain", "domain/ledger.py", "import sqlmodel"),
    Plant("domain", "domain/ledger.py", "from random import choice"),
    Plant("domain", "domain/ledger.py", "import time"),
    Plant("handlers", "handlers/usecases/award.py", "from sqlalchemy import select"),
    Plant("handlers", "handlers/cards/__init__.py", "import jinja2"),
    Plant("storage", "storage/ledger.py", "import fastapi"),
    Plant("platforms", "bot/wecom/client.py", "import bot.dingtalk.client"),
    Plant("platforms", "bot/dingtalk/client.py", "from bot.wecom import client"),
    Plant("platforms", "bot/emulator/server.py", "from bot.wecom.client import decrypt"),
    Plant("platforms", "bot/wecom/client.py", "def f():\n    import bot.emulator.server"),
    Plant("usecases", "handlers/usecases/award.py", "import handlers.commands.balance"),
    Plant("usecases", "handlers/commands/balance.py", "import handlers.cards"),
    Plant("emulator", "bot/presenter.py", "import bot.emulator.server"),
    Plant("composition", "bot/presenter.py", "from storage.ledger import tables"),
)


def lint_imports(tree: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the tree with the project's contracts, or only those named."""
    program = Path(sys.executable).with_name("lint-imports")
    options = [f"--contract={contract}" for contract in contracts]
    return subprocess.run(
        [program, "--no-cache", "--no-logo", *options],
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def contract_names() -> dict[str, str]:
    """Give the name of every contract by its id."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract["name"] for contract in contracts}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Lay out a project in miniature that uses every import the design allows."""
    for module in MODULES:
        file = tmp_path / module
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(ALLOWED.get(module, "") + "\n", encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_imports_the_design_allows_keep_every_contract(tree: Path) -> None:
    result = lint_imports(tree)

    assert result.returncode == 0, result.stdout
    assert f"{len(contract_names())} kept, 0 broken" in result.stdout


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.contract}-{plant.path}")
def test_a_planted_import_breaks_its_contract(tree: Path, plant: Plant) -> None:
    with (tree / plant.path).open("a", encoding="utf-8") as file:
        file.write(plant.code + "\n")

    result = lint_imports(tree, plant.contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contract_names()[plant.contract]} BROKEN" in result.stdout


def test_every_contract_has_a_planted_violation() -> None:
    assert {plant.contract for plant in PLANTS} == set(contract_names())
