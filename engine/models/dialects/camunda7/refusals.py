"""What of Camunda 7 is left after the translation: passed over with a note, or refused by name."""

from __future__ import annotations

from lxml import etree

from engine.errors import Message
from engine.models.dialects.camunda7.translation import SPACES, Translation, drop, is_foreign, peek
from engine.models.xml import local_name

_WORKER = Message(
    "give the task a job type (zeebe:taskDefinition, an external task's topic) and let a worker outside do it"
)
_LISTENER = Message("draw what it does as a task, or use milestones and the trail")
#: Extension elements and attributes that are refused, and what to use instead.
_INSTEAD = {
    "class": Message("a Java class does not run here; {instead}", instead=_WORKER),
    "delegateExpression": Message("a Java delegate does not run here; {instead}", instead=_WORKER),
    "expression": Message("an expression that acts does not run here; {instead}", instead=_WORKER),
    "type": Message("only external tasks are run; {instead}", instead=_WORKER),
    "connector": Message("connectors do not run here; {instead}", instead=_WORKER),
    "executionListener": Message("listeners do not run here; {instead}", instead=_LISTENER),
    "taskListener": Message("listeners do not run here; {instead}", instead=_LISTENER),
    "resource": Message("a script file does not run here; write FEEL, after `=`"),
    "script": Message("a script does not run here; write FEEL, after `=`"),
    "errorCodeVariable": Message("the error's code is not kept; catch each code by an event of its own"),
    "errorMessageVariable": Message(
        "the error's message is not kept; catch each code by an event of its own"
    ),
    "escalationCodeVariable": Message("the code is not kept; catch each escalation by an event of its own"),
    "errorEventDefinition": Message(
        "an external task's errors come from its worker, by their code; remove it"
    ),
    "variableMappingClass": Message(
        "a Java class does not run here; hand variables over by camunda:in and out"
    ),
    "variableMappingDelegateExpression": Message("a Java delegate does not run here; use camunda:in and out"),
    "caseRef": Message("cases (CMMN) are not run; call a process"),
    "formHandlerClass": Message("a Java class does not run here; draw the form as form-js"),
    "in": Message("variables are not handed over with a signal; put them where both sides read them"),
    "out": Message("variables are not handed over here; use output parameters"),
    "formProperty": Message(
        "form properties are older than forms; draw the form as form-js and link it by its id"
    ),
    "potentialStarter": Message("who may start is decided by roles here; remove it"),
    "field": "",  # belongs to a class or delegate, which is refused
}
#: What has no meaning here, and takes nothing away.
_IGNORED = frozenset(
    {
        "asyncBefore",
        "asyncAfter",
        "async",
        "exclusive",
        "jobPriority",
        "taskPriority",
        "historyTimeToLive",
        "isStartableInTasklist",
        "candidateStarterGroups",
        "candidateStarterUsers",
        "failedJobRetryTimeCycle",
        "modelerTemplate",
        "modelerTemplateVersion",
        "diagramRelationId",
        "decisionRefTenantId",
        "calledElementTenantId",
        "businessKey",
    }
)
_WHY = {
    "asyncBefore": Message("every step is a transaction of its own"),
    "asyncAfter": Message("every step is a transaction of its own"),
    "candidateStarterGroups": Message("who may start is decided by roles"),
    "candidateStarterUsers": Message("who may start is decided by roles"),
    "historyTimeToLive": Message("the trail is kept as the company's rules have it"),
    "failedJobRetryTimeCycle": Message("jobs are tried again by their own rule"),
}


def sweep(work: Translation) -> None:
    """Refuse or pass over every word of the dialect that is left, and take it out of the tree."""
    noted: dict[str, etree._Element] = {}
    for node in list(work.root.iter(etree.Element)):
        if is_foreign(node):
            parent = node.getparent()
            if parent is None or not is_foreign(parent):  # what is inside is told with its parent
                _tell(work, noted, node, local_name(node))
            continue
        for key in list(map(str, node.attrib)):
            word = etree.QName(key)
            if word.namespace in SPACES:
                _tell(work, noted, node, word.localname)
                del node.attrib[key]
    for node in [node for node in work.root.iter(etree.Element) if is_foreign(node)]:
        if node.getparent() is not None:
            drop(node)
    for name, node in noted.items():
        why = _WHY.get(name, Message("it means nothing here"))
        count = work.ignored[name]
        work.warn(
            node,
            Message("camunda:{name} ({count} times) has no effect: {why}", name=name, count=count, why=why),
        )


def _tell(work: Translation, noted: dict[str, etree._Element], node: etree._Element, name: str) -> None:
    if name in _IGNORED:
        work.ignored[name] += 1
        noted.setdefault(name, node)
        return
    instead = _INSTEAD.get(name, Message("it is not known here; remove it, or draw what it means"))
    if instead:
        value = node.get("class") or node.get("delegateExpression") or node.get("expression") or ""
        if not is_foreign(node):
            value = peek(node, name)
        shown = f" {value!r}" if value else ""
        work.refuse(
            node, Message("camunda:{name}{shown}: {instead}", name=name, shown=shown, instead=instead)
        )
