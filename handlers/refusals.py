"""A refusal becomes a view: its code and fields, worded by templates/refusals."""

from datetime import date, datetime
from typing import Any

from domain.errors import DomainError, EventConflict
from handlers.contract import Context
from handlers.usecases.watching import report_conflict
from handlers.views import Refusal


def refusal_of(error: DomainError) -> Refusal:
    """Turn a refusal's fields into display-ready ones."""
    return Refusal(error.code, {name: _plain(value) for name, value in error.details().items()})


def refused(ctx: Context, error: DomainError) -> Refusal:
    """Answer a refusal, in the transaction after the one it has undone.

    An event that came again with other content is told to the supervisors as well.
    """
    if isinstance(error, EventConflict):
        report_conflict(ctx, error)
    return refusal_of(error)


def _plain(value: Any) -> str | int | list[str]:
    match value:
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case tuple():
            return [str(item) for item in value]
        case int():
            return value
        case None:
            return ""
        case _:
            return str(value)
