"""What was used of vouchers, as rows that only grow more; what it was deducted from comes later."""

from typing import Any

from typing_extensions import override

from domain.ids import ProjectId, VoucherId, VoucherUseId
from domain.repositories import VoucherUses
from domain.vouchers import VoucherUse
from storage.counters import next_number
from storage.db import Db, Row
from storage.values import time_of

_SELECT = """
    SELECT id, number, source, voucher_id, customer_id, project_id, amount, member_id, used_at,
           deducted_from, takes_back
    FROM voucher_uses WHERE tenant_id = :tenant
"""
_FIND_SOURCE = _SELECT + " AND source = :source"
_FIND_NUMBER = _SELECT + " AND number = :number"
_FIND_COUNTER = _SELECT + " AND takes_back = :id"
_OF_VOUCHER = _SELECT + " AND voucher_id = :voucher ORDER BY number"
_WAITING = _SELECT + " AND deducted_from = '' ORDER BY number LIMIT :limit"
_WAITING_SUM = """
    SELECT COUNT(*), COALESCE(SUM(amount), 0) FROM voucher_uses
    WHERE tenant_id = :tenant AND deducted_from = ''
"""
_WAITING_OF = _SELECT + " AND deducted_from = '' AND project_id = :project ORDER BY number"
_ADD = """
    INSERT INTO voucher_uses (tenant_id, id, number, source, voucher_id, customer_id, project_id,
        amount, member_id, used_at, deducted_from, takes_back)
    VALUES (:tenant, :id, :number, :source, :voucher, :customer, :project, :amount, :member,
        :used_at, :deducted_from, :takes_back)
"""
_DEDUCT = """
    UPDATE voucher_uses SET deducted_from = :payment
    WHERE tenant_id = :tenant AND id = :id AND deducted_from = ''
"""
_COUNTER = "voucher_use"


class SqlVoucherUses(VoucherUses):
    """Uses of vouchers in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def next_number(self) -> int:
        return next_number(self._db, _COUNTER)

    @override
    def add(self, use: VoucherUse) -> None:
        self._db.run(
            _ADD,
            id=use.id,
            number=use.number,
            source=use.source,
            voucher=use.voucher,
            customer=use.customer,
            project=use.project,
            amount=use.amount,
            member=use.member,
            used_at=use.used_at,
            deducted_from=use.deducted_from,
            takes_back=use.takes_back,
        )

    @override
    def find_source(self, source: str) -> VoucherUse | None:
        return self._one(_FIND_SOURCE, source=source)

    @override
    def find_number(self, number: int) -> VoucherUse | None:
        return self._one(_FIND_NUMBER, number=number)

    @override
    def find_counter(self, use: VoucherUseId) -> VoucherUse | None:
        return self._one(_FIND_COUNTER, id=use)

    @override
    def of_voucher(self, voucher: VoucherId) -> list[VoucherUse]:
        return self._list(_OF_VOUCHER, voucher=voucher)

    @override
    def waiting(self, limit: int) -> list[VoucherUse]:
        return self._list(_WAITING, limit=limit)

    @override
    def waiting_sum(self) -> tuple[int, int]:
        row = self._db.one(_WAITING_SUM)
        if row is None:
            raise AssertionError("voucher_uses")
        return int(row[0]), int(row[1])

    @override
    def waiting_of(self, project: ProjectId) -> list[VoucherUse]:
        return self._list(_WAITING_OF, project=project)

    @override
    def deduct(self, use: VoucherUseId, payment: str) -> bool:
        return self._db.run(_DEDUCT, id=use, payment=payment) == 1

    def _one(self, statement: str, **values: Any) -> VoucherUse | None:
        row = self._db.one(statement, **values)
        return None if row is None else _use(row)

    def _list(self, statement: str, **values: Any) -> list[VoucherUse]:
        return [_use(row) for row in self._db.all(statement, **values)]


def _use(row: Row) -> VoucherUse:
    (id_, number, source, voucher, customer, project, amount, member, used_at, *ends) = row
    (payment, takes_back) = ends
    return VoucherUse(
        id=id_,
        number=number,
        source=source,
        voucher=voucher,
        customer=customer,
        project=project,
        amount=amount,
        member=member,
        used_at=time_of(used_at),
        deducted_from=payment,
        takes_back=takes_back,
    )
