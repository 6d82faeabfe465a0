"""instance, incident and timer: what operators do with running processes, each with a reason."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from typing import Any

import click
import orjson

from engine import clock, read
from engine.assembly import Redress
from engine.cli.opening import opened
from engine.errors import InvalidInput
from engine.people.acting import load_actor
from engine.people.actor import SYSTEM, Actor
from engine.read.migrations import migration
from engine.read.operations import incident_list, timer_list

MOST = 500
PROGRESS = 20
"""How many instances are migrated between two lines of progress."""
REASON = click.option("--reason", required=True, help="Why; kept in the trail.")
BY = click.option("--by", help="Who does it; without, the trail says system.")
SEEN = click.option("--revision", type=int, help="What `show` said: refused if it has made a step since.")
KEY = click.option("--key", help="Only this business key, such as a complaint's number.")
PROCESS = click.option("--process", "process_id", help="Only this process.")


@contextmanager
def acting(by: str | None) -> Iterator[tuple[Redress, Actor]]:
    """Give the engine, and who acts: a user with their permissions, or the system."""
    with opened() as redress:
        if by is None:
            yield redress, SYSTEM
            return
        with redress.sessions.read() as session:
            actor = load_actor(session, by)
        yield redress, actor


@click.group()
def instance() -> None:
    """Look at running processes, and intervene."""


@instance.command("list")
@PROCESS
@KEY
@click.option("--state", type=click.Choice(("active", "suspended", "completed", "cancelled")))
def list_instances(process_id: str | None, key: str | None, state: str | None) -> None:
    """List instances, the newest first: id, state, process and version, business key."""
    with opened() as redress, redress.sessions.read() as session:
        found = read.instance_list(
            session, SYSTEM, state=state, process_id=process_id, business_key=key, limit=MOST
        )
        for row in found.items:
            version = f"{row['process_id']} v{row['definition_version']}"
            click.echo(f"{row['id']}  {row['state']:<10} {version:<32} {row['business_key'] or ''}")
    if found.next:
        click.echo(f"only the newest {MOST} are shown: narrow it by --process, --key or --state", err=True)


@instance.command("show")
@click.argument("instance_id")
def show(instance_id: str) -> None:
    """Show an instance, and what it waits for, as JSON."""
    with opened() as redress, redress.sessions.read() as session:
        found = read.instance(session, SYSTEM, instance_id)
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str))


def _verb(name: str, verb: str, said: str) -> None:
    @instance.command(name, help=f"{said}.")
    @click.argument("instance_id")
    @REASON
    @SEEN
    @BY
    def command(instance_id: str, reason: str, revision: int | None, by: str | None) -> None:
        act = getattr(import_module("engine.runtime.commands"), verb)
        with acting(by) as (redress, actor):
            state = act(redress.runtime, actor, instance_id, reason, revision=revision)
            click.echo(f"{instance_id}: {state}")


_verb("suspend", "suspend_instance", "Let an instance stand still until it is resumed")
_verb("resume", "resume_instance", "Let a suspended instance go on; what fell due follows in order")
_verb("cancel", "cancel_instance", "End an instance; everything that it waits for is withdrawn")


@instance.command("set")
@click.argument("instance_id")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.option("--at", "element_id", help="The element at which a token waits, to write to what it sees.")
@REASON
@SEEN
@BY
def set_variables(
    instance_id: str,
    assignments: tuple[str, ...],
    element_id: str | None,
    reason: str,
    revision: int | None,
    by: str | None,
) -> None:
    """Set variables that the models declare: VALUE is JSON, or else a text."""
    from engine.runtime import commands

    values = dict(_assignment(text) for text in assignments)
    with acting(by) as (redress, actor):
        done = commands.set_variables(
            redress.runtime,
            actor,
            instance_id,
            values,
            reason,
            element_id=element_id,
            revision=revision,
        )
    click.echo(f"{instance_id}: changed {', '.join(done['changed']) or 'nothing'}")


@instance.command("move")
@click.argument("instance_id")
@click.option("--from", "source", required=True, help="The element at which the token waits.")
@click.option("--to", "target", required=True, help="The element at which it is to begin.")
@click.option("--token", type=int, help="Which token, where several wait there.")
@click.option("--leave", is_flag=True, help="Out of its sub-process, call or multi-instance: cancelled.")
@REASON
@SEEN
@BY
def move(
    instance_id: str,
    source: str,
    target: str,
    token: int | None,
    leave: bool,
    reason: str,
    revision: int | None,
    by: str | None,
) -> None:
    """Take a token away where it waits, and begin at another element of its scope."""
    from engine.runtime import commands

    with acting(by) as (redress, actor):
        state = commands.move_token(
            redress.runtime,
            actor,
            instance_id,
            source,
            target,
            reason,
            token=token,
            leave=leave,
            revision=revision,
        )
    click.echo(f"{instance_id}: {state}")


@instance.command("migrate")
@click.argument("instance_id", required=False)
@click.option("--process", "process_id", help="Instead of one instance, all running ones of this process.")
@click.option("--to", "version", type=int, help="The version of the process; without, the newest.")
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="An element that is renamed; repeat.")
@click.option(
    "--preview", is_flag=True, help="Only tell what fits and what does not; exit code 1 if not all."
)
@click.option("--reason", help="Why; kept in the trail. Needed without --preview.")
@BY
def migrate(
    instance_id: str | None,
    process_id: str | None,
    version: int | None,
    pairs: tuple[str, ...],
    preview: bool,
    reason: str | None,
    by: str | None,
) -> None:
    """Bring one instance, or all of a process, to another version of its process.

    All: an instance after the other; one that does not fit stays and is told. What is stopped half-way goes
    on with the worker.
    """
    from engine.runtime import commands

    if (instance_id is None) == (process_id is None):
        raise click.UsageError("name an instance, or --process")
    if not preview and reason is None:
        raise click.UsageError("Missing option '--reason'.")
    target: dict[str, Any] = {"version": version, "mapping": dict(_pair(text) for text in pairs)}
    with acting(by) as (redress, actor):
        if preview:
            fits = _preview(redress, actor, instance_id, process_id, target)
        elif instance_id is not None:
            done = commands.migrate_instance(redress.runtime, actor, instance_id, reason or "", **target)
            fits = True
            click.echo(f"{instance_id}: {done['state']}, version {done['version']}")
        else:
            fits = _migrate_all(redress, actor, process_id or "", reason or "", target)
    if not fits:
        raise SystemExit(1)


def _preview(
    redress: Redress, actor: Actor, instance_id: str | None, process_id: str | None, target: dict[str, Any]
) -> bool:
    from engine.runtime import commands

    if instance_id is None:
        found = commands.preview_migration_of_all(redress.runtime, actor, process_id or "", **target)
        click.echo(
            f"{found['instances']} instance(s) to version {found['version']}; "
            f"of {found['checked']} looked into, {found['fit']} fit"
        )
        for each in found["problems"]:
            click.echo(f"  {each['instances']:>6}  {each['kind']} {each['element_id']}: {each['problem']}")
        return bool(found["fit"] == found["checked"])
    outlook = commands.preview_migration(redress.runtime, actor, instance_id, **target)
    for item in outlook.items:
        said = f"does not fit: {item.problem}" if item.problem else f"-> {item.to}" if item.to else ""
        click.echo("  ".join(part for part in (item.kind, item.element_id, said, item.note) if part))
    return not outlook.problems


def _migrate_all(
    redress: Redress, actor: Actor, process_id: str, reason: str, target: dict[str, Any]
) -> bool:
    from engine.runtime import commands

    rt = redress.runtime
    migration_id = commands.start_migration(rt, actor, process_id, reason, **target)
    while True:
        with redress.sessions.read() as session:
            found = migration(session, migration_id)
        done = found["migrated"] + found["failed"]
        click.echo(f"\r{done} of {found['total']}, {found['failed']} failed", nl=False, err=True)
        if found["state"] != "running":
            break
        if not commands.run_migrations(rt, limit=PROGRESS):
            time.sleep(0.2)  # a worker has it, or it has just ended
    click.echo(err=True)
    click.echo(f"{found['migrated']} migrated to version {found['version']}, {found['failed']} failed")
    for each in found["failures"]:
        click.echo(f"  {each['instance_id']}: {each['message']}")
    return not found["failed"]


def _pair(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise InvalidInput(f"{text!r} names no pair of elements such as old=new")
    return old, new


def _assignment(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidInput(f"{text!r} is no assignment such as amount=12")
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value


@click.group()
def timer() -> None:
    """Timers that wait."""


@timer.command("list")
@click.option("--due", "due_only", is_flag=True, help="Only those whose time has come.")
def list_timers(due_only: bool) -> None:
    """List timers, the next due first: id, time, state, element, business key."""
    with opened() as redress, redress.sessions.read() as session:
        zone = redress.config.timezone
        for row in timer_list(session, SYSTEM, due_only=due_only, limit=MOST).items:
            at = row["due_at"].astimezone(zone).isoformat(timespec="seconds")
            click.echo(
                f"{row['id']}  {at}  {row['state']:<7} {row['element_id']:<32} {row['business_key'] or ''}"
            )


@timer.command("reschedule")
@click.argument("timer_id")
@click.argument("instant")
@REASON
@BY
def reschedule(timer_id: str, instant: str, reason: str, by: str | None) -> None:
    """Let a timer fire at INSTANT instead, such as 2026-03-02T09:00:00+08:00 or now."""
    from engine.runtime import commands

    with acting(by) as (redress, actor):
        try:
            at = clock.now() if instant == "now" else datetime.fromisoformat(instant)
        except ValueError as error:
            raise InvalidInput(f"{instant!r} is no instant such as 2026-03-02T09:00:00+08:00") from error
        at = at if at.tzinfo else at.replace(tzinfo=redress.config.timezone)
        done = commands.reschedule_timer(redress.runtime, actor, timer_id, at, reason)
    click.echo(f"{timer_id}: fires at {done['due_at']}")


@click.group()
def incident() -> None:
    """Steps that failed where nobody was there to be told."""


@incident.command("list")
@click.option("--all", "everything", is_flag=True, help="Resolved ones too.")
def list_incidents(everything: bool) -> None:
    """List incidents, the newest first: id, since when, kind, element, business key, what is wrong."""
    with opened() as redress, redress.sessions.read() as session:
        zone = redress.config.timezone
        for row in incident_list(session, SYSTEM, state=None if everything else "open", limit=MOST).items:
            at = row["created_at"].astimezone(zone).isoformat(timespec="seconds")
            place = f"{row['process_id'] or '-'}/{row['element_id'] or '-'}"
            click.echo(f"{row['id']}  {at}  {row['state']:<8} {row['kind']:<5} {place}  {row['message']}")


@incident.command("resolve")
@click.argument("incident_ids", nargs=-1, required=True)
@REASON
@BY
def resolve(incident_ids: tuple[str, ...], reason: str, by: str | None) -> None:
    """Resolve incidents without trying again: what failed stays undone."""
    from engine.runtime import commands

    with acting(by) as (redress, actor):
        for incident_id in incident_ids:
            commands.resolve_incident(redress.runtime, actor, incident_id, reason)
            click.echo(f"{incident_id}: resolved")


@incident.command("retry")
@click.argument("incident_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every open one that fits the options.")
@click.option("--kind", type=click.Choice(("timer", "job")), help="Only those of timers, or of jobs.")
@PROCESS
@click.option("--element", "element_id", help="Only those at this element.")
@REASON
@BY
def retry(
    incident_ids: tuple[str, ...],
    everything: bool,
    kind: str | None,
    process_id: str | None,
    element_id: str | None,
    reason: str,
    by: str | None,
) -> None:
    """Retry incidents: those named, or with --all every one of a kind, a process, an element."""
    from engine.runtime import commands

    if bool(incident_ids) == everything:
        raise click.UsageError("name incidents, or say --all")
    with acting(by) as (redress, actor):
        rt = redress.runtime
        if everything:
            wanted = {"kind": kind, "process_id": process_id, "element_id": element_id}
            click.echo(f"{commands.retry_incidents(rt, actor, reason, **wanted)} retried")
            return
        for incident_id in incident_ids:
            done = commands.retry_incident(rt, actor, incident_id, reason)
            click.echo(
                f"{incident_id}: {'retried' if done['retried'] else 'resolved; nothing was left to retry'}"
            )
