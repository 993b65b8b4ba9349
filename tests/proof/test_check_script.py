"""The page's own verifier, run by node: it finds what the stranger finds, and says it in words."""

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from domain.proof import (
    ENTRY_NAMES,
    ENTRY_NAMES_OF_FORM_1,
    Totals,
    code_of,
    head_fields,
    make_head,
)
from tests.proof.forgeries import FORGERIES, Made, among, forged, make
from tests.support.chat import Chat
from tests.support.fakes import START

SCRIPT = Path(__file__).resolve().parents[2] / "templates" / "pages" / "check.js"
RUN = """
const check = require(process.argv[1]);
const asked = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const answer = asked.map(({ proof, code, head, bytes }) => {
  if (bytes !== undefined) return check.hex(check.sha256(Uint8Array.from(bytes)));
  try {
    return check.checkProof(check.readProof(JSON.stringify(proof)), code, head);
  } catch (error) {
    return error.message;
  }
});
console.log(JSON.stringify(answer));
"""
NAMES = {"entry": "entries"}


def run(*asked: dict[str, Any]) -> Any:
    """Let the page's script answer."""
    ended = subprocess.run(
        ["node", "-e", RUN, str(SCRIPT)],  # noqa: S607  whichever node is there
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout)


def bad(results: list[dict[str, Any]]) -> list[str]:
    return [result["name"] for result in results if result["isGood"] is False]


@pytest.fixture
def made(chat: Chat) -> Made:
    return make(chat)


def test_its_sha_256_is_sha_256() -> None:
    inputs = [bytes(range(256))[:size] * times for size in range(140) for times in (1, 3)]
    digests = run(*({"bytes": list(each)} for each in inputs))
    assert digests == [hashlib.sha256(each).hexdigest() for each in inputs]


def test_a_proof_is_right_however_the_codes_are_typed(made: Made) -> None:
    head_hash = made.proof["day_head"]["hash"]
    typed = [
        (made.code, made.fingerprint),
        (made.code.lower().replace("-", " "), made.fingerprint.replace("0", "o").replace("1", "l")),
        (f" {made.code} ", head_hash.upper()),
    ]
    for results in run(*({"proof": made.proof, "code": c, "head": h} for c, h in typed)):
        assert [result["isGood"] for result in results] == [True] * 5, results
    results = run({"proof": made.proof, "code": made.code, "head": ""})[0]
    assert "到第 1 笔为止" in results[2]["text"]
    assert made.fingerprint in results[4]["text"]


def test_every_place_in_a_tree_of_any_size_is_right(made: Made) -> None:
    places = [(place, size) for size in (1, 3, 7, 12) for place in range(size)]
    asked = [{"proof": among(made, *each), "code": made.code, "head": ""} for each in places]
    assert [bad(results) for results in run(*asked)] == [[]] * len(places)


def test_what_was_not_given_stays_open(made: Made) -> None:
    [results] = run({"proof": made.proof, "code": "", "head": ""})
    opened = [result["name"] for result in results if result["isGood"] is None]
    assert opened == ["receipt", "head"]
    assert bad(results) == []


def test_before_the_first_head_inclusion_and_head_stay_open(made: Made) -> None:
    young = made.proof | {"day_head": None, "inclusion": None}
    late = made.proof | {"inclusion": None}
    for proof, opened in ((young, ["inclusion", "head"]), (late, ["inclusion"])):
        [results] = run({"proof": proof, "code": made.code, "head": made.fingerprint})
        assert [result["name"] for result in results if result["isGood"] is None] == opened
        assert bad(results) == []


def test_forgeries_are_found_and_the_wrong_line_is_named(made: Made) -> None:
    asked = [
        {"proof": forged(made, name), "code": made.code, "head": made.fingerprint}
        for name in FORGERIES
    ]
    for name, results in zip(FORGERIES, run(*asked), strict=True):
        first, *_ = FORGERIES[name][1]
        kind, _, seq = first.partition(" ")
        assert NAMES.get(kind, kind) in bad(results), (name, results)
        if seq:
            assert results[0]["seq"] == int(seq)
            assert f"第 {seq} 笔" in results[0]["text"]


def test_what_stands_on_a_wrong_line_is_not_called_right(made: Made) -> None:
    falsified = forged(made, "fields renamed")
    [results] = run({"proof": falsified, "code": made.code, "head": made.fingerprint})
    assert bad(results) == ["entries", "balance", "receipt", "inclusion"]
    assert all("第 1 笔" in results[place]["text"] for place in (0, 2, 3))


@pytest.mark.parametrize("typed", ["ABCD", "ABCD-EFGH-JKMN-PQRS-TVWX-YZ2U", "1" * 63])
def test_a_code_or_head_that_is_incomplete_is_said_to_be(made: Made, typed: str) -> None:
    [results] = run({"proof": made.proof, "code": typed, "head": typed})
    assert bad(results) == ["receipt", "head"]
    assert all("不完整" in result["text"] for result in results if result["isGood"] is False)


def test_a_code_of_another_ledger_is_refused(made: Made) -> None:
    strange = code_of("5" * 64)
    [results] = run({"proof": made.proof, "code": strange, "head": strange})
    assert bad(results) == ["receipt", "head"]


def test_what_is_no_proof_is_refused() -> None:
    for proof in ({}, {"format": "zhufen-proof-2"}, {"format": "zhufen-proof-1", "entries": []}):
        assert run({"proof": proof, "code": "", "head": ""}) == ["format"]


def test_it_knows_the_fields_that_are_hashed() -> None:
    source = SCRIPT.read_text(encoding="utf-8")

    def listed(name: str) -> list[str]:
        found = re.search(rf"const {name} = \[(.*?)\];", source, re.DOTALL)
        assert found is not None
        return re.findall(r'"(\w+)"', found[1])

    assert listed("ENTRY_FIELDS") == [*ENTRY_NAMES]
    assert listed("ENTRY_FIELDS_OF_FORM_1") == [*ENTRY_NAMES_OF_FORM_1]
    head = make_head(START.date(), [], Totals(), START, "0" * 64)
    assert listed("HEAD_FIELDS") == list(head_fields(head))
