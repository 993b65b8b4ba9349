"""What must hold after every measurement, looked for in the stored rows as `zhufen verify` does."""

from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context

from benchmarks import machine
from domain.ids import TenantId
from domain.verification import Finding
from storage.db import reading
from storage.engine import Database, open_database
from storage.verify_all import checks_of, run_check

TENANT = TenantId("main")
_ACCOUNTS = """
    SELECT COALESCE(SUM(CASE WHEN credit = :account THEN points ELSE 0 END), 0)
         - COALESCE(SUM(CASE WHEN debit = :account THEN points ELSE 0 END), 0)
    FROM entries WHERE tenant_id = :tenant
"""
_WALLETS = """
    SELECT COALESCE(SUM(available), 0), COALESCE(SUM(held), 0), COALESCE(SUM(pending), 0),
           -COALESCE(SUM(debt), 0)
    FROM wallets WHERE tenant_id = :tenant
"""
_LOTS = """
    SELECT COALESCE(SUM(remaining), 0) FROM lots
    WHERE tenant_id = :tenant AND is_pending = :is_pending
"""
_OF_WALLETS = ("wallet.available", "wallet.held", "wallet.pending", "wallet.debt")
_OF_THE_FIRM = ("firm.issued", "firm.redeemed", "firm.expired", "firm.penalties", "firm.gifts")


class Broken(Exception):
    """The ledger does not add up after a measurement, whose figures are worth nothing then."""


def check(url: str) -> int:
    """Check chains, balances, lots, events, rules and sums; give how many entries were looked at.

    Raises:
        Broken: something is wrong.
    """
    with closing(open_database(url)) as database:
        _check_sums(database)
        checks = checks_of(database, TENANT, machine.cores())
    with ProcessPoolExecutor(machine.cores(), mp_context=get_context("spawn")) as pool:
        tasks = [pool.submit(run_check, url, TENANT, check) for check in checks]
        found = [task.result() for task in tasks]
    findings: list[Finding] = [finding for _, some in found for finding in some]
    if findings:
        raise Broken(f"{len(findings)} findings, the first: {findings[0]}")
    return sum(checked.entries for checked, _ in found)


def _check_sums(database: Database) -> None:
    with reading(database, TENANT) as db:
        sums = {
            account: int(db.all(_ACCOUNTS, account=account)[0][0])
            for account in (*_OF_WALLETS, *_OF_THE_FIRM)
        }
        wallets = [int(value) for value in db.all(_WALLETS)[0]]
        lots = [int(db.all(_LOTS, is_pending=pending)[0][0]) for pending in (False, True)]
    if sum(sums.values()) != 0:
        raise Broken(f"the accounts add up to {sum(sums.values())}")
    if wallets != [sums[account] for account in _OF_WALLETS]:
        raise Broken(f"wallets hold {wallets}, entries say {sums}")
    if lots != [wallets[0], wallets[2]]:
        raise Broken(f"lots hold {lots}, wallets {wallets}")
