"""The commands `zhufen import`: files from Excel and CSV, checked and brought in once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from bot.terminal import AsJson, Tenant, console, errors, settings, show, show_rows, table, told

if TYPE_CHECKING:
    from bot.imports.filing import FileSummary

import_app = typer.Typer(
    no_args_is_help=True, help="Events, customers and contracts from Excel and CSV."
)

Again = Annotated[bool, typer.Option("--again", help="Count anew what was counted and undone.")]
BatchId = Annotated[str, typer.Argument(help="The import's id, see `list`.")]
Check = Annotated[bool, typer.Option("--check", help="Only say what would be done.")]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out rows that are wrong, count the others.")
]
File = Annotated[
    Path, typer.Argument(help="An .xlsx or .csv.", exists=True, dir_okay=False, readable=True)
]
Report = Annotated[Path | None, typer.Option(help="Write what became of every row: .xlsx or .csv.")]


@import_app.command("events")
def events(
    file: File,
    *,
    check: Check = False,
    skip_bad: SkipBad = False,
    again: Again = False,
    report: Report = None,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Count the events of a file, each once however often this is run; tells no customer."""
    # lazy: a command that only prints must not load the whole application.
    from bot.imports.report import check_format, write_report
    from bot.imports.running import Source, opened_importer  # lazy: the same
    from bot.imports.wording import problem_lines, summary_json, summary_lines  # lazy: the same

    with told(), _worded():
        if report is not None:
            check_format(report)
        source = Source(file.name, file.read_bytes())
        with opened_importer(settings(), tenant) as importer, _bar() as progress:
            if check:
                summary = importer.check(source, progress, again=again)
            else:
                summary = importer.run(source, progress, skip_bad=skip_bad, again=again)
        if report is not None:
            write_report(report, summary.rows)
    if as_json:
        show(summary_json(summary), as_json=True)
    else:
        shown = table(2)
        for line in summary_lines(summary):
            shown.add_row(*line)
        console.print(shown)
        for problem in problem_lines(summary):
            errors.print(problem, style="red", markup=False, soft_wrap=True)
    if not summary.is_well:
        raise typer.Exit(1)


@import_app.command("customers")
def customers(
    file: File,
    *,
    check: Check = False,
    skip_bad: SkipBad = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Likely twins are other units; you have looked.")
    ] = False,
    report: Report = None,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Add the customers of a file with their contacts; those there get what they lack."""
    # lazy: see above.
    from bot.imports.filing import opened_filer

    with told(), _worded():
        _check_report(report)
        with opened_filer(settings(), tenant) as filer, _bar() as progress:
            summary = filer.customers(
                file.read_bytes(), progress, checks=check, skip_bad=skip_bad, is_anyway=anyway
            )
    _tell(summary, report, as_json=as_json)


@import_app.command("contracts")
def contracts(
    file: File,
    *,
    check: Check = False,
    skip_bad: SkipBad = False,
    report: Report = None,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Add the contracts of a file to their customers; they give no points, their events do."""
    # lazy: see above.
    from bot.imports.filing import opened_filer

    with told(), _worded():
        _check_report(report)
        with opened_filer(settings(), tenant) as filer, _bar() as progress:
            summary = filer.contracts(file.read_bytes(), progress, checks=check, skip_bad=skip_bad)
    _tell(summary, report, as_json=as_json)


@import_app.command("undo")
def undo(
    batch: BatchId, *, check: Check = False, tenant: Tenant = "main", as_json: AsJson = False
) -> None:
    """Undo all events of an import that are not undone yet, the newest first."""
    # lazy: see above.
    from bot.imports.running import opened_importer

    with told(), opened_importer(settings(), tenant) as importer, _bar() as progress:
        undone = importer.check_undo(batch) if check else importer.undo(batch, progress)
    show({"batch": batch, "events": undone.events, "points": undone.points}, as_json=as_json)


@import_app.command("list")
def list_all(*, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """List the imports, newest first."""
    # lazy: see above.
    from bot.imports.running import opened_importer

    with told(), opened_importer(settings(), tenant) as importer:
        found = importer.batches()
    if as_json:
        show({"batches": found}, as_json=True)
        return
    shown = table(4)
    for batch in found:
        shown.add_row(*(str(batch[name]) for name in ("batch", "file", "rows", "at")))
    console.print(shown)


def _check_report(report: Path | None) -> None:
    # lazy: see above.
    from bot.imports.report import check_format

    if report is not None:
        check_format(report)


def _tell(summary: "FileSummary", report: Path | None, *, as_json: bool) -> None:
    """Write the report and say what became of a file of customers or contracts."""
    # lazy: see above.
    from bot.imports.report import CUSTOMER_COLUMNS, write_report
    from bot.imports.wording import (  # lazy: the same
        file_json,
        file_lines,
        problem_lines,
        remark_lines,
    )

    if report is not None:
        write_report(report, summary.rows, CUSTOMER_COLUMNS)
    if as_json:
        show(file_json(summary), as_json=True)
    else:
        shown = table(2)
        for line in file_lines(summary):
            shown.add_row(*line)
        show_rows(shown, "rows")
        for remark in remark_lines(summary):
            errors.print(remark, style="yellow", markup=False, soft_wrap=True)
        for problem in problem_lines(summary):
            errors.print(problem, style="red", markup=False, soft_wrap=True)
    if summary.problems:
        raise typer.Exit(1)


@contextmanager
def _worded() -> Iterator[None]:
    """Say why a file can't be read."""
    # lazy: see above.
    from bot.sheets.limits import Unreadable
    from bot.sheets.problems import word_fault  # lazy: the same

    try:
        yield
    except Unreadable as error:
        errors.print(word_fault(error), style="red", markup=False)
        raise typer.Exit(1) from error


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Show on standard error how far it is; nothing where that is no terminal."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown_on = Console(stderr=True)
    is_hidden = not shown_on.is_terminal
    with Progress(*columns, console=shown_on, transient=True, disable=is_hidden) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
