"""A proof the real use case made, and the ways somebody could falsify it."""

import copy
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from domain.ids import CustomerId
from domain.ledger import GENESIS, sealed_in_form_1
from domain.proof import ENTRY_NAMES_OF_FORM_1, Totals, WalletSeal, head_fields, make_head, prove
from domain.sealing import sealed
from tests.handlers.test_day_heads import MONDAY_NIGHT, close, plan, record
from tests.handlers.test_proof import ask, read
from tests.support.chat import Chat
from tests.support.fakes import START

Proof = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A customer's document, the code the customer kept earlier, and the published fingerprint."""

    proof: Proof
    code: str
    fingerprint: str


def make(chat: Chat) -> Made:
    """Let a wallet move on two days, three wallets be sealed, and more be booked after that."""
    record(chat)
    record(chat, "城南广场 主体昨天验收通过", "ma")
    kept = ask(chat).receipt
    chat.clock.at = MONDAY_NIGHT
    close(chat)
    record(chat, "滨江二期 主体昨天验收通过")
    chat.pass_time(days=1)
    assert plan(chat) is not None
    head = close(chat)
    record(chat, "滨江一期 竣工昨天验收通过")
    proof = read(chat, ask(chat).token.partition(".")[2])
    # As it is read from a file.
    return Made(json.loads(json.dumps(proof)), kept, head.fingerprint)


def among(made: Made, place: int, size: int) -> Proof:
    """Put the wallet at a place among others, in a head of its own."""
    sealed = made.proof["inclusion"]["seal"]
    own = WalletSeal(CustomerId(sealed["customer"]), sealed["seq"], sealed["head"])
    others = [f"{'A' if n < place else 'D'}{n:03d}" for n in range(size) if n != place]
    seals = [own, *(WalletSeal(CustomerId(other), 1, "0" * 64) for other in others)]
    head = make_head(START.date(), seals, Totals(), START, GENESIS)
    found = prove(seals, own.customer)
    assert found is not None
    assert found.index == place
    inclusion = asdict(found) | {"path": list(found.path)}
    shown = {"fields": head_fields(head), "hash": head.hash, "fingerprint": head.fingerprint}
    return made.proof | {"inclusion": inclusion, "day_head": shown}


def _flip(text: str) -> str:
    return ("1" if text[0] == "0" else "0") + text[1:]


def _edit(name: str, value: str) -> Callable[[Proof], None]:
    def forge(proof: Proof) -> None:
        proof["entries"][1]["fields"][name] = value

    return forge


def _rehash_lots(lots: str) -> Callable[[Proof], None]:
    """Let the last entry do something else to lots, and hash it anew."""

    def forge(proof: Proof) -> None:
        last = proof["entries"][-1]
        last["lots"] = lots.replace("LOT", last["lots"].split(" ")[1])
        last["hash"] = sealed([*last["fields"].values(), last["lots"]])

    return forge


def _older_form(proof: Proof) -> None:
    """Say the last entry was hashed as in the first release, where lots did not count."""
    last = proof["entries"][-1]
    last["form"] = 1
    last["fields"] = {name: last["fields"].get(name) for name in ENTRY_NAMES_OF_FORM_1}
    last["hash"] = sealed_in_form_1(last["fields"].values())


def _swap_entries(proof: Proof) -> None:
    entries = proof["entries"]
    entries[0], entries[1] = entries[1], entries[0]


def _rename_sides(proof: Proof) -> None:
    fields = proof["entries"][0]["fields"]
    names = {"debit": "credit", "credit": "debit"}
    proof["entries"][0]["fields"] = {names.get(n, n): v for n, v in fields.items()}


def _raise_balance(proof: Proof) -> None:
    proof["balance"]["available"] += 1


def _other_root(proof: Proof) -> None:
    proof["day_head"]["fields"]["root"] = _flip(proof["day_head"]["fields"]["root"])


def _other_hash(proof: Proof) -> None:
    proof["day_head"]["hash"] = _flip(proof["day_head"]["hash"])


def _other_step(proof: Proof) -> None:
    proof["inclusion"]["path"][0] = _flip(proof["inclusion"]["path"][0])


def _longer_path(proof: Proof) -> None:
    proof["inclusion"]["path"].append("0" * 64)


def _shorter_path(proof: Proof) -> None:
    proof["inclusion"]["path"].pop()


def _other_place(proof: Proof) -> None:
    proof["inclusion"]["index"] = 1


def _other_seal(proof: Proof) -> None:
    proof["inclusion"]["seal"]["head"] = proof["entries"][0]["hash"]


FORGERIES: dict[str, tuple[Callable[[Proof], None], list[str]]] = {
    "points": (_edit("points", "31"), ["entry 2"]),
    "reason": (_edit("reason", "gift"), ["entry 2"]),
    "rule": (_edit("rule", "nothing"), ["entry 2"]),
    "time": (_edit("effective_at", "2026-01-01T00:00:00.000000+00:00"), ["entry 2"]),
    "customer": (_edit("customer", "C002"), ["entry 2"]),
    "previous": (_edit("previous", "0" * 64), ["entry 2"]),
    "hash": (lambda proof: proof["entries"][1].update(hash="0" * 64), ["entry 2"]),
    "first entry deleted": (lambda proof: proof["entries"].pop(0), ["entry 1"]),
    "entry inserted": (lambda p: p["entries"].insert(1, p["entries"][0]), ["entry 2"]),
    "entries swapped": (_swap_entries, ["entry 1"]),
    "fields renamed": (_rename_sides, ["entry 1"]),
    "lots": (lambda proof: proof["entries"][1].update(lots=""), ["entry 2"]),
    "lot left out": (_rehash_lots(""), ["entry 3"]),
    "lot too small": (_rehash_lots("open LOT 49 2026/2028/"), ["entry 3"]),
    "lot pending": (_rehash_lots("open LOT 50 2026/2028/2027"), ["entry 3"]),
    "lot overdrawn": (_rehash_lots("open LOT 50 2026/2028/;take LOT 51"), ["entry 3"]),
    "lot overfull": (_rehash_lots("open LOT 50 2026/2028/;give_back LOT 1"), ["entry 3"]),
    "lot of nobody": (_rehash_lots("open LOT 50 2026/2028/;take nobody 1"), ["entry 3"]),
    "lot twice": (_rehash_lots("open LOT 50 2026/2028/;open LOT 50 2026/2028/"), ["entry 3"]),
    "lot matured early": (_rehash_lots("open LOT 50 2026/2028/;mature LOT 50"), ["entry 3"]),
    "lot lost": (_rehash_lots("open LOT 50 2026/2028/;lose LOT 50"), ["entry 3"]),
    "older form": (_older_form, ["entry 3"]),
    "unknown form": (lambda proof: proof["entries"][1].update(form=3), ["entry 2"]),
    "tail cut": (lambda proof: proof["entries"].pop(), ["balance"]),
    "balance": (_raise_balance, ["balance"]),
    "root": (_other_root, ["inclusion", "head"]),
    "head's hash": (_other_hash, ["head"]),
    "path step": (_other_step, ["inclusion"]),
    "path longer": (_longer_path, ["inclusion"]),
    "path shorter": (_shorter_path, ["inclusion"]),
    "place": (_other_place, ["inclusion"]),
    "seal": (_other_seal, ["inclusion"]),
}
"""How each is made, and what is wrong first of all."""


def forged(made: Made, name: str) -> Proof:
    """Falsify a copy."""
    proof = copy.deepcopy(made.proof)
    FORGERIES[name][0](proof)
    return proof
