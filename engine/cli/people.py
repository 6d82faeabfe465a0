"""user and token: accounts from the command line."""

from __future__ import annotations

import click

from engine.cli.opening import opened
from engine.people import accounts
from engine.people.actor import SYSTEM
from engine.people.roles import ROLES


@click.group()
def user() -> None:
    """Add and list the people who work with Redress."""


@user.command("add")
@click.argument("username")
@click.option("--name", "display_name", required=True, help="The name to show.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="Repeat for several."
)
@click.option("--department", help="The id of the department.")
@click.option("--superior", help="The username of the superior.")
@click.password_option()
def add(
    username: str,
    display_name: str,
    roles: tuple[str, ...],
    department: str | None,
    superior: str | None,
    password: str,
) -> None:
    """Add somebody; the password is asked for."""
    with opened() as redress, redress.sessions.step() as session:
        accounts.add_person(
            session,
            username,
            display_name,
            roles=roles,
            password=password,
            department_id=department,
            superior=superior,
        )
    click.echo(f"Added {username}.")


@user.command("passwd")
@click.argument("username")
@click.password_option()
def passwd(username: str, password: str) -> None:
    """Give somebody a new password; it ends their log-ins."""
    with opened() as redress, redress.sessions.step() as session:
        accounts.set_password(session, username, password)
    click.echo(f"{username} has a new password.")


@user.command("close")
@click.argument("username")
def close(username: str) -> None:
    """Close the account of somebody who leaves; open tasks and cases go back to those who can do them."""
    from engine.cases.leaving import leave

    with opened() as redress:
        left = leave(redress.runtime, SYSTEM, username)
    click.echo(f"Closed {username}: {left.tasks} task(s) and {left.cases} case(s) went back.")


@user.command("list")
def list_users() -> None:
    """List everybody with their roles."""
    with opened() as redress, redress.sessions.read() as session:
        for person in accounts.list_people(session):
            state = "" if person["active"] else " (closed)"
            click.echo(
                f"{person['username']:<16} {', '.join(person['roles']):<40} {person['display_name']}{state}"
            )


@click.group()
def token() -> None:
    """Access tokens for the API."""


@token.command("create")
@click.argument("username")
def create(username: str) -> None:
    """Make a token for somebody and print it, nothing else; it is not kept and cannot be shown again."""
    with opened() as redress, redress.sessions.step() as session:
        value = accounts.create_token(session, username)
    click.echo(value)


@token.command("revoke")
@click.argument("username")
def revoke(username: str) -> None:
    """Make all tokens of somebody invalid at once."""
    with opened() as redress, redress.sessions.step() as session:
        count = accounts.revoke_tokens(session, username)
    click.echo(f"{count} token{'' if count == 1 else 's'} of {username} revoked.")
