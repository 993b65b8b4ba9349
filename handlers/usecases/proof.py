"""Closing a day of the ledger with one hash, checking all such hashes, proving one wallet."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from domain import verification
from domain.calendar import end_of_business_day
from domain.customers import Contact
from domain.errors import TicketNotYours
from domain.facts import DaySealed
from domain.ids import CustomerId, TicketId
from domain.ledger import GENESIS, Entry, Wallet, lots_text
from domain.ports import Work
from domain.proof import (
    DayHead,
    Published,
    WalletSeal,
    day_to_close,
    head_fields,
    make_head,
    named_fields,
    prove,
    receipt_code,
)
from domain.proof_check import (
    Finding,
    HeadMissing,
    Kept,
    WalletTree,
    as_verified,
    check_head,
    compare,
    first_broken,
)
from domain.repositories import AuditNote
from domain.tickets import TicketKind, fresh
from domain.verification import Fault
from handlers.contract import Context
from handlers.permissions import Permission, contact_rights
from handlers.usecases.statement import read_balance
from handlers.usecases.tickets import VALID, open_ticket

FORMAT = "zhufen-proof-2"
"""Names the layout of a proof and the bytes that are hashed; docs/proof.md describes both."""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A head that has been worked out and not yet stored, and the wallets that have moved."""

    head: DayHead
    moved: tuple[WalletSeal, ...]


@dataclass(frozen=True, slots=True)
class ProofLinked:
    """A wallet's receipt, and the token of the link to its proof."""

    wallet: Wallet
    seq: int
    receipt: str
    token: str
    """Names the firm too, "<tenant>.<ticket>": who opens the link is nobody we know."""
    expires_at: datetime


def plan_day(work: Work, now: datetime) -> DayPlan | None:
    """Work out the head that closes the last day that is over; None when there is nothing to close.

    To be read in one transaction, so that it sees all wallets at one moment; what is booked after
    that moment belongs to the next head, whatever its day. After an outage one head closes all
    days since the last. A ledger that began after the day has no head of it.
    """
    day = day_to_close(now)
    last = work.proofs.last()
    if last is not None and last.day >= day:
        return None
    began_at = work.proofs.began_at()
    if last is None and (began_at is None or began_at >= end_of_business_day(day)):
        return None
    sealed = {seal.customer: seal for seal in work.proofs.sealed(day)}
    wallets, totals = work.proofs.wallets()
    moved = [w for w in wallets if w.customer not in sealed or w.seq > sealed[w.customer].seq]
    # A wallet that stands still keeps the seal it has, even if somebody has changed it since:
    # check_heads names it then.
    after = sealed | {seal.customer: seal for seal in moved}
    previous = GENESIS if last is None else last.hash
    head = make_head(day, list(after.values()), totals, now, previous)
    return DayPlan(head, tuple(moved))


def seal_day(ctx: Context, plan: DayPlan) -> None:
    """Store a planned head, once: does nothing when another one has come in between.

    Raises:
        Conflict: another one came at the same moment.
    """
    last = ctx.work.proofs.last()
    if plan.head.previous != (GENESIS if last is None else last.hash):
        return
    ctx.work.proofs.add(plan.head, plan.moved)
    ctx.work.audit.write(
        AuditNote(
            at=ctx.now,
            actor=ctx.actor_name,
            channel=None,
            action="day_sealed",
            subject=f"day:{plan.head.day.isoformat()}",
            after={"hash": plan.head.hash, "wallets_moved": len(plan.moved)},
        )
    )
    ctx.work.emit(DaySealed(plan.head))


def check_heads(work: Work, published: Sequence[Published] = ()) -> list[Finding]:
    """Check every stored head, and compare it with what is known of it elsewhere.

    Each head is worked out again from the seals and the head before it, then compared with
    `published` (what somebody outside has kept) and with what was posted to the supervisors; each
    seal is compared with the entry it ends in. That an entry's hash fits its content and chain is
    another check. To be read in one transaction; takes a few milliseconds per day.
    """
    heads = work.proofs.heads()
    findings: list[Finding] = list(compare(published, heads, Kept.PUBLISHED))
    findings += compare(work.proofs.posted(), heads, Kept.POSTED)
    tree, before = WalletTree(), None
    for head in heads:
        moved = work.proofs.moved(date.min if before is None else before.day, head.day)
        tree.move(seal for _, seal in moved)
        between = {day for day, _ in moved} - {head.day}
        findings += [HeadMissing(day, Kept.SEALED) for day in sorted(between)]
        findings += check_head(head, before, tree)
        before = head
    beyond = work.proofs.moved(date.min if before is None else before.day, date.max)
    findings += [HeadMissing(day, Kept.SEALED) for day in sorted({day for day, _ in beyond})]
    findings += first_broken(work.proofs.broken())
    return findings


