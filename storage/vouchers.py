"""Vouchers as rows: codes are found by a keyed hash, and stand there encrypted."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from typing_extensions import override

from domain.customers import BindingTries
from domain.ids import CustomerId, MemberId, RedemptionId, VoucherId
from domain.ports import Conflict
from domain.repositories import Vouchers
from domain.vouchers import Concealed, Voucher, VoucherState
from storage.cipher import Cipher
from storage.db import Db, Missing, Row
from storage.values import date_or_none, time_of, time_or_none

_COLUMNS = """
    id, redemption_id, number, place, customer_id, name, value, is_partly_usable, last_day,
    issued_at, tail, used, state, ended_at, reissued_on, reissues, version
"""
_SELECT = f"SELECT {_COLUMNS} FROM vouchers WHERE tenant_id = :tenant"  # noqa: S608  constants
_GET = _SELECT + " AND id = :id"
_FIND_CODE = _SELECT + " AND code_hash = :code_hash"
_CODE = "SELECT code FROM vouchers WHERE tenant_id = :tenant AND id = :id"
_OF_REDEMPTION = _SELECT + " AND redemption_id = :redemption ORDER BY place"
_OPEN_OF = (
    _SELECT
    + """ AND customer_id = :customer AND state = 'open'
    ORDER BY last_day IS NULL, last_day, number, place LIMIT :limit"""
)
_LAPSED = """
    SELECT DISTINCT redemption_id FROM vouchers
    WHERE tenant_id = :tenant AND state = 'open' AND last_day < :today
    ORDER BY redemption_id LIMIT :limit
"""
_ADD = """
    INSERT INTO vouchers (tenant_id, id, redemption_id, number, place, customer_id, name, value,
        is_partly_usable, last_day, issued_at, code_hash, code, tail, used, state, ended_at,
        reissued_on, reissues, reminded, version)
    VALUES (:tenant, :id, :redemption, :number, :place, :customer, :name, :value,
        :is_partly_usable, :last_day, :issued_at, :code_hash, :code, :tail, :used, :state,
        :ended_at, :reissued_on, :reissues, 0, :version)
"""
_SAVE = """
    UPDATE vouchers SET tail = :tail, used = :used, state = :state, ended_at = :ended_at,
        reissued_on = :reissued_on, reissues = :reissues, version = :version
    WHERE tenant_id = :tenant AND id = :id AND version = :version - 1
"""
_SET_CODE = """
    UPDATE vouchers SET code_hash = :code_hash, code = :code
    WHERE tenant_id = :tenant AND id = :id
"""
_DUE = """
    state = 'open' AND last_day >= :today AND last_day <= :until
        AND (reminded = 0 OR reminded > :days)
"""
_TO_REMIND = f"""
    SELECT DISTINCT customer_id FROM vouchers WHERE tenant_id = :tenant AND {_DUE}
    ORDER BY customer_id LIMIT :limit
"""  # noqa: S608  made of constants
_REMIND = f"""
    UPDATE vouchers SET reminded = :days
    WHERE tenant_id = :tenant AND customer_id = :customer AND {_DUE} RETURNING {_COLUMNS}
"""  # noqa: S608  made of constants
_TRIES = """
    SELECT failed, locked_until FROM voucher_tries
    WHERE tenant_id = :tenant AND member_id = :member FOR UPDATE
"""
_SET_TRIES = """
    INSERT INTO voucher_tries (tenant_id, member_id, failed, locked_until)
    VALUES (:tenant, :member, :failed, :locked_until)
    ON CONFLICT (tenant_id, member_id)
    DO UPDATE SET failed = excluded.failed, locked_until = excluded.locked_until
