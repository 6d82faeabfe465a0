"""The baseline: plain SpiffWorkflow with its stock JSON serializer at each step, no database, no history."""

from __future__ import annotations

import time

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from tests.bench.models import TASKS, VARIABLES, bench_process


class Plain:
    """Runs the bench process as SpiffWorkflow's documentation shows it."""

    def __init__(self) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(bench_process(zeebe=False)))
        self._spec = parser.get_spec("bench")
        self._subs = parser.get_subprocess_specs("bench")
        self._serializer = BpmnWorkflowSerializer()

    def completions_a_second(self, instances: int) -> float:
        """Run instances to their end, reading and writing JSON at each step; the starts are not timed."""
        return instances * TASKS / sum(self._run_one() for _ in range(instances))

    def _run_one(self) -> float:
        workflow = BpmnWorkflow(self._spec, self._subs)
        workflow.task_tree.data.update(VARIABLES)
        workflow.do_engine_steps()
        text = self._serializer.serialize_json(workflow)
        began = time.perf_counter()
        for number in range(TASKS):
            workflow = self._serializer.deserialize_json(text)
            task = workflow.get_next_task(state=TaskState.READY, manual=True)
            task.data[f"answer_{number}"] = "yes"
            task.run()
            workflow.do_engine_steps()
            workflow.refresh_waiting_tasks()
            text = self._serializer.serialize_json(workflow)
        taken = time.perf_counter() - began
        if not workflow.is_completed():
            raise RuntimeError("the baseline did not complete")
        return taken
