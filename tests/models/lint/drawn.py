"""A small complaint family as modelers write it, and what is found when one thing of it is changed."""

from __future__ import annotations

from pathlib import Path

from engine.errors import Finding
from engine.models.lint import lint
from engine.models.settings import read_settings

ROLES = ("agents", "handlers", "supervisors")
NAMES = ("complaint.bpmn", "survey.bpmn", "grade.dmn", "register.form", "process.toml")


def family() -> dict[str, bytes]:
    """Return the files of the family, in which nothing is wrong."""
    folder = Path(__file__).parent
    return {name: (folder / name).read_bytes() for name in NAMES}


def check(files: dict[str, bytes]) -> list[Finding]:
    """Lint files with the roles of the family and the settings that are among them."""
    return lint(files, roles=ROLES, settings=read_settings(files))


def changed(old: str, new: str, *, file: str = "complaint.bpmn") -> list[Finding]:
    """Lint the family with a text of one file replaced (once), and its settings as they are."""
    files = family()
    text = files[file].decode()
    assert old in text, f"{old!r} is not in {file}"
    files[file] = text.replace(old, new, 1).encode()
    return check(files)


def codes(findings: list[Finding]) -> set[tuple[str, str]]:
    """Return code and element of each finding."""
    return {(finding.code, finding.element_id) for finding in findings}
