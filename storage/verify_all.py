"""All checks of one tenant's ledger, in parts that can be run in any order and by any process."""

from collections.abc import Callable
from functools import partial

from domain.ids import TenantId
from domain.verification import Checked, Finding
from storage.engine import Database, map_file, open_database, read_anything
from storage.verify import check_wallets
from storage.verify_beside import check_beside, check_events
from storage.verify_parts import ranges_of_events, ranges_of_wallets

Check = Callable[[Database, TenantId], tuple[Checked, list[Finding]]]


def checks_of(database: Database, tenant: TenantId, parts: int) -> list[Check]:
    """List the checks, those that can't be split first; about `parts` each for the others."""
    wallets = ranges_of_wallets(database, tenant, parts)
    events = ranges_of_events(database, tenant, parts)
    return [
        check_beside,
        *(partial(check_wallets, between=each) for each in wallets),
        *(partial(check_events, between=each) for each in events),
    ]


def check_all(database: Database, tenant: TenantId) -> tuple[Checked, list[Finding]]:
    """Run all checks of a ledger one after the other, in this process."""
    checked = Checked()
    findings: list[Finding] = []
    for check in checks_of(database, tenant, 1):
        done, found = check(database, tenant)
        checked += done
        findings += found
    return checked, findings


def run_check(
    url: str, tenant: TenantId, check: Check, *, in_own_process: bool = False
) -> tuple[Checked, list[Finding]]:
    """Run one check on a database opened for it alone; each reads in a snapshot of its own."""
    database = open_database(url, pool_size=1)
    if in_own_process:
        map_file(database)
    try:
        return check(database, tenant)
    except database.dialect.errors:
        # Most likely bytes that are no text; what else it is happens again.
        read_anything(database)
        return check(database, tenant)
    finally:
        database.close()
