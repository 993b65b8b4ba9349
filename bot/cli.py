"""The program `zhufen`: starting roles and setting up. Exit 0 only when all is well."""

import json
import logging
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from bot.cli_api import apikey_app
from bot.cli_backtest import backtest
from bot.cli_books import close_month, export_app, reconcile
from bot.cli_contact import Redeem, See, contact_app
from bot.cli_customers import contract_app, customer_app
from bot.cli_import import import_app
from bot.cli_lottery import lottery_app
from bot.cli_rewards import rewards_app
from bot.cli_rules import rules_app
from bot.logs import configure_logs
from bot.terminal import AsJson, Tenant, console, settings, show, show_rows, table, told

app = typer.Typer(no_args_is_help=True, add_completion=False)
member_app = typer.Typer(no_args_is_help=True, help="Members: the people of the firm.")
project_app = typer.Typer(no_args_is_help=True, help="Projects and their milestones.")
channel_app = typer.Typer(no_args_is_help=True, help="Channels of further tenants.")
tenant_app = typer.Typer(no_args_is_help=True, help="Tenants: separate firms.")
app.add_typer(member_app, name="member")
app.add_typer(customer_app, name="customer")
app.add_typer(contact_app, name="contact")
app.add_typer(contract_app, name="contract")
app.add_typer(project_app, name="project")
app.add_typer(channel_app, name="channel")
app.add_typer(tenant_app, name="tenant")
app.add_typer(apikey_app, name="apikey")
app.command()(backtest)
app.add_typer(export_app, name="export")
app.command("reconcile")(reconcile)
app.command("close-month")(close_month)
app.add_typer(import_app, name="import")
app.add_typer(rewards_app, name="rewards")
app.add_typer(rules_app, name="rules")
app.add_typer(lottery_app, name="lottery")


@app.callback(help=__doc__)
def begin() -> None:
    """Log to standard error from the start: standard output is for what was asked for."""
    configure_logs()


@app.command()
def up() -> None:
    """Run everything on this machine with the configured credentials."""
    given = settings()
    # lazy: a command that only prints must not load the whole application.
    from bot.installation import Installation

    installation = Installation(given)
    with told():
        installation.prepare()
    installation.run(installation.roles(), lambda: console.print(given.public_url))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="The bot's port; the platforms take the next.")] = 8000,
    *,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print it.")] = False,
    data: Annotated[Path, typer.Option(help="Folder for the demo's data.")] = Path("demo-data"),
) -> None:
    """Run everything with emulated platforms and a made-up firm."""
    # What a newcomer should see is the address, not one line per message.
    configure_logs(level=logging.WARNING)
    from bot.demo.run import run_demo

    def started(address: str) -> None:
        console.print(address, style="bold green")
        if not no_browser and sys.stdout.isatty():
            webbrowser.open(address)

    with told():
        run_demo(data, port, started)


@app.command()
def web() -> None:
    """Run one web process."""
    _role("web")


@app.command()
def worker(
    *,
    backtests: Annotated[
        bool, typer.Option("--backtests", help="Run what back-tests were ordered; no messages.")
    ] = False,
) -> None:
    """Run one worker: of messages, or of back-tests."""
    _role("backtests" if backtests else "worker")


@app.command()
def scheduler() -> None:
    """Run one scheduler."""
    _role("scheduler")


@app.command()
def stream() -> None:
    """Run the DingTalk Stream connections."""
    _role("stream")


@app.command()
def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only compare with the models.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database to the newest schema."""
    from bot.cli_setup import check_migrations, run_migrations

    with told():
        found = check_migrations() if check else run_migrations(settings())
    show({"migrations": found}, as_json=as_json)
    if check and found:
        raise typer.Exit(1)


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Look at everything that is needed and say what to mend."""
    from bot.cli_setup import examine_installation

    with told():
        findings = examine_installation(settings())
    if as_json:
        typer.echo(json.dumps(findings, ensure_ascii=False))
    else:
        shown = table(4)
        for finding in findings:
            style = {"ok": "green", "warning": "yellow"}.get(finding["status"], "red")
            row = [finding[column] for column in ("name", "status", "detail", "fix")]
            shown.add_row(*row, style=style)
        console.print(shown)
    if any(finding["status"] == "failed" for finding in findings):
        raise typer.Exit(1)


