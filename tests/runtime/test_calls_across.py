"""Calls of processes that another family deployed: the newest at the first call, and the same ever after."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from engine.assembly import Redress
from engine.errors import ModelRefused, StepFailed
from engine.people.actor import SYSTEM
from engine.runtime.bundles import BundleCache, latest_bundle
from engine.runtime.commands import complete, migrate_instance, preview_migration, start_instance
from engine.runtime.deploy import deploy
from engine.runtime.form_context import task_form
from engine.runtime.workflow_cache import WorkflowCache
from engine.store.tables.audit import History
from engine.store.tables.runtime import Instance, Task
from tests.runtime.spiff.drawing import END, START, boundary, definitions, element, ext, process, z
from tests.world import actor

AGENTS = z("assignmentDefinition", candidateGroups="agents")
ON_ERROR = "<b:errorEventDefinition/>"


def form(field: str) -> bytes:
    text = '{"type": "default", "id": "f", "components": [{"type": "textfield", "key": "%s"}]}'
    return (text % field).encode()


def put_called(redress: Redress, field: str, tag: str = "") -> str:
    """Deploy the called family: a process with a sub-process, in which is a task with a form of one field."""
    tagged = ext(z("versionTag", value=tag)) if tag else ""
    task = element("userTask", "look", ext(AGENTS + z("formDefinition", formId="f")))
    inside = '<b:startEvent id="is"/><b:endEvent id="ie"/>' + task + "is->look;look->ie;"
    drawn = process(tagged + START + END + element("subProcess", "sub", inside) + "s->sub;sub->e;", "check")
    files = {"check.bpmn": definitions(drawn), "f.form": form(field)}
    return deploy(redress.runtime, SYSTEM, files, family="checks").bundle_id


def put_caller(redress: Redress, called: str = "check", own: str = "own", **binding: str) -> None:
    call = ext(z("calledElement", processId=called, **binding))
    drawn = process(
        START
        + END
        + element("callActivity", "one", call)
        + element("userTask", "own", ext(AGENTS)).replace('id="own"', f'id="own" name="{own}"')
        + element("callActivity", "two", call)
        + boundary(ON_ERROR, "two")
        + "s->one;one->own;own->two;two->e;be->e;",
        "caller",
    )
    deploy(redress.runtime, SYSTEM, {"caller.bpmn": definitions(drawn)}, family="callers")


def restart(redress: Redress) -> None:
    redress.runtime.workflows = WorkflowCache()
    redress.runtime.bundles = BundleCache(redress.config.timezone)


def do(redress: Redress, instance_id: str, **values: str) -> str:
    """Complete the one open task with these values, after a restart; return its element."""
    restart(redress)
    who = actor(redress, "agent")
    with redress.sessions.read() as session:
        query = select(Task).where(Task.instance_id == instance_id, Task.state == "open")
        task = session.scalars(query).one()
        shown = task_form(redress.runtime, session, who, task.id, "en")
    assert {each.get("key") for each in shown.schema["components"]} == set(values)
    complete(redress.runtime, who, task.id, values)
    return task.element_id


def test_an_instance_keeps_to_the_version_that_it_called_first(redress: Redress) -> None:
    first = put_called(redress, "before")
    put_caller(redress)
    instance = start_instance(redress.runtime, SYSTEM, "caller")
    second = put_called(redress, "after")
    assert do(redress, instance, before="x") == "look"
    assert do(redress, instance) == "own"
    assert do(redress, instance, before="y") == "look"
    later = start_instance(redress.runtime, SYSTEM, "caller")
    assert do(redress, later, after="z") == "look"
    with redress.sessions.read() as session:
        assert session.get_one(Instance, instance).state == "completed"
        latest = latest_bundle(session, "checks")
        assert latest is not None
        assert latest.id == second
        for each, bundle in ((instance, first), (later, second)):
            bound = session.scalars(
                select(History).where(History.stream == each, History.kind == "call.bound")
            ).all()
            data = [json.loads(row.data) for row in bound]
            assert {(one["called"], one["bundle"]) for one in data} == {("check", bundle)}


def test_a_migration_tells_which_called_processes_stay_on_their_version(redress: Redress) -> None:
    put_called(redress, "old")
    put_caller(redress)
    instance = start_instance(redress.runtime, SYSTEM, "caller")
    put_called(redress, "new")
    put_caller(redress, own="drawn anew")

    def told() -> list[tuple[str, str]]:
        outlook = preview_migration(redress.runtime, SYSTEM, instance)
        assert outlook.problems == []
        return [(each.element_id, each.note) for each in outlook.items if each.kind == "called"]

    assert told() == [("check", "runs on its version 1 to the end, not 2: it is of another family")]
    do(redress, instance, old="x")
    assert told() == [("check", "later calls take its version 1, not 2: it is of another family")]
    migrate_instance(redress.runtime, SYSTEM, instance, "why")
    do(redress, instance)
    assert do(redress, instance, old="x") == "look"


def test_a_call_bound_to_a_version_tag_finds_the_newest_that_carries_it(redress: Redress) -> None:
    for field, tag in (("first", "old"), ("second", "old"), ("third", "new"), ("fourth", "")):
        put_called(redress, field, tag)
    put_caller(redress, bindingType="versionTag", versionTag="old")
    instance = start_instance(redress.runtime, SYSTEM, "caller")
    assert do(redress, instance, second="x") == "look"
    put_called(redress, "fifth", "old")
    assert do(redress, instance) == "own"
    assert do(redress, instance, second="y") == "look"
    put_caller(redress, bindingType="versionTag", versionTag="none")
    with pytest.raises(StepFailed, match="not among the deployed ones in a version tagged 'none'"):
        start_instance(redress.runtime, SYSTEM, "caller")


def test_a_call_of_what_nobody_deployed_is_refused(redress: Redress) -> None:
    with pytest.raises(ModelRefused, match="process 'check' is not in this bundle"):
        put_caller(redress)


def test_a_global_task_is_called_in_the_store_too(redress: Redress) -> None:
    task = element("globalUserTask", "ask", ext(AGENTS))
    call = element("callActivity", "c", ext(z("calledElement", processId="ask")))
    files = {"g.bpmn": definitions(task, process(START + END + call + "s->c;c->e;", "asks"))}
    deploy(redress.runtime, SYSTEM, files, family="asks")
    instance = start_instance(redress.runtime, SYSTEM, "asks")
    assert do(redress, instance) == "ask.task"
    with redress.sessions.read() as session:
        assert session.get_one(Instance, instance).state == "completed"
