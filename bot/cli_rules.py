"""The commands `zhufen rules`: looking at rules, drafting them from files, handing them on."""

from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import AsJson, Tenant, settings, show, show_rows, table, told

rules_app = typer.Typer(no_args_is_help=True, help="Rules: what gives and takes points.")
programme_app = typer.Typer(no_args_is_help=True, help="Tiers, general caps, cost of a point.")
rules_app.add_typer(programme_app, name="programme")

As = Annotated[str, typer.Option("--as", help="Name of the member who does it.")]
Draft = Annotated[int, typer.Argument(help="The draft's number.")]


@rules_app.command("list")
def list_all(*, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """List the rules in force, the scheduled ones and the drafts."""
    # lazy: a command that only prints must not load the whole application.
    from bot.cli_rulebook import list_rules

    with told():
        found = list_rules(settings(), tenant)
    if as_json:
        show(found, as_json=True)
        return
    rows = table(4)
    for state in ("in_force", "scheduled", "drafts"):
        for line in found[state]:
            rows.add_row(state, *(str(line[name]) for name in ("code", "version", "says")))
    show_rows(rows, "rules")


@rules_app.command("show")
def show_one(code: str, *, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Show every version of a rule, newest first."""
    # lazy: see above.
    from bot.cli_rulebook import show_rule

    with told():
        found = show_rule(settings(), tenant, code)
    if as_json:
        show(found, as_json=True)
        return
    rows = table(5)
    for line in found["versions"]:
        names = ("version", "state", "published_by", "approved_by", "says")
        rows.add_row(*(str(line[name]) for name in names))
    show_rows(rows, "versions")


@rules_app.command("export")
def export(file: Path, *, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Write the rules in force into an Excel workbook, ready to be changed and drafted."""
    # lazy: see above.
    from bot.cli_rulebook import export_rules

    with told():
        done = export_rules(settings(), tenant, file)
    show(done, as_json=as_json)


@rules_app.command("draft")
def draft(
    file: Annotated[Path, typer.Argument(help=".json or .xlsx; unchanged rules are left alone.")],
    *,
    by: As,
    number: Annotated[int | None, typer.Option(help="Put it in the place of this draft.")] = None,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Draft what the rules of a file say; nothing unless all of the file can be read."""
    # lazy: see above.
    from bot.cli_rulebook import draft_rules

    with told():
        done = draft_rules(settings(), tenant, by, file, number)
    show(done, as_json=as_json)
    if done["problems"]:
        raise typer.Exit(1)


@rules_app.command("check")
def check(number: Draft, *, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Find everything wrong or surprising in a draft; exit 1 when it can't be published."""
    # lazy: see above.
    from bot.cli_rulebook import check_draft

    with told():
        found = check_draft(settings(), tenant, number)
    if as_json:
        show(found, as_json=True)
    else:
        rows = table(3)
        for line in found["findings"]:
            rows.add_row(line["severity"], line["place"], line["said"])
        show_rows(rows, "findings")
    if found["errors"]:
        raise typer.Exit(1)


@rules_app.command("submit")
def submit(number: Draft, *, by: As, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Hand a draft to a second person."""
    # lazy: see above.
    from bot.cli_rulebook import submit_draft

    with told():
        done = submit_draft(settings(), tenant, by, number)
    show(done, as_json=as_json)


@rules_app.command("drop")
def drop(number: Draft, *, by: As, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Give a draft up."""
    # lazy: see above.
    from bot.cli_rulebook import drop_draft

    with told():
        done = drop_draft(settings(), tenant, by, number)
    show(done, as_json=as_json)


@rules_app.command("approve")
def approve(
    number: Draft,
    *,
    by: As,
    why: Annotated[str, typer.Option(help="A note.")] = "",
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Approve a draft that somebody else has submitted; it is published at once."""
    # lazy: see above.
    from bot.cli_rulebook import decide_draft

    with told():
        done = decide_draft(settings(), tenant, by, number, verdict="approve", note=why)
    show(done, as_json=as_json)


@rules_app.command("decline")
def decline(
    number: Draft,
    *,
    by: As,
    why: Annotated[str, typer.Option(help="Why not.")],
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Decline a draft that somebody else has submitted."""
    # lazy: see above.
    from bot.cli_rulebook import decide_draft

    with told():
        done = decide_draft(settings(), tenant, by, number, verdict="decline", note=why)
    show(done, as_json=as_json)


@rules_app.command("withdraw")
def withdraw(
    code: str, version: int, *, by: As, tenant: Tenant = "main", as_json: AsJson = False
) -> None:
    """Take back a version before it begins."""
    # lazy: see above.
    from bot.cli_rulebook import withdraw_version

    with told():
        done = withdraw_version(settings(), tenant, by, code, version)
    show(done, as_json=as_json)


@rules_app.command("rollback")
def rollback(code: str, *, by: As, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """Let the version before the present one hold again, as a new version from now on."""
    # lazy: see above.
    from bot.cli_rulebook import roll_back

    with told():
        done = roll_back(settings(), tenant, by, code)
    show(done, as_json=as_json)


@rules_app.command("off")
def off(
    code: str,
    *,
    by: As,
    at: Annotated[str, typer.Option(help="YYYY-MM-DD; at once without.")] = "",
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Draft the version that ends a rule."""
    # lazy: see above.
    from bot.cli_rulebook import switch_off

    with told():
        done = switch_off(settings(), tenant, by, code, at)
    show(done, as_json=as_json)


@programme_app.command("show")
def programme_show(*, tenant: Tenant = "main") -> None:
    """Print the programme in force as JSON, ready to be changed and drafted."""
    # lazy: see above.
    from bot.cli_rulebook import show_programme

    with told():
        found = show_programme(settings(), tenant)
    show(found, as_json=True)


@programme_app.command("draft")
def programme_draft(
    file: Path,
    *,
    by: As,
    number: Annotated[int | None, typer.Option(help="Put it in the place of this draft.")] = None,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Draft what a JSON file says of the programme."""
    # lazy: see above.
    from bot.cli_rulebook import draft_programme

    with told():
        done = draft_programme(settings(), tenant, by, file, number)
    show(done, as_json=as_json)
