"""What is wrong is refused with file, element and reason; nothing of it is kept."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine.assembly import Redress
from engine.errors import Forbidden, InvalidInput, ModelRefused
from engine.people.actor import SYSTEM
from engine.runtime.bundles import latest_bundle, read_files
from engine.runtime.commands import start_instance
from engine.runtime.deploy import deploy
from engine.runtime.preview import preview
from engine.store.tables.models import Bundle
from engine.store.tables.runtime import Instance
from tests.bench.models import bench_process
from tests.world import actor

GOOD = bench_process(zeebe=True)
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">&b;</bpmn:definitions>"""
SCRIPT = GOOD.replace(
    b'<bpmn:endEvent id="finish"/>',
    b'<bpmn:scriptTask id="py" scriptFormat="python"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>'
    b'<bpmn:sequenceFlow id="to_py" sourceRef="task5" targetRef="py"/><bpmn:endEvent id="finish"/>',
)
FORM = GOOD.replace(
    b"<zeebe:assignmentDefinition",
    b'<zeebe:userTask/><zeebe:formDefinition formId="nowhere"/><zeebe:assignmentDefinition',
    1,
)
DANGLING = GOOD.replace(b'targetRef="task2"', b'targetRef="task99"')


@pytest.mark.parametrize(
    ("content", "element", "reason"),
    [
        (GOOD[:400], "", "well-formed"),
        (BOMB, "", "document type"),
        (SCRIPT, "py", "FEEL"),
        (FORM, "task1", "nowhere"),
        (DANGLING, "flow1", "task99"),
        (b"\xff\xfe broken", "", "well-formed"),
        (b"<x/>", "", "BPMN"),
    ],
    ids=[
        "cut off",
        "entity bomb",
        "Python script",
        "unknown form",
        "dangling flow",
        "wrong bytes",
        "not BPMN",
    ],
)
def test_a_wrong_file_is_refused_by_name(redress: Redress, content: bytes, element: str, reason: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        deploy(redress.runtime, SYSTEM, {"wrong.bpmn": content}, family="wrong")
    findings = refused.value.findings
    assert all(finding.file == "wrong.bpmn" for finding in findings)
    assert any(finding.element_id == element and reason in finding.message for finding in findings), str(
        refused.value
    )
    with redress.sessions.read() as session:
        assert latest_bundle(session, "wrong") is None


def test_the_same_files_again_make_no_new_bundle(redress: Redress) -> None:
    first = deploy(redress.runtime, SYSTEM, {"bench.bpmn": GOOD}, family="bench")
    again = deploy(redress.runtime, SYSTEM, {"bench.bpmn": GOOD}, family="bench")
    assert first.is_new
    assert (again.bundle_id, again.is_new) == (first.bundle_id, False)
    with redress.sessions.read() as session:
        assert session.scalar(select(func.count()).where(Bundle.family == "bench")) == 1


def test_some_files_overlay_the_family_and_running_instances_keep_theirs(redress: Redress) -> None:
    first = deploy(redress.runtime, SYSTEM, {"bench.bpmn": GOOD}, family="bench")
    instance_id = start_instance(redress.runtime, SYSTEM, "bench")
    other = GOOD.replace(b'process id="bench"', b'process id="second"').replace(b'id="D"', b'id="D2"')
    second = deploy(redress.runtime, SYSTEM, {"second.bpmn": other}, family="bench")
    assert [item["version"] for item in second.definitions] == [2, 1]
    with redress.sessions.read() as session:
        assert set(read_files(session, second.bundle_id)) == {"bench.bpmn", "second.bpmn"}
        assert session.get_one(Instance, instance_id).bundle_id == first.bundle_id


def test_nothing_is_no_deployment(redress: Redress) -> None:
    with pytest.raises(InvalidInput, match="no file"):
        deploy(redress.runtime, SYSTEM, {})


def test_a_process_cannot_be_replaced_from_another_family(redress: Redress) -> None:
    deploy(redress.runtime, SYSTEM, {"bench.bpmn": GOOD}, family="bench")
    with pytest.raises(ModelRefused) as refused:
        deploy(redress.runtime, SYSTEM, {"copy.bpmn": GOOD}, family="elsewhere")
    assert [(finding.file, finding.element_id) for finding in refused.value.findings] == [
        ("copy.bpmn", "bench")
    ]
    assert "belongs to the family 'bench'" in str(refused.value)
    with redress.sessions.read() as session:
        assert latest_bundle(session, "elsewhere") is None


def test_a_preview_tells_what_changes_and_what_runs_and_writes_nothing(redress: Redress) -> None:
    owner = actor(redress, "owner")
    first = deploy(redress.runtime, SYSTEM, {"seen.bpmn": GOOD}, family="seen")
    process_id = first.definitions[0]["process_id"]
    for _ in range(2):
        start_instance(redress.runtime, SYSTEM, process_id, {})
    changed = GOOD.replace(b'name="Task 1"', b'name="The first"')
    found = preview(redress.runtime, owner, {"seen.bpmn": changed}, family="seen")
    assert [(each["process_id"], each["version"], each["instances"]) for each in found.running] == [
        (process_id, 1, 2)
    ]
    assert (found.base, found.number, [each.path for each in found.files]) == (
        first.bundle_id,
        2,
        ["seen.bpmn"],
    )
    with redress.sessions.read() as session:
        latest = latest_bundle(session, "seen")
        assert latest is not None
        assert latest.id == first.bundle_id
    with pytest.raises(Forbidden):
        preview(redress.runtime, actor(redress, "handler"), {"seen.bpmn": changed}, family="seen")
