"""calendar: working days."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cases import calendar_import
from engine.cli.opening import opened
from engine.domain.calendar_table import read_year
from engine.people.actor import SYSTEM


@click.group()
def calendar() -> None:
    """Working-day calendars."""


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Import the holiday schedule of a year; running deadlines are counted again."""
    table = read_year(file.read_bytes(), file.name)
    with opened() as redress:
        done = calendar_import.import_years(redress.runtime, SYSTEM, [table])
    if done.is_new:
        click.echo(
            f"Imported {table.year}; the calendar is now {done.version}; {done.moved} deadline(s) moved."
        )
    else:
        click.echo(f"The schedule of {table.year} is in force already as {done.version}.")
