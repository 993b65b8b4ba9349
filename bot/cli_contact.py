"""The commands `zhufen contact`: what a customer's contacts may do, and who has left."""

from typing import Annotated

import typer

from bot.terminal import AsJson, Tenant, settings, show, told

contact_app = typer.Typer(no_args_is_help=True, help="Contacts: the people of a customer.")

Code = Annotated[str, typer.Argument(help="The customer's code.")]
Name = Annotated[str, typer.Argument(help="The contact's whole name.")]
See = Annotated[
    bool | None, typer.Option("--see/--no-see", help="Sees the points, and is told of them.")
]
Redeem = Annotated[
    bool | None, typer.Option("--redeem/--no-redeem", help="Spends the points; sees them too.")
]


@contact_app.command("list")
def list_all(customer: Code, *, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """List a customer's contacts and what each may do."""
    # lazy: a command that only prints must not load the whole application.
    from bot.cli_contacts import list_contacts

    with told():
        contacts = list_contacts(settings(), tenant, customer)
    if as_json:
        show({"contacts": contacts}, as_json=True)
    for contact in () if as_json else contacts:
        show(contact, as_json=False)


@contact_app.command("rights")
def rights(
    customer: Code,
    contact: Name,
    *,
    see: See = None,
    redeem: Redeem = None,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Let a contact see or redeem, or no longer; what isn't said stays."""
    # lazy: see above.
    from bot.cli_contacts import set_contact_rights

    with told():
        now = set_contact_rights(settings(), tenant, (customer, contact), see=see, redeem=redeem)
    show(now, as_json=as_json)


@contact_app.command("leave")
def leave(
    customer: Code, contact: Name, *, tenant: Tenant = "main", as_json: AsJson = False
) -> None:
    """Take a contact who has left off the file; the points stay with the customer."""
    # lazy: see above.
    from bot.cli_contacts import take_off

    with told():
        left = take_off(settings(), tenant, customer, contact)
    show(left, as_json=as_json)
