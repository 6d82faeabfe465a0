"""House rules that no linter knows."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import PurePosixPath

from tests.architecture.sources import ROOT, calls, dotted, files, imports, python_files, tree

LONGEST_FILE = 600
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services", "misc"}


def test_no_file_outgrows_its_room() -> None:
    long = {
        name: lines
        for name in files()
        if name.endswith((".py", ".ts", ".mjs", ".html"))
        and "/migrations/versions/" not in name  # a list of tables, as long as they are many
        and (lines := len((ROOT / name).read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_nine_files_of_ten_are_short() -> None:
    lengths = [
        len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in python_files("engine", "web")
    ]
    assert statistics.quantiles(lengths, n=10)[-1] <= 300


def test_nine_functions_of_ten_are_short() -> None:
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for name in python_files("engine", "web")
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert statistics.quantiles(lengths, n=10)[-1] <= 30


def test_text_never_becomes_code() -> None:
    forbidden = {"eval", "exec", "__import__", "builtins.eval", "builtins.exec"}
    found = [
        f"{name}:{line} calls {called}"
        for name in python_files("engine", "web", "tools")
        for line, called in calls(name)
        if called in forbidden
    ]
    assert found == []


def test_nothing_is_read_back_as_python_objects() -> None:
    forbidden = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "code", "codeop"}
    found = [
        f"{name}:{line} imports {module}"
        for name in python_files("engine", "web")
        for line, module in imports(name)
        if module.split(".")[0] in forbidden
    ]
    assert found == []


def test_only_the_clock_reads_the_time() -> None:
    forbidden = re.compile(
        r"(.+\.)?(datetime\.(now|utcnow|today)|date\.today)$|time\.(time|time_ns|localtime|gmtime)$"
    )
    found = [
        f"{name}:{line} calls {called}"
        for name in python_files("engine", "web")
        if name != "engine/clock.py"
        for line, called in calls(name)
        if forbidden.match(called)
    ]
    assert found == []


def test_the_time_is_not_imported_under_another_name() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name in python_files("engine", "web")
        if name != "engine/clock.py"
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ImportFrom)
        and node.module == "time"
        and {"time", "time_ns"} & {a.name for a in node.names}
    ]
    assert found == []


def test_files_are_named_for_what_they_hold() -> None:
    found = [name for name in files() if VAGUE & {part.split(".")[0] for part in PurePosixPath(name).parts}]
    assert found == []


def test_nothing_is_left_to_be_done() -> None:
    left = re.compile("|".join([r"\bTO" + "DO\b", r"\bFIX" + "ME\b", r"\bXX" + "X\b", "coming" + " soon"]))
    found = [
        f"{name}:{number}"
        for name in files()
        if name.endswith((".py", ".ts", ".html", ".md", ".toml", ".css"))
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1)
        if left.search(line)
    ]
    unfinished = [
        f"{name}:{node.lineno}"
        for name in python_files("engine", "web")
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Raise) and node.exc and "NotImplemented" in (_raised(node.exc))
    ]
    assert found + unfinished == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    marks = ("pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.xfail", "pytest.mark.xfail")
    found = [
        f"{name}:{node.lineno}"
        for name in python_files("tests")
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Attribute) and dotted(node) in marks
    ]
    assert found == []


def test_no_address_of_a_registry_and_no_path_of_a_developers_machine_is_kept() -> None:
    hosts = [
        r"pypi\." + "org",
        "python" + "hosted",
        r"npm" + r"js\.(org|com)",
        r"crates\." + "io",
        r"deb\." + "debian",
    ]
    paths = [re.escape(f"{ROOT}/"), "/ro" + "ot/", "/ho" + "me/", "/wo" + "rk/", "/Us" + "ers/"]
    resolved = [
        r'"resol' + r'ved": *"https?:',
        r"^ *(--extra)?-?-ind" + "ex-url",
        r"/packages/[0-9a-f]{2}/[0-9a-f]{2}/",
    ]
    kept = re.compile("|".join(hosts + paths + resolved), re.MULTILINE)
    found = []
    for name in files():
        text = (ROOT / name).read_bytes().decode("utf-8", errors="ignore")
        found += [f"{name}: {match.group()}" for match in kept.finditer(text)]
    assert found == []


def _raised(node: ast.expr) -> str:
    return dotted(node.func if isinstance(node, ast.Call) else node)
