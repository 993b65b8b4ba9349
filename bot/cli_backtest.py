"""The command `zhufen backtest`: what a draft would have made of the recorded past."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from bot.terminal import AsJson, Tenant, console, errors, settings, table, told
from domain.ids import TenantId

if TYPE_CHECKING:
    # lazy: every command of `zhufen` loads this module, and few replay anything.
    from domain.replay.drafts import Draft, Period

_DAYS = ["%Y-%m-%d"]
_File = Annotated[
    Path | None,
    typer.Argument(exists=True, dir_okay=False, help="Rules or a programme, JSON or .xlsx."),
]
_Number = Annotated[
    int | None, typer.Option("--number", help="A stored draft, by its number; keeps the result.")
]
_From = Annotated[
    datetime | None, typer.Option("--from", formats=_DAYS, help="First business day of the draft.")
]
_To = Annotated[datetime | None, typer.Option(formats=_DAYS, help="Last business day.")]
_Reproduce = Annotated[bool, typer.Option("--reproduce", help="Only replay the past and compare.")]
_NoCheck = Annotated[bool, typer.Option("--no-check", help="Don't compare; is never exact.")]
_Excel = Annotated[Path | None, typer.Option(help="Write the report as .xlsx.")]
_Jobs = Annotated[int, typer.Option(min=1, max=64, help="Processes to use.")]


def backtest(
    draft: _File = None,
    *,
    number: _Number = None,
    from_: _From = None,
    to: _To = None,
    reproduce: _Reproduce = False,
    no_check: _NoCheck = False,
    excel: _Excel = None,
    jobs: _Jobs = 1,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Replay the recorded past, by the rules of its time and by a draft; exit 0 only when exact."""
    # lazy: a command that only prints must not load the whole application.
    from bot.backtest_report import workbook

    # lazy: the same.
    from bot.backtesting import Order, Watch, run_backtest

    known = settings()
    with told(), _bar() as bar:
        if [draft is not None, number is not None, reproduce].count(True) != 1:
            raise ValueError("a draft, its --number, or --reproduce")
        order = Order(
            TenantId(tenant),
            _read(draft),
            _period(from_, to),
            checks=not no_check,
            jobs=jobs,
            number=number,
        )
        task = bar.add_task("", total=None)
        watch = Watch(
            lambda total: bar.update(task, total=total), lambda count: bar.advance(task, count)
        )
        done = run_backtest(known, order, watch)
        if excel is not None:
            excel.write_bytes(workbook(done.report, done.customers))
    if as_json:
        typer.echo(json.dumps(done.report, ensure_ascii=False))
    else:
        _show(done.report)
    if not done.backtest.is_exact:
        raise typer.Exit(1)


def _show(report: dict[str, Any]) -> None:
    # lazy: the same.
    from bot.backtest_report import differences_table, overview, rules_table

    lines = table(2)
    for name, value in overview(report):
        lines.add_row(name, value)
    console.print(lines)
    console.print(rules_table(report))
    if report["differences"]["first"]:
        console.print(differences_table(report))


def _read(file: Path | None) -> "Draft | None":
    # lazy: the same.
    from bot.drafts import read_draft

    return None if file is None else read_draft(file.read_bytes())


def _period(first: datetime | None, last: datetime | None) -> "Period":
    # lazy: as above.
    from domain.replay.drafts import Period

    if first is not None and last is not None and first > last:
        raise ValueError("--from is after --to")
    return Period(_day(first), _day(last))


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.date()


def _bar() -> Progress:
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=errors, transient=True)
