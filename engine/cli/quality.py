"""inspection and conformance: drawing a sample again, holding the log against the diagrams."""

from __future__ import annotations

import click

from engine.cli.opening import opened
from engine.domain.kpi import read_period
from engine.errors import Conflict
from engine.people.actor import SYSTEM
from engine.quality.conformance import Replayed, conformance_page
from engine.quality.supervision.redraw import redraw as draw_again

MOST_AT_ONCE = 100


@click.group()
def inspection() -> None:
    """Inspections of the supervision group."""


@inspection.command("redraw")
@click.argument("number")
@click.option("--seed", help="draw with another seed than the inspection's own")
def redraw(number: str, seed: str | None) -> None:
    """Draw the sample of an inspection again from its kept frame; exit code 1 where it differs."""
    with opened() as redress, redress.sessions.read() as session:
        found = draw_again(session, SYSTEM, number, seed=seed)
    for row in found.cases:
        drawn = f"{row['place']:>4}  {row['complaint_no']}  weight {row['weight']:g}"
        click.echo(f"{drawn}  key {row['key']:.12f}")
    click.echo(f"{len(found.cases)} of {found.frame_cases} cases, seed {found.seed}.")
    if seed is not None:
        return
    if not found.frame_intact:
        raise Conflict("the frame is not the one whose hash the trail holds: it was changed afterwards")
    if not found.same:
        raise Conflict("these are not the cases that were drawn: the sample was changed afterwards")
    click.echo("The same as drawn; the frame is intact.")


@click.command()
@click.argument("period")
def conformance(period: str) -> None:
    """Hold the log of every case received in PERIOD (2026-03, 2026-Q1, 2026) against its diagram."""
    asked, cursor = read_period(period), None
    total, cases = Replayed(), 0
    with opened() as redress:
        while True:
            with redress.sessions.read() as session:
                found = conformance_page(
                    redress.runtime, session, SYSTEM, asked, limit=MOST_AT_ONCE, cursor=cursor
                )
            for row in found.items:
                _tell(row["no"], row["replayed"])
                total.add(row["replayed"])
            cases, cursor = cases + len(found.items), found.next
            click.echo(f"{cases} cases", err=True)
            if cursor is None:
                break
    fitness = "n/a" if total.fitness is None else f"{total.fitness:.4f}"
    click.echo(f"{cases} cases, fitness {fitness}, {len(total.deviations)} deviations.")


def _tell(number: str, replayed: Replayed) -> None:
    for each in replayed.deviations:
        at = f" #{each.seq}" if each.seq else ""
        click.echo(f"{number}  {each.kind}  {each.element_id}{at}")
