"""A Redress under fault: its web and workers as processes of their own, killed and started as a test asks.

A mutant is a variant of the system with one mistake: its processes are started with `REDRESS_FAULT_MUTANT`,
which `injected/sitecustomize.py` reads. Nothing in the product knows of it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from engine import config
from engine.assembly import Redress, assemble
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
INJECTED = Path(__file__).parent / "injected"
START_S = 120
STOP_S = 30
SERVE, WORK = "serve", "work"


@dataclass
class Installation:
    """An installation in `folder`; `processes_url` is what its processes connect to, such as a proxy."""

    folder: Path
    url: str | None = None
    processes_url: str | None = None
    mutant: str | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    port: int = 0
    kills: int = 0
    starts: int = 0
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port = self.port or free_port()
        self.tokens = self.tokens or json.loads((self.folder / "tokens.json").read_text())

    @property
    def environ(self) -> dict[str, str]:
        """The settings of its processes, on top of what they inherit."""
        given = {"REDRESS_ENV": "test", "REDRESS_DATA_DIR": str(self.folder), "PORT": str(self.port)}
        if url := self.processes_url or self.url:
            given["REDRESS_DATABASE_URL"] = url
        if self.mutant:
            given |= {"REDRESS_FAULT_MUTANT": self.mutant, "PYTHONPATH": f"{INJECTED}{os.pathsep}{ROOT}"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
        return inherited | given

    @contextmanager
    def opened(self) -> Iterator[Redress]:
        """Give the engine on the same database, in this process and without any mutant."""
        settings = {"REDRESS_ENV": "test", "REDRESS_DATA_DIR": str(self.folder)}
        if self.url:
            settings["REDRESS_DATABASE_URL"] = self.url
        with closing(assemble(config.load(settings))) as redress:
            yield redress

    def start(self, *names: str, wait: bool = True) -> None:
        """Start `serve` and `work` (or those named; a worker may be called `work-2`)."""
        for name in names or (SERVE, WORK):
            with (self.folder / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    [sys.executable, "-m", "engine", name.partition("-")[0]],
                    cwd=ROOT,
                    env=self.environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self.starts += 1
        if wait and SERVE in (names or (SERVE,)):
            self.wait()

    def wait(self) -> None:
        """Wait until the web answers."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._running[SERVE].poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"the web does not answer:\n{self.log(SERVE)}")

    def kill(self, *names: str) -> None:
        """End processes as the kernel ends them when memory is out: at once, with all their children."""
        for name in names or tuple(self._running):
            process = self._running.pop(name)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.kills += 1

    def stop(self) -> None:
        """Stop in order what still runs."""
        processes = list(self._running.values())
        self._running.clear()
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def alive(self) -> bool:
        """Whether everything that was started still runs."""
        return all(process.poll() is None for process in self._running.values())

    def process_ids(self) -> list[int]:
        """The ids of all its processes, children included."""
        leaders = {process.pid for process in self._running.values()}
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.getsid(int(entry.name)) in leaders:
                        found.append(int(entry.name))
                except ProcessLookupError:
                    continue
        return found

    def limit_files(self, size: int | None) -> None:
        """Let no file grow beyond so many bytes, as on a full disk, in all that runs; None lifts it."""
        limit = resource.RLIM_INFINITY if size is None else size
        for process in self.process_ids():
            resource.prlimit(process, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def largest_file(self) -> int:
        """The size of the write-ahead log of SQLite, beyond which nothing can be committed."""
        return (self.folder / "redress.db-wal").stat().st_size

    def redress(self, *arguments: str) -> str:
        """Run a command of `redress` on it and return what it prints."""
        command = [sys.executable, "-m", "engine", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def log(self, name: str) -> str:
        """Return the end of what a process said."""
        file = self.folder / f"{name}.log"
        return file.read_text(errors="replace")[-3000:] if file.exists() else ""
