"""What every command of `zhufen` shares: options, output, expected failures."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from bot.settings import Settings, SettingsRefused, load_settings
from domain.errors import DomainError

console = Console()
errors = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Tenant = Annotated[str, typer.Option(help="The firm this is for.")]


def settings() -> Settings:
    """Read the settings, or end with what is wrong with them."""
    with told():
        return load_settings()


class told:  # noqa: N801  reads as a word where it is used
    """Turns expected failures into one line on standard error and exit status 1."""

    def __enter__(self) -> None:
        """Do nothing on the way in."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if error is None:
            return
        # lazy: a command that only prints must not load the whole application.
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


def show(found: dict[str, object], *, as_json: bool) -> None:
    """Print what was done, for people or machines."""
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    rows = table(2)
    for name, value in found.items():
        rows.add_row(name, str(value))
    console.print(rows)


def show_rows(rows: Table, name: str) -> None:
    """Print a table, or that there is nothing to be put into it: an empty frame says neither."""
    console.print(rows if rows.row_count else f"0 {name}")


def table(columns: int) -> Table:
    """Make a table without a head."""
    # Folded: a Chinese sentence or a link is one long word, and rich would cut it off.
    return Table(*[Column(overflow="fold") for _ in range(columns)], show_header=False)
