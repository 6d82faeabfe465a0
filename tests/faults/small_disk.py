"""A disk that is soon full, for PostgreSQL: starts a program with a small tmpfs mounted for it.

    python small_disk.py FOLDER SIZE UID GID NOTE PROGRAM ARGUMENT...

The mount is in a namespace of the program's own, so that nothing else sees it and it goes with the program.
Root may make one; who is not root makes a user namespace around it, where the machine allows that. NOTE is a
file that is left empty, or tells why there is no such disk; the program is started either way.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

NEW_MOUNTS, NEW_USER = 0x00020000, 0x10000000
RECURSIVE, PRIVATE = 0x4000, 0x40000


def mount_small(folder: Path, size: str, uid: int, gid: int) -> None:
    """Give this process mounts of its own, and a tmpfs of `size` at `folder`. Raises OSError."""
    own, group = os.getuid(), os.getgid()
    kernel = ctypes.CDLL(None, use_errno=True)
    _call(kernel.unshare, NEW_MOUNTS | (NEW_USER if own else 0))
    if own:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{own} {own} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _call(kernel.mount, b"none", b"/", None, RECURSIVE | PRIVATE, None)
    options = f"size={size},mode=0700,uid={uid},gid={gid}".encode()
    _call(kernel.mount, b"tmpfs", os.fsencode(folder), b"tmpfs", 0, options)


def _call(function: Callable[..., int], *arguments: Any) -> None:
    if function(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    place, wanted, owner, owners, told, *command = sys.argv[1:]
    try:
        Path(place).mkdir(exist_ok=True)
        mount_small(Path(place), wanted, int(owner), int(owners))
        Path(told).write_text("")
    except OSError as error:
        Path(told).write_text(f"no mount of our own: {error}")
    os.execvp(command[0], command)
