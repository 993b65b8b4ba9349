"""All tables together, for comparing them with the migrations; a running process needs none."""

from storage import (
    tables_api,
    tables_approvals,
    tables_backtests,
    tables_care,
    tables_drafts,
    tables_files,
    tables_gifts,
    tables_ledger,
    tables_lotteries,
    tables_mall,
    tables_merges,
    tables_messages,
    tables_people,
    tables_points,
    tables_proof,
    tables_runs,
    tables_vouchers,
)
from storage.tables import METADATA

TABLES = (
    tables_api,
    tables_approvals,
    tables_backtests,
    tables_care,
    tables_drafts,
    tables_gifts,
    tables_files,
    tables_ledger,
    tables_lotteries,
    tables_merges,
    tables_mall,
    tables_messages,
    tables_people,
    tables_points,
    tables_runs,
    tables_proof,
    tables_vouchers,
)
"""The modules whose tables have to be in the metadata before it is used."""

__all__ = ["METADATA", "TABLES"]
