"""The people of a customer: who is added, and what each may do."""

from domain.customers import Contact, Customer, is_first_to_redeem, permit
from domain.ids import ContactId
from handlers.contract import Context


def new_contact(
    ctx: Context,
    customer: Customer,
    name: str,
    phone: str | None,
    *,
    see: bool | None = None,
    redeem: bool | None = None,
) -> Contact:
    """Store a person of a customer.

    Sees the points unless it is said otherwise; redeems only if nobody else of the customer does.
    """
    others = ctx.work.customers.contacts(customer.id)
    contact = Contact(ContactId(ctx.ids.new()), customer.id, name, phone)
    if redeem is None:
        redeem = is_first_to_redeem(others)
    contact = permit(contact, see=see, redeem=redeem)
    ctx.work.customers.add_contact(contact)
    return contact
