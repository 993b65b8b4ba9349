"""The commands `zhufen import`: events from Excel and CSV, checked, counted once, taken back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from bot.terminal import AsJson, Tenant, console, errors, settings, show, table, told

import_app = typer.Typer(no_args_is_help=True, help="Events from Excel and CSV files.")

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
