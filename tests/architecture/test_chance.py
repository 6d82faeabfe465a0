"""What tests try is the same in each `make test`, and drawn anew from one seed in `make faults`."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

from tests.architecture.sources import ROOT, dotted, python_files, tree

EXAMPLES = """
from tests.chance import SEED, settle_hypothesis
settle_hypothesis()
from hypothesis import given, strategies as st

@given(st.text() | st.integers() | st.floats(allow_nan=False))
def tried(value):
    print(repr(value).encode("unicode_escape"))

print(SEED)
tried()
"""


def tried(before: str, **environment: str) -> str:
    """Return the examples of a process that ran `before` first."""
    kept = {name: value for name, value in os.environ.items() if name != "REDRESS_TEST_SEED"}
    command = [sys.executable, "-c", before + EXAMPLES]
    return subprocess.run(
        command, cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=True
    ).stdout


def test_examples_are_the_same_whatever_ran_before_until_a_seed_is_given() -> None:
    first = tried("", PYTHONHASHSEED="1")
    assert tried("import engine.models.lint, engine.cli.serving\n", PYTHONHASHSEED="2") == first
    assert tried("", REDRESS_TEST_SEED="5") != first


def test_nothing_is_drawn_without_a_seed() -> None:
    found = [
        f"{name}:{node.lineno} calls {called}"
        for name in python_files("tests")
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Call)
        and (called := dotted(node.func)).startswith("random.")
        and not (called == "random.Random" and node.args)
    ]
    assert found == []
