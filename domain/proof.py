"""What is committed to outside: the daily head over all wallets, and a customer's receipt code.

Every wallet has a hash chain of its own (domain/ledger.py). Here the chains' ends become leaves of
one tree, the tree's root becomes part of a day's head, and each day's head holds the one before:
who knows one head can tell whether anything below it has been changed. docs/proof.md describes the
bytes for strangers; the page templates/pages/check.js follows it without this code.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from domain.calendar import business_date
from domain.ids import CustomerId
from domain.ledger import Written, entry_fields, fields_of_form_1
from domain.merkle import leaf_hash, path_of, root_by_path, root_of
from domain.sealing import framed, instant

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that people can read codes aloud and type them."""
CODE_LETTERS = 24
"""120 bits. The firm itself is whom a code guards against, and it could prepare two ledgers with
one code beforehand: that takes the square root, and 2^60 tries are out of its reach (2^40, for 80
bits, are an afternoon)."""
CLOSES_AFTER = timedelta(minutes=5)
"""So long after midnight a day is closed: what was under way has landed by then."""
ENTRY_NAMES = (
    *("form", "previous", "id", "customer", "seq", "debit", "credit", "points", "reason", "actor"),
    *("effective_at", "recorded_at", "cause", "key", "period", "corrects", "event", "event_seal"),
    *("rule", "rule_version", "note", "reverses", "reversal_part", "qualifying"),
    *("available_after", "held_after", "pending_after", "debt_after"),
)
"""What the fields of domain/ledger.entry_fields are called, but for the lots at their end."""
ENTRY_NAMES_OF_FORM_1 = (
    *("previous", "id", "customer", "seq", "debit", "credit", "points", "reason", "event", "rule"),
    *("rule_version", "actor", "effective_at", "recorded_at", "key", "reverses"),
    *("available_after", "debt_after"),
)
_GROUP = 4
_HEAD = b"\x02"
_RECEIPT = b"\x03"
_FULL = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(f"[{CODE_ALPHABET}]{{{CODE_LETTERS}}}")
_MISREAD = str.maketrans("OIL", "011", " -")


@dataclass(frozen=True, slots=True)
class WalletSeal:
    """How far a wallet's chain had come, and the hash it ended in."""

    customer: CustomerId
    seq: int
    head: str


@dataclass(frozen=True, slots=True)
class Totals:
    """The points of all wallets together."""

    available: int = 0
    held: int = 0
    pending: int = 0
    debt: int = 0


@dataclass(frozen=True, slots=True)
class DayHead:
    """One hash over everything that was in the ledger at `sealed_at`, named after a day."""

    day: date
    root: str
    wallets: int
    entries: int
    totals: Totals
    sealed_at: datetime
    previous: str
    """The head before it; GENESIS for the first."""
    hash: str = ""

    @property
    def fingerprint(self) -> str:
        """The head in short, for reading aloud."""
        return code_of(self.hash)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """How a wallet's seal leads to a day's root."""

    seal: WalletSeal
    index: int
    size: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A day's head as somebody outside has kept it: its hash, or only its fingerprint."""

    day: date
    kept: str


def named_fields(written: Written) -> dict[str, str | None]:
    """Give the values an entry's hash is made of, in order, as they are hashed; without its lots.

    What it does to lots is hashed after them (domain/ledger.lots_text), but not in form 1.
    """
    if written.entry.form == 1:
        values = fields_of_form_1(written.entry)
        texts = [None if value is None else str(value) for value in values]
        return dict(zip(ENTRY_NAMES_OF_FORM_1, texts, strict=True))
    return dict(zip(ENTRY_NAMES, entry_fields(written)[:-1], strict=True))


def day_to_close(now: datetime) -> date:
    """Give the last business day that is over, a few minutes' grace included."""
    return business_date(now - CLOSES_AFTER) - timedelta(days=1)


def root_over(seals: Iterable[WalletSeal]) -> str:
    """Give the root over wallets, in the order of their customers' ids."""
    return root_of([leaf_of(seal) for seal in in_order(seals)]).hex()


