"""Daily heads as people see them: in the notice, and printed by the command line."""

from domain.proof import DayHead
from handlers.views import DayHeadNotice


def day_head_notice(head: DayHead) -> DayHeadNotice:
    """Show a head in full, so that who keeps the notice can compare every bit later."""
    return DayHeadNotice(
        day=head.day.isoformat(),
        sealed_at=head.sealed_at.isoformat(timespec="seconds"),
        wallets=head.wallets,
        entries=head.entries,
        available=head.totals.available,
        held=head.totals.held,
        pending=head.totals.pending,
        debt=head.totals.debt,
        fingerprint=head.fingerprint,
        hash=head.hash,
    )
