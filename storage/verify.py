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
from storage.db import Db, Row, reading
from storage.engine import Database
from storage.framing import ENTRY_COLUMNS, SELDOM, framed_sql, text_sql
from storage.verify_chain import Chain, StoredEntry, StoredUse, StoredWallet
from storage.verify_sources import Sources, published_rules

_CHUNK = 2000
_FORM = 2
"""How entries are hashed that need no closer look."""
_ID, _CUSTOMER, _SEQ, _FORM_OF, _IS_DOUBTFUL, _RULE = 0, 1, 2, 3, 14, slice(15, 17)
"""Where columns of StoredEntry are."""
_BEYOND = 2**62
"""More entries than any wallet has."""


def _entries(dialect: str, bound: str) -> str:
    terms = [text_sql(dialect, f"l.{name}") for name in ("earned_at", "expires_at", "matures_at")]
    return f"""
    SELECT e.id, e.customer_id, e.seq, e.form, e.previous, e.hash, e.debit, e.credit, e.points,
           e.available_after, e.held_after, e.pending_after, e.debt_after,
           {framed_sql(dialect, "e", ENTRY_COLUMNS, SELDOM)},
           CASE WHEN e.event_id IS NULL OR e.event_seal = v.seal THEN 0 ELSE 1 END,
           e.rule, e.rule_version,
           l.id, l.points, {", ".join(terms)}, l.remaining, l.is_pending, l.customer_id
    FROM entries e
    LEFT JOIN lots l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
    LEFT JOIN events v ON v.tenant_id = e.tenant_id AND v.id = e.event_id
    WHERE e.tenant_id = :tenant AND (e.customer_id, e.seq) > (:customer, :seq) {bound}
    ORDER BY e.customer_id, e.seq LIMIT :limit
    """  # noqa: S608  constants


# A range without end has a statement of its own: a bound that may be empty is in no index, and
# looking for more after the last row of a range would go through all that is left.
_ENTRIES = {
    (dialect, has_end): _entries(dialect, "AND e.customer_id <= :last" if has_end else "")
    for dialect in ("sqlite", "postgresql")
    for has_end in (False, True)
}


def _uses(dialect: str) -> str:
    return f"""
    SELECT u.entry_id, u.place, u.lot_id, u.direction, u.points,
           {text_sql(dialect, "e.recorded_at")}, e.reason
    FROM entries e JOIN lot_uses u ON u.tenant_id = e.tenant_id AND u.entry_id = e.id
    WHERE e.tenant_id = :tenant AND (e.customer_id, e.seq) > (:customer, :seq)
      AND (e.customer_id, e.seq) <= (:last_customer, :last_seq)
    ORDER BY e.customer_id, e.seq, u.place
    """  # noqa: S608  constants


_USES = {dialect: _uses(dialect) for dialect in ("sqlite", "postgresql")}
_SELECT_WALLETS = """
    SELECT customer_id, available, held, pending, debt, seq, head FROM wallets
    WHERE tenant_id = :tenant AND customer_id > :customer
"""
_WALLETS = _SELECT_WALLETS + " ORDER BY customer_id LIMIT :limit"
_WALLETS_UP_TO = _SELECT_WALLETS + " AND customer_id <= :last ORDER BY customer_id LIMIT :limit"


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
        self._after, last = between
        self._statement = _ENTRIES[dialect, bool(last)]
        self._statement_of_uses = _USES[dialect]
        self._bound = {"last": last, "limit": _CHUNK} if last else {"limit": _CHUNK}
        self._stored = self._wallets()
        self._next = next(self._stored, None)
        self._chain = Chain(self._after)
        self._rules = published_rules(db)
        self.checked = Checked()
        self.findings: list[Finding] = []

    def run(self) -> None:
        """Check every wallet, those that have no entries too."""
        chain, rules = self._chain, self._rules
        for entries, uses, sources in self._chunks():
            for entry in entries:
                if entry[_CUSTOMER] != chain.customer:
                    self._close()
                    chain = self._chain = Chain(entry[_CUSTOMER])
                fault = None
                if entry[_FORM_OF] != _FORM or entry[_IS_DOUBTFUL]:
                    fault = sources.fault(StoredEntry._make(entry))
                if fault is None and entry[_RULE] not in rules:
                    fault = Fault.RULE_MISSING
                chain.add(entry, uses.get(entry[_ID], ()), fault)
        self._close()
        self._pass_until(None)

    def _chunks(self) -> Iterator[tuple[list[Row], dict[str, list[StoredUse]], Sources]]:
        """Read entries in order with what they did to lots."""
        after = {"customer": self._after, "seq": _BEYOND if self._after else 0}
        while True:
            entries = self._db.all(self._statement, **after, **self._bound)
            if not entries:
                return
            customer, seq = entries[-1][_CUSTOMER], entries[-1][_SEQ]
            if (customer, seq) <= (after["customer"], after["seq"]):
                # A key that is no text any more, read as another, would lead back for ever.
                return
            until = {"last_customer": customer, "last_seq": seq}
            uses: dict[str, list[StoredUse]] = {}
            for row in self._db.all(self._statement_of_uses, **after, **until):
                uses.setdefault(row[0], []).append(StoredUse._make(row))
            yield entries, uses, Sources(self._db, after | until)
            after = {"customer": customer, "seq": seq}

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
        statement = _WALLETS_UP_TO if "last" in self._bound else _WALLETS
        while rows := self._db.all(statement, customer=after, **self._bound):
            if rows[-1][0] <= after:
                return
            yield from map(StoredWallet._make, rows)
            after = rows[-1][0]
