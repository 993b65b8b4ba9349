"""The help menu: what this person may do here, and nothing else."""

from domain.members import Role
from handlers.contract import ContactActor, Context, MemberActor
from handlers.permissions import Permission, contact_rights, rights_of
from handlers.views import HelpMenu
from handlers.vocabulary import SHOWN_IN_HELP


def rights(ctx: Context) -> frozenset[Permission]:
    """Give what the speaker may do."""
    match ctx.actor:
        case MemberActor(member):
            return rights_of(member.roles)
        case ContactActor(contact, _):
            return contact_rights(contact)
        case _:
            return rights_of(frozenset[Role]())


def help_menu(ctx: Context, reason: str = "") -> HelpMenu:
    """Build the menu of the speaker."""
    may = rights(ctx)
    # The same command may be listed for two permissions; dict keys keep order and drop repeats.
    names = tuple(dict.fromkeys(name for name, needed in SHOWN_IN_HELP if needed in may))
    match ctx.actor:
        case MemberActor(member):
            return HelpMenu("member", member.name, names, reason)
        case ContactActor(contact, _):
            return HelpMenu("customer", contact.name, names, reason)
        case _:
            return HelpMenu("stranger", "", ("bind",), reason)
