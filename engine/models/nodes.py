"""BPMN's flow nodes, by what they are."""

from __future__ import annotations

from typing import Final

LEVELS: Final = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
"""What holds nodes of its own."""
SUBPROCESSES: Final = LEVELS - {"process"}
TASKS: Final = frozenset(
    {
        "task",
        "manualTask",
        "userTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "scriptTask",
    }
)
ACTIVITIES: Final = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS: Final = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
CATCHING: Final = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
THROWING: Final = frozenset({"intermediateThrowEvent", "endEvent"})
EVENTS: Final = CATCHING | THROWING
FLOW_NODES: Final = ACTIVITIES | GATEWAYS | EVENTS
