"""Tables of what the ledger has committed to: daily heads and wallet seals."""

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from storage.tables import TenantTable, big, check, index, unique


class DayHeadRow(TenantTable, table=True):
    """One hash over all wallets, named after the day it closes; append-only by trigger.

    `previous` is unique: two heads never follow the same one.
    """

    __tablename__ = "day_heads"
    __table_args__ = (
        unique("previous"),
        unique("hash"),
        check("wallets", "wallets >= 0"),
        check("entries", "entries >= wallets"),
        check("available", "available >= 0"),
        check("held", "held >= 0"),
        check("pending", "pending >= 0"),
        check("debt", "debt >= 0"),
        check("links", "hash <> previous"),
    )

    day: date = Field(primary_key=True)
    root: str
    wallets: int = big()
    entries: int = big()
    available: int = big()
    held: int = big()
    pending: int = big()
    debt: int = big()
    sealed_at: datetime
    previous: str
    hash: str


class WalletSealRow(TenantTable, table=True):
    """How far a wallet was when a day was sealed, if it had moved; append-only by trigger.

    Not tied to the wallet's row: writers wait while seals are stored, and looking for ten thousand
    wallets would take a third of that time. Nobody may delete a wallet with entries anyway.
    """

    __tablename__ = "wallet_seals"
    __table_args__ = (
        unique("customer_id", "seq"),
        ForeignKeyConstraint(["tenant_id", "day"], ["day_heads.tenant_id", "day_heads.day"]),
        check("seq", "seq > 0"),
        index("ix_wallet_seals_day", "day", "customer_id"),
    )

    customer_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    seq: int = big()
    head: str
