"""deploy and lint: what process owners do from the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from engine import config
from engine.cli.opening import opened
from engine.errors import Finding, InvalidInput, ModelRefused
from engine.models.bundle import file_kind
from engine.people.actor import SYSTEM
from engine.runtime.deploy import check_files, deploy
from engine.runtime.runtime import Runtime

PATHS = click.Path(exists=True, path_type=Path)


def collect(paths: Iterable[Path], family: str | None) -> dict[str, dict[str, bytes]]:
    """Return the model files below `paths` by family (None-like key '' where none is told).

    A folder with a `process.toml` is a family, as is a folder of forms of the same name (forms/<family>).
    """
    families: dict[str, dict[str, bytes]] = {}
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if not file.is_file() or file_kind(file.name) == "":
                continue
            name = family or _family(file, path)
            chosen = families.setdefault(name, {})
            if file.name in chosen:
                raise InvalidInput(f"two files of the family {name!r} are called {file.name}; rename one")
            chosen[file.name] = file.read_bytes()
    if not families:
        raise InvalidInput("no .bpmn, .dmn or .form file was found there")
    return families


def _family(file: Path, given: Path) -> str:
    folder = file.parent
    if (folder / "process.toml").exists() or (given.is_dir() and folder != given):
        return folder.name
    return folder.name if given.is_dir() and given.name not in ("processes", "forms") else ""


def deploy_paths(rt: Runtime, paths: Iterable[Path], family: str | None, note: str) -> list[str]:
    """Deploy what lies below `paths`, a bundle a family; return a line for each."""
    lines = []
    for name, files in collect(paths, family).items():
        done = deploy(rt, SYSTEM, files, family=name or None, note_text=note)
        versions = ", ".join(f"{item['process_id']} v{item['version']}" for item in done.definitions)
        state = "deployed" if done.is_new else "unchanged"
        lines.append(f"{done.family}: {state} ({versions})")
        lines += [f"  {warning}" for warning in done.warnings]
    return lines


@click.command("deploy")
@click.argument("paths", nargs=-1, required=True, type=PATHS)
@click.option("--family", help="The family that the files belong to; by default the folder's name.")
@click.option("--note", default="", help="Why; kept in the trail.")
def deploy_command(paths: tuple[Path, ...], family: str | None, note: str) -> None:
    """Deploy diagrams, decisions and forms; refused with every finding when something is wrong."""
    with opened() as redress:
        try:
            for line in deploy_paths(redress.runtime, paths, family, note):
                click.echo(line)
        except ModelRefused as refused:
            _print(refused.findings)
            raise SystemExit(1) from refused


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, type=PATHS)
@click.option("--family", help="The family that the files belong to; by default the folder's name.")
def lint_command(paths: tuple[Path, ...], family: str | None) -> None:
    """Check files as a deployment would, without deploying them."""
    refused, zone = False, config.load().timezone
    for name, files in collect(paths, family).items():
        try:
            _, findings = check_files("lint", name, files, zone)
        except ModelRefused as error:
            refused, findings = True, error.findings
        _print(findings)
        errors = sum(finding.severity == "error" for finding in findings)
        click.echo(
            f"{name or 'files'}: {len(files)} file(s), {errors} error(s), {len(findings) - errors} warning(s)"
        )
    if refused:
        raise SystemExit(1)


def _print(findings: Iterable[Finding]) -> None:
    for finding in findings:
        click.echo(str(finding), err=True)


COMMANDS = (deploy_command, lint_command)
