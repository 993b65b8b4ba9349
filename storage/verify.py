"""Checking the ledger from what is stored: chains, balances, lots.

Rows are hashed as they come from the database; nothing is taken from caches or repositories. Each
range of wallets is read in one snapshot. A wallet that is wrong gives one finding, its first: what
follows a bad entry proves nothing. What stands beside the chains is checked in
storage/verify_beside.
"""

from collections.abc import Iterator

from domain.ids import TenantId
from domain.ledger import GENESIS
from domain.verification import Checked, Fault, Finding
from storage.db import Db, reading
from storage.engine import Database
from storage.framing import ENTRY_COLUMNS, framed_sql, text_sql
from storage.verify_chain import Chain, StoredEntry, StoredUse, StoredWallet
from storage.verify_sources import Sources, published_rules

_CHUNK = 2000
_FORM = 2
"""How entries are hashed that need no closer look."""
_BEYOND = 2**62
"""More entries than any wallet has."""


def _entries(dialect: str) -> str:
    terms = [text_sql(dialect, f"l.{name}") for name in ("earned_at", "expires_at", "matures_at")]
    earned_at, expires_at, matures_at = terms
    return f"""
    SELECT e.id, e.customer_id, e.seq, e.form, e.previous, e.hash, e.debit, e.credit, e.points,
           e.reason, e.recorded_at, e.available_after, e.held_after, e.pending_after, e.debt_after,
           {framed_sql(dialect, "e", ENTRY_COLUMNS)},
           CASE WHEN e.event_id IS NULL OR e.event_seal = v.seal THEN 0 ELSE 1 END,
           e.rule, e.rule_version,
           l.id, 'open ' || l.id || ' ' || l.points || ' ' || {earned_at} || '/' || {expires_at}
               || '/' || COALESCE({matures_at}, ''),
           l.points, l.expires_at, l.matures_at, l.remaining, l.is_pending, l.customer_id
    FROM entries e
    LEFT JOIN lots l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
    LEFT JOIN events v ON v.tenant_id = e.tenant_id AND v.id = e.event_id
    WHERE e.tenant_id = :tenant AND (e.customer_id, e.seq) > (:customer, :seq)
      AND (:last = '' OR e.customer_id <= :last)
    ORDER BY e.customer_id, e.seq LIMIT :limit
    """  # noqa: S608  constants


_ENTRIES = {dialect: _entries(dialect) for dialect in ("sqlite", "postgresql")}
_USES = """
    SELECT u.entry_id, u.place, u.lot_id, u.direction, u.points
    FROM entries e JOIN lot_uses u ON u.tenant_id = e.tenant_id AND u.entry_id = e.id
    WHERE e.tenant_id = :tenant AND (e.customer_id, e.seq) > (:customer, :seq)
      AND (e.customer_id, e.seq) <= (:last_customer, :last_seq)
    ORDER BY e.customer_id, e.seq, u.place
"""
_WALLETS = """
    SELECT customer_id, available, held, pending, debt, seq, head FROM wallets
    WHERE tenant_id = :tenant AND customer_id > :customer
      AND (:last = '' OR customer_id <= :last)
    ORDER BY customer_id LIMIT :limit
"""


def check_wallets(
    database: Database, tenant: TenantId, between: tuple[str, str]
) -> tuple[Checked, list[Finding]]:
    """Check the wallets of a range of customers against their entries, lots and uses."""
    with reading(database, tenant) as db:
        check = _Wallets(db, between, database.dialect.name)
        check.run()
        return check.checked, check.findings


class _Wallets:
    """The state of a check while it goes through a range of wallets."""

    def __init__(self, db: Db, between: tuple[str, str], dialect: str) -> None:
        self._db = db
        self._statement = _ENTRIES[dialect]
        self._after, self._last = between
        self._stored = self._wallets()
        self._next = next(self._stored, None)
        self._chain = Chain(self._after)
        self._rules = published_rules(db)
        self.checked = Checked()
        self.findings: list[Finding] = []

    def run(self) -> None:
        """Check every wallet, those that have no entries too."""
        for entries, uses, sources in self._chunks():
            for entry in entries:
                if entry.customer != self._chain.customer:
                    self._close()
                    self._chain = Chain(entry.customer)
                is_plain = entry.form == _FORM and not entry.is_event_doubtful
                fault = None if is_plain else sources.fault(entry)
                if fault is None and (entry.rule, entry.rule_version) not in self._rules:
                    fault = Fault.RULE_MISSING
                self._chain.add(entry, uses.get(entry.id, ()), fault)
        self._close()
        self._pass_until(None)

    def _chunks(self) -> Iterator[tuple[list[StoredEntry], dict[str, list[StoredUse]], Sources]]:
        """Read entries in order with what they did to lots."""
        after = {"customer": self._after, "seq": _BEYOND if self._after else 0}
        while True:
            rows = self._db.all(self._statement, **after, last=self._last, limit=_CHUNK)
            if not rows:
                return
            entries = [*map(StoredEntry._make, rows)]
            end = entries[-1]
            if (end.customer, end.seq) <= (after["customer"], after["seq"]):
                # A key that is no text any more, read as another, would lead back for ever.
                return
            until = {"last_customer": end.customer, "last_seq": end.seq}
            uses: dict[str, list[StoredUse]] = {}
            for row in self._db.all(_USES, **after, **until):
                uses.setdefault(row[0], []).append(StoredUse._make(row))
            yield entries, uses, Sources(self._db, after | until)
            after = {"customer": end.customer, "seq": end.seq}

    def _close(self) -> None:
        chain = self._chain
        if chain.seq:
            chain.close(self._pass_until(chain.customer))
            self.checked += Checked(wallets=1, entries=chain.seq)
            if chain.finding is not None:
                self.findings.append(chain.finding)

    def _pass_until(self, customer: str | None) -> StoredWallet | None:
        """Take the wallets before a customer's, which have no entries, and give that one."""
        while self._next is not None and (customer is None or self._next.customer <= customer):
            found, self._next = self._next, next(self._stored, None)
            if found.customer == customer:
                return found
            self.checked += Checked(wallets=1)
            if found[1:] != (0, 0, 0, 0, 0, GENESIS):
                self.findings.append(Finding(Fault.WALLET_DIFFERS, found.customer, 1))
        return None

    def _wallets(self) -> Iterator[StoredWallet]:
        after = self._after
        while rows := self._db.all(_WALLETS, customer=after, last=self._last, limit=_CHUNK):
            if rows[-1][0] <= after:
                return
            yield from map(StoredWallet._make, rows)
            after = rows[-1][0]
