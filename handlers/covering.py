"""Whether a contact's rights cover what a notice says: none leaves to somebody they don't."""

from domain.customers import Contact
from domain.deliveries import Delivery, Withheld
from domain.ports import Work
from handlers.views import FollowUp, RightNotice, VoucherCodes

FOR_ANY_CONTACT = frozenset({FollowUp.view_name, RightNotice.view_name})
"""Notices that say nothing about points; every other one is only for who may see them."""
FOR_REDEEMERS = frozenset({VoucherCodes.view_name})
"""Notices that are worth money to who reads them: only for who may spend the points."""


def why_withheld(contact: Contact, view_name: str) -> Withheld | None:
    """Say why a notice of this view is not for a contact, or None when it is."""
    if not contact.is_active:
        return Withheld.LEFT
    if view_name in FOR_REDEEMERS:
        return None if contact.may_redeem else Withheld.UNSPENDABLE
    if view_name in FOR_ANY_CONTACT or contact.may_see:
        return None
    return Withheld.UNSEEN


def why_not_sent(work: Work, delivery: Delivery) -> Withheld | None:
    """Say why what is about to be sent must not go: rights may have gone since it was queued.

    Only notices are looked at, each with all it carries: a reply goes to who has just asked, and
    was allowed to.
    """
    if delivery.contact is None:
        return None
    contact = work.customers.contact(delivery.contact)
    notices = (delivery, *work.deliveries.carried_by(delivery.id))
    reasons = (why_withheld(contact, notice.view) for notice in notices)
    return next(filter(None, reasons), None)
