"""Who may do what: roles to permissions, and the one check."""

from enum import StrEnum

from domain.errors import NotPermitted
from domain.members import Role


class Permission(StrEnum):
    """What a command needs."""

    ANYBODY = "anybody"
    """Even an account nobody knows (help, binding)."""
    CUSTOMER = "customer"
    """A customer's contact, for the own unit only."""
    RECORD_EVENT = "record_event"
    INVITE = "invite"
    ALERTS = "alerts"
    SEE_CUSTOMERS = "see_customers"
    ADJUST = "adjust"
    """Asking for points to be moved by hand."""
    REINSTATE = "reinstate"
    """Asking for expired points to be given back."""
    CLOSE_MONTH = "close_month"
    EDIT_RULES = "edit_rules"
    """Drafting rules and campaigns and handing them to a second person."""
    APPROVE = "approve"
    """Deciding what somebody else has asked for."""


_MEMBER_RIGHTS: dict[Role, frozenset[Permission]] = {
    Role.PROJECT_MANAGER: frozenset({Permission.RECORD_EVENT}),
    Role.SALES: frozenset({Permission.INVITE, Permission.SEE_CUSTOMERS, Permission.REINSTATE}),
    Role.SERVICE: frozenset(
        {
            Permission.INVITE,
            Permission.SEE_CUSTOMERS,
            Permission.ADJUST,
            Permission.REINSTATE,
        }
    ),
    Role.FINANCE: frozenset(
        {Permission.ADJUST, Permission.REINSTATE, Permission.CLOSE_MONTH, Permission.EDIT_RULES}
    ),
    Role.SUPERVISOR: frozenset(
        {
            Permission.ALERTS,
            Permission.SEE_CUSTOMERS,
            Permission.INVITE,
            Permission.ADJUST,
            Permission.REINSTATE,
            Permission.EDIT_RULES,
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
            Permission.CLOSE_MONTH,
            Permission.EDIT_RULES,
            Permission.APPROVE,
        }
    ),
}


def rights_of(roles: frozenset[Role], *, is_contact: bool) -> frozenset[Permission]:
    """Give everything somebody may do."""
    rights = {Permission.ANYBODY}
    if is_contact:
        rights.add(Permission.CUSTOMER)
    for role in roles:
        rights |= _MEMBER_RIGHTS[role]
    return frozenset(rights)


def check(needed: Permission, rights: frozenset[Permission]) -> None:
    """Let pass who may.

    Raises:
        NotPermitted: with the permission that is missing.
    """
    if needed not in rights:
        raise NotPermitted(needed)
