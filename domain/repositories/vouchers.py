"""Vouchers with their codes, what was used of them, and who has tried codes that don't exist."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from domain.customers import BindingTries
from domain.ids import CustomerId, MemberId, ProjectId, RedemptionId, VoucherId, VoucherUseId
from domain.vouchers import Concealed, Voucher, VoucherUse


class Vouchers(Protocol):
    """Vouchers; what they were bought on never changes, and no code is kept in clear.

    A code is found by a keyed hash and shown by what `codes` gives, which only the presenter and
    the voucher's page open.
    """

    def add(self, voucher: Voucher, code: str) -> None:
        """Store a new one with its code.

        Raises:
            Conflict: the redemption has one of its place, or another has the code.
        """
        ...

    def get(self, voucher: VoucherId) -> Voucher:
        """Read one by its id; a missing one is a bug. Its redemption's lock keeps it as it is."""
        ...

    def find_code(self, code: str) -> Voucher | None:
        """Find the one that has a code."""
        ...

    def codes(self, vouchers: Sequence[Voucher]) -> list[Concealed]:
        """Give the codes of some, as they are kept."""
        ...

    def conceal(self, text: str, place: str) -> Concealed:
        """Hide a text that leads to codes as they are hidden; stores nothing."""
        ...

    def of_redemption(self, redemption: RedemptionId) -> list[Voucher]:
        """List a redemption's by place."""
        ...

    def open_of(self, customer: CustomerId, limit: int) -> list[Voucher]:
        """List a customer's that can be used, those that end first before the others."""
        ...

    def lapsed(self, today: date, limit: int) -> list[RedemptionId]:
        """List redemptions with some whose last day is over and that are still OPEN."""
        ...

    def to_remind(self, today: date, until: date, days: int, limit: int) -> list[CustomerId]:
        """List customers with one that ends by a day and of which they were not told so late.

        `days` is how late they are told, "so many days before": who was told at 7 is told again
        at 1, and never twice at the same.
        """
        ...

    def remind(self, customer: CustomerId, today: date, until: date, days: int) -> list[Voucher]:
        """Note that a customer is told of those that end by a day; give them, the first first."""
        ...

    def save(self, voucher: Voucher, code: str | None = None) -> None:
        """Replace the version before this one, and its code if there is another.

        Raises:
            Conflict: the stored version is not the one before, or another has the code.
        """
        ...

    def tries(self, member: MemberId) -> BindingTries:
        """Give a member's count of codes that no voucher has; locks it."""
        ...

    def set_tries(self, member: MemberId, tries: BindingTries) -> None:
        """Keep the count."""
        ...


class VoucherUses(Protocol):
    """What was used of vouchers; only added to, and noted once what it was deducted from."""

    def next_number(self) -> int:
        """Give the next number; locks the counter until the commit, so ask last."""
        ...

    def add(self, use: VoucherUse) -> None:
        """Store a new one.

        Raises:
            Conflict: its source has one, or another takes back the same.
        """
        ...

    def find_source(self, source: str) -> VoucherUse | None:
        """Find what was used for a source."""
        ...

    def find_number(self, number: int) -> VoucherUse | None:
        """Find one by its number."""
        ...

    def find_counter(self, use: VoucherUseId) -> VoucherUse | None:
        """Find what took one back."""
        ...

    def of_voucher(self, voucher: VoucherId) -> list[VoucherUse]:
        """List a voucher's, oldest first."""
        ...

    def waiting(self, limit: int) -> list[VoucherUse]:
        """List what waits to be deducted from anything, oldest first."""
        ...

    def waiting_sum(self) -> tuple[int, int]:
        """Count what waits to be deducted from anything, and add it up in fen."""
        ...

    def waiting_of(self, project: ProjectId) -> list[VoucherUse]:
        """List what waits to be deducted from a project's next payment, oldest first."""
        ...

    def deduct(self, use: VoucherUseId, payment: str) -> bool:
        """Note what one was deducted from, or what took it back; False when either was before."""
        ...
