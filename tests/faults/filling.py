"""Filling the disk under a PostgreSQL: a real, small one where the machine lets us mount it.

Elsewhere the server refuses, by a trigger, what it would refuse on a full disk, with the same error. The
report of the test says which of the two it was, and why.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam

import psycopg

from tests.faults.installation import Installation

SMALL = "small"
SIZE = "48m"
"""The furnished database has 10 MB, and the log of the server lies elsewhere."""
BALLAST = (
    "create table ballast (stuff text) with (autovacuum_enabled = false)",
    "alter table ballast alter column stuff set storage plain",
    "insert into ballast select repeat('x', 7900) from generate_series(1, 100000)",
)
"""What the last of them took stays taken when it fails."""
REFUSING = (
    """create function refuse() returns trigger language plpgsql as
    $$begin raise exception 'No space left on device' using errcode = 'disk_full'; end$$""",
    "create trigger refuse before insert on history for each row execute function refuse()",
)


def small_disk_at(folder: Path, note: Path) -> tuple[str, ...]:
    """Return what starts a server with a small disk mounted at `folder`; `note` then says why not, if not."""
    user = getpwnam("postgres") if os.getuid() == 0 else None
    owner = (user.pw_uid, user.pw_gid) if user else (os.getuid(), os.getgid())
    program = Path(__file__).with_name("small_disk.py")
    return (sys.executable, str(program), str(folder), SIZE, *map(str, owner), str(note))


@dataclass(frozen=True)
class Filling:
    """An installation and how its database's disk is filled; `reason` says why there is no real one."""

    installation: Installation
    url: str
    reason: str

    @property
    def told(self) -> str:
        """What the report calls it."""
        return f"full disk as a trigger, {self.reason}" if self.reason else f"full disk of {SIZE}"

    def fill(self) -> None:
        """Leave no room for anything new."""
        address = self.url.replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection, suppress(psycopg.errors.DiskFull):
            for statement in REFUSING if self.reason else BALLAST:
                connection.execute(statement)
            assert self.reason, "the disk took 800 MB"

    def free(self) -> None:
        """Give the room back."""
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("drop function refuse cascade" if self.reason else "drop table ballast")
