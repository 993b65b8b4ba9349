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
    lotteries as _card_lotteries,
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
    customers as _customers,
    gifts as _gifts,
    handing_over as _handing_over,
    lotteries as _lotteries,
    merging as _merging,
    people as _people,
    points as _points,
    proof as _proof,
    reach as _reach,
    records as _records,
    redeeming as _redeeming,
    reviews as _reviews,
    rules as _rules,
    vouchers as _vouchers,
    why as _why,
)
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
    _check_in,
    _gifts,
    _card_catalogue,
    _catalogue,
    _card_vouchers,
    _lotteries,
    _customers,
    _merging,
    _people,
    _points,
    _proof,
    _reach,
    _records,
    _redeeming,
    _reviews,
    _rules,
    _vouchers,
    _why,
)

__all__ = ["MODULES", "router"]
