"""deploy and lint: what process owners do from the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import click

from engine import config
from engine.cli.opening import opened
from engine.errors import Finding, InvalidInput, ModelRefused
from engine.models.bundle import file_kind
from engine.models.rewrite import rewrite
from engine.models.translations import translator
from engine.people.actor import SYSTEM
from engine.runtime.deploy import check_files, deploy
from engine.runtime.runtime import Runtime

PATHS = click.Path(exists=True, path_type=Path)
LANGUAGES: Final = {"zh-Hant": "zh_Hant", "zh-Hans": "zh_Hans", "en": "en"}
_SIMPLIFIED: Final = ("zh_cn", "zh_sg", "zh_hans", "zh-cn", "zh-hans")


def _wished() -> str:
    """Return the language of who sits at the terminal, as LC_ALL, LC_MESSAGES or LANG tell it."""
    told = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    if not told.lower().startswith("zh"):
        return "en"
    return "zh-Hans" if told.lower().startswith(_SIMPLIFIED) else "zh-Hant"


LANGUAGE = click.option(
    "--language",
    type=click.Choice(tuple(LANGUAGES)),
    default=_wished,
    help="What findings are told in; by default the terminal's (LC_ALL, LC_MESSAGES, LANG).",
)


def collect(paths: Iterable[Path], family: str | None) -> dict[str, dict[str, bytes]]:
    """Return the model files below `paths` by family (None-like key '' where none is told).

    A folder with a `process.toml` is a family, as is a folder of forms of the same name (forms/<family>).
    What lies in a hidden folder is the modeler's (`.camunda`) or somebody else's.
    """
    found = locate(paths, family)
    return {name: {file: path.read_bytes() for file, path in files.items()} for name, files in found.items()}


def locate(paths: Iterable[Path], family: str | None) -> dict[str, dict[str, Path]]:
    """Return where the model files below `paths` lie, by family and name. Raises InvalidInput."""
    families: dict[str, dict[str, Path]] = {}
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if not file.is_file() or file_kind(file.name) == "" or _is_hidden(file, path):
                continue
            name = family or _family(file, path)
            chosen = families.setdefault(name, {})
            if file.name in chosen:
                raise InvalidInput(f"two files of the family {name!r} are called {file.name}; rename one")
            chosen[file.name] = file
    if not families:
        raise InvalidInput("no .bpmn, .dmn or .form file was found there")
    return families


def _is_hidden(file: Path, given: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(given).parts[:-1])


def _family(file: Path, given: Path) -> str:
    folder = file.parent
    if (folder / "process.toml").exists() or (given.is_dir() and folder != given):
        return folder.name
    return folder.name if given.is_dir() and given.name not in ("processes", "forms") else ""


def deploy_paths(
    rt: Runtime, paths: Iterable[Path], family: str | None, note: str, language: str = "en"
) -> list[str]:
    """Deploy what lies below `paths`, a bundle a family; return a line for each, warnings in `language`."""
    lines = []
    for name, files in collect(paths, family).items():
        done = deploy(rt, SYSTEM, files, family=name or None, note_text=note)
        versions = ", ".join(f"{item['process_id']} v{item['version']}" for item in done.definitions)
        state = "deployed" if done.is_new else "unchanged"
        lines.append(f"{done.family}: {state} ({versions})")
        lines += [f"  {_line(warning, language)}" for warning in done.warnings]
    return lines


@click.command("deploy")
@click.argument("paths", nargs=-1, required=True, type=PATHS)
@click.option("--family", help="The family that the files belong to; by default the folder's name.")
@click.option("--note", default="", help="Why; kept in the trail.")
@LANGUAGE
def deploy_command(paths: tuple[Path, ...], family: str | None, note: str, language: str) -> None:
    """Deploy diagrams, decisions and forms; refused with every finding when something is wrong."""
    with opened() as redress:
        try:
            for line in deploy_paths(redress.runtime, paths, family, note, language):
                click.echo(line)
        except ModelRefused as refused:
            _print(refused.findings, language)
            raise SystemExit(1) from refused


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, type=PATHS)
@click.option("--family", help="The family that the files belong to; by default the folder's name.")
@click.option("--fix", is_flag=True, help="Write files of Camunda 7 over into our dialect; backups are kept.")
@click.option("--layout", is_flag=True, help="With --fix: draw diagrams that have no picture.")
@LANGUAGE
def lint_command(paths: tuple[Path, ...], family: str | None, fix: bool, layout: bool, language: str) -> None:
    """Check files as a deployment would, without deploying them."""
    if layout and not fix:
        raise InvalidInput("--layout draws into the files: say --fix --layout")
    refused, zone = False, config.load().timezone
    if fix:
        refused = fix_files(locate(paths, family), layout=layout, language=language)
    for name, files in collect(paths, family).items():
        try:
            _, findings = check_files("lint", name, files, zone)
        except ModelRefused as error:
            refused, findings = True, error.findings
        _print(findings, language)
        errors = sum(finding.severity == "error" for finding in findings)
        click.echo(
            f"{name or 'files'}: {len(files)} file(s), {errors} error(s), {len(findings) - errors} warning(s)"
        )
    if refused:
        raise SystemExit(1)


def fix_files(families: Mapping[str, Mapping[str, Path]], *, layout: bool, language: str = "en") -> bool:
    """Write files over into our dialect, keeping backups; return whether any was left as it was."""
    left = False
    for files in families.values():
        done = rewrite({name: path.read_bytes() for name, path in files.items()}, layout=layout)
        left = left or any(finding.severity == "error" for finding in done.findings)
        _print((finding for finding in done.findings if finding.severity == "warning"), language)
        for name, content in done.files.items():
            path = files.get(name) or _beside(files[done.drawn_in[name]], name)
            if path.exists():
                backup = _backup(path)
                click.echo(f"{path}: written over; as it was: {backup.name}")
            else:
                click.echo(f"{path}: written")
            path.write_bytes(content)
    return left


def _beside(diagram: Path, name: str) -> Path:
    """A form that was drawn into a task is written beside the diagram that it came from."""
    path = diagram.with_name(name)
    if path.exists():
        raise InvalidInput(f"{path} is there already, and would be written over; rename it")
    return path


def _backup(path: Path) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.name}.bak{'' if number == 1 else number}")).exists():
        number += 1
    kept.write_bytes(path.read_bytes())
    return kept


def _print(findings: Iterable[Finding], language: str) -> None:
    for finding in findings:
        click.echo(_line(finding, language), err=True)


def _line(finding: Finding, language: str) -> str:
    return finding.told.said(translator(LANGUAGES[language]))
