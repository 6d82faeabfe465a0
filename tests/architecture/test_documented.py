"""What can be set and called is told in the README."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator

import click
import pytest

from engine.__main__ import VERBS, cli
from engine.people.demo import _PEOPLE as PEOPLE
from tests.architecture.sources import ROOT, python_files
from web import words

TARGETS = ["run", "setup", "test", "check", "bench", "faults", "lock", "screenshots", "package", "help"]


KIND = re.compile(r"[a-z]+\.(?:[a-z]+ed|withdrawn|met|bound|thrown|caught|taken)")
CHECKS = (
    "engine/decisions/",
    "engine/models/",
    "engine/runtime/spiff/parser/",
)  # codes of findings look alike


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return a section of the README."""
    return readme().split(f"## {title}\n")[1].split("\n## ")[0]


def kinds_of_history() -> set[str]:
    """Return every kind of history entry that the code names."""
    return {
        node.value
        for file in python_files("engine", "web")
        if file != "web/words.py" and not file.startswith(CHECKS)
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KIND.fullmatch(node.value)
    }


def commands(group: click.Group, prefix: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        elif not command.hidden:
            yield prefix + name


def test_every_setting_is_in_the_readme_and_every_setting_there_exists() -> None:
    setting = re.compile(r"\bREDRESS_[A-Z_]*[A-Z]\b")
    used = {
        name
        for file in python_files("engine", "web")
        for name in setting.findall((ROOT / file).read_text(encoding="utf-8"))
    }
    assert used == set(setting.findall(readme()))


def test_every_kind_of_history_is_in_the_readme_and_has_a_name_on_the_pages() -> None:
    rows = re.findall(r"^\|.*?\|", section("Kinds of history"), flags=re.MULTILINE)
    told = set(re.findall(r"`([a-z]+\.[a-z]+)`", " ".join(rows)))
    assert told == kinds_of_history()
    assert told <= set(words.EVENTS)


def test_every_command_is_in_the_readme_and_every_command_there_exists() -> None:
    told = re.findall(
        r"`([a-z ]+?)(?: [A-Z].*?)?`", re.sub(r"\|[^|]*\|$", "", section("Commands"), flags=re.MULTILINE)
    )
    assert sorted(told) == sorted(commands(cli))


def test_the_list_of_commands_tells_of_every_one_that_is_not_hidden() -> None:
    context = click.Context(cli)
    hidden = {name for name in VERBS if (command := cli.get_command(context, name)) and command.hidden}
    assert hidden == {name for name, (_, _, told) in VERBS.items() if not told}
    assert set(VERBS) == set(cli.list_commands(context))


def test_every_user_of_the_demo_is_in_the_readme() -> None:
    told = set(re.findall(r"`([a-z]+\d?)`", section("Start"))) - {"make"}
    assert told == {person.username for person in PEOPLE}


@pytest.mark.parametrize("address", re.findall(r"\]\(([^)#]+)\)", readme()))
def test_what_the_readme_shows_and_links_to_exists(address: str) -> None:
    assert (ROOT / address).is_file()


@pytest.mark.parametrize("target", TARGETS)
def test_make_help_tells_every_target(target: str) -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^  make {target} +\w", told, re.MULTILINE), told


def test_what_operators_are_told_to_type_and_set_exists() -> None:
    told = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    known = set(commands(cli))
    typed = re.findall(r"(?:^    |`| )redress ([a-z]+(?: [a-z]+)?)", told, flags=re.MULTILINE)
    assert typed
    assert [each for each in typed if not {each, each.split()[0]} & known] == []
    settings = set(re.findall(r"\bREDRESS_[A-Z_]*[A-Z]\b", told))
    assert settings <= set(re.findall(r"\bREDRESS_[A-Z_]*[A-Z]\b", section("Settings")))
    assert set(re.findall(r"`(redress_[a-z_]+)`", told)) <= set(re.findall(r"`(redress_[a-z_]+)`", readme()))
    for address in re.findall(r"\]\(([^)#]+)", told):
        assert (ROOT / "docs" / address).is_file(), address
