"""Imports go the way the design says; import-linter reads its contracts from pyproject.toml."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.sources import ROOT, imports, python_files


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def screens() -> set[str]:
    return {name.split("/")[1] for name in python_files("web") if name.endswith("/routes.py")}


def test_every_screen_is_in_the_contract_that_keeps_them_apart() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [each for each in contracts if each["id"] == "web-screens"]
    assert screens() <= set(re.findall(r"\w+", " ".join(contract["layers"])))


def test_what_screens_share_imports_no_screen() -> None:
    upward = {f"web.{screen}" for screen in screens()}
    found = [
        f"{name}:{line} imports {module}"
        for name in python_files("web")
        if name.count("/") == 1 and name not in {"web/__init__.py", "web/wsgi.py"}
        for line, module in imports(name)
        if ".".join(module.split(".")[:2]) in upward
    ]
    assert found == []


def test_the_domain_is_pure() -> None:
    allowed = {*sys.stdlib_module_names, "engine.clock", "engine.domain", "engine.errors"}
    found = [
        f"{name}:{line} imports {module}"
        for name in python_files("engine/domain")
        for line, module in imports(name)
        if not any(module == each or module.startswith(f"{each}.") for each in allowed)
    ]
    assert found == []


def test_the_expression_language_knows_no_database_and_no_network() -> None:
    closed = (
        "sqlalchemy",
        "psycopg",
        "socket",
        "urllib",
        "http",
        "subprocess",
        "engine.store",
        "pathlib",
        "os",
    )
    found = [
        f"{name}:{line} imports {module}"
        for name in python_files("engine/feel", "engine/decisions")
        for line, module in imports(name)
        if any(module == each or module.startswith(f"{each}.") for each in closed)
    ]
    assert found == []
