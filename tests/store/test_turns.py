"""Whoever waits to write to SQLite has a turn before whoever has just written."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
import time
from pathlib import Path

from engine.store.turns import Turns


def is_held(file: Path) -> bool:
    with file.open("a+b") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_who_has_just_written_does_not_pass_by_who_is_next(tmp_path: Path) -> None:
    turns, order = Turns(tmp_path / "x.db"), []
    following = tmp_path / "x.db-next"

    def wait() -> None:
        with turns.taken():
            order.append("waiting")

    for _ in range(20):
        with turns.taken():
            thread = threading.Thread(target=wait)
            thread.start()
            while not is_held(following):
                time.sleep(0.001)
        with turns.taken():
            order.append("again")
        thread.join()
    assert order == ["waiting", "again"] * 20


def test_the_turn_of_a_process_that_is_killed_is_over(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom engine.store.turns import Turns\n"
        "with Turns(Path(sys.argv[1])).taken():\n    print('taken', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"taken\n"
        assert is_held(tmp_path / "x.db-now")
        holder.kill()
    assert not is_held(tmp_path / "x.db-now")
    with Turns(file).taken():
        pass
