"""The project's own files, as the checks of this folder read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[str, ...]:
    """Return the paths below the root of the project's own files: kept by git, or not ignored."""
    listed = subprocess.run(
        [
            "git",
            "-c",
            f"safe.directory={ROOT}",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(sorted(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()))


def python_files(*folders: str) -> list[str]:
    """Return the Python files under `folders`; of the whole project without any."""
    prefixes = tuple(f"{folder}/" for folder in folders) or ("",)
    return [name for name in files() if name.endswith(".py") and name.startswith(prefixes)]


@cache
def tree(name: str) -> ast.Module:
    """Return the parsed syntax of one Python file."""
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), name)


def calls(name: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted name of every call in a Python file that is made of plain names."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            if called:
                yield node.lineno, called


def imports(name: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the module of every import in a Python file."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for an expression made of names and attributes, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""
