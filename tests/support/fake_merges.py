"""The fake repository of merged records."""

from dataclasses import replace

from typing_extensions import override

from domain.approvals import ApprovalState
from domain.gifts import GiftState
from domain.ids import ApprovalId, ContactId, ContractId, CustomerId, ProjectId
from domain.merging import Belongings, Merge, Unfinished
from domain.redemptions import RedemptionState
from domain.repositories import Merges
from domain.vouchers import VoucherState
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import first

OPEN = (RedemptionState.HELD, RedemptionState.PLACED)


class FakeMerges(FakeRepository, Merges):
    @override
    def add(self, merge: Merge) -> None:
        taken = self.of_merged(merge.merged) is not None
        self._transaction.insert(self._state.merges, merge.id, merge, taken)

    @override
    def part(self, merge: Merge) -> None:
        if merge.parted is None:
            raise ValueError(merge.id)
        found = self._state.merges.get(merge.id)
        if found is None or found.parted is not None:
            raise self._transaction.conflict("merge")
        self._state.merges[merge.id] = replace(found, parted=merge.parted)

    @override
    def of_merged(self, customer: CustomerId) -> Merge | None:
        return first(m for m in self._in_force() if m.merged == customer)

    @override
    def into(self, customer: CustomerId) -> list[Merge]:
        found = [m for m in self._in_force() if m.kept == customer]
        return sorted(found, key=lambda merge: (merge.at, merge.id))

    @override
    def were_one(self, one: CustomerId, other: CustomerId) -> bool:
        return any({m.merged, m.kept} == {one, other} for m in self._state.merges.values())

    @override
    def unfinished(self, customer: CustomerId, besides: ApprovalId | None) -> Unfinished:
        state = self._state
        orders = [r for r in state.redemptions.values() if r.customer == customer]
        vouchers = [v for v in state.vouchers.values() if v.customer == customer]
        gifts = [g for g in state.gifts.values() if g.state is GiftState.PENDING]
        approvals = [a for a in state.approvals.values() if a.state is ApprovalState.PENDING]
        return Unfinished(
            orders=sum(one.state in OPEN for one in orders),
            vouchers=sum(one.state is VoucherState.OPEN for one in vouchers),
            gifts=sum(customer in {one.giver, one.receiver} for one in gifts),
            approvals=sum(one.customer == customer and one.id != besides for one in approvals),
        )

    @override
    def belongings(self, customer: CustomerId) -> Belongings:
        state = self._state
        return Belongings(
            tuple(
                ContactId(i) for i, c in sorted(state.contacts.items()) if c.customer == customer
            ),
            tuple(
                ProjectId(i) for i, p in sorted(state.projects.items()) if p.customer == customer
            ),
            tuple(
                ContractId(i) for i, c in sorted(state.contracts.items()) if c.customer == customer
            ),
        )

    @override
    def hand_over(self, owned: Belongings, giver: CustomerId, receiver: CustomerId) -> None:
        state = self._state
        for contact in owned.contacts:
            if state.contacts[contact].customer == giver:
                state.contacts[contact] = replace(state.contacts[contact], customer=receiver)
        for project in owned.projects:
            if state.projects[project].customer == giver:
                state.projects[project] = replace(state.projects[project], customer=receiver)
        for contract in owned.contracts:
            if state.contracts[contract].customer == giver:
                state.contracts[contract] = replace(state.contracts[contract], customer=receiver)

    def _in_force(self) -> list[Merge]:
        return [merge for merge in self._state.merges.values() if merge.parted is None]
