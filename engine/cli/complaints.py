"""import: complaints from files."""

from __future__ import annotations

from pathlib import Path

import click

from engine import clock
from engine.cases.csv_import import CsvImport
from engine.cases.erasure import ErasureReason, erase_customer
from engine.cli.opening import opened
from engine.people.actor import SYSTEM

SHOWN = 20


@click.group("import")
def import_group() -> None:
    """Import data from files."""


@import_group.command("complaints")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--received",
    type=click.Choice(["shifted", "as-is"]),
    default="shifted",
    show_default=True,
    help="shifted: the newest row is received today, the others as long before as in the file.",
)
def import_complaints(file: Path, received: str) -> None:
    """Register every row of a CSV file in the CFPB's format and start its instance; safe to repeat."""
    with opened() as redress:
        began = clock.monotonic()
        work = CsvImport(redress.runtime, SYSTEM, file, shift=received == "shifted")
        with click.progressbar(length=len(work.rows), label="Registering", show_pos=True) as bar:
            done = 0
            for report in work.run():
                bar.update(report.rows - done)
                done = report.rows
        seconds = clock.monotonic() - began
        report = work.report
    for line, reason in report.rejected[:SHOWN]:
        click.echo(f"{file.name}:{line}: {reason}", err=True)
    if len(report.rejected) > SHOWN:
        click.echo(f"... and {len(report.rejected) - SHOWN} more rejected rows", err=True)
    pace = report.registered / seconds if seconds else 0
    click.echo(
        f"{report.registered} registered, {report.known} known already, {len(report.rejected)} rejected, "
        f"in {seconds:.1f} s ({pace:.0f} instances a second)."
    )
    if report.rejected:
        raise SystemExit(1)


@click.command()
@click.argument("complaint_no")
@click.option(
    "--reason",
    required=True,
    type=click.Choice([str(each) for each in ErasureReason]),
    help="On what ground: the retention period is over, the customer's request, an order.",
)
@click.confirmation_option(prompt="This destroys the keys of the customer's data for ever. Go on?")
def erase(complaint_no: str, reason: str) -> None:
    """Destroy the personal data of the customer of a closed case; the trail stays and stays provable."""
    with opened() as redress:
        done = erase_customer(redress.runtime, redress.vault, SYSTEM, complaint_no, reason=reason)
    click.echo(f"Erased the customer of {done.complaint_no} and {done.documents} document(s).")
    if done.also_in:
        click.echo(f"The same person is held in {', '.join(done.also_in)}.")
