"""What `zhufen customer merge` and `unmerge` do: they ask, and somebody approves in the chat."""

from bot.cli_setup import change
from bot.settings import Settings
from domain.approvals import Approval
from handlers.contract import Context
from handlers.usecases.merging import ask_merge, ask_unmerge, find_merged, record_of_code


def ask_to_merge(settings: Settings, tenant: str, merged: str, kept: str) -> dict[str, object]:
    """Ask for the customer of one code to be merged into that of another.

    Raises:
        DomainError: as `ask_merge`, or there is none of a code.
    """

    def act(ctx: Context) -> dict[str, object]:
        one, other = record_of_code(ctx, merged), record_of_code(ctx, kept)
        return _said(ask_merge(ctx, one, other))

    return change(settings, tenant, act)


def ask_to_unmerge(settings: Settings, tenant: str, merged: str) -> dict[str, object]:
    """Ask for the merge of a record to be undone.

    Raises:
        DomainError: as `ask_unmerge`, or no merged record is called so.
    """
    return change(settings, tenant, lambda ctx: _said(ask_unmerge(ctx, find_merged(ctx, merged))))


def _said(approval: Approval) -> dict[str, object]:
    return {"approval": approval.number, "kind": approval.kind.value}
