"""The commands `zhufen rewards`: keeping what points buy, by hand and from Excel."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.terminal import AsJson, Tenant, console, errors, settings, show, show_rows, table, told

rewards_app = typer.Typer(no_args_is_help=True, help="Rewards: what points buy, and the stock.")

_BAR = 10
"""Characters of the longest bar."""
As = Annotated[str, typer.Option("--as", help="Name of the member who does it.")]
Number = Annotated[int, typer.Argument(help="The reward's number.")]
Terms = Annotated[
    list[str] | None,
    typer.Argument(help="As the columns of a file are called, or points=800 cost=600 stock=20."),
]
File = Annotated[
    Path, typer.Argument(help="An .xlsx or .csv.", exists=True, dir_okay=False, readable=True)
]


@rewards_app.command("list")
def list_all(*, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """List the rewards with their prices and stock."""
    # lazy: a command that only prints must not load the whole application.
    from bot.catalogue.commands import list_rewards

    with told():
        found = list_rewards(settings(), tenant)
    if as_json:
        show(found, as_json=True)
        return
    rows = table(5)
    for one in found["rewards"]:
        left = "" if one["available"] is None else str(one["available"])
        rows.add_row(str(one["number"]), one["name"], str(one["points"]), one["state"], left)
    show_rows(rows, "rewards")


@rewards_app.command("show")
def show_one(
    reward: Annotated[str, typer.Argument(help="Its number or name.")],
    *,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Show a reward, what is surprising about it, and the last moves of its stock."""
    # lazy: see above.
    from bot.catalogue.commands import show_reward

    with told():
        found = show_reward(settings(), tenant, reward)
    if as_json:
        show(found, as_json=True)
        return
    findings, moves = found.pop("findings"), found.pop("moves")
    show(found, as_json=False)
    rows = table(4)
    for one in moves:
        rows.add_row(one["at"], one["move"], str(one["quantity"]), one["note"] or one["actor"])
    show_rows(rows, "moves")
    _warn(one["text"] for one in findings)


@rewards_app.command("add")
def add(
    name: str, terms: Terms = None, *, by: As, tenant: Tenant = "main", as_json: AsJson = False
) -> None:
    """Add a reward; what gives more than the firm books for its points waits for a second."""
    # lazy: see above.
    from bot.catalogue.commands import add_reward

    with told():
        report = add_reward(settings(), tenant, by, name, _pairs(terms))
    _show_report(report, as_json=as_json)


@rewards_app.command("change")
def change(
    number: Number, terms: Terms = None, *, by: As, tenant: Tenant = "main", as_json: AsJson = False
) -> None:
    """Change what is given; what gives more for a point than before waits for a second person."""
    # lazy: see above.
    from bot.catalogue.commands import change_reward

    with told():
        report = change_reward(settings(), tenant, by, number, _pairs(terms))
    _show_report(report, as_json=as_json)


@rewards_app.command("stock")
def stock_in(
    number: Number,
    quantity: Annotated[int, typer.Argument(help="What comes in; negative is taken out.")],
    *,
    by: As,
    note: Annotated[str, typer.Option(help="Where from, or why.")] = "",
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Let so many come in; `-- -2` takes two out."""
    # lazy: see above.
    from bot.catalogue.commands import move

    with told():
        done = move(settings(), tenant, by, number, quantity=quantity, note=note)
    show(done, as_json=as_json)


@rewards_app.command("on")
def put_on(number: Number, *, by: As, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Put a reward on offer."""
    # lazy: see above.
    from bot.catalogue import commands

    with told():
        done = commands.put_on(settings(), tenant, by, number)
    show(done, as_json=as_json)


@rewards_app.command("off")
def take_off(number: Number, *, by: As, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Take a reward off; what was bought stays bought."""
    # lazy: see above.
    from bot.catalogue import commands

    with told():
        done = commands.take_off(settings(), tenant, by, number)
    show(done, as_json=as_json)


@rewards_app.command("report")
def report(*, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Say how rewards sell, who could afford them, and which prices to think about."""
    # lazy: see above.
    from bot.catalogue.commands import report_rewards

    with told():
        found = report_rewards(settings(), tenant)
    if as_json:
        show(found, as_json=True)
        return
    most = max((one["sold_90_days"] for one in found["rewards"]), default=0) or 1
    rows = table(6)
    for one in found["rewards"]:
        bar = "█" * round(one["sold_90_days"] * _BAR / most)
        rows.add_row(
            f"{one['number']} {one['name']}",
            str(one["points"]),
            f"{one['sold_30_days']}/{one['sold_90_days']} {bar}".strip(),
            f"{one['able_percent']}%",
            str(one["fen_per_point"]),
            one["said"],
        )
    show_rows(rows, "rewards")


@rewards_app.command("export")
def export(file: Path, *, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Write all rewards into an Excel workbook, ready to be changed and imported."""
    # lazy: see above.
    from bot.catalogue.commands import export_catalogue

    with told():
        done = export_catalogue(settings(), tenant, file)
    show(done, as_json=as_json)


@rewards_app.command("import")
def import_file(
    file: File,
    *,
    by: Annotated[str, typer.Option("--as", help="Name of the member; not for --check.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only say what would be done.")] = False,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Do what a file says, all of it or nothing; rewards it does not name stay as they are."""
    # lazy: see above.
    from bot.catalogue import commands
    from bot.sheets.limits import Unreadable  # lazy: the same
    from bot.sheets.problems import word_fault  # lazy: the same

    with told():
        try:
            data = file.read_bytes()
            if check:
                report = commands.check_catalogue(settings(), tenant, file.name, data)
            else:
                report = commands.import_catalogue(settings(), tenant, by, file.name, data)
        except Unreadable as error:
            errors.print(word_fault(error), style="red", markup=False)
            raise typer.Exit(1) from error
    _show_report(report, as_json=as_json)


def _pairs(terms: list[str] | None) -> dict[str, str]:
    """Read 积分=800 as what it says."""
    pairs = dict[str, str]()
    for term in terms or []:
        name, equals, value = term.partition("=")
        if not equals:
            raise ValueError(f"name=value is needed, not: {term}")
        pairs[name.strip()] = value.strip()
    return pairs


def _show_report(report: dict[str, Any], *, as_json: bool) -> None:
    # lazy: see above.
    from bot.catalogue import report as lines

    if as_json:
        show(report, as_json=True)
    else:
        rows = table(2)
        for line in lines.report_lines(report):
            rows.add_row(*line)
        console.print(rows)
        _warn(lines.warning_lines(report))
        for problem in lines.problem_lines(report):
            errors.print(problem, style="red", markup=False, soft_wrap=True)
    if report["problems"]:
        raise typer.Exit(1)


def _warn(lines: Iterable[str]) -> None:
    for line in lines:
        errors.print(line, style="yellow", markup=False, soft_wrap=True)
