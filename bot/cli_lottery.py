"""The commands `zhufen lottery`: writing lotteries down, opening, closing and checking them."""

from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import AsJson, Tenant, settings, show, show_rows, table, told

lottery_app = typer.Typer(no_args_is_help=True, help="Lotteries with odds anybody can check.")

As = Annotated[str, typer.Option("--as", help="Name of the member who does it.")]
Number = Annotated[int, typer.Argument(help="The lottery's number.")]


@lottery_app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help=".json; see docs/lottery.md.")],
    *,
    by: As,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Write a lottery down as a draft; what it says is never changed again."""
    # lazy: a command that only prints must not load the whole application.
    from bot.lottery_desk import add_lottery

    with told():
        done = add_lottery(settings(), tenant, by, file)
    show(done, as_json=as_json)


@lottery_app.command("list")
def list_all(*, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """List all lotteries."""
    # lazy: see above.
    from bot.lottery_desk import list_lotteries

    with told():
        found = list_lotteries(settings(), tenant)
    if as_json:
        show({"lotteries": found}, as_json=True)
        return
    rows = table(5)
    for line in found:
        rows.add_row(*(str(line[name]) for name in ("number", "name", "state", "drawn", "left")))
    show_rows(rows, "lotteries")


@lottery_app.command("show")
def show_one(number: Number, *, tenant: Tenant = "main") -> None:
    """Print the record everybody may read, as JSON; the seed is there once it is closed."""
    # lazy: see above.
    from bot.lottery_desk import show_lottery

    with told():
        found = show_lottery(settings(), tenant, number)
    show(found, as_json=True)


@lottery_app.command("publish")
def publish(number: Number, *, by: As, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Ask a second person to open a draft."""
    # lazy: see above.
    from bot.lottery_desk import publish_lottery

    with told():
        done = publish_lottery(settings(), tenant, by, number)
    show(done, as_json=as_json)


@lottery_app.command("approve")
def approve(number: Number, *, by: As, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Open what somebody else has asked to be opened; the commitment is known from then on."""
    # lazy: see above.
    from bot.lottery_desk import approve_lottery

    with told():
        done = approve_lottery(settings(), tenant, by, number)
    show(done, as_json=as_json)


@lottery_app.command("close")
def close(number: Number, *, by: As, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Close a lottery for good and let its seed be known."""
    # lazy: see above.
    from bot.lottery_desk import close_lottery

    with told():
        done = close_lottery(settings(), tenant, by, number)
    show(done, as_json=as_json)


@lottery_app.command("verify")
def verify(number: Number, *, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Draw everything again and compare; exit 1 when anything is wrong."""
    # lazy: see above.
    from bot.lottery_desk import check_lottery

    with told():
        found = check_lottery(settings(), tenant, number)
    if as_json:
        show(found, as_json=True)
    else:
        rows = table(2)
        for line in found["faults"]:
            rows.add_row(str(line["draw"] or ""), line["fault"])
        show_rows(rows, f"faults in {found['draws']} draws")
    if found["faults"]:
        raise typer.Exit(1)
