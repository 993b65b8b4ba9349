"""A whole check of a tenant's ledger in steps, from the stored rows to the posted heads."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import structlog

from bot.workers.nightly import Step
from domain.ids import TenantId
from domain.proof import Published
from domain.verification import Checked, Fault, Finding
from handlers.usecases.proof import verify_heads
from storage.verify_all import checks_of, run_check
from storage.verify_parts import work_of
from storage.work import SqlStore

log = structlog.get_logger(__name__)

ROWS_PER_STEP = 20_000
"""Entries and events that are checked in about a second."""


def steps_of(store: SqlStore, url: str, tenant: TenantId) -> Iterator[Step]:
    """Split the check into steps of about a second; a wallet is never split."""
    parts = work_of(store.database, tenant) // ROWS_PER_STEP + 1
    for check in checks_of(store.database, tenant, parts):
        yield partial(run_check, url, tenant, check)
    yield lambda: (Checked(), check_heads(store, tenant))


def check_heads(
    store: SqlStore, tenant: TenantId, published: Sequence[Published] = ()
) -> list[Finding]:
    """Check the daily heads against what is sealed, posted, and kept elsewhere."""
    try:
        with store.reading(tenant) as work:
            return verify_heads(work, published)
    except store.database.dialect.errors:
        # Bytes that are no text.
        return [Finding(Fault.UNREADABLE, subject="day_heads")]


def log_damage(tenant: TenantId, findings: Sequence[Finding]) -> None:
    """Write what is wrong with the ledger to the log, by kind; names nobody."""
    kinds = Counter(finding.fault.value for finding in findings)
    log.error("ledger_damaged", tenant=tenant, **kinds)
