"""A verifier by somebody who has read docs/proof.md and nothing else: no import of ours.

`python stranger.py proof.json [receipt code] [published head]` prints what is wrong, if anything.
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ENTRY = ["form", "previous", "id", "customer", "seq", "debit", "credit", "points", "reason"]
ENTRY += ["actor", "effective_at", "recorded_at", "cause", "key", "period", "corrects", "event"]
ENTRY += ["event_seal", "rule", "rule_version", "note", "reverses", "reversal_part", "qualifying"]
ENTRY += ["available_after", "held_after", "pending_after", "debt_after"]
FORM_1 = ["previous", "id", "customer", "seq", "debit", "credit", "points", "reason", "event"]
FORM_1 += ["rule", "rule_version", "actor", "effective_at", "recorded_at", "key", "reverses"]
FORM_1 += ["available_after", "debt_after"]
ACCOUNTS = ("available", "held", "pending", "debt")
HEAD = ["previous", "day", "root", "wallets", "entries", "available", "held", "pending", "debt"]
HEAD += ["sealed_at"]


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def framed(values: Iterable[Any]) -> bytes:
    datas = [None if value is None else str(value).encode() for value in values]
    return b"".join(b"-," if data is None else b"%d:%b," % (len(data), data) for data in datas)


def framed_in_form_1(values: Iterable[Any]) -> bytes:
    datas = [b"\0" if value is None else b"\1" + str(value).encode() for value in values]
    return b"".join(len(data).to_bytes(4, "big") + data for data in datas)


def short(digest: bytes) -> str:
    bits = f"{int.from_bytes(digest[:15], 'big'):0120b}"
    letters = "".join(ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, 120, 5))
    return "-".join(letters[at : at + 4] for at in range(0, 24, 4))


def climb(leaf: bytes, index: int, size: int, path: list[str]) -> str:
    """Follow a path as RFC 9162, 2.1.3.2 has it; empty when it leads nowhere."""
    at, last, found = index, size - 1, leaf
    for step in map(bytes.fromhex, path):
        if last == 0:
            return ""
        if at & 1 or at == last:
            found = sha(b"\1", step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = sha(b"\1", found, step)
        at, last = at >> 1, last >> 1
    return found.hex() if last == 0 and 0 <= index < size else ""


def hash_of(entry: dict[str, Any]) -> str:
    values = [*entry["fields"].values()]
    return sha(
        framed_in_form_1(values) if entry["form"] == 1 else framed([*values, entry["lots"]])
    ).hex()


def follow(lots: dict[str, list[Any]], text: str) -> bool:
    """Do to lots ([points, left, is pending]) what an entry did; False when it can't be."""
    for part in text.split(";") if text else ():
        verb, lot, number, *terms = part.split(" ", 3)
        points = int(number)
        if verb == "open" and lot not in lots:
            lots[lot] = [points, points, not terms[0].endswith("/")]
        elif lot in lots and verb in {"take", "give_back"}:
            lots[lot][1] += -points if verb == "take" else points
        elif verb == "mature" and lots.get(lot, [])[1:] == [points, True]:
            lots[lot][2] = False
        else:
            return False
        if not 0 <= lots[lot][1] <= lots[lot][0]:
            return False
    return True


def add_up(sums: dict[str, int], fields: dict[str, str]) -> None:
    for side, sign in (("debit", -1), ("credit", 1)):
        owner, _, account = fields[side].partition(".")
        if owner == "wallet":
            sums[account] += sign * int(fields["points"]) * (-1 if account == "debt" else 1)


def wrong_entry(proof: dict[str, Any], sums: dict[str, int]) -> int:
    """Give the first entry that is wrong, 0 when none is; add up the accounts on the way."""
    previous, before, lots = "0" * 64, 1, dict[str, list[Any]]()
    for seq, entry in enumerate(proof["entries"], 1):
        fields, form = entry["fields"], entry["form"]
        names = {1: FORM_1, 2: ENTRY}.get(form)
        told = [list(fields), fields["seq"], fields["customer"], fields["previous"], entry["hash"]]
        right = [names, str(seq), proof["customer"]["id"], previous, hash_of(entry)]
        if told != right or form < before or fields.get("form", "1") != str(form):
            return seq
        add_up(sums, fields)
        after = {account: int(fields.get(f"{account}_after", 0)) for account in ACCOUNTS}
        is_kept = follow(lots, entry["lots"])
        left = [
            sum(lot[1] for lot in lots.values() if lot[2] is is_off) for is_off in (False, True)
        ]
        if after != sums or not is_kept or left != [sums["available"], sums["pending"]]:
            return seq
        previous, before = entry["hash"], form
    return 0


def is_included(proof: dict[str, Any]) -> bool:
    inclusion, head = proof["inclusion"], proof["day_head"]["fields"]
    seal, size = inclusion["seal"], inclusion["size"]
    hashes = [entry["hash"] for entry in proof["entries"]]
    leaf = sha(b"\0", framed([seal["customer"], seal["seq"], seal["head"]]))
    return (
        seal["customer"] == proof["customer"]["id"]
        and hashes[seal["seq"] - 1 : seal["seq"]] == [seal["head"]]
        and climb(leaf, inclusion["index"], size, inclusion["path"]) == head["root"]
        and str(size) == head["wallets"]
    )


def problems(proof: dict[str, Any], code: str = "", published: str = "") -> list[str]:
    """Give what is wrong: "entry 3", "balance", "receipt", "inclusion", "head"."""
    sums = dict.fromkeys(ACCOUNTS, 0)
    wrong = wrong_entry(proof, sums)
    found = [f"entry {wrong}"] if wrong else []
    if not wrong and sums != proof["balance"]:
        found.append("balance")
    customer = proof["customer"]["id"]
    codes = [
        short(sha(b"\3", framed([customer, seq, entry["hash"]])))
        for seq, entry in enumerate(proof["entries"], 1)
    ]
    if code and code not in codes:
        found.append("receipt")
    if proof["inclusion"] and not is_included(proof):
        found.append("inclusion")
    if proof["day_head"]:
        head = proof["day_head"]
        digest = sha(b"\2", framed(head["fields"].values()))
        is_right = list(head["fields"]) == HEAD and digest.hex() == head["hash"]
        if not is_right or (published or head["hash"]) not in {head["hash"], short(digest)}:
            found.append("head")
    return found


if __name__ == "__main__":
    read = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    told = problems(read, *sys.argv[2:])
    sys.stdout.write(f"{told or 'nothing wrong'}\n")
    sys.exit(bool(told))
