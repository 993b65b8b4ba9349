"""The fake repositories of vouchers and what was used of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from typing_extensions import override

from domain.customers import BindingTries
from domain.ids import CustomerId, MemberId, ProjectId, RedemptionId, VoucherId, VoucherUseId
from domain.repositories import Vouchers, VoucherUses
from domain.vouchers import Concealed, Voucher, VoucherState, VoucherUse, is_lapsed
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import first, get

CONCEALED = "concealed "
"""What stands before a code that the fake has hidden."""


class FakeVouchers(FakeRepository, Vouchers):
    @override
    def add(self, voucher: Voucher, code: str) -> None:
        self._transaction.insert(
            self._state.vouchers,
            voucher.id,
            voucher,
            any(one.place == voucher.place for one in self.of_redemption(voucher.redemption)),
            code in self._state.voucher_codes.values(),
        )
        self._state.voucher_codes[voucher.id] = code

    @override
    def get(self, voucher: VoucherId) -> Voucher:
        return get(self._state.vouchers, voucher)

    @override
    def find_code(self, code: str) -> Voucher | None:
        return first(
            self._state.vouchers[voucher]
            for voucher, kept in self._state.voucher_codes.items()
            if kept == code
        )

    @override
    def codes(self, vouchers: Sequence[Voucher]) -> list[Concealed]:
        return [
            Concealed(
                f"voucher:{voucher.id}",
                CONCEALED + get(self._state.voucher_codes, voucher.id),
            )
            for voucher in vouchers
        ]

    @override
    def conceal(self, text: str, place: str) -> Concealed:
        return Concealed(place, CONCEALED + text)

    @override
    def of_redemption(self, redemption: RedemptionId) -> list[Voucher]:
        found = [one for one in self._state.vouchers.values() if one.redemption == redemption]
        return sorted(found, key=lambda one: one.place)

    @override
    def open_of(self, customer: CustomerId, limit: int) -> list[Voucher]:
        found = [one for one in self._open() if one.customer == customer]
        found.sort(key=lambda one: (one.last_day or date.max, one.number, one.place))
        return found[:limit]

    @override
    def lapsed(self, today: date, limit: int) -> list[RedemptionId]:
        return sorted({one.redemption for one in self._open() if is_lapsed(one, today)})[:limit]

    @override
    def to_remind(self, today: date, until: date, days: int, limit: int) -> list[CustomerId]:
        return sorted({one.customer for one in self._due(today, until, days)})[:limit]

    @override
    def remind(self, customer: CustomerId, today: date, until: date, days: int) -> list[Voucher]:
        found = [one for one in self._due(today, until, days) if one.customer == customer]
        for one in found:
            self._state.voucher_reminders[one.id] = days
        return sorted(found, key=lambda one: (one.last_day or until, one.number, one.place))

    @override
    def save(self, voucher: Voucher, code: str | None = None) -> None:
        stored = self._state.vouchers.get(voucher.id)
        if stored is None or stored.version != voucher.version - 1:
            raise self._transaction.conflict("voucher")
        self._state.vouchers[voucher.id] = replace(
            stored,
            tail=voucher.tail,
            used=voucher.used,
            state=voucher.state,
            ended_at=voucher.ended_at,
            reissued_on=voucher.reissued_on,
            reissues=voucher.reissues,
            version=voucher.version,
        )
        if code is not None:
            if code in self._state.voucher_codes.values():
                raise self._transaction.conflict("voucher")
            self._state.voucher_codes[voucher.id] = code

    @override
    def tries(self, member: MemberId) -> BindingTries:
        return self._state.voucher_tries.get(member, BindingTries())

    @override
    def set_tries(self, member: MemberId, tries: BindingTries) -> None:
        self._state.voucher_tries[member] = tries

    def _open(self) -> list[Voucher]:
        return [one for one in self._state.vouchers.values() if one.state is VoucherState.OPEN]

    def _due(self, today: date, until: date, days: int) -> list[Voucher]:
        told = self._state.voucher_reminders
        return [
            one
            for one in self._open()
            if one.last_day is not None
            and today <= one.last_day <= until
            and not 0 < told.get(one.id, 0) <= days
        ]


class FakeVoucherUses(FakeRepository, VoucherUses):
    @override
    def next_number(self) -> int:
        number = self._state.counters.get("voucher_use", 0) + 1
        self._state.counters["voucher_use"] = number
        return number

    @override
    def add(self, use: VoucherUse) -> None:
        taken = any(one.number == use.number for one in self._state.voucher_uses.values())
        has_source = self.find_source(use.source) is not None
        has_counter = use.takes_back is not None and self.find_counter(use.takes_back) is not None
        self._transaction.insert(
            self._state.voucher_uses, use.id, use, taken, has_source, has_counter
        )

    @override
    def find_source(self, source: str) -> VoucherUse | None:
        return first(one for one in self._state.voucher_uses.values() if one.source == source)

    @override
    def find_number(self, number: int) -> VoucherUse | None:
        return first(one for one in self._all() if one.number == number)

    @override
    def find_counter(self, use: VoucherUseId) -> VoucherUse | None:
        return first(one for one in self._all() if one.takes_back == use)

    @override
    def of_voucher(self, voucher: VoucherId) -> list[VoucherUse]:
        return [one for one in self._all() if one.voucher == voucher]

    @override
    def waiting(self, limit: int) -> list[VoucherUse]:
        return [one for one in self._all() if not one.deducted_from][:limit]

    @override
    def waiting_sum(self) -> tuple[int, int]:
        found = [one.amount for one in self._all() if not one.deducted_from]
        return len(found), sum(found)

    @override
    def waiting_of(self, project: ProjectId) -> list[VoucherUse]:
        return [one for one in self._all() if not one.deducted_from and one.project == project]

    @override
    def deduct(self, use: VoucherUseId, payment: str) -> bool:
        stored = self._state.voucher_uses.get(use)
        if stored is None or stored.deducted_from:
            return False
        self._state.voucher_uses[use] = replace(stored, deducted_from=payment)
        return True

    def _all(self) -> list[VoucherUse]:
        return sorted(self._state.voucher_uses.values(), key=lambda one: one.number)
