"""The fake repository of daily heads and wallet seals."""

from collections.abc import Sequence
from datetime import date, datetime

from typing_extensions import override

from domain.ids import CustomerId
from domain.ledger import Written
from domain.proof import DayHead, Published, Totals, WalletSeal
from domain.proof_check import BrokenSeal
from domain.repositories import Proofs
from tests.support.fake_people import FakeRepository


class FakeProofs(FakeRepository, Proofs):
    @override
    def last(self) -> DayHead | None:
        heads = self.heads()
        return heads[-1] if heads else None

    @override
    def heads(self) -> list[DayHead]:
        return [head for _, head in sorted(self._state.heads.items())]

    @override
    def find(self, day: date) -> DayHead | None:
        return self._state.heads.get(day)

    @override
    def add(self, head: DayHead, moved: Sequence[WalletSeal]) -> None:
        others = self._state.heads.values()
        is_taken = any(head.previous == o.previous or head.hash == o.hash for o in others)
        self._transaction.insert(self._state.heads, head.day, head, is_taken)
        sealed = {(seal.customer, seal.seq) for seal in self._state.seals.values()}
        for seal in moved:
            is_sealed = (seal.customer, seal.seq) in sealed
            key = (head.day, seal.customer)
            self._transaction.insert(self._state.seals, key, seal, is_sealed)

    @override
    def wallets(self) -> tuple[list[WalletSeal], Totals]:
        moved = [wallet for wallet in self._state.wallets.values() if wallet.seq]
        totals = Totals(
            available=sum(wallet.available for wallet in moved),
            held=sum(wallet.held for wallet in moved),
            pending=sum(wallet.pending for wallet in moved),
            debt=sum(wallet.debt for wallet in moved),
        )
        return [WalletSeal(w.customer, w.seq, w.head) for w in moved], totals

    @override
    def sealed(self, until: date) -> list[WalletSeal]:
        newest = {seal.customer: seal for _, seal in self.moved(date.min, until)}
        return list(newest.values())

    @override
    def moved(self, after: date, until: date) -> list[tuple[date, WalletSeal]]:
        found = sorted(self._state.seals.items())
        return [(day, seal) for (day, _), seal in found if after < day <= until]

    @override
    def written(self, customer: CustomerId) -> list[Written]:
        booked = self._state.booked.values()
        own = [one for one in booked if one.entry.customer == customer]
        return sorted(own, key=lambda one: one.entry.seq)

    @override
    def broken(self) -> list[BrokenSeal]:
        entries = [booked.entry for booked in self._state.booked.values()]
        hashes = {(entry.customer, entry.seq): entry.hash for entry in entries}
        return [
            BrokenSeal(day, seal, hashes.get((seal.customer, seal.seq)))
            for (day, _), seal in self._state.seals.items()
            if hashes.get((seal.customer, seal.seq)) != seal.head
        ]

    @override
    def posted(self) -> list[Published]:
        rows = [row.delivery for row in self._state.deliveries.values()]
        kept = {
            (date.fromisoformat(row.data["day"]), row.data["hash"])
            for row in rows
            if row.view == "day_head_notice"
        }
        return [Published(*each) for each in sorted(kept)]

    @override
    def began_at(self) -> datetime | None:
        entries = [booked.entry for booked in self._state.booked.values()]
        if not entries:
            return None
        return min(entries, key=lambda entry: entry.id).cause.recorded_at
