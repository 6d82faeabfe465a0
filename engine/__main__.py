"""The command line, `redress`: exit code 0 done, 1 refused or failed with a message, 2 wrong usage."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Final

import click

from engine.errors import InvalidInput, RedressError

VERBS: Final = {
    "archive": ("archives", "archive", "Sealed archives of answered complaints."),
    "audit": ("audit", "audit", "Prove and export the trail."),
    "backup": ("backup", "backup", "Write a backup into a new folder while everything runs."),
    "calendar": ("calendars", "calendar", "Working-day calendars."),
    "clock": ("clocks", "clock", "Show, set or advance the engine's clock (demo and test only)."),
    "conformance": ("quality", "conformance", "Hold the log of cases against their diagrams."),
    "deploy": ("models", "deploy_command", "Deploy diagrams, decisions and forms."),
    "doctor": ("doctor", "doctor", "Print what is in force, what is wrong and what to do."),
    "erase": ("complaints", "erase", "Destroy the personal data of the customer of a closed case."),
    "figures": (
        "figures",
        "figures",
        "Freeze the figures of a month again; prove frozen ones and signed score sheets.",
    ),
    "import": ("complaints", "import_group", "Import data from files."),
    "incident": ("operating", "incident", "Steps that failed where nobody was there to be told."),
    "init": ("serving", "init", "Make the data folder, keys, database and calendar."),
    "inspection": ("quality", "inspection", "Draw the sample of an inspection again."),
    "instance": ("operating", "instance", "Look at running processes, and intervene."),
    "key": ("keys", "key", "Rotate the master key while everything runs."),
    "lint": ("models", "lint_command", "Check files as a deployment would, without deploying them."),
    "messages": ("messages", "messages", "Mails and text messages that are kept for want of a server."),
    "mailboxes": ("mailboxes", "mailboxes", "Hold every mailbox of complaints against the cases."),
    "partner": ("partners", "partner", "Third parties that work for the company."),
    "policy": ("policy", "policy", "Print what carries out which clause."),
    "restore": ("backup", "restore", "Restore a backup into a new data folder and an empty database."),
    "serve": ("serving", "serve", "Serve the web pages and the API."),
    "setting": ("policy", "setting", "The terms that the policy leaves open."),
    "timer": ("operating", "timer", "Timers that wait."),
    "token": ("people", "token", "Access tokens for the API."),
    "up": ("serving", "up", ""),
    "user": ("people", "user", "Add and list the people who work with Redress."),
    "work": ("serving", "work", "Work off jobs and timers until stopped."),
}
"""Each verb: where it is (module of `engine.cli`, name there), what the list says of it (hidden: nothing).

Only the verb that is called is loaded: all of them together take longer to load than most need to run.
"""


class Verbs(click.Group):
    """The group of all verbs, each loaded when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, hidden ones too."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a verb."""
        if cmd_name not in VERBS:
            return None
        module, name, _ = VERBS[cmd_name]
        found: click.Command = getattr(import_module(f"engine.cli.{module}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list for `--help` without loading what it tells of."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, _, told) in VERBS.items() if told])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="redress")
def cli() -> None:
    """Redress: complaint handling as BPMN. Settings come from REDRESS_* variables; data lies in ./var."""


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
    except BrokenPipeError:  # whoever read our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        click.echo(f"redress: {error}", err=True)
        sys.exit(1)
    except _database_errors() as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        click.echo(f"redress: the database refused ({cause}): `redress doctor` says more", err=True)
        sys.exit(1)


def _database_errors() -> tuple[type[Exception], ...]:
    """Return what SQLAlchemy raises, if anything loaded it: a verb without it raises none of its errors."""
    loaded = sys.modules.get("sqlalchemy.exc")
    return (loaded.SQLAlchemyError,) if loaded is not None else ()


if __name__ == "__main__":
    main()