@app.command()
def verify(
    tenant: Annotated[str, typer.Option(help="Only this firm.")] = "",
    jobs: Annotated[int | None, typer.Option(help="Processes; as many as cores.")] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(
            help="A head as it was posted, 2026-11-26=ABCD-…; may be given several times."
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check entries, lots, events, rules and daily heads against what was sealed; read only."""
    from bot.cli_verify import verify as run, words

    with told():
        report = run(settings(), tenant, jobs, head or [])
    if as_json:
        typer.echo(json.dumps(report.shown, ensure_ascii=False))
    else:
        said, rows = words(), table(4)
        for fault in report.faults:
            shown = fault.shown
            who = f"{shown['customer']} {shown['name']}".strip()
            seq = "" if shown["seq"] is None else str(shown["seq"])
            rows.add_row(who, seq, said[shown["fault"]], shown["subject"], style="red")
        if report.faults:
            console.print(rows)
        checked = report.checked
        console.print(
            f"{checked.wallets} wallets, {checked.entries} entries, {checked.events} events,"
            f" {len(report.faults)} findings"
        )
    if report.faults:
        raise typer.Exit(1)


@member_app.command("add")
def member_add(
    name: str,
    role: Annotated[list[str], typer.Option(help="May be given several times.")],
    *,
    wecom: Annotated[str, typer.Option(help="The member's WeCom user id, if known.")] = "",
    dingtalk: Annotated[str, typer.Option(help="The member's DingTalk user id.")] = "",
    alerts: Annotated[str, typer.Option(help="Where alerts go: wecom,dingtalk.")] = "",
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Add a member; without a platform id, print a code to bind with."""
    from bot.cli_setup import add_member

    accounts = {"wecom": wecom, "dingtalk": dingtalk}
    with told():
        made = add_member(
            settings(), tenant, name, role, accounts=accounts, alerts=alerts.split(",")
        )
    show(made, as_json=as_json)


@project_app.command("add")
def project_add(
    code: str,
    name: str,
    customer: Annotated[str, typer.Option(help="The customer's code.")],
    manager: Annotated[str, typer.Option(help="Name of the project manager.")] = "",
    milestone: Annotated[
        list[str] | None, typer.Option(help="name=YYYY-MM-DD; may be given several times.")
    ] = None,
    *,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Add a project with its milestones."""
    from bot.cli_setup import add_project

    with told():
        made = add_project(
            settings(),
            tenant,
            (code, name),
            customer=customer,
            manager=manager,
            milestones=milestone or [],
        )
    show(made, as_json=as_json)


@app.command()
def invite(
    customer: Annotated[str, typer.Argument(help="The customer's code.")],
    contact: str,
    phone: Annotated[str, typer.Option(help="The contact's mobile number.")] = "",
    tenant: Tenant = "main",
    *,
    see: See = None,
    redeem: Redeem = None,
    as_json: AsJson = False,
) -> None:
    """Make a one-time code for a customer's contact; the first contact may redeem."""
    from bot.cli_setup import invite_contact

    with told():
        made = invite_contact(
            settings(), tenant, (customer, contact, phone), see=see, redeem=redeem
        )
    show(made, as_json=as_json)


@app.command()
def heads(
    day: Annotated[str, typer.Option(help="Only this day (YYYY-MM-DD), as it was posted.")] = "",
    tenant: Tenant = "main",
    *,
    as_json: AsJson = False,
) -> None:
    """List the daily heads of the ledger, for printing and keeping elsewhere."""
    from bot.cli_proof import list_heads, word_head

    with told():
        found = list_heads(settings(), tenant, day)
    if as_json:
        typer.echo(json.dumps([each.shown for each in found], ensure_ascii=False))
    elif day:
        typer.echo(word_head(found[0].head))
    else:
        rows = table(4)
        for each in found:
            figures = (each.shown[name] for name in ("day", "wallets", "entries", "fingerprint"))
            rows.add_row(*map(str, figures))
        show_rows(rows, "heads")


@tenant_app.command("add")
def tenant_add(tenant: str, name: str, *, as_json: AsJson = False) -> None:
    """Add a separate firm with the starter rules."""
    from bot.cli_setup import add_tenant

    with told():
        made = add_tenant(settings(), tenant, name)
    show(made, as_json=as_json)


@channel_app.command("add")
def channel_add(
    tenant: str,
    kind: Annotated[str, typer.Argument(help="wecom_app, wecom_kf, wecom_group or dingtalk.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Connect a platform for a tenant; reads a JSON object of its values from standard input."""
    from bot.cli_setup import add_channel

    with told():
        values = json.loads(sys.stdin.read())
        if not isinstance(values, dict):
            raise ValueError("a JSON object is needed")  # noqa: TRY004  _told words it
        made = add_channel(settings(), tenant, kind, values)
    show(made, as_json=as_json)


def _role(name: str) -> None:
    given = settings()
    from bot import roles

    with told():
        getattr(roles, name)(given)
