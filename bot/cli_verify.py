"""`zhufen verify`: checks the whole ledger in as many processes as there are cores."""

import gc
import os
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.clock import SystemClock, SystemIds
from bot.settings import Settings
from bot.verifying import check_heads
from domain.ids import CustomerId, TenantId
from domain.ports import Work
from domain.proof import Published, read_published
from domain.verification import Checked, Finding
from storage.cipher import AesGcmCipher
from storage.db import Missing
from storage.engine import open_database
from storage.migrate import NotMigrated, is_current
from storage.verify_all import Check, checks_of, run_check
from storage.verify_parts import work_of
from storage.work import SqlStore, open_store

WORDS = Path(__file__).resolve().parent.parent / "templates" / "parts" / "faults.toml"
PARTS_PER_JOB = 4
"""Parts are small, so that one busy customer keeps the others from waiting, and the bar moves."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding as it is shown."""

    tenant: TenantId
    finding: Finding
    customer: str
    """The customer's code, the id if there is none."""
    name: str

    @property
    def shown(self) -> dict[str, Any]:
        """Give it for machines; `fault` is a stable code."""
        finding = self.finding
        return {
            "tenant": self.tenant,
            "fault": finding.fault.value,
            "customer": self.customer,
            "name": self.name,
            "seq": finding.seq,
            "subject": finding.subject,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at and everything that is wrong."""

    checked: Checked
    faults: tuple[Fault, ...]

    @property
    def shown(self) -> dict[str, Any]:
        """Give it for machines."""
        checked = self.checked
        return {
            "wallets": checked.wallets,
            "entries": checked.entries,
            "events": checked.events,
            "findings": [fault.shown for fault in self.faults],
        }


def verify(settings: Settings, tenant: str, jobs: int | None, heads: Sequence[str]) -> Report:
    """Check one tenant's ledger, or all of them when none is named; nothing is changed.

    `heads` are daily heads as somebody has kept them: "2026-11-26=ABCD-…".

    Raises:
        LookupError: no such tenant.
        NotMigrated: the database has not the schema this program works with.
        ValueError: a head can't be read, or it isn't clear whose it is.
    """
    published = [read_published(text) for text in heads]
    url = settings.resolved_database_url
    if not is_current(url):
        raise NotMigrated("zhufen migrate")
    # Nothing that is encrypted is read, so the check needs no secret key.
    cipher = AesGcmCipher(bytes(32))
    store = open_store(url, clock=SystemClock(), ids=SystemIds(), cipher=cipher, pool_size=1)
    known = store.tenants()
    if tenant and TenantId(tenant) not in known:
        raise LookupError(f"no tenant: {tenant}")
    chosen = [TenantId(tenant)] if tenant else known
    if published and len(chosen) > 1:
        raise ValueError("--head needs --tenant: each firm has heads of its own")
    checked = Checked()
    faults: list[Fault] = []
    for one in chosen:
        done, findings = _verify_tenant(url, one, jobs or os.cpu_count() or 1)
        checked += done
        faults += _named(store, one, findings, published)
    store.close()
    return Report(checked, tuple(faults))


def words() -> dict[str, str]:
    """Give the sentence for each code of a finding."""
    found: dict[str, str] = tomllib.loads(WORDS.read_text(encoding="utf-8"))["fault"]
    return found


def _named(
    store: SqlStore, tenant: TenantId, findings: list[Finding], published: Sequence[Published]
) -> Iterator[Fault]:
    """Check the daily heads too, and name the customers."""
    findings += check_heads(store, tenant, published)
    with store.reading(tenant) as work:
        findings.sort(key=lambda one: (one.customer or "", one.seq or 0, one.subject))
        names = {id_: _name(work, id_) for id_ in {one.customer for one in findings}}
    for finding in findings:
        yield Fault(tenant, finding, *names[finding.customer])


def _name(work: Work, customer: str | None) -> tuple[str, str]:
    if customer is None:
        return "", ""
    try:
        found = work.customers.get(CustomerId(customer))
    except Missing:
        return customer, ""
    return found.code, found.name


def _verify_tenant(url: str, tenant: TenantId, jobs: int) -> tuple[Checked, list[Finding]]:
    database = open_database(url)
    checks = checks_of(database, tenant, jobs * PARTS_PER_JOB)
    total = work_of(database, tenant)
    database.close()
    checked = Checked()
    findings: list[Finding] = []
    with _bar() as bar:
        task = bar.add_task(tenant, total=total)
        for done, found in _in_processes(url, tenant, checks, jobs):
            checked += done
            findings += found
            bar.advance(task, done.entries + done.events)
    return checked, findings


def _in_processes(
    url: str, tenant: TenantId, checks: Sequence[Check], jobs: int
) -> Iterator[tuple[Checked, list[Finding]]]:
    if jobs == 1:
        yield from (run_check(url, tenant, check) for check in checks)
        return
    # A check makes millions of rows and no circles: looking for some would cost a tenth.
    with ProcessPoolExecutor(jobs, initializer=gc.disable) as pool:
        running = [
            pool.submit(run_check, url, tenant, check, in_own_process=True) for check in checks
        ]
        for one in as_completed(running):
            yield one.result()


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
