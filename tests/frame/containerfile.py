"""Carries out a Dockerfile's COPY and RUN steps without a container engine, in a folder instead of `/`."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOTS_OWN = ("useradd", "apt-get")
"""Steps that change the machine, not a folder: left out here."""
OWN_ROOTS = ("/build", "/opt", "/var/lib/redress")


@dataclass
class Stage:
    """One FROM of a Dockerfile with its steps, each an instruction and its text."""

    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)


def read(text: str) -> list[Stage]:
    """Return the stages of a Dockerfile; arguments before the first FROM are left out."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^\s*#.*\n", "", text))
    stages: list[Stage] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            stages.append(Stage(rest.split(" AS ")[1]))
        elif stages:
            stages[-1].steps.append((instruction, rest.strip()))
    return stages


@dataclass
class Builder:
    """Carries out stages; each has a folder of its own, as an image has."""

    context: Path
    kept: tuple[str, ...]  # paths in the context that are not ignored
    place: Path
    python: str

    def root(self, stage: str) -> Path:
        """Return the folder that stands for `/` in a stage."""
        return self.place / stage

    def run(self, stage: Stage) -> None:
        """Carry out WORKDIR, COPY and RUN of a stage. Raises CalledProcessError where a RUN fails."""
        here = Path("/")
        self.root(stage.name).mkdir()
        for instruction, rest in stage.steps:
            if instruction == "WORKDIR":
                here = Path(rest)
                self._inside(stage, here).mkdir(parents=True, exist_ok=True)
            elif instruction == "COPY":
                self._copy(stage, here, shlex.split(rest))
            elif instruction == "RUN" and not any(word in rest for word in ROOTS_OWN):
                subprocess.run(
                    ["bash", "-euc", self._translate(stage, rest)], cwd=self._inside(stage, here), check=True
                )

    def _copy(self, stage: Stage, here: Path, words: list[str]) -> None:
        *sources, target = words
        destination = self._inside(stage, here / target)
        if sources[0].startswith("--from="):
            copied = self.root(sources[0].removeprefix("--from=")) / sources[1].lstrip("/")
            shutil.copytree(copied, destination, symlinks=True, dirs_exist_ok=True)
            return
        for source in sources:
            self._copy_from_context(source, destination)

    def _copy_from_context(self, source: str, destination: Path) -> None:
        """A folder's content goes into the destination; a file goes into it under its own name."""
        found = [name for name in self.kept if name == source or name.startswith(f"{source}/")]
        assert found, f"the Dockerfile copies {source}, which is not in the project or is ignored"
        for name in found:
            inner = Path(name).name if name == source else str(Path(name).relative_to(source))
            (destination / inner).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.context / name, destination / inner)

    def _inside(self, stage: Stage, path: Path) -> Path:
        return self.root(stage.name) / str(path).lstrip("/")

    def _translate(self, stage: Stage, command: str) -> str:
        roots = "|".join(map(re.escape, OWN_ROOTS))
        moved = re.sub(rf"(?<![\w.])({roots})(?=[/\s]|$)", rf"{self.root(stage.name)}\1", command)
        return re.sub(r"^python ", f"{self.python} ", moved)
