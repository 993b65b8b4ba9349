"""Views and incoming messages as JSON, and back: the form they have in inbox and delivery rows.

What a view looks like to a person is bot/presenter's matter; rows are storage's.
"""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from handlers.contract import View
from handlers.incoming import Incoming
from handlers.views import VIEWS, Silence

_KNOWN: tuple[Any, ...] = (*VIEWS, Silence)
_VIEW_TYPES: dict[str, type] = {view.view_name: view for view in _KNOWN}
_INCOMING: TypeAdapter[Incoming] = TypeAdapter(Incoming)


class UnknownView(KeyError):
    """No view has this name: the row was written by another version."""


@cache
def _adapter(view_type: type) -> TypeAdapter[Any]:
    return TypeAdapter(view_type)


def view_to_json(view: View) -> dict[str, Any]:
    """Give a view's fields as JSON values; the name is stored beside them."""
    data: dict[str, Any] = _adapter(type(view)).dump_python(view, mode="json")
    return data


def view_from_json(name: str, data: dict[str, Any]) -> View:
    """Build the view of this name; fields it no longer has are left out.

    Raises:
        UnknownView: there is none of this name.
        pydantic.ValidationError: the data don't fit it.
    """
    view_type = _VIEW_TYPES.get(name)
    if view_type is None:
        raise UnknownView(name)
    view: View = _adapter(view_type).validate_python(data)
    return view


def incoming_to_json(incoming: Incoming) -> dict[str, Any]:
    """Give an incoming message as JSON values."""
    data: dict[str, Any] = _INCOMING.dump_python(incoming, mode="json")
    return data


def incoming_from_json(data: dict[str, Any]) -> Incoming:
    """Build an incoming message; its content is told apart by `kind`.

    Raises:
        pydantic.ValidationError: the data don't fit.
    """
    return _INCOMING.validate_python(data)
