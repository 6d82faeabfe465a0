"""mailboxes: read the mailboxes of complaints once, and hold them against what was taken in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from engine.cases.incoming.reconcile import NO_MAILBOX, reconcile_all
from engine.cli.opening import opened
from engine.errors import ConfigurationError
from engine.jobs.mailboxes import mailbox_pass
from engine.people.actor import SYSTEM

_SHOWN = 20


@click.command()
@click.option("--read", "read_first", is_flag=True, help="First take in what has come.")
def mailboxes(read_first: bool) -> None:
    """Compare every mailbox of REDRESS_IMAP_URL with the cases: exit code 1 where a message was lost."""
    with opened() as redress:
        if not redress.config.imap_urls:
            raise ConfigurationError(NO_MAILBOX)
        if read_first:
            while mailbox_pass(redress.runtime).wait_s == 0:
                pass
        wrong = [_tell(row) for row in reconcile_all(redress.runtime, SYSTEM)]
    if any(wrong):
        raise SystemExit(1)


def _tell(row: Mapping[str, Any]) -> bool:
    if row["error"]:
        click.echo(f"{row['mailbox']}: {row['error']}", err=True)
        return True
    taken = ", ".join(f"{count} {outcome}" for outcome, count in sorted(row["outcomes"].items())) or "none"
    click.echo(
        f"{row['mailbox']}: {row['messages']} messages; taken in: {taken}; not read yet: {row['unread']}"
    )
    if row["lost"]:
        uids = ", ".join(map(str, row["lost_uids"][:_SHOWN]))
        click.echo(
            f"wrong: {row['lost']} messages have no row: UID {uids}; "
            "move them out of the folder and back, so that they are read",
            err=True,
        )
    return bool(row["lost"])
