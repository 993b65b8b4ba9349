"""Tables of vouchers: themselves with their codes, what was used of them, tries of wrong codes."""

from datetime import date, datetime

from sqlmodel import Field

from domain.vouchers import VoucherState
from storage.tables import TenantTable, big, check, index, one_of, refers, unique


class VoucherRow(TenantTable, table=True):
    """A voucher; by trigger what it was bought on never changes, and none is deleted."""

    __tablename__ = "vouchers"
    __table_args__ = (
        unique("redemption_id", "place"),
        unique("code_hash"),
        refers("redemption_id", "redemptions"),
        refers("customer_id", "customers"),
        one_of("state", VoucherState),
        check("place", "place > 0"),
        check("value", "value > 0"),
        check("used", "used >= 0 AND used <= value"),
        check("whole", "is_partly_usable OR used = 0 OR used = value"),
        check("used_up", "(state = 'used_up') = (used = value)"),
        check("void", "state <> 'void' OR used = 0"),
        check("ended", "(state = 'open') = (ended_at IS NULL)"),
        check("expired", "state <> 'expired' OR last_day IS NOT NULL"),
        check("reissues", "reissues >= 0 AND (reissued_on IS NULL) = (reissues = 0)"),
        check("version", "version > 0"),
        index("ix_vouchers_open", "customer_id", where="state = 'open'"),
        index("ix_vouchers_ending", "last_day", where="state = 'open'"),
    )

    id: str = Field(primary_key=True)
    redemption_id: str
    number: int
    place: int
    customer_id: str
    name: str
    value: int = big()
    is_partly_usable: bool
    last_day: date | None = None
    issued_at: datetime
    code_hash: str
    code: str
    """Encrypted."""
    tail: str
    used: int = big()
    state: str
    ended_at: datetime | None = None
    reissued_on: date | None = None
    reissues: int
    reminded: int
    """So many days before its last one the customer was told; 0: not yet."""
    version: int


class VoucherUseRow(TenantTable, table=True):
    """Some of a voucher that was used; append-only by trigger but for the payment."""

    __tablename__ = "voucher_uses"
    __table_args__ = (
        unique("number"),
        unique("source"),
        refers("voucher_id", "vouchers"),
        refers("customer_id", "customers"),
        refers("project_id", "projects"),
        refers("member_id", "members"),
        refers("takes_back", "voucher_uses"),
        unique("takes_back"),
        check("amount", "amount > 0"),
        check("counter", "takes_back IS NULL OR deducted_from <> ''"),
        index("ix_voucher_uses_voucher", "voucher_id", "number"),
        index("ix_voucher_uses_waiting", "number", where="deducted_from = ''"),
        index("ix_voucher_uses_project", "project_id", "number", where="deducted_from = ''"),
    )

    id: str = Field(primary_key=True)
    number: int
    source: str
    voucher_id: str
    customer_id: str
    project_id: str | None = None
    amount: int = big()
    member_id: str
    used_at: datetime
    deducted_from: str
    takes_back: str | None = None


class VoucherTriesRow(TenantTable, table=True):
    """How often a member has tried a code that no voucher has."""

    __tablename__ = "voucher_tries"
    __table_args__ = (
        refers("member_id", "members"),
        check("failed", "failed >= 0"),
    )

    member_id: str = Field(primary_key=True)
    failed: int
    locked_until: datetime | None = None