def prove(seals: Iterable[WalletSeal], customer: CustomerId) -> Inclusion | None:
    """Show that a wallet is under the root over the wallets; None when it isn't among them."""
    ordered = in_order(seals)
    places = [place for place, seal in enumerate(ordered) if seal.customer == customer]
    if not places:
        return None
    path = path_of([leaf_of(seal) for seal in ordered], places[0])
    steps = tuple(step.hex() for step in path)
    return Inclusion(ordered[places[0]], places[0], len(ordered), steps)


def is_under(inclusion: Inclusion, root: str) -> bool:
    """Tell whether a wallet's seal leads to a root."""
    path = [bytes.fromhex(step) for step in inclusion.path]
    found = root_by_path(leaf_of(inclusion.seal), inclusion.index, inclusion.size, path)
    return found is not None and found.hex() == root


def make_head(
    day: date, seals: Sequence[WalletSeal], totals: Totals, sealed_at: datetime, previous: str
) -> DayHead:
    """Make the head of a day over all wallets."""
    head = DayHead(
        day=day,
        root=root_over(seals),
        wallets=len(seals),
        entries=sum(seal.seq for seal in seals),
        totals=totals,
        sealed_at=sealed_at,
        previous=previous,
    )
    return replace(head, hash=head_hash(head))


def head_fields(head: DayHead) -> dict[str, str]:
    """Give the values a head's hash is made of, in order, as they are hashed."""
    values: dict[str, object] = {
        "previous": head.previous,
        "day": head.day.isoformat(),
        "root": head.root,
        "wallets": head.wallets,
        "entries": head.entries,
        **asdict(head.totals),
        "sealed_at": instant(head.sealed_at),
    }
    return {name: str(value) for name, value in values.items()}


def head_hash(head: DayHead) -> str:
    """Hash a head's fields, the head before it among them."""
    return sha256(_HEAD + framed(head_fields(head).values()).encode()).hexdigest()


def receipt_code(customer: CustomerId, seq: int, head: str) -> str:
    """Give the short code a customer keeps: it fixes the wallet's chain up to this entry."""
    content = framed((customer, str(seq), head)).encode()
    return code_of(sha256(_RECEIPT + content).hexdigest())


def code_of(digest: str) -> str:
    """Shorten a hash to letters that people can compare, in groups: ABCD-EFGH-…."""
    bits = int(digest, 16) >> (len(digest) * 4 - CODE_LETTERS * 5)
    shifts = range((CODE_LETTERS - 1) * 5, -1, -5)
    letters = "".join(CODE_ALPHABET[(bits >> shift) & 31] for shift in shifts)
    return _grouped(letters)


def read_published(text: str) -> Published:
    """Read "2026-11-26=ABCD-EFGH-…" (or the full hash), forgiving case, gaps and look-alikes.

    Raises:
        ValueError: it is no day and head.
    """
    day, _, kept = text.partition("=")
    full = kept.strip().lower()
    if _FULL.fullmatch(full):
        return Published(date.fromisoformat(day.strip()), full)
    letters = kept.upper().translate(_MISREAD)
    if not _CODE.fullmatch(letters):
        raise ValueError(f"no head: {text}")
    return Published(date.fromisoformat(day.strip()), _grouped(letters))


def is_same(published: Published, head: DayHead) -> bool:
    """Tell whether what somebody has kept is this head."""
    return published.kept in {head.hash, head.fingerprint}


def in_order(seals: Iterable[WalletSeal]) -> list[WalletSeal]:
    """Order wallets as the tree has them: by the bytes of the customer's id."""
    return sorted(seals, key=lambda seal: seal.customer.encode())


def leaf_of(seal: WalletSeal) -> bytes:
    """Hash a wallet's seal as a leaf of the tree."""
    return leaf_hash(framed((seal.customer, str(seal.seq), seal.head)).encode())


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + _GROUP] for at in range(0, CODE_LETTERS, _GROUP))
