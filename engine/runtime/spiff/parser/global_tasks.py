"""Global tasks: a task that stands outside every process, to be called like one (BPMN 2.0, 10.3.6).

Before a file is compiled each becomes a process with that one task in it, under the id by which it is called.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from engine.models.xml import BPMN, bpmn

GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}


def unfold_global_tasks(root: etree._Element) -> None:
    """Put a process in the place of each global task of a file; its elements have `.start`, `.task`, `.end`
    behind the id.
    """
    for tag, task in GLOBAL_TASKS.items():
        for node in root.findall(bpmn(tag)):
            root.replace(node, _process(node, task))


def _process(node: etree._Element, task: str) -> etree._Element:
    identifier = node.get("id", "")
    process = etree.Element(
        bpmn("process"), {"id": identifier, "name": node.get("name", ""), "isExecutable": "true"}
    )
    process.sourceline = node.sourceline
    inside = deepcopy(node)
    inside.tag = bpmn(task)
    inside.set("id", f"{identifier}.task")
    start = etree.SubElement(process, bpmn("startEvent"), {"id": f"{identifier}.start"})
    process.append(inside)
    end = etree.SubElement(process, bpmn("endEvent"), {"id": f"{identifier}.end"})
    for number, (source, target) in enumerate(((start, inside), (inside, end)), 1):
        references = {"sourceRef": source.get("id", ""), "targetRef": target.get("id", "")}
        etree.SubElement(process, bpmn("sequenceFlow"), {"id": f"{identifier}.flow{number}", **references})
    for each in process.iter(f"{{{BPMN}}}*"):
        each.sourceline = node.sourceline
    return process
