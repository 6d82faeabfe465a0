"""A Redress that runs as it does for users: the web and the job worker as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
START_S = 120
STOP_S = 25


@dataclass
class Server:
    """An installation in `folder` and the processes that serve it, started with our own command line."""

    folder: Path
    database_url: str | None = None
    environment: str = "test"
    port: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    """More settings by their names."""
    sessions: dict[str, Any] = field(default_factory=dict)
    """The browser's cookies of who logged in once, by user name."""
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port = self.port or free_port()

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """The settings, on top of what the process inherits."""
        given = {
            "REDRESS_ENV": self.environment,
            "REDRESS_DATA_DIR": str(self.folder),
            "PORT": str(self.port),
        }
        if self.database_url:
            given["REDRESS_DATABASE_URL"] = self.database_url
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
        return inherited | given | self.settings

    def start(self, *commands: str) -> None:
        """Start `serve`, `work` or both (without a name) and wait until the pages answer."""
        for command in commands or ("serve", "work"):
            with (self.folder / f"{command}.log").open("ab") as log:
                self._running[command] = subprocess.Popen(
                    [sys.executable, "-m", "engine", command],
                    cwd=ROOT,
                    env=self.environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
        if "serve" in self._running:
            self._wait_until_it_answers()

    def stop(self, *commands: str) -> None:
        """Stop what runs (or what is named), each by its own process id."""
        stopped = [self._running.pop(command) for command in commands or tuple(self._running)]
        for process in stopped:
            process.send_signal(signal.SIGTERM)
        for process in stopped:
            try:
                process.wait(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def redress(self, *arguments: str) -> str:
        """Run a command of `redress` on this installation and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "engine", *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def now(self) -> datetime:
        """Return the time of the installation, as people in Shanghai read it."""
        file = self.folder / "clock.json"
        ahead = json.loads(file.read_text())["offset_s"] if file.exists() else 0.0
        return datetime.now(ZONE) + timedelta(seconds=ahead)

    def log(self, command: str) -> str:
        """Return the end of what a process said."""
        file = self.folder / f"{command}.log"
        return file.read_text(errors="replace")[-3000:] if file.exists() else ""

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._running["serve"].poll() is not None:
                break
            try:
                with urlopen(f"{self.address}/healthz", timeout=2):
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"the pages do not answer:\n{self.log('serve')}")
