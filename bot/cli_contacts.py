"""What the commands `zhufen contact` do, through the usual use cases."""

from bot.cli_setup import change, look
from bot.settings import Settings
from domain.customers import Contact
from domain.errors import UnknownContact
from handlers.contract import Context
from handlers.usecases.contacts import leave, set_rights
from handlers.usecases.directory import customer_of_code, read_customer
from handlers.usecases.naming import Directory


def list_contacts(settings: Settings, tenant: str, customer: str) -> list[dict[str, object]]:
    """List a customer's contacts by name.

    Raises:
        UnknownCustomer: no such code.
    """
    file = look(settings, tenant, lambda ctx: read_customer(ctx, customer))
    return [shown(contact) for contact in file.contacts]


def set_contact_rights(
    settings: Settings,
    tenant: str,
    named: tuple[str, str],
    *,
    see: bool | None,
    redeem: bool | None,
) -> dict[str, object]:
    """Change what a contact, named by the customer's code and the own name, may do.

    Raises:
        UnknownCustomer: no such code.
        UnknownContact: not exactly one contact of that name.
    """

    def act(ctx: Context) -> dict[str, object]:
        contact = _contact_named(ctx, *named)
        return shown(set_rights(ctx, contact.id, see=see, redeem=redeem))

    return change(settings, tenant, act)


def take_off(settings: Settings, tenant: str, customer: str, contact: str) -> dict[str, object]:
    """Take a contact off the file.

    Raises:
        UnknownCustomer: no such code.
        UnknownContact: not exactly one contact of that name.
    """

    def act(ctx: Context) -> dict[str, object]:
        left = leave(ctx, _contact_named(ctx, customer, contact).id)
        return {
            "left": left.contact.name,
            "accounts": sum(count for _, count in left.accounts),
            "notices": left.notices,
            "redeemers": [one.name for one in left.staying if one.may_redeem],
        }

    return change(settings, tenant, act)


def shown(contact: Contact) -> dict[str, object]:
    """Show a contact and what the contact may do."""
    return {
        "contact": contact.name,
        "may_see": contact.may_see,
        "may_redeem": contact.may_redeem,
    }


def _contact_named(ctx: Context, customer: str, name: str) -> Contact:
    owner = customer_of_code(ctx, customer)
    found = Directory(ctx).contact(owner.id, name)
    if found is None:
        names = tuple(one.name for one in ctx.work.customers.contacts(owner.id))
        raise UnknownContact(owner.name, name, names)
    return found
