"""The command table: importing this module registers every command and card action.

They are listed here and nowhere else.
"""

from handlers.cards import (
    alerts as _card_alerts,
    approvals as _card_approvals,
    campaigns as _card_campaigns,
    catalogue as _card_catalogue,
    contacts as _card_contacts,
    gifts as _card_gifts,
    notices as _card_notices,
    records as _card_records,
    redeeming as _card_redeeming,
    vouchers as _card_vouchers,
)
from handlers.commands import (
    alerts as _alerts,
    approvals as _approvals,
    campaigns as _campaigns,
    catalogue as _catalogue,
    check_in as _check_in,
    contacts as _contacts,
    gifts as _gifts,
    handing_over as _handing_over,
    people as _people,
    points as _points,
    proof as _proof,
    records as _records,
    redeeming as _redeeming,
    reviews as _reviews,
    rules as _rules,
    vouchers as _vouchers,
    why as _why,
)
from handlers.cards import alerts as _card_alerts
from handlers.cards import approvals as _card_approvals
from handlers.cards import campaigns as _card_campaigns
from handlers.cards import lotteries as _card_lotteries
from handlers.cards import notices as _card_notices
from handlers.cards import records as _card_records
from handlers.cards import redeeming as _card_redeeming
from handlers.commands import alerts as _alerts
from handlers.commands import approvals as _approvals
from handlers.commands import campaigns as _campaigns
from handlers.commands import handing_over as _handing_over
from handlers.commands import lotteries as _lotteries
from handlers.commands import people as _people
from handlers.commands import points as _points
from handlers.commands import proof as _proof
from handlers.commands import records as _records
from handlers.commands import redeeming as _redeeming
from handlers.commands import reviews as _reviews
from handlers.commands import rules as _rules
from handlers.commands import why as _why
from handlers.routing import router

MODULES = (
    _alerts,
    _approvals,
    _campaigns,
    _card_alerts,
    _card_approvals,
    _card_campaigns,
    _card_contacts,
    _card_lotteries,
    _card_notices,
    _card_records,
    _card_redeeming,
    _handing_over,
    _contacts,
    _card_gifts,
    _card_notices,
    _card_records,
    _check_in,
    _gifts,
    _card_catalogue,
    _card_notices,
    _card_records,
    _catalogue,
    _card_vouchers,
    _lotteries,
    _people,
    _points,
    _proof,
    _records,
    _redeeming,
    _reviews,
    _rules,
    _vouchers,
    _why,
)

__all__ = ["MODULES", "router"]
