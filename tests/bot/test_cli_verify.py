"""`zhufen verify`: what it says, to people and machines, and how it ends."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.cli_verify import words
from domain.proof import DayHead
from domain.verification import Fault
from storage.work import open_store
from tests.support.desk import Desk
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.stores import CIPHER, MAIN, OTHER
from tests.support.story import tell
from tests.verification.tampering import Tampered


@pytest.fixture
def url(desk: Desk, migrated_sqlite: Path) -> str:
    """Give the desk an empty database."""
    file = desk.folder / "data" / "zhufen.db"
    for part in file.parent.glob("zhufen.db*"):
        part.unlink()
    shutil.copy(migrated_sqlite, file)
    return f"sqlite:///{file}"


@pytest.fixture
def heads(url: str) -> list[DayHead]:
    """Tell the desk's firm the whole story."""
    store = open_store(url, clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER)
    store.add_tenant(MAIN, MAIN)
    found = tell(store)
    store.close()
    return found


def found_by(desk: Desk, *options: str) -> list[dict[str, Any]]:
    """Give the findings of a check that has some."""
    ended = desk.run("verify", "--json", *options)
    assert ended.code == 1, ended.err
    found: list[dict[str, Any]] = json.loads(ended.out)["findings"]
    return found


def test_every_fault_is_worded() -> None:
    assert set(words()) == {fault.value for fault in Fault}


def test_an_untouched_ledger_is_said_to_be_right(desk: Desk, heads: list[DayHead]) -> None:
    before = desk.everything()
    said = desk.run("verify", "--head", f"{heads[0].day}={heads[0].fingerprint}")
    assert (said.code, said.out.strip()) == (0, "3 wallets, 25 entries, 11 events, 0 findings")
    shown = desk.run("verify", "--json", "--jobs", "1", "--head", f"{heads[1].day}={heads[1].hash}")
    assert shown.code == 0
    assert shown.json() == {"wallets": 3, "entries": 25, "events": 11, "findings": []}
    assert desk.everything() == before


def test_a_finding_names_the_customer_and_the_entry(
    desk: Desk, url: str, heads: list[DayHead]
) -> None:
    ledger = Tampered(url)
    ledger.run("UPDATE entries SET points = 99 WHERE customer_id = 'c-acme' AND seq = 7")
    ledger.close()
    assert found_by(desk) == [
        {
            "tenant": "main",
            "fault": "changed",
            "customer": "K001",
            "name": "滨江置业",
            "seq": 7,
            "subject": "00000000000000000000000016",
        }
    ]
    said = desk.run("verify", "--tenant", "main")
    assert said.code == 1
    for part in ("K001 滨江置业", "7", words()["changed"][:13], "1 findings"):
        assert part in said.out


def test_a_head_that_was_kept_and_differs_is_found(desk: Desk, heads: list[DayHead]) -> None:
    kept = "0000-0000-0000-0000-0000-0000"
    [found] = found_by(desk, "--head", f"2026-11-22={kept}")
    assert (found["fault"], found["subject"]) == ("head_differs", "2026-11-22 published")


def test_what_no_customer_has_is_named_by_its_id(
    desk: Desk, url: str, heads: list[DayHead]
) -> None:
    ledger = Tampered(url)
    ledger.run("UPDATE wallets SET customer_id = 'nobody' WHERE customer_id = 'c-beta'")
    ledger.close()
    found = {each["customer"]: each["name"] for each in found_by(desk)}
    assert found == {"K002": "城南建设", "nobody": ""}


def test_what_is_no_text_at_all_is_found(desk: Desk, url: str, heads: list[DayHead]) -> None:
    ledger = Tampered(url)
    ledger.run("UPDATE entries SET actor = CAST(? AS TEXT) WHERE rowid = 1", b"\xff\xfe")
    ledger.run("UPDATE day_heads SET root = CAST(? AS TEXT) WHERE rowid = 1", b"\xff\xfe")
    ledger.close()
    assert {each["fault"] for each in found_by(desk)} == {"changed", "unreadable"}


@pytest.mark.parametrize(
    "options",
    [("--tenant", "nobody"), ("--head", "2026-11-22"), ("--head", "yesterday=1")],
    ids=["tenant", "no head", "no date"],
)
def test_what_cannot_be_meant_is_refused(
    desk: Desk, heads: list[DayHead], options: tuple[str, ...]
) -> None:
    desk.is_refused("verify", *options)


def test_heads_are_of_one_firm(desk: Desk, url: str, heads: list[DayHead]) -> None:
    store = open_store(url, clock=FakeClock(START), ids=SequenceIds(), cipher=CIPHER)
    store.add_tenant(OTHER, OTHER)
    store.close()
    kept = f"{heads[0].day}={heads[0].fingerprint}"
    assert "--tenant" in desk.is_refused("verify", "--head", kept)
    assert desk.run("verify", "--head", kept, "--tenant", "main").code == 0


def test_an_old_schema_is_refused(desk: Desk, url: str) -> None:
    ledger = Tampered(url)
    ledger.run("UPDATE alembic_version SET version_num = '0001'")
    ledger.close()
    assert "zhufen migrate" in desk.is_refused("verify")
