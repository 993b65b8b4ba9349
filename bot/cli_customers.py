"""The commands `zhufen customer` and `zhufen contract`: the customer file."""

from typing import Annotated

import typer

from bot.terminal import AsJson, Tenant, settings, show, show_rows, table, told
from domain.customer_files import PAYMENT_DAYS_MAX, FieldKind
from domain.duplicates import Level

customer_app = typer.Typer(no_args_is_help=True, help="Customers: who owns points.")
contract_app = typer.Typer(no_args_is_help=True, help="Contracts of customers.")
field_app = typer.Typer(no_args_is_help=True, help="What is kept of customers of a type.")
customer_app.add_typer(field_app, name="field")

Manager = Annotated[str, typer.Option(help="Name of the account manager.")]
Type = Annotated[str | None, typer.Option("--type", help="What rules ask as customer.type.")]
Segment = Annotated[list[str] | None, typer.Option(help="May be given several times.")]
FullName = Annotated[str | None, typer.Option(help="The name as it is registered.")]
CreditCode = Annotated[str | None, typer.Option(help="Unified social credit code.")]
Address = Annotated[str | None, typer.Option()]
PaymentDays = Annotated[
    int | None, typer.Option(min=0, max=PAYMENT_DAYS_MAX, help="Days the unit has for paying.")
]
Alias = Annotated[
    list[str] | None, typer.Option(help="What people call it; may be given several times.")
]
Field = Annotated[list[str] | None, typer.Option(help="name=value; may be given several times.")]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Although it is likely there already; you have looked.")
]
Code = Annotated[str, typer.Argument(help="The customer's code.")]


@customer_app.command("add")
def add(
    code: str,
    name: str,
    *,
    manager: Manager = "",
    customer_type: Type = None,
    segment: Segment = None,
    full_name: FullName = None,
    credit_code: CreditCode = None,
    address: Address = None,
    payment_days: PaymentDays = None,
    alias: Alias = None,
    field: Field = None,
    anyway: Anyway = False,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Add a customer, unless the unit is there already."""
    # lazy: a command that only prints must not load the whole application.
    from bot.customer_desk import Typed, add_customer

    typed = Typed(
        manager=manager,
        type=customer_type,
        segments=segment,
        full_name=full_name,
        credit_code=credit_code,
        address=address,
        payment_days=payment_days,
        aliases=alias,
        fields=field or [],
    )
    with told():
        made = add_customer(settings(), tenant, (code, name), typed, is_anyway=anyway)
    show(made, as_json=as_json)


@customer_app.command("set")
def change(
    code: Code,
    *,
    name: Annotated[str | None, typer.Option()] = None,
    manager: Manager = "",
    customer_type: Type = None,
    segment: Segment = None,
    full_name: FullName = None,
    credit_code: CreditCode = None,
    address: Address = None,
    payment_days: PaymentDays = None,
    alias: Alias = None,
    field: Field = None,
    anyway: Anyway = False,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Change what is given of a customer; an empty text clears it."""
    # lazy: see above.
    from bot.customer_desk import Typed, change_customer

    typed = Typed(
        name=name,
        manager=manager,
        type=customer_type,
        segments=segment,
        full_name=full_name,
        credit_code=credit_code,
        address=address,
        payment_days=payment_days,
        aliases=alias,
        fields=field or [],
    )
    with told():
        made = change_customer(settings(), tenant, code, typed, is_anyway=anyway)
    show(made, as_json=as_json)


@customer_app.command("show")
def show_file(code: Code, *, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Show everything a customer's file says."""
    # lazy: see above.
    from bot.customer_desk import read_customer

    with told():
        found = read_customer(settings(), tenant, code)
    show(found, as_json=as_json)


@customer_app.command("duplicates")
def duplicates(
    *,
    level: Annotated[Level, typer.Option(help="The least sure pairs to list.")] = Level.LIKELY,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """List the customers of the whole file that may be one unit, the surest first."""
    # lazy: see above.
    from bot.customer_desk import list_duplicates, word_pair

    with told():
        found = list_duplicates(settings(), tenant, level)
    if as_json:
        show({"pairs": found}, as_json=True)
        return
    rows = table(4)
    for pair in found:
        rows.add_row(*word_pair(pair))
    show_rows(rows, "duplicates")


@customer_app.command("merge")
def merge(
    merged: Annotated[str, typer.Argument(help="The double's code.")],
    kept: Annotated[str, typer.Argument(help="The code of the record that is kept.")],
    *,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Ask for a double to be merged into another record; somebody approves it in the chat."""
    # lazy: see above.
    from bot.merge_desk import ask_to_merge

    with told():
        asked = ask_to_merge(settings(), tenant, merged, kept)
    show(asked, as_json=as_json)


@customer_app.command("unmerge")
def unmerge(
    merged: Annotated[str, typer.Argument(help="Code or name of the record that was merged.")],
    *,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Ask for a merge to be undone; somebody approves it in the chat."""
    # lazy: see above.
    from bot.merge_desk import ask_to_unmerge

    with told():
        asked = ask_to_unmerge(settings(), tenant, merged)
    show(asked, as_json=as_json)


@field_app.command("save")
def save_field(
    customer_type: Annotated[str, typer.Argument(help="As customers have it.")],
    name: str,
    *,
    kind: Annotated[FieldKind, typer.Option(help="What may stand in it.")] = FieldKind.TEXT,
    choice: Annotated[
        list[str] | None, typer.Option(help="For kind choice; may be given several times.")
    ] = None,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Keep a field of the customers of a type, or change what may stand in it."""
    # lazy: see above.
    from bot.customer_desk import keep_field

    with told():
        saved = keep_field(settings(), tenant, (customer_type, name), kind, choice or [])
    show(saved, as_json=as_json)


@field_app.command("remove")
def remove_field(
    customer_type: str, name: str, *, tenant: Tenant = "main", as_json: AsJson = False
) -> None:
    """Take a field out of the catalogue; values that are kept stay readable."""
    # lazy: see above.
    from bot.customer_desk import drop_field

    with told():
        done = drop_field(settings(), tenant, customer_type, name)
    show(done, as_json=as_json)


@field_app.command("list")
def list_fields(*, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """List the fields by type."""
    # lazy: see above.
    from bot.customer_desk import catalogue

    with told():
        found = catalogue(settings(), tenant)
    if as_json:
        show({"fields": found}, as_json=True)
        return
    rows = table(4)
    for one in found:
        rows.add_row(one["type"], one["name"], one["kind"], " ".join(one["choices"]))
    show_rows(rows, "fields")


@field_app.command("starter")
def starter_fields(*, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Add the usual fields of the usual types; what there is already stays as it is."""
    # lazy: see above.
    from bot.customer_desk import add_starter_fields

    with told():
        done = add_starter_fields(settings(), tenant)
    show(done, as_json=as_json)


@contract_app.command("add")
def add_contract(
    number: str,
    name: str,
    customer: Annotated[str, typer.Option(help="The customer's code.")],
    amount: Annotated[str, typer.Option(help="In yuan, or with a unit.")],
    signed_on: Annotated[str, typer.Option(help="YYYY-MM-DD.")],
    *,
    project: Annotated[str, typer.Option(help="The project's code.")] = "",
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Add a contract to a customer's file; it gives no points, its event does."""
    # lazy: see above.
    from bot.customer_desk import enter_contract

    with told():
        made = enter_contract(
            settings(),
            tenant,
            (number, name),
            customer=customer,
            amount=amount,
            signed_on=signed_on,
            project=project,
        )
    show(made, as_json=as_json)
