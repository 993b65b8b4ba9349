"""The program `zhufen`: starting roles and setting up. Exit 0 only when all is well."""

import json
import logging
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from bot.logs import configure_logs
from bot.settings import Settings, SettingsRefused, load_settings
from domain.errors import DomainError

app = typer.Typer(no_args_is_help=True, add_completion=False)
member_app = typer.Typer(no_args_is_help=True, help="Members: the people of the firm.")
customer_app = typer.Typer(no_args_is_help=True, help="Customers: who owns points.")
project_app = typer.Typer(no_args_is_help=True, help="Projects and their milestones.")
channel_app = typer.Typer(no_args_is_help=True, help="Channels of further tenants.")
tenant_app = typer.Typer(no_args_is_help=True, help="Tenants: separate firms.")
app.add_typer(member_app, name="member")
app.add_typer(customer_app, name="customer")
app.add_typer(project_app, name="project")
app.add_typer(channel_app, name="channel")
app.add_typer(tenant_app, name="tenant")

console = Console()
errors = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Tenant = Annotated[str, typer.Option(help="The firm this is for.")]


@app.callback(help=__doc__)
def begin() -> None:
    """Log to standard error from the start: standard output is for what was asked for."""
    configure_logs()


@app.command()
def up() -> None:
    """Run everything on this machine with the configured credentials."""
    settings = _settings()
    # lazy: a command that only prints must not load the whole application.
    from bot.installation import Installation

    installation = Installation(settings)
    with _told():
        installation.prepare()
    installation.run(installation.roles(), lambda: console.print(settings.public_url))


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

    with _told():
        run_demo(data, port, started)


@app.command()
def web() -> None:
    """Run one web process."""
    _role("web")


@app.command()
def worker() -> None:
    """Run one worker."""
    _role("worker")


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

    with _told():
        found = check_migrations() if check else run_migrations(_settings())
    _show({"migrations": found}, as_json=as_json)
    if check and found:
        raise typer.Exit(1)


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Look at everything that is needed and say what to mend."""
    from bot.cli_setup import examine_installation

    with _told():
        findings = examine_installation(_settings())
    if as_json:
        typer.echo(json.dumps(findings, ensure_ascii=False))
    else:
        table = _table(4)
        for finding in findings:
            style = {"ok": "green", "warning": "yellow"}.get(finding["status"], "red")
            row = [finding[column] for column in ("name", "status", "detail", "fix")]
            table.add_row(*row, style=style)
        console.print(table)
    if any(finding["status"] == "failed" for finding in findings):
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
    with _told():
        made = add_member(
            _settings(), tenant, name, role, accounts=accounts, alerts=alerts.split(",")
        )
    _show(made, as_json=as_json)


@customer_app.command("add")
def customer_add(
    code: str,
    name: str,
    manager: Annotated[str, typer.Option(help="Name of the account manager.")] = "",
    tenant: Tenant = "main",
    *,
    as_json: AsJson = False,
) -> None:
    """Add a customer."""
    from bot.cli_setup import add_customer

    with _told():
        made = add_customer(_settings(), tenant, code, name, manager)
    _show(made, as_json=as_json)


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

    with _told():
        made = add_project(
            _settings(),
            tenant,
            (code, name),
            customer=customer,
            manager=manager,
            milestones=milestone or [],
        )
    _show(made, as_json=as_json)


@app.command()
def invite(
    customer: Annotated[str, typer.Argument(help="The customer's code.")],
    contact: str,
    phone: Annotated[str, typer.Option(help="The contact's mobile number.")] = "",
    tenant: Tenant = "main",
    *,
    as_json: AsJson = False,
) -> None:
    """Make a one-time code for a customer's contact."""
    from bot.cli_setup import invite_contact

    with _told():
        made = invite_contact(_settings(), tenant, customer, contact, phone)
    _show(made, as_json=as_json)


@tenant_app.command("add")
def tenant_add(tenant: str, name: str, *, as_json: AsJson = False) -> None:
    """Add a separate firm with the starter rules."""
    from bot.cli_setup import add_tenant

    with _told():
        made = add_tenant(_settings(), tenant, name)
    _show(made, as_json=as_json)


@channel_app.command("add")
def channel_add(
    tenant: str,
    kind: Annotated[str, typer.Argument(help="wecom_app, wecom_kf, wecom_group or dingtalk.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Connect a platform for a tenant; reads a JSON object of its values from standard input."""
    from bot.cli_setup import add_channel

    with _told():
        values = json.loads(sys.stdin.read())
        if not isinstance(values, dict):
            raise ValueError("a JSON object is needed")  # noqa: TRY004  _told words it
        made = add_channel(_settings(), tenant, kind, values)
    _show(made, as_json=as_json)


def _role(name: str) -> None:
    settings = _settings()
    from bot import roles

    with _told():
        getattr(roles, name)(settings)


def _settings() -> Settings:
    with _told():
        return load_settings()


class _told:  # noqa: N801  reads as a word where it is used
    """Turns expected failures into one line on standard error and exit status 1."""

    def __enter__(self) -> None:
        """Do nothing on the way in."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        from bot.cli_setup import EXPECTED, word_refusal

        if isinstance(error, SettingsRefused):
            for problem in error.problems:
                errors.print(problem, style="red", markup=False)
            raise typer.Exit(2)
        if isinstance(error, DomainError):
            errors.print(word_refusal(error), style="red", markup=False)
            raise typer.Exit(1) from error
        if isinstance(error, EXPECTED):
            # More lines would be statements and addresses of manuals.
            first = str(error).partition("\n")[0]
            errors.print(f"{type(error).__name__}: {first}", style="red", markup=False)
            raise typer.Exit(1) from error


def _show(found: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = _table(2)
    for name, value in found.items():
        table.add_row(name, str(value))
    console.print(table)


def _table(columns: int) -> Table:
    # Folded: a Chinese sentence or a link is one long word, and rich would cut it off.
    return Table(*[Column(overflow="fold") for _ in range(columns)], show_header=False)
