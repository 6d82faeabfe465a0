"""The command line, `redress`: exit code 0 done, 1 refused or failed with a message, 2 wrong usage."""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from engine.cli import (
    archives,
    audit,
    backup,
    calendars,
    complaints,
    doctor,
    keys,
    mailboxes,
    models,
    operating,
    people,
    policy,
    serving,
)
from engine.errors import InvalidInput, RedressError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="redress")
def cli() -> None:
    """Redress: complaint handling as BPMN. Settings come from REDRESS_* variables; data lies in ./var."""


for module in (
    serving,
    models,
    complaints,
    operating,
    people,
    policy,
    calendars,
    audit,
    keys,
    backup,
    doctor,
    archives,
    mailboxes,
):
    for command in module.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run the command line; what we refuse on purpose becomes a message and exit code 1."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except InvalidInput as error:
        click.echo(f"redress: {error}", err=True)
        for field, messages in error.errors.items():
            click.echo(f"  {field}: {'; '.join(messages)}", err=True)
        sys.exit(1)
    except RedressError as error:
        click.echo(f"redress: {error}", err=True)
        sys.exit(1)
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        click.echo(f"redress: the database refused ({cause}): `redress doctor` says more", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
