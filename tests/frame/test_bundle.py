"""What the bundle weighs, when it is built, and how a page finds it."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from tests.architecture.sources import ROOT
from web import assets

LARGEST_KIB = {"app": 60, "diagram": 80, "form": 190, "theme": 1}


def weight(entry: assets.Entry) -> float:
    """Return the compressed KiB that a page loads for an entry, without source maps."""
    names = [url.removeprefix(assets.URL) for url in (*entry.styles, entry.script, *entry.preload)]
    return sum(len(gzip.compress((assets.BUILD / name).read_bytes())) for name in names) / 1024


@pytest.mark.parametrize("name", LARGEST_KIB)
def test_an_entry_stays_small(name: str) -> None:
    assert weight(assets.entry(name)) <= LARGEST_KIB[name]


def test_a_page_includes_the_style_sheets_first_and_the_script_last() -> None:
    urls = assets.asset("form")
    assert [url.rpartition(".")[2] for url in urls] == ["css", "js"]
    assert all(url.startswith("/static/build/form-") for url in urls)


def test_names_change_with_the_content() -> None:
    manifest = json.loads((assets.BUILD / "manifest.json").read_text())
    named = [name for each in manifest.values() for name in (each["js"], *each["css"], *each["preload"])]
    assert all(len(name.rpartition("-")[2].partition(".")[0]) == 8 for name in named)
    assert all((assets.BUILD / name).is_file() for name in named)


def test_an_unknown_entry_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"no entry 'nothing'; it has app, board, diagram, form"):
        assets.asset("nothing")


def test_without_a_bundle_the_error_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "BUILD", tmp_path)
    with pytest.raises(ConfigurationError, match="make setup"):
        assets.asset("app")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the front end that shares the installed npm packages."""
    frontend = tmp_path / "web" / "frontend"
    shutil.copytree(ROOT / "web/frontend", frontend, ignore=shutil.ignore_patterns("node_modules"))
    (frontend / "node_modules").symlink_to(ROOT / "web/frontend/node_modules")
    (tmp_path / "tools").mkdir()
    shutil.copy2(ROOT / "tools/bundle.py", tmp_path / "tools/bundle.py")
    return tmp_path


def bundle(project: Path) -> str:
    done = subprocess.run(
        [sys.executable, project / "tools/bundle.py"],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_the_bundle_is_built_again_only_when_a_source_changed(project: Path) -> None:
    manifest = project / "web/static/build/manifest.json"
    assert "Building" in bundle(project)
    before = manifest.read_text()
    assert bundle(project) == ""
    with (project / "web/frontend/src/theme.ts").open("a") as source:
        source.write('document.documentElement.dataset["more"] = "1";\n')
    assert "Building" in bundle(project)
    after = manifest.read_text()
    assert json.loads(before)["theme"] != json.loads(after)["theme"]
    assert json.loads(before)["form"] == json.loads(after)["form"]


def test_a_bundle_that_is_gone_is_built_again(project: Path) -> None:
    bundle(project)
    shutil.rmtree(project / "web/static/build")
    assert "Building" in bundle(project)


def test_a_style_sheet_with_a_brace_too_few_is_not_published(project: Path) -> None:
    with (project / "web/frontend/src/styles/content.css").open("a") as source:
        source.write(".open {\n  color: red;\n")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        bundle(project)
    assert "content.css" in refused.value.stderr
    assert not (project / "web/static/build/manifest.json").exists()
