"""`zhufen reconcile`, `close-month` and `export`: what finance does at a month's end."""

import json
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import AsJson, Tenant, settings, show, show_rows, table, told

export_app = typer.Typer(no_args_is_help=True, help="Monthly exports for finance.")

Month = Annotated[str, typer.Option(help="Such as 2026-10.")]
Out = Annotated[Path | None, typer.Option(help="The file to write; a new one here if not given.")]


class Form(StrEnum):
    """What kind of file is written."""

    XLSX = "xlsx"
    CSV = "csv"


def reconcile(tenant: Tenant = "main", *, as_json: AsJson = False) -> None:
    """Compare wallets, entries, lots, holds, caps and events; exit 1 when they don't agree."""
    # lazy: a command that only prints must not load the whole application.
    from bot.month_end import reconcile as compare

    with told():
        findings = compare(settings(), tenant)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False))
    else:
        rows = table(5)
        for one in findings:
            rows.add_row(one.kind, one.customer, one.place, one.expected, one.found)
        show_rows(rows, "findings")
    if findings:
        raise typer.Exit(1)


def close_month(
    month: Annotated[str, typer.Argument(help="A past month, such as 2026-10.")],
    by: Annotated[str, typer.Option("--as", help="Name of the member who closes it.")] = "",
    tenant: Tenant = "main",
    *,
    as_json: AsJson = False,
) -> None:
    """Close a month: what belongs to it and comes later counts as a correction."""
    # lazy: as above.
    from bot.month_end import close

    with told():
        closed = close(settings(), tenant, month, by)
    show({"closed": closed}, as_json=as_json)


@export_app.command("ledger")
def export_ledger(
    month: Month,
    form: Annotated[Form, typer.Option("--format")] = Form.XLSX,
    out: Out = None,
    tenant: Tenant = "main",
    *,
    as_json: AsJson = False,
) -> None:
    """Write a month's entries, and totals that tie out."""
    # lazy: as above.
    from bot.month_end import ledger

    file = out or Path(f"ledger-{month}.{form}")
    _write(file, lambda: ledger(settings(), tenant, month, form), as_json=as_json)


@export_app.command("liability")
def export_liability(
    month: Month,
    form: Annotated[Form, typer.Option("--format")] = Form.XLSX,
    out: Out = None,
    tenant: Tenant = "main",
    *,
    as_json: AsJson = False,
) -> None:
    """Write what the firm owes in points at a month's end, by age and remaining life."""
    # lazy: as above.
    from bot.month_end import owed

    file = out or Path(f"liability-{month}.{form}")
    _write(file, lambda: owed(settings(), tenant, month, form), as_json=as_json)


def _write(file: Path, make: Callable[[], bytes], *, as_json: bool) -> None:
    with told():
        file.write_bytes(make())
    show({"file": str(file)}, as_json=as_json)