"""


class SqlVouchers(Vouchers):
    """Vouchers in the database."""

    def __init__(self, db: Db, cipher: Cipher) -> None:
        self._db = db
        self._cipher = cipher

    @override
    def add(self, voucher: Voucher, code: str) -> None:
        self._db.run(
            _ADD,
            redemption=voucher.redemption,
            number=voucher.number,
            place=voucher.place,
            customer=voucher.customer,
            name=voucher.name,
            value=voucher.value,
            is_partly_usable=voucher.is_partly_usable,
            last_day=voucher.last_day,
            issued_at=voucher.issued_at,
            **self._kept(voucher.id, code),
            **_life(voucher),
        )

    @override
    def get(self, voucher: VoucherId) -> Voucher:
        row = self._db.one(_GET, id=voucher)
        if row is None:
            raise Missing("voucher", voucher)
        return _voucher(row)

    @override
    def find_code(self, code: str) -> Voucher | None:
        row = self._db.one(_FIND_CODE, code_hash=self._hash(code))
        return None if row is None else _voucher(row)

    @override
    def codes(self, vouchers: Sequence[Voucher]) -> list[Concealed]:
        return [self._code(voucher.id) for voucher in vouchers]

    @override
    def conceal(self, text: str, place: str) -> Concealed:
        place = f"{place}:{self._db.tenant}"
        return Concealed(place, self._cipher.encrypt(text, place))

    @override
    def of_redemption(self, redemption: RedemptionId) -> list[Voucher]:
        return [_voucher(row) for row in self._db.all(_OF_REDEMPTION, redemption=redemption)]

    @override
    def open_of(self, customer: CustomerId, limit: int) -> list[Voucher]:
        rows = self._db.all(_OPEN_OF, customer=customer, limit=limit)
        return [_voucher(row) for row in rows]

    @override
    def lapsed(self, today: date, limit: int) -> list[RedemptionId]:
        return [found for (found,) in self._db.all(_LAPSED, today=today, limit=limit)]

    @override
    def to_remind(self, today: date, until: date, days: int, limit: int) -> list[CustomerId]:
        rows = self._db.all(_TO_REMIND, today=today, until=until, days=days, limit=limit)
        return [customer for (customer,) in rows]

    @override
    def remind(self, customer: CustomerId, today: date, until: date, days: int) -> list[Voucher]:
        rows = self._db.all(_REMIND, customer=customer, today=today, until=until, days=days)
        found = [_voucher(row) for row in rows]
        return sorted(found, key=lambda one: (one.last_day or until, one.number, one.place))

    @override
    def save(self, voucher: Voucher, code: str | None = None) -> None:
        if self._db.run(_SAVE, **_life(voucher)) != 1:
            raise Conflict("voucher")
        if code is not None:
            self._db.run(_SET_CODE, id=voucher.id, **self._kept(voucher.id, code))

    @override
    def tries(self, member: MemberId) -> BindingTries:
        row = self._db.one(_TRIES, member=member)
        return BindingTries() if row is None else BindingTries(row[0], time_or_none(row[1]))

    @override
    def set_tries(self, member: MemberId, tries: BindingTries) -> None:
        self._db.run(
            _SET_TRIES, member=member, failed=tries.failed, locked_until=tries.locked_until
        )

    def _code(self, voucher: VoucherId) -> Concealed:
        row = self._db.one(_CODE, id=voucher)
        if row is None:
            raise Missing("voucher", voucher)
        return Concealed(self._place(voucher), row[0])

    def _kept(self, voucher: VoucherId, code: str) -> dict[str, str]:
        sealed = self._cipher.encrypt(code, self._place(voucher))
        return {"code_hash": self._hash(code), "code": sealed}

    def _hash(self, code: str) -> str:
        return self._cipher.fingerprint(code, f"voucher_code:{self._db.tenant}")

    def _place(self, voucher: VoucherId) -> str:
        return f"voucher:{self._db.tenant}/{voucher}"


def _life(voucher: Voucher) -> dict[str, Any]:
    """Give what changes in a voucher's life."""
    return {
        "id": voucher.id,
        "tail": voucher.tail,
        "used": voucher.used,
        "state": voucher.state,
        "ended_at": voucher.ended_at,
        "reissued_on": voucher.reissued_on,
        "reissues": voucher.reissues,
        "version": voucher.version,
    }


def _voucher(row: Row) -> Voucher:
    (id_, redemption, number, place, customer, name, value, is_partly_usable, last_day, *life) = row
    (issued_at, tail, used, state, ended_at, reissued_on, reissues, version) = life
    return Voucher(
        id=id_,
        redemption=redemption,
        number=number,
        place=place,
        customer=customer,
        name=name,
        value=value,
        is_partly_usable=bool(is_partly_usable),
        last_day=date_or_none(last_day),
        issued_at=time_of(issued_at),
        tail=tail,
        used=used,
        state=VoucherState(state),
        ended_at=time_or_none(ended_at),
        reissued_on=date_or_none(reissued_on),
        reissues=reissues,
        version=version,
    )
