"""A refusal becomes a view: its code and fields, worded by templates/refusals."""

from datetime import date, datetime
from typing import Any

from domain.errors import DomainError
from handlers.views import Refusal


def refusal_of(error: DomainError) -> Refusal:
    """Turn a refusal's fields into display-ready ones."""
    return Refusal(error.code, {name: _plain(value) for name, value in error.details().items()})


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
        case _:
            return str(value)