def verify_heads(work: Work, published: Sequence[Published] = ()) -> list[verification.Finding]:
    """Check every stored head as `check_heads` does, as findings of a check of the whole ledger."""
    try:
        return [as_verified(finding) for finding in check_heads(work, published)]
    except ValueError:
        # Somebody has put a day or an instant there that is none.
        return [verification.Finding(Fault.UNREADABLE, subject="day_heads")]


def statement_proof(work: Work, customer: CustomerId, now: datetime) -> dict[str, Any]:
    """Give everything a customer needs to check the wallet without us, as JSON values.

    To be read in one transaction. Entries are given as the values that were hashed; those of the
    first release did not hash what they did to lots, it is told all the same.
    """
    wallet = work.wallets.read(customer)
    written = work.proofs.written(customer)
    newest = [one.entry for one in written[-1:]]
    head = work.proofs.last()
    inclusion = None if head is None else prove(work.proofs.sealed(head.day), customer)
    return {
        "format": FORMAT,
        "customer": {"id": customer, "name": work.customers.get(customer).name},
        "made_at": now.isoformat(timespec="seconds"),
        "balance": {
            "available": wallet.available,
            "held": wallet.held,
            "pending": wallet.pending,
            "debt": wallet.debt,
        },
        "entries": [
            {
                "form": one.entry.form,
                "fields": named_fields(one),
                "lots": lots_text(one),
                "hash": one.entry.hash,
            }
            for one in written
        ],
        "receipt": {"seq": newest[0].seq, "code": receipt_of(newest)} if newest else None,
        "day_head": None
        if head is None
        else {"fields": head_fields(head), "hash": head.hash, "fingerprint": head.fingerprint},
        "inclusion": None if inclusion is None else asdict(inclusion) | {"path": [*inclusion.path]},
    }


def receipt_of(entries: Sequence[Entry]) -> str:
    """Give the receipt code of the first of the entries; empty without entries."""
    if not entries:
        return ""
    return receipt_code(entries[0].customer, entries[0].seq, entries[0].hash)


def link_to_proof(ctx: Context, contact: Contact) -> ProofLinked:
    """Open a link to the proof of a contact's customer, good for a week; none without entries."""
    wallet, _ = read_balance(ctx, contact.customer)
    newest = ctx.work.wallets.latest(contact.customer, 1)
    token = ""
    if newest:
        payload: dict[str, str] = {"customer": contact.customer}
        ticket = open_ticket(
            ctx.work, ctx.ids, TicketKind.PROOF, payload, now=ctx.now, contact=contact.id
        )
        token = f"{ctx.work.tenant}.{ticket}"
    return ProofLinked(
        wallet=wallet,
        seq=newest[0].seq if newest else 0,
        receipt=receipt_of(newest),
        token=token,
        expires_at=ctx.now + VALID[TicketKind.PROOF],
    )


def proof_by_ticket(work: Work, ticket: TicketId, now: datetime) -> dict[str, Any]:
    """Give the proof a link leads to; whoever has the link may read it, for as long as it lasts.

    It lasts no longer than the right of the contact who was given it.

    Raises:
        TicketNotYours: there is no such link, or it leads nowhere any more.
        TicketExpired: it is too old.
    """
    found = work.tickets.find(ticket)
    if found is None or found.kind is not TicketKind.PROOF or found.used_at is not None:
        raise TicketNotYours
    owner = work.customers.contact(found.contact) if found.contact is not None else None
    if owner is None or Permission.SEE_POINTS not in contact_rights(owner):
        raise TicketNotYours
    return statement_proof(work, CustomerId(fresh(found, now).payload["customer"]), now)
