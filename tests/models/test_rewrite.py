"""`redress lint --fix` writes a file of Camunda 7 over: same ids and texts, clean, and it runs the same."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from engine.assembly import Redress
from engine.cli.models import lint_command
from engine.models.lint import lint
from engine.models.lint.drawing import FLOW_NODES
from engine.models.rewrite import rewrite
from engine.models.xml import BPMN, BPMNDI, bpmn, local_name, parse_model
from engine.people.roles import ROLES
from tests.models.camunda7.bundle import claim_files, drawn
from tests.models.camunda7.test_running import run_claim

OURS = sorted(Path("processes/complaint").glob("*.bpmn"))


def fixed() -> dict[str, bytes]:
    files = claim_files()
    done = rewrite(files, layout=True)
    assert not [each for each in done.findings if each.severity == "error"]
    return files | done.files


def ids(content: bytes) -> list[str]:
    root = parse_model(content, "x")
    return [node.get("id", "") for node in root.iter(f"{{{BPMN}}}*") if node.get("id")]


def test_what_was_written_over_lints_clean_and_names_no_other_engine() -> None:
    files = fixed()
    assert lint(files, roles=ROLES) == []
    assert b"camunda:" not in files["claim.bpmn"].replace(b"camunda.org", b"")
    assert b"Drawn in the modeler" in files["claim.bpmn"]
    assert set(files) == {*claim_files(), "Enter-form.form"}


def test_ids_and_documentation_stay() -> None:
    before, after = claim_files()["claim.bpmn"], fixed()["claim.bpmn"]
    assert ids(after) == ids(before)
    texts = [[node.text for node in parse_model(x, "x").iter(bpmn("documentation"))] for x in (before, after)]
    assert texts[0] == texts[1] == ["How a claim is looked at.", "Say what is claimed."]


def test_it_runs_the_same(redress: Redress) -> None:
    as_it_is = run_claim(redress, claim_files())
    written_over = run_claim(redress, fixed())
    assert written_over == as_it_is


def test_a_file_that_cannot_be_translated_stays_as_it_is() -> None:
    content = drawn('<bpmn:serviceTask id="A" camunda:class="org.acme.Pay"/>')
    done = rewrite({"p.bpmn": content}, layout=True)
    assert done.files == {}
    assert [each.element_id for each in done.findings] == ["A"]


def test_a_picture_that_there_is_stays_as_it_is() -> None:
    files = {path.name: path.read_bytes() for path in OURS}
    assert rewrite(files, layout=True).files == {}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_new_picture_shows_everything_and_nothing_overlaps(path: Path) -> None:
    root = parse_model(path.read_bytes(), path.name)
    for diagram in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        root.remove(diagram)
    [content] = rewrite({path.name: etree.tostring(root)}, layout=True).files.values()
    drawn_root = parse_model(content, path.name)
    shown = {node.get("bpmnElement") for node in drawn_root.iter(f"{{{BPMNDI}}}*")}
    wanted = {
        node.get("id")
        for node in root.iter(f"{{{BPMN}}}*")
        if local_name(node) in FLOW_NODES | {"sequenceFlow", "participant", "lane"}
    }
    assert wanted <= shown
    by_id = {node.get("id"): node for node in root.iter(f"{{{BPMN}}}*")}
    levels: dict[etree._Element, list[tuple[float, ...]]] = {}
    for shape in drawn_root.iter(f"{{{BPMNDI}}}BPMNShape"):
        node = by_id[shape.get("bpmnElement")]
        if local_name(node) in FLOW_NODES - {"boundaryEvent"}:
            box = tuple(float(shape[0].get(name)) for name in ("x", "y", "width", "height"))
            levels.setdefault(node.getparent(), []).append(box)
    for boxes in levels.values():
        for (ax, ay, aw, ah), (bx, by, bw, bh) in combinations(boxes, 2):
            assert ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay


def test_the_command_keeps_a_backup_and_can_be_repeated(tmp_path: Path) -> None:
    for name, content in claim_files().items():
        (tmp_path / name).write_bytes(content)
    runner = CliRunner()
    first = runner.invoke(lint_command, ["--fix", "--layout", "--family", "claim", str(tmp_path)])
    assert first.exit_code == 0, first.output
    assert (tmp_path / "claim.bpmn.bak").read_bytes() == claim_files()["claim.bpmn"]
    assert (tmp_path / "claim.bpmn").read_bytes() == fixed()["claim.bpmn"]
    again = runner.invoke(lint_command, ["--fix", "--layout", "--family", "claim", str(tmp_path)])
    assert again.output.strip().endswith("claim: 4 file(s), 0 error(s), 0 warning(s)")
    assert not (tmp_path / "claim.bpmn.bak2").exists()
