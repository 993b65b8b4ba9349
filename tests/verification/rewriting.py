"""What somebody with the database and our own code could do: forge, and hash everything anew."""

from dataclasses import replace

from domain.ids import CustomerId, EntryId
from domain.ledger import GENESIS, Account, Written, entry_hash
from domain.proof import DayHead, WalletSeal, head_hash, root_over
from storage.work import SqlStore, open_store
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.stores import CIPHER, MAIN
from tests.verification.tampering import Tampered


def _store(ledger: Tampered) -> SqlStore:
    return open_store(ledger.url, clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER)


def chain_of(ledger: Tampered, customer: str) -> list[Written]:
    """Read a wallet's entries with what they did to lots."""
    store = _store(ledger)
    with store.reading(MAIN) as work:
        found = work.proofs.written(CustomerId(customer))
    store.close()
    return found


def last_of(ledger: Tampered, customer: str) -> int:
    """Give the number of a wallet's last entry."""
    return int(ledger.run("SELECT max(seq) FROM entries WHERE customer_id = ?", customer)[0][0])


def take_away(ledger: Tampered, customer: str, seq: int) -> None:
    """Delete an entry with all that hangs on it."""
    entry = ledger.run("SELECT id FROM entries WHERE customer_id = ? AND seq = ?", customer, seq)[
        0
    ][0]
    for table, column in (("lot_uses", "entry_id"), ("lots", "entry_id"), ("entries", "id")):
        ledger.run(f"DELETE FROM {table} WHERE {column} = ?", entry)


def follow(ledger: Tampered, customer: str) -> None:
    """Set a wallet's row to what its last entry says, and its lots to what is left of them."""
    ledger.run(
        "UPDATE wallets SET (available, held, pending, debt, seq, head) = (SELECT available_after,"
        " held_after, pending_after, debt_after, seq, hash FROM entries e WHERE e.customer_id ="
        " wallets.customer_id ORDER BY seq DESC LIMIT 1) WHERE customer_id = ?",
        customer,
    )
    ledger.run(
        "UPDATE lots SET remaining = points + (SELECT COALESCE(SUM(CASE direction WHEN 'take' THEN"
        " -points WHEN 'give_back' THEN points ELSE 0 END), 0) FROM lot_uses u WHERE u.lot_id ="
        " lots.id) WHERE customer_id = ?",
        customer,
    )


def blame(ledger: Tampered, customer: str, seq: int, actor: str) -> None:
    """Say that somebody else has done an entry, and hash it and all after it anew."""
    previous = GENESIS
    for one in chain_of(ledger, customer):
        entry = replace(one.entry, previous=previous)
        if entry.seq == seq:
            entry = replace(entry, cause=replace(entry.cause, actor=actor))
        previous = entry_hash(replace(one, entry=entry))
        ledger.run(
            "UPDATE entries SET actor = ?, previous = ?, hash = ? WHERE id = ?",
            entry.cause.actor,
            entry.previous,
            previous,
            entry.id,
        )
    follow(ledger, customer)


def reseal(ledger: Tampered) -> None:
    """Let every wallet seal say what its entry says now."""
    ledger.run(
        "UPDATE wallet_seals SET head = (SELECT hash FROM entries e WHERE e.tenant_id ="
        " wallet_seals.tenant_id AND e.customer_id = wallet_seals.customer_id"
        " AND e.seq = wallet_seals.seq)"
    )


def rehead(ledger: Tampered) -> list[DayHead]:
    """Make every daily head anew from the seals."""
    store = _store(ledger)
    with store.reading(MAIN) as work:
        heads = work.proofs.heads()
        sealed: list[list[WalletSeal]] = [work.proofs.sealed(head.day) for head in heads]
    store.close()
    made, previous = [], GENESIS
    for head, seals in zip(heads, sealed, strict=True):
        new = replace(head, root=root_over(seals), previous=previous)
        new = replace(new, hash=head_hash(new))
        ledger.run(
            "UPDATE day_heads SET root = ?, previous = ?, hash = ? WHERE day = ?",
            new.root,
            new.previous,
            new.hash,
            head.day.isoformat(),
        )
        made.append(new)
        previous = new.hash
    return made


def append_forged(ledger: Tampered, customer: str, seq: int) -> None:
    """Put in an entry with a right hash: a point held, after the entry before `seq`."""
    before = chain_of(ledger, customer)[seq - 2]
    last = before.entry
    forged = replace(
        before,
        entry=replace(
            last,
            id=EntryId(f"{last.id}-forged"),
            seq=seq,
            key=f"{last.key}-forged",
            previous=last.hash,
            reverses=None,
            reversal_part=None,
            debit=Account.ISSUED,
            credit=Account.HELD,
            points=1,
            qualifying=0,
            held_after=last.held_after + 1,
        ),
        opens=None,
        takes=(),
        gives_back=(),
        matures=None,
    )
    names = "seq, id, key, previous, reverses, reversal_part, debit, credit, points, qualifying"
    entry = forged.entry
    ledger.run("CREATE TEMPORARY TABLE copied AS SELECT * FROM entries WHERE id = ?", last.id)
    ledger.run(
        f"UPDATE copied SET ({names}, held_after, hash)"
        " = (?, ?, ?, ?, NULL, NULL, ?, ?, 1, 0, ?, ?)",
        *(entry.seq, entry.id, entry.key, entry.previous, entry.debit, entry.credit),
        *(entry.held_after, entry_hash(forged)),
    )
    ledger.run("INSERT INTO entries SELECT * FROM copied")
    ledger.run("DROP TABLE copied")
