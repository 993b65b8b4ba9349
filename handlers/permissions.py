"""Who may do what: roles to permissions, and the one check."""

from enum import StrEnum

from domain.customers import Contact
from domain.errors import NotPermitted
from domain.members import Role


class Permission(StrEnum):
    """What a command needs."""

    ANYBODY = "anybody"
    """Even an account nobody knows (help, binding)."""
    CUSTOMER = "customer"
    """A customer's contact, for the own unit only."""
    SEE_POINTS = "see_points"
    """A contact who may see the unit's points: everything that shows or proves them."""
    REDEEM = "redeem"
    """A contact who may spend the unit's points."""
    RECORD_EVENT = "record_event"
    INVITE = "invite"
    ALERTS = "alerts"
    SEE_CUSTOMERS = "see_customers"
    ADJUST = "adjust"
    """Asking for points to be moved by hand."""
    REINSTATE = "reinstate"
    """Asking for expired points to be given back."""
    HAND_OVER = "hand_over"
    """Handing over what customers have bought."""
    CLOSE_MONTH = "close_month"
    USE_VOUCHERS = "use_vouchers"
    """Taking what a voucher is worth off what a customer has to pay."""
    REPLACE_CODES = "replace_codes"
    """Having the codes of vouchers replaced: the own ones, or a customer's, who gets them then."""
    EDIT_RULES = "edit_rules"
    """Drafting rules and campaigns and handing them to a second person."""
    EDIT_REWARDS = "edit_rewards"
    """Keeping what points buy, and the stock of it."""
    APPROVE = "approve"
    """Deciding what somebody else has asked for."""


_MEMBER_RIGHTS: dict[Role, frozenset[Permission]] = {
    Role.PROJECT_MANAGER: frozenset({Permission.RECORD_EVENT}),
    Role.SALES: frozenset(
        {
            Permission.INVITE,
            Permission.SEE_CUSTOMERS,
            Permission.REINSTATE,
            Permission.HAND_OVER,
        }
    ),
    Role.SERVICE: frozenset(
        {
            Permission.INVITE,
            Permission.SEE_CUSTOMERS,
            Permission.ADJUST,
            Permission.REINSTATE,
            Permission.HAND_OVER,
            # Who hands things over counts them.
            Permission.EDIT_REWARDS,
            Permission.USE_VOUCHERS,
            Permission.REPLACE_CODES,
        }
    ),
    Role.FINANCE: frozenset(
        {
            Permission.ADJUST,
            Permission.REINSTATE,
            Permission.CLOSE_MONTH,
            Permission.EDIT_RULES,
            Permission.EDIT_REWARDS,
            Permission.USE_VOUCHERS,
            Permission.REPLACE_CODES,
        }
    ),
    Role.SUPERVISOR: frozenset(
        {
            Permission.ALERTS,
            Permission.SEE_CUSTOMERS,
            Permission.INVITE,
            Permission.ADJUST,
            Permission.REINSTATE,
            Permission.EDIT_RULES,
            Permission.EDIT_REWARDS,
            Permission.APPROVE,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Permission.ALERTS,
            Permission.SEE_CUSTOMERS,
            Permission.INVITE,
            Permission.RECORD_EVENT,
            Permission.ADJUST,
            Permission.REINSTATE,
            Permission.HAND_OVER,
            Permission.CLOSE_MONTH,
            Permission.USE_VOUCHERS,
            Permission.REPLACE_CODES,
            Permission.EDIT_RULES,
            Permission.EDIT_REWARDS,
            Permission.APPROVE,
        }
    ),
}


def rights_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Give everything a member of these roles may do; nobody in particular has no role."""
    rights = {Permission.ANYBODY}
    for role in roles:
        rights |= _MEMBER_RIGHTS[role]
    return frozenset(rights)


def contact_rights(contact: Contact) -> frozenset[Permission]:
    """Give everything a customer's contact may do: nothing of it once the contact has left."""
    rights = {Permission.ANYBODY}
    if contact.is_active:
        rights.add(Permission.CUSTOMER)
        if contact.may_see:
            rights.add(Permission.SEE_POINTS)
        if contact.may_redeem:
            rights |= {Permission.REDEEM, Permission.REPLACE_CODES}
    return frozenset(rights)


def check(needed: Permission, rights: frozenset[Permission]) -> None:
    """Let pass who may.

    Raises:
        NotPermitted: with the permission that is missing.
    """
    if needed not in rights:
        raise NotPermitted(needed)
