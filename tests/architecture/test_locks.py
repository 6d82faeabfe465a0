"""What is installed is locked: exact versions, hashes, no addresses."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT

LOCKS = ["run", "build", "dev"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def entries(lock: str) -> list[str]:
    """Return the requirements of a lock, each with its hashes, as one line."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def versions(lock: str) -> dict[str, str]:
    found = (re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;]+)", line) for line in entries(lock))
    return {canonicalize_name(match.group(1)): match.group(2) for match in found if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    loose = [line for line in entries(lock) if not re.match(r"\S+==\S+.* --hash=sha256:[0-9a-f]{64}", line)]
    assert loose == []


def test_what_pyproject_asks_for_is_in_the_locks_at_a_version_that_fits() -> None:
    groups = PROJECT["dependency-groups"]
    asked = {"run": PROJECT["project"]["dependencies"], "build": groups["build"], "dev": groups["dev"]}
    unfit = []
    for lock, requirements in asked.items():
        locked = versions(lock)
        for requirement in map(Requirement, requirements):
            version = locked.get(canonicalize_name(requirement.name))
            if version is None or version not in requirement.specifier:
                unfit.append(f"{lock}: {requirement} is locked at {version}")
    assert unfit == []


def test_the_locks_agree_where_they_overlap() -> None:
    run, build, dev = (versions(lock) for lock in LOCKS)
    assert {name: dev.get(name) for name in run | build} == run | build


def test_tests_run_on_a_python_that_the_project_supports() -> None:
    version = default_environment()["python_version"]
    assert version in {"3.11", "3.12", "3.13"}


def test_npm_packages_are_pinned_with_hashes_and_no_addresses() -> None:
    frontend = ROOT / "web" / "frontend"
    named = json.loads((frontend / "package.json").read_text())
    asked = named["dependencies"] | named["devDependencies"]
    packages = json.loads((frontend / "package-lock.json").read_text())["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    others = {path: entry for path, entry in packages.items() if path}
    assert [path for path, entry in others.items() if "resolved" in entry or "integrity" not in entry] == []
