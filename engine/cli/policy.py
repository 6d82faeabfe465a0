"""policy and setting: which clause is carried out by what, and the terms that the policy leaves open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import orjson

from engine import clock
from engine.cases import policy as deciding
from engine.cases.matrix import SOURCES, Row, deployed_files, policy_matrix
from engine.cli.opening import opened
from engine.cli.operating import BY, acting
from engine.domain.policy.parameters import register
from engine.errors import ConfigurationError

LANGUAGES = ("zh-Hant", "zh-Hans", "en")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A list of objects, one a clause.")
@click.option("--language", type=click.Choice(LANGUAGES), default="zh-Hant", show_default=True)
def policy(as_json: bool, language: str) -> None:
    """Print which element, decision, form, scenario, setting or guard carries out which clause.

    The models are the deployed ones; before anything is deployed, those of the folder `processes`.
    """
    rows = policy_matrix(_files())
    if as_json:
        plain = [row.plain(language) for row in rows]
        click.echo(orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode())
        return
    for row in rows:
        click.echo(f"{row.clause:<4} {row.kind:<9} {row.text[language]}")
        for name, values in _parts(row):
            click.echo(f"     {name}: {', '.join(values)}")
    still_open = sum(row.kind == "open" for row in rows)
    click.echo(f"{len(rows)} clauses, {still_open} of them open.")


def _files() -> dict[str, bytes]:
    try:
        with opened() as redress, redress.sessions.read() as session:
            found = deployed_files(session)
    except ConfigurationError:
        found = {}
    return found or {
        str(path.relative_to(SOURCES)): path.read_bytes()
        for path in SOURCES.rglob("*")
        if path.suffix in (".bpmn", ".dmn")
    }


def _parts(row: Row) -> list[tuple[str, list[str]]]:
    guards = [f"{guard['function']} ({Path(guard['test']).name})" for guard in row.guards]
    parts = [
        ("elements", row.elements),
        ("decisions", row.decisions),
        ("forms", row.forms),
        ("scenarios", row.scenarios),
        ("settings", row.settings),
        ("guards", guards),
    ]
    return [(name, values) for name, values in parts if values]


@click.group()
def setting() -> None:
    """The terms that the policy leaves open: parameters with defaults, changed by dated decisions."""


@setting.command("list")
def list_settings() -> None:
    """List every parameter with its value of today, and whether it is an assumption."""
    with opened() as redress, redress.sessions.read() as session:
        for each in deciding.parameters_in_force(redress.runtime, session):
            kind = "decided" if each.is_decided else "assumption" if each.parameter.assumption else "law"
            click.echo(
                f"{each.parameter.name:<28} {each.value:>8} {each.parameter.unit:<13} {kind:<10} "
                f"{each.parameter.text['en']}"
            )


@setting.command("decide")
@click.argument("name", type=click.Choice(list(register())), metavar="NAME")
@click.argument("value")
@click.option("--from", "effective_from", type=_DAY, help="The first day; today without it.")
@click.option("--reason", required=True, help="Why; kept in the trail.")
@BY
def decide(name: str, value: str, effective_from: datetime | None, reason: str, by: str | None) -> None:
    """Give a parameter another value from a day on."""
    with acting(by) as (redress, actor):
        if by is not None:
            actor.require("policy.decide")
        day = effective_from or clock.now().astimezone(redress.config.timezone)
        deciding.decide_parameter(
            redress.runtime, actor, name, value, effective_from=day.date(), reason=reason
        )
    click.echo(f"{name} is {value} from {day.date()} on.")
