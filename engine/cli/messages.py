"""messages: what would have been sent to customers, had a server been set."""

from __future__ import annotations

from email import message_from_string, policy

import click

from engine.cases.kept_messages import kept_messages, read_kept
from engine.channels import mail
from engine.cli.opening import opened


@click.command()
@click.argument("name", required=False)
def messages(name: str | None) -> None:
    """List the mails and text messages that are kept since no server takes them; with NAME show one.

    They are sealed in the data folder; that one was read stands in the trail.
    """
    with opened() as redress:
        if name is not None:
            click.echo(_told(read_kept(redress.runtime, name)))
            return
        found = kept_messages(redress.config.data_dir)
    for each in found:
        what = "mail" if each.channel == mail.SINK else "text message"
        click.echo(f"{each.kept_at:%Y-%m-%d %H:%M}Z  {what:12}  {each.name}")
    if not found:
        click.echo("no message is kept: all were sent, or there was none", err=True)


def _told(said: str) -> str:
    """Return a mail with its text decoded; a text message as it would have been handed over."""
    if said.startswith("{"):
        return said
    found = message_from_string(said, policy=policy.default)
    heads = "\n".join(f"{name}: {found[name]}" for name in ("From", "To", "Subject"))
    return f"{heads}\n\n{found.get_content()}"
