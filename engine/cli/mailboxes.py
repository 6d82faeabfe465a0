"""mailboxes: read the mailboxes of complaints once, and hold them against what was taken in."""

from __future__ import annotations

import click

from engine.cases.incoming.reconcile import Reconciled, reconcile
from engine.channels.mailbox import MailboxAway, place_of_url
from engine.cli.opening import opened
from engine.errors import ConfigurationError
from engine.jobs.mailboxes import mailbox_pass

_SHOWN = 20


@click.command()
@click.option("--read", "read_first", is_flag=True, help="First take in what has come.")
def mailboxes(read_first: bool) -> None:
    """Compare every mailbox of REDRESS_IMAP_URL with the cases: exit code 1 where a message was lost."""
    with opened() as redress:
        urls = redress.config.imap_urls
        if not urls:
            raise ConfigurationError("no mailbox is set: REDRESS_IMAP_URL")
        if read_first:
            while mailbox_pass(redress.runtime).wait_s == 0:
                pass
        wrong = False
        for url in urls:
            place = place_of_url(url)
            try:
                wrong |= _tell(reconcile(redress.runtime, place))
            except MailboxAway as error:
                click.echo(f"{place.name}: {error}", err=True)
                wrong = True
    if wrong:
        raise SystemExit(1)


def _tell(found: Reconciled) -> bool:
    taken = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.outcomes.items())) or "none"
    click.echo(
        f"{found.mailbox}: {found.messages} messages; taken in: {taken}; not read yet: {len(found.unread)}"
    )
    if found.lost:
        click.echo(
            f"wrong: {len(found.lost)} messages have no row: UID {', '.join(map(str, found.lost[:_SHOWN]))}; "
            "move them out of the folder and back, so that they are read",
            err=True,
        )
    return bool(found.lost)
