"""Migrating instances to another version: what maps goes on, what cannot is told by name; both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress, assemble
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.jobs.outside import activate_jobs, complete_job
from engine.people.actor import SYSTEM
from engine.read.migrations import migration
from engine.runtime.commands import (
    claim,
    complete,
    correlate,
    fire_timer,
    migrate_instance,
    preview_migration,
    preview_migration_of_all,
    resume_instance,
    run_migrations,
    start_instance,
    start_migration,
    stop_migration,
    suspend_instance,
)
from engine.runtime.commands.migrate_all import migrate_next
from engine.runtime.deploy import deploy
from engine.runtime.migrating import Outlook
from engine.store.tables.runtime import Instance, Subscription, Task, Timer
from tests.at_once import at_once
from tests.driving import complaint, drive, elements
from tests.runtime.consistency import assert_consistent
from tests.runtime.spiff.drawing import (
    END,
    ON_MESSAGE,
    START,
    at_date,
    boundary,
    definitions,
    duration,
    element,
    ext,
    process,
    z,
)
from tests.runtime.test_operating import told
from tests.world import ROOT, actor, register

AGENTS = z("assignmentDefinition", candidateGroups="agents")
HANDLERS = z("assignmentDefinition", candidateGroups="handlers")
MESSAGE = (
    '<b:message id="m" name="{name}"><b:extensionElements><z:subscription correlationKey="={key}"/>'
    "</b:extensionElements></b:message>"
)


def task(name: str, assignment: str = AGENTS, inside: str = "", **drawn: str) -> str:
    return element("userTask", name, ext(assignment) + inside, **drawn)


def put(redress: Redress, *parts: str, **files: bytes) -> int:
    """Deploy a version of the process `p`; return its number."""
    named = {f"{name.replace('_', '.')}": content for name, content in files.items()}
    done = deploy(
        redress.runtime, SYSTEM, {"p.bpmn": definitions(*parts), **named}, family="migrated", replace=True
    )
    return int(next(each["version"] for each in done.definitions if each["process_id"] == "p"))


def begin(redress: Redress, **variables: object) -> str:
    return start_instance(redress.runtime, SYSTEM, "p", variables)


def open_tasks(redress: Redress, instance_id: str) -> dict[str, Task]:
    with redress.sessions.read() as session:
        query = select(Task).where(Task.instance_id == instance_id, Task.state == "open")
        return {row.element_id: row for row in session.scalars(query)}


def timers(redress: Redress, instance_id: str) -> dict[str, Timer]:
    with redress.sessions.read() as session:
        return {
            row.element_id: row
            for row in session.scalars(select(Timer).where(Timer.instance_id == instance_id))
        }


def do(redress: Redress, instance_id: str, element_id: str) -> None:
    complete(redress.runtime, actor(redress, "agent"), open_tasks(redress, instance_id)[element_id].id, {})


def problems(outlook: Outlook) -> set[tuple[str, str]]:
    return {(item.element_id, item.problem.split(";")[0]) for item in outlook.problems}


def simple(name: str = "a", after: str = "b", assignment: str = AGENTS) -> str:
    return process(
        START + END + task(name, assignment) + task(after) + f"s->{name};{name}->{after};{after}->e;"
    )


def test_an_instance_goes_on_in_the_new_version_and_history_keeps_both(redress: Redress) -> None:
    rt, first = redress.runtime, put(redress, simple())
    instance = begin(redress)
    task_id = open_tasks(redress, instance)["a"].id
    claim(rt, actor(redress, "agent"), task_id)
    second = put(redress, simple(after="c", assignment=HANDLERS))
    outlook = preview_migration(rt, SYSTEM, instance)
    assert (outlook.version, outlook.problems) == (second, [])
    done = migrate_instance(rt, actor(redress, "owner"), instance, "a step was missing")
    assert (done["state"], done["version"], first) == ("active", second, second - 1)
    assert_consistent(redress, instance)
    kept = open_tasks(redress, instance)["a"]
    assert (kept.id, kept.assignee, kept.candidate_groups) == (task_id, "agent", ["handlers"])
    do(redress, instance, "a")
    assert list(open_tasks(redress, instance)) == ["c"]
    (row,) = told(redress, instance, "instance.migrated")
    with redress.sessions.read() as session:
        bundle = session.get_one(Instance, instance).bundle_id
    assert bundle in row
    assert outlook.from_bundle in row
    assert "a step was missing" in row
    with pytest.raises(Conflict, match="already"):
        migrate_instance(rt, SYSTEM, instance, "again")
    assert_consistent(redress, instance)


def test_what_lies_in_a_sub_process_now_is_told_with_where_and_ends_in_its_own_version(
    redress: Redress,
) -> None:
    rt, _ = redress.runtime, put(redress, simple())
    instance = begin(redress)
    inside = '<b:startEvent id="is"/>' + task("a") + '<b:endEvent id="ie"/>is->a;a->ie;'
    put(
        redress,
        process(START + END + element("subProcess", "phase", inside) + task("b") + "s->phase;phase->b;b->e;"),
    )
    outlook = preview_migration(rt, SYSTEM, instance)
    assert problems(outlook) == {("a", "lies in the sub-process 'phase' in the new version")}
    with pytest.raises(Conflict, match="let the instance end in its own"):
        migrate_instance(rt, SYSTEM, instance, "x")
    do(redress, instance, "a")
    migrate_instance(rt, SYSTEM, instance, "past it")
    assert list(open_tasks(redress, instance)) == ["b"]
    assert_consistent(redress, instance)


def test_what_is_renamed_is_mapped_and_what_is_gone_is_told(redress: Redress) -> None:
    rt, _ = redress.runtime, put(redress, simple())
    instance = begin(redress)
    put(redress, simple("renamed"))
    outlook = preview_migration(rt, SYSTEM, instance)
    assert problems(outlook) == {("a", "is not in this scope of the new version")}
    with pytest.raises(Conflict, match="task 'a' is not in this scope"):
        migrate_instance(rt, SYSTEM, instance, "x")
    for wrong, said in (({"nothing": "renamed"}, "mapping.nothing"), ({"a": "nothing"}, "mapping.a")):
        with pytest.raises(InvalidInput) as refused:
            migrate_instance(rt, SYSTEM, instance, "x", mapping=wrong)
        assert list(refused.value.errors) == [said]
    assert list(open_tasks(redress, instance)) == ["a"]
    assert_consistent(redress, instance)
    assert preview_migration(rt, SYSTEM, instance, mapping={"a": "renamed"}).problems == []
    migrate_instance(rt, SYSTEM, instance, "x", mapping={"a": "renamed"})
    assert list(open_tasks(redress, instance)) == ["renamed"]
    assert_consistent(redress, instance)
    do(redress, instance, "renamed")
    assert list(open_tasks(redress, instance)) == ["b"]


def test_boundary_events_are_armed_disarmed_and_drawn_anew(redress: Redress) -> None:
    rt, key = redress.runtime, {"key": "K", "other": "L"}
    at = (clock.now() + timedelta(days=9)).isoformat()
    put(
        redress,
        MESSAGE.format(name="M", key="key"),
        process(
            START
            + END
            + task("a")
            + boundary(duration("P1D"), "a", interrupting=False, name="kept")
            + boundary(duration("P2D"), "a", interrupting=False, name="dropped")
            + boundary(at_date("2026-04-01T00:00:00Z"), "a", interrupting=False, name="dated")
            + boundary(ON_MESSAGE, "a", interrupting=False, name="said")
            + "s->a;a->e;kept->e;dropped->e;dated->e;said->e;"
        ),
    )
    instance, plain = begin(redress, **key), timers
    before = plain(redress, instance)
    put(
        redress,
        MESSAGE.format(name="N", key="other"),
        process(
            START
            + END
            + task("a")
            + boundary(duration("P5D"), "a", interrupting=False, name="kept")
            + boundary(duration("P3D"), "a", name="added")
            + boundary(at_date(at), "a", interrupting=False, name="dated")
            + boundary(ON_MESSAGE, "a", interrupting=False, name="said")
            + "s->a;a->e;kept->e;added->e;dated->e;said->e;"
        ),
    )
    notes = {item.element_id or item.to: item.note for item in preview_migration(rt, SYSTEM, instance).items}
    assert (notes["dropped"], notes["added"]) == ("is disarmed", "is armed")
    assert "due_at" in notes["dated"]
    migrate_instance(rt, SYSTEM, instance, "x")
    after = plain(redress, instance)
    assert set(after) == {"kept", "added", "dated"}
    assert (after["kept"].id, after["kept"].due_at) == (before["kept"].id, before["kept"].due_at)
    assert after["dated"].due_at - clock.now() > timedelta(days=8)
    assert_consistent(redress, instance)
    with redress.sessions.read() as session:
        said = session.scalars(select(Subscription).where(Subscription.instance_id == instance)).one()
    assert (said.name, said.correlation_key) == ("N", "L")
    assert correlate(rt, SYSTEM, "N", "L").correlated == [instance]
    clock.advance(timedelta(days=4))
    assert fire_timer(rt, after["kept"].id)
    assert fire_timer(rt, after["added"].id)
    assert open_tasks(redress, instance) == {}
    assert_consistent(redress, instance)


def test_a_step_gets_its_first_boundary_event_and_loses_its_last(redress: Redress) -> None:
    rt, _ = redress.runtime, put(redress, simple())
    with_timer = process(
        START
        + END
        + task("a")
        + task("b")
        + boundary(duration("P1D"), "a", name="late")
        + "s->a;a->b;b->e;late->b;"
    )
    one, two = begin(redress), begin(redress)
    put(redress, with_timer)
    for each in (one, two):
        migrate_instance(rt, SYSTEM, each, "x")
        assert_consistent(redress, each)
        assert set(timers(redress, each)) == {"late"}
    clock.advance(timedelta(days=2))
    fire_timer(rt, timers(redress, one)["late"].id)
    assert list(open_tasks(redress, one)) == ["b"]
    assert_consistent(redress, one)
    put(redress, simple())
    migrate_instance(rt, SYSTEM, two, "back")
    assert timers(redress, two) == {}
    assert_consistent(redress, two)
    do(redress, two, "a")
    do(redress, two, "b")
    assert_consistent(redress, two)


def inner(second: str = "y", extra: str = "") -> str:
    """A sub-process with an event sub-process, a multi-instance, a job, a join and a call."""
    each = z("loopCharacteristics", inputCollection="=items", inputElement="it")
    loop = f"<b:multiInstanceLoopCharacteristics>{ext(each)}</b:multiInstanceLoopCharacteristics>"
    event = element(
        "subProcess",
        "ev",
        element("startEvent", "es", ON_MESSAGE, isInterrupting="false")
        + task("heard")
        + element("endEvent", "ee")
        + "es->heard;heard->ee;",
        triggeredByEvent="true",
    )
    job = element("serviceTask", "print", ext(z("taskDefinition", type="printing")))
    call = element("callActivity", "call", ext(z("calledElement", processId="q")))
    body = (
        '<b:startEvent id="is"/><b:endEvent id="ie"/>'
        + element("parallelGateway", "fork")
        + element("parallelGateway", "join")
        + task("x")
        + task("many", AGENTS, loop)
        + task(second)
        + job
        + call
        + event
        + extra
        + "is->fork;fork->x;fork->many;fork->print;fork->call;x->join{fx};many->join{fm};print->join{fp};"
        + f"call->join{{fc}};join->{second};{second}->ie;"
    )
    return process(START + END + element("subProcess", "sub", body) + "s->sub;sub->e;")


CALLED = process('<b:startEvent id="qs"/><b:endEvent id="qe"/>' + task("inq") + "qs->inq;inq->qe;", "q")


def test_everything_that_may_run_goes_with_it(redress: Redress) -> None:
    rt = redress.runtime
    put(redress, MESSAGE.format(name="M", key="key"), inner(), CALLED)
    instance = begin(redress, key="K", items=[1, 2])
    assert correlate(rt, SYSTEM, "M", "K").correlated == [instance]
    do(redress, instance, "x")  # one token waits at the join
    longer = CALLED.replace('"qe"/>', '"qe"/>' + task("inq2")).replace("inq->qe;", "inq->inq2;inq2->qe;")
    put(redress, MESSAGE.format(name="M", key="key"), inner("y2"), longer)
    assert preview_migration(rt, SYSTEM, instance).problems == []
    migrate_instance(rt, SYSTEM, instance, "x")
    assert_consistent(redress, instance)
    assert sorted(open_tasks(redress, instance)) == ["heard", "inq", "many"]
    assert correlate(rt, SYSTEM, "M", "K").correlated == [instance]
    for name in ("heard", "heard", "inq", "inq2", "many", "many"):
        do(redress, instance, name)
        assert_consistent(redress, instance)
    job = activate_jobs(rt, "printing", most=1, timeout_s=60, worker="w")[0]["id"]
    complete_job(rt, SYSTEM, job, {})
    do(redress, instance, "y2")
    with redress.sessions.read() as session:
        assert session.get_one(Instance, instance).state == "completed"
    assert_consistent(redress, instance)


@pytest.mark.parametrize(
    ("drawn", "told_of"),
    [
        (inner().replace('id="many"', 'id="others"').replace("many", "others"), ("many", "is not in this")),
        (inner().replace('type="printing"', 'type="copying"'), ("print", "has the job type 'copying'")),
        (inner().replace("{fx}", "{fy}"), ("join", "a token waits there that came by the flow 'fx'")),
        (inner().replace('processId="q"', 'processId="r"'), ("call", "calls 'r' in the new version")),
        (inner().replace('inputElement="it"/>', 'inputElement="it"/>').replace(
            "<b:multiInstanceLoopCharacteristics>", '<b:multiInstanceLoopCharacteristics isSequential="true">'
        ), ("many", "is repeated in parallel in one version")),
        (inner().replace('id="sub"', 'id="sub2"').replace("s->sub;sub->e;", "s->sub2;sub2->e;"),
         ("sub", "the sub-process is not in the new version")),
        (inner().replace('<b:userTask id="many"', '<b:manualTask id="many"').replace(
            "</b:multiInstanceLoopCharacteristics></b:userTask>",
            "</b:multiInstanceLoopCharacteristics></b:manualTask>"), ("many", "is a manualTask")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(redress: Redress, drawn: str, told_of: tuple[str, str]) -> None:
    rt = redress.runtime
    put(redress, MESSAGE.format(name="M", key="key"), inner(), CALLED)
    instance = begin(redress, key="K", items=[1, 2])
    do(redress, instance, "x")
    put(redress, MESSAGE.format(name="M", key="key"), drawn, CALLED, CALLED.replace('"q"', '"r"').replace(
        "inq", "inr").replace('"qs"', '"rs"').replace('"qe"', '"re"').replace("qs->", "rs->").replace(
        "->qe", "->re"))  # fmt: skip
    found = problems(preview_migration(rt, SYSTEM, instance))
    assert any(element_id == told_of[0] and said.startswith(told_of[1]) for element_id, said in found), found
    with pytest.raises(Conflict, match=told_of[0]):
        migrate_instance(rt, SYSTEM, instance, "x")
    assert_consistent(redress, instance)
    do(redress, instance, "many")
    assert_consistent(redress, instance)


def compensated(handler: str, throw: str = "undo") -> str:
    return process(
        START
        + END
        + task("a")
        + boundary("<b:compensateEventDefinition/>", "a", name="bc")
        + task(handler, AGENTS, isForCompensation="true")
        + task("b")
        + element("intermediateThrowEvent", throw, "<b:compensateEventDefinition/>")
        + f'<b:association id="as" sourceRef="bc" targetRef="{handler}"/>'
        + f"s->a;a->b;b->{throw};{throw}->e;"
    )


def test_what_can_be_undone_stays_so_or_is_refused(redress: Redress) -> None:
    rt, _ = redress.runtime, put(redress, compensated("h"))
    instance = begin(redress)
    do(redress, instance, "a")
    put(redress, compensated("h2"))
    found = problems(preview_migration(rt, SYSTEM, instance))
    assert found == {("a", "was done and can be undone by 'h', which the new version lacks")}
    migrate_instance(rt, SYSTEM, instance, "x", mapping={"h": "h2"})
    assert_consistent(redress, instance)
    do(redress, instance, "b")
    assert list(open_tasks(redress, instance)) == ["h2"]
    put(redress, compensated("h2", "undo2"))
    with pytest.raises(Conflict, match="compensation is over"):
        migrate_instance(rt, SYSTEM, instance, "x", mapping={"undo": "undo2"})
    do(redress, instance, "h2")
    assert_consistent(redress, instance)


def test_a_suspended_instance_is_migrated_and_stays_suspended(redress: Redress) -> None:
    rt, _ = redress.runtime, put(redress, simple())
    instance = begin(redress)
    suspend_instance(rt, SYSTEM, instance, "x")
    put(redress, process(START + END + task("a") + boundary(duration("P1D"), "a") + "s->a;a->e;be->e;"))
    assert migrate_instance(rt, SYSTEM, instance, "x")["state"] == "suspended"
    assert timers(redress, instance)["be"].state == "held"
    assert_consistent(redress, instance)
    resume_instance(rt, SYSTEM, instance, "x")
    assert timers(redress, instance)["be"].state == "armed"
    do(redress, instance, "a")


def test_forms_and_variables_are_told(redress: Redress) -> None:
    rt = redress.runtime
    with_form = AGENTS + z("formDefinition", formId="f")
    form = b'{"type": "default", "id": "f", "components": [{"type": "number", "key": "amount"}]}'
    put(redress, simple(assignment=with_form), f_form=form)
    instance = begin(redress, amount=3)
    put(redress, simple())
    outlook = preview_migration(rt, SYSTEM, instance)
    assert {item.element_id: item.note for item in outlook.items if item.kind == "variable"} == {
        "amount": "is kept; the new version does not write it"
    }
    with pytest.raises(Forbidden):
        preview_migration(rt, actor(redress, "supervisor"), instance)
    with pytest.raises(NotFound):
        preview_migration(rt, SYSTEM, instance, version=99)


def fork(redress: Redress, count: int) -> tuple[list[str], list[str]]:
    """Instances of version 1: some at a step that version 2 has, some at one that it lacks."""
    put(redress, simple())
    fitting = [begin(redress) for _ in range(count)]
    lost = [begin(redress) for _ in range(2)]
    for each in lost:
        do(redress, each, "a")
    put(redress, simple(after="c"))
    return fitting, lost


def test_all_are_migrated_one_by_one_past_those_that_do_not_fit(redress: Redress) -> None:
    rt = redress.runtime
    fitting, lost = fork(redress, 4)
    found = preview_migration_of_all(rt, SYSTEM, "p")
    assert (found["instances"], found["checked"], found["fit"]) == (6, 6, 4)
    assert [(each["element_id"], each["instances"]) for each in found["problems"]] == [("b", 2)]
    started = start_migration(rt, actor(redress, "owner"), "p", "a step was missing")
    with pytest.raises(Conflict, match="being migrated already"):
        start_migration(rt, SYSTEM, "p", "x")
    for _ in range(3):  # then the process dies, and another goes on
        assert migrate_next(rt, started)
    second = assemble(redress.config)
    try:
        assert run_migrations(second.runtime) == 3
        assert run_migrations(second.runtime) == 0
    finally:
        second.close()
    with redress.sessions.read() as session:
        row = migration(session, started)
        bundles = {
            each: session.get_one(Instance, each).bundle_id == row["bundle_id"] for each in fitting + lost
        }
    assert (row["state"], row["total"], row["migrated"], row["failed"]) == ("done", 6, 4, 2)
    assert {each["instance_id"] for each in row["failures"]} == set(lost)
    assert all("'b' is not in this scope" in each["message"] for each in row["failures"])
    assert bundles == {**dict.fromkeys(fitting, True), **dict.fromkeys(lost, False)}
    for each in fitting + lost:
        assert_consistent(redress, each)
        assert len(told(redress, each, "instance.migrated")) == (each in fitting)


def test_several_workers_migrate_each_instance_once(redress: Redress) -> None:
    fitting, lost = fork(redress, 6)
    started = start_migration(redress.runtime, SYSTEM, "p", "x")
    second = assemble(redress.config)
    try:
        at_once(*[lambda rt=rt: run_migrations(rt) for rt in (redress.runtime, second.runtime) * 2])
        run_migrations(redress.runtime)
    finally:
        second.close()
    with redress.sessions.read() as session:
        row = migration(session, started)
    assert (row["state"], row["migrated"], row["failed"]) == ("done", 6, 2)
    for each in fitting + lost:
        assert len(told(redress, each, "instance.migrated")) == (each in fitting)


def test_a_migration_is_stopped(redress: Redress) -> None:
    rt, _ = redress.runtime, fork(redress, 3)
    started = start_migration(rt, SYSTEM, "p", "x")
    migrate_next(rt, started)
    stop_migration(rt, SYSTEM, started)
    assert run_migrations(rt) == 0
    with redress.sessions.read() as session:
        assert (migration(session, started)["state"], migration(session, started)["migrated"]) == (
            "stopped",
            1,
        )
    with pytest.raises(Conflict, match="stopped"):
        stop_migration(rt, SYSTEM, started)


def test_people_and_a_migration_at_the_same_moment_do_not_undo_one_another(redress: Redress) -> None:
    rt, _ = redress.runtime, put(redress, simple())
    instances = [begin(redress) for _ in range(5)]
    put(redress, simple())
    put(redress, simple(after="c"))
    for each in instances:
        task_id = open_tasks(redress, each)["a"].id
        outcomes = at_once(
            *[
                lambda task_id=task_id: complete(rt, actor(redress, "agent"), task_id, {}),
                lambda each=each: migrate_instance(rt, SYSTEM, each, "x")["state"],
            ]
        )
        assert "active" in outcomes
        assert set(open_tasks(redress, each)) <= {"b", "c"}
        assert_consistent(redress, each)


def test_a_complaint_follows_the_limit_of_its_new_version(redress: Redress) -> None:
    made = register(redress)
    before = complaint(redress, made.complaint_no).due_at
    text = (ROOT / "processes/complaint/complaint.bpmn").read_text(encoding="utf-8")
    text = text.replace("deadline(case.received_at, 3)", "deadline(case.received_at, 4)")
    deploy(redress.runtime, SYSTEM, {"complaint.bpmn": text.encode()}, family="complaint")
    migrate_instance(redress.runtime, SYSTEM, made.instance_id, "four days by a new rule")
    row = complaint(redress, made.complaint_no)
    assert row.due_at == before + timedelta(days=1)
    assert timers(redress, made.instance_id)["limit-grade-3"].due_at == row.due_at
    assert len(told(redress, made.instance_id, "deadline.recounted")) == 1
    assert_consistent(redress, made.instance_id)
    assert elements(redress, made.complaint_no) == ["investigate"]
    assert drive(redress, made.complaint_no)[-1] == "archive"
    assert_consistent(redress, made.instance_id)
