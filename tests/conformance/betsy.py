"""Runs betsy's BPMN conformance cases: `python -m tests.conformance.betsy DIR [NAME...]`.

DIR holds `cases.json` and the processes (uniba-dsg/betsy, LGPL-3). Placeholders in script tasks and
conditions are translated while a file is loaded; its structure is not touched. Time passes on the engine's
clock, at once.

Two cases of the suite's first half cannot pass: both AdHocSubProcess cases expect SCRIPT_task3, which no task
of their files writes (the last one writes SCRIPT_task1); the run gives task1, task2, task1.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from engine import clock
from engine.errors import ModelRefused, NotFound, StepFailed
from engine.models.properties import ElementProperties
from engine.models.xml import bpmn, parse_model, zeebe
from engine.runtime.spiff import CompiledBundle, Scope, Wait, Workflow, compile_processes

_CONTAINS = re.compile(r"(!?)\s*(\w+)\.contains\(([^()]*)\)")
_OPERATORS = {"&&": " and ", "||": " or ", "==": "=", "nrOf": "numberOf"}
CALL = "CALL:"
"""The job type of a service or send task that names no type: what it calls is sent its message."""
_SILENT = ("CREATE_LOG_FILE", "CREATE_TIMESTAMP_LOG", "WAIT_TEN_SECONDS", "SET_STRING_DATA")
_EXPRESSIONS = (
    "conditionExpression",
    "condition",
    "loopCondition",
    "completionCondition",
    "activationCondition",
)
MOST_ACTS = 500


class Nothing:
    """Surroundings in which there is nothing to ask."""

    functions: Mapping[str, Any] = {}

    def facts(self) -> Mapping[str, Any]:
        return {}

    def decide(self, decision_id: str, scope: Mapping[str, Any], process_id: str) -> Any:
        raise StepFailed(f"there is no decision {decision_id!r}")

    def find_called(self, process_id: str, tag: str = "") -> tuple[str, CompiledBundle] | None:
        return None

    def find_bundle(self, bundle_id: str) -> CompiledBundle:
        raise NotFound(f"there is no bundle {bundle_id!r}")

    def entered(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        pass

    def completed(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        pass


def translate(root: etree._Element) -> etree._Element:
    """Turn script labels into jobs of that type, conditions into FEEL; give messages a correlation key."""
    for task in root.iter(bpmn("scriptTask"), bpmn("globalScriptTask")):
        script = task.find(bpmn("script"))
        if script is not None:
            label = (script.text or "").strip()
            task.remove(script)
            task.attrib.pop("scriptFormat", None)
            _extend(task, "taskDefinition", type=label)
    for task in root.iter(bpmn("serviceTask"), bpmn("sendTask")):
        if not task.get("messageRef") and task.find(f".//{zeebe('taskDefinition')}") is None:
            _extend(task, "taskDefinition", type=CALL + _message_of(root, task.get("operationRef", "")))
    for tag in _EXPRESSIONS:
        for node in root.iter(bpmn(tag)):
            node.text = feel((node.text or "").strip())
    for message in root.iter(bpmn("message")):
        _extend(message, "subscription", correlationKey='="key"')
    return root


def _message_of(root: etree._Element, reference: str) -> str:
    """Return the name of the message that an operation takes; an empty name where there is none."""
    by_id = {node.get("id"): node for node in root.iter(bpmn("operation"), bpmn("message"))}
    operation = by_id.get(reference.rsplit(":", maxsplit=1)[-1])
    taken = "" if operation is None else operation.findtext(bpmn("inMessageRef"), "").strip()
    message = by_id.get(taken.rsplit(":", maxsplit=1)[-1])
    return "" if message is None else message.get("name", "")


def feel(text: str) -> str:
    """Translate `test.contains("a")` and the operators of Java; anything else is FEEL already."""

    def contains(found: re.Match[str]) -> str:
        inner = f"contains({found[2]}, {found[3]})"
        return f"not({inner})" if found[1] else inner

    text = _CONTAINS.sub(contains, text)
    for java, ours in _OPERATORS.items():
        text = text.replace(java, ours)
    return text


def _extend(node: etree._Element, tag: str, **attributes: str) -> None:
    extensions = node.find(bpmn("extensionElements"))
    if extensions is None:
        extensions = etree.Element(bpmn("extensionElements"))
        node.insert(0, extensions)
    etree.SubElement(extensions, zeebe(tag), attributes)


class Run:
    """One case: the instances that it starts, and the trace that they leave."""

    def __init__(self, bundle: CompiledBundle, case: Mapping[str, Any]) -> None:
        self.bundle, self.case = bundle, case
        self.trace: list[str] = []
        self.workflows: list[Workflow] = []
        self.kept: list[str] = []

    def go(self) -> list[str]:
        """Run the case to its end, or to the end of its time, and return its trace."""
        until = clock.now() + timedelta(seconds=max(self.case["delay_s"], 60.0))
        try:
            self._start(self.case["process"])
            if self.case["parallel_process"]:
                self._start(self.case["process"])
            for _ in range(MOST_ACTS):
                if not self._deliver_kept() and not self._act(until):
                    break
        except StepFailed as error:
            kind = "thrownErrorEvent" if "was not caught" in str(error) else "runtime"
            self.trace.append(f"ERROR_{kind}")
        return self.trace

    def _start(self, process_id: str, start_event: str | None = None) -> None:
        variables = {"test": self.case["input"] or "", "integerVariable": self.case["integer_variable"]}
        begun = [each.element_id for each in self.bundle.beginnings() if each.process_id == process_id]
        plain = any(each.event in (None, "conditional") for each in self.bundle.start_events(process_id))
        start_event = start_event or (begun[0] if begun and not plain else None)
        workflow = self.bundle.start(process_id, Nothing(), variables, start_event)
        self.workflows.append(workflow)
        self._advance(workflow)

    def _advance(self, workflow: Workflow) -> None:
        workflow.advance()
        for event in workflow.take_changes().events:
            if event.kind == "message.thrown":
                self._message(event.data["name"])
            elif event.kind == "signal.thrown":
                self._signal(event.data["name"], workflow)
            elif event.kind == "escalation.thrown" and not event.data["caught"]:
                self.trace.append("ERROR_thrownEscalationEvent")

    def _act(self, until: Any) -> bool:
        """Do one thing that is waited for: any job or user task first, else the next timer."""
        waits = [(wait, workflow) for workflow in self.workflows for wait in workflow.waits()]
        for wait, workflow in waits:
            if wait.kind == "job":
                self._job(wait, workflow)
                return True
            if wait.kind == "user":
                workflow.complete_user_task(wait.token)
                self._advance(workflow)
                return True
        timers = [(wait.due_at, wait.token, workflow) for wait, workflow in waits if wait.due_at is not None]
        if not timers:
            return False
        due, token, workflow = min(timers, key=lambda each: each[0])
        if due > until:
            return False
        clock.advance(max(due - clock.now(), timedelta(0)))
        workflow.fire_timer(token)
        self._advance(workflow)
        return True

    def _job(self, wait: Wait, workflow: Workflow) -> None:
        label = wait.job_type
        variables: dict[str, Any] = {}
        scope = workflow.scope(wait.token)
        if label == "THROW_ERROR":
            workflow.throw_error(wait.token, "ERR_CODE")
            self._advance(workflow)
            return
        if label == "WAIT_TEN_SECONDS" and self._timers_within(timedelta(seconds=10)):
            return
        if label.startswith("INCREMENT_INTEGER_VARIABLE"):
            variables["integerVariable"] = scope["integerVariable"] + 1
            if label.endswith("_AND_LOG"):
                self.trace.append("INCREMENT")
        elif label == "SET_STRING_DATA":
            variables["data"] = "String"
        elif label == "LOG_DATA":
            self.trace.append("DATA_correct" if scope.get("data") == "String" else "DATA_wrong")
        elif label == "CREATE_MARKER_FILE":
            self.trace.append("MARKER_exists")
        elif not label.startswith((*_SILENT, CALL)):
            self.trace.append(label)
        workflow.complete_job(wait.token, variables)
        self._advance(workflow)
        if label.startswith(CALL) and label != CALL:
            self._message(label.removeprefix(CALL))

    def _timers_within(self, span: timedelta) -> bool:
        """While a task waits ten seconds, timers that are due meanwhile fire first."""
        end = clock.now() + span
        for workflow in self.workflows:
            for wait in workflow.waits():
                if wait.due_at is not None and wait.due_at <= end:
                    clock.advance(max(wait.due_at - clock.now(), timedelta(0)))
                    workflow.fire_timer(wait.token)
                    self._advance(workflow)
                    return True
        return False

    def _message(self, name: str) -> None:
        by = self._deliver(name)
        if not self._start_on("message", name, by) and not by:
            self.kept.append(name)

    def _deliver(self, name: str) -> str:
        """Hand a message to whoever waits for it; return the process that caught it."""
        for workflow in list(self.workflows):
            for wait in workflow.waits():
                if wait.kind == "message" and wait.message_name == name:
                    workflow.deliver_message(wait.token)
                    self._advance(workflow)
                    return wait.process_id
        return ""

    def _deliver_kept(self) -> bool:
        """Hand over a message that was thrown before anybody waited for it."""
        for name in self.kept:
            if self._deliver(name):
                self.kept.remove(name)
                return True
        return False

    def _signal(self, name: str, thrower: Workflow) -> None:
        for workflow in list(self.workflows):
            if workflow is not thrower and workflow.broadcast_signal(name):
                self._advance(workflow)
        self._start_on("signal", name)

    def _start_on(self, kind: str, name: str, but: str = "") -> bool:
        found = [each for each in self.bundle.beginnings() if (each.kind, each.name) == (kind, name)]
        for each in found:
            if each.process_id != but:
                self._start(each.process_id, each.element_id)
        return bool(found)


def run_case(directory: Path, case: Mapping[str, Any]) -> tuple[bool, list[str], str]:
    """Run one case; return whether it passed, its trace, and a note such as why it was refused."""
    expected = list(case["expected"])
    root = translate(parse_model((directory / case["file"]).read_bytes(), case["file"]))
    try:
        bundle = compile_processes({case["file"]: root})
    except ModelRefused as error:
        return expected == ["ERROR"] or expected == ["ERROR_deployment"], ["ERROR"], str(error)
    trace = Run(bundle, case).go()
    fits = Counter(trace) == Counter(expected)
    if expected == ["ERROR"]:
        fits = any(each.startswith("ERROR") for each in trace)
    return fits, trace, ""


def main(arguments: list[str]) -> int:
    """Run all cases, or those whose process is named; print a line for each that fails, and the sum."""
    if not arguments:
        sys.stderr.write("usage: python -m tests.conformance.betsy DIR [NAME...]\n")
        return 2
    directory, names = Path(arguments[0]), set(arguments[1:])
    clock.use_file(None, settable=True)
    cases = json.loads((directory / "cases.json").read_text())
    passed = refused = total = 0
    for case in cases:
        if names and case["process"] not in names:
            continue
        total += 1
        try:
            fits, trace, note = run_case(directory, case)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is this case's failure, not the run's end
            fits, trace, note = False, [], f"{type(error).__name__}: {error}"
        passed += fits
        refused += bool(note) and not fits
        if not fits:
            about = f"{case['process']} {case['input'] or ''}".strip()
            sys.stdout.write(f"FAIL {about}: expected {case['expected']}, got {trace} {note}\n")
    if refused:
        sys.stdout.write(f"{refused} of them were refused at deployment\n")
    sys.stdout.write(f"{passed} passed, {total - passed} failed\n")
    return 0 if passed == total else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
