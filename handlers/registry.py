"""The command table: importing this module registers every command and card action.

They are listed here and nowhere else.
"""

from handlers.cards import alerts as _card_alerts
from handlers.cards import notices as _card_notices
from handlers.cards import records as _card_records
from handlers.commands import alerts as _alerts
from handlers.commands import people as _people
from handlers.commands import points as _points
from handlers.commands import records as _records
from handlers.commands import reviews as _reviews
from handlers.routing import router

MODULES = (
    _alerts,
    _card_alerts,
    _card_notices,
    _card_records,
    _people,
    _points,
    _records,
    _reviews,
)

__all__ = ["MODULES", "router"]
