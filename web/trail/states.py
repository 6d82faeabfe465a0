"""The state of each element of a diagram, made from the events of an instance."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from engine.models.properties import ElementProperties

_BEGINS = frozenset({"element.entered", "task.created"})
_ENDS = frozenset({"element.completed", "task.completed", "timer.fired", "message.caught", "signal.caught"})
_BREAKS = frozenset({"element.cancelled", "task.withdrawn"})


def processes_of(first: str, events: Iterable[Mapping[str, Any]], known: Container[str]) -> list[str]:
    """Return the processes that the instance was in, its own first; `known` are the bundle's."""
    seen = dict.fromkeys([first])
    for event in events:
        process_id = event["data"].get("process_id")
        if process_id and process_id in known:
            seen[process_id] = None
    return list(seen)


def element_states(
    process_id: str,
    events: Iterable[Mapping[str, Any]],
    instance: Mapping[str, Any],
    elements: Mapping[str, ElementProperties],
) -> dict[str, str]:
    """Return done, active, failed or cancelled for every element and flow that something happened to."""
    waiting: dict[str, int] = {}
    states: dict[str, str] = {}
    for event in events:
        if event["data"].get("process_id", process_id) != process_id:
            continue
        for flow in event["data"].get("flows", []):
            states[flow] = "done"
        element = event["element_id"]
        if element not in elements:
            continue
        if event["kind"] in _BEGINS:
            waiting[element] = waiting.get(element, 0) + 1
        elif event["kind"] in _ENDS | _BREAKS:
            waiting[element] = max(0, waiting.get(element, 0) - 1)
            if event["kind"] in _ENDS:
                states[element] = "done"
            else:
                states.setdefault(element, "cancelled")
    if instance["state"] in ("active", "suspended"):
        states |= {element: "active" for element, count in waiting.items() if count}
        states |= {element: "active" for element in _waits(instance) if _holds_token(elements.get(element))}
    states = {
        each: state for each, state in states.items() if state != "active" or not _is_frame(elements[each])
    }
    failed = {row["element_id"] for row in instance["incidents"] if row["state"] == "open"}
    return states | {element: "failed" for element in failed if element in elements}


def _is_frame(element: ElementProperties) -> bool:
    """A sub-process only frames what waits inside it; filling the frame would hide that."""
    return element.kind in ("subProcess", "transaction", "adHocSubProcess")


def _waits(instance: Mapping[str, Any]) -> Iterable[str]:
    for name in ("open_tasks", "timers", "subscriptions"):
        for row in instance[name]:
            yield row["element_id"]


def _holds_token(element: ElementProperties | None) -> bool:
    """A boundary event or event sub-process only watches; what waits there is not what the work waits for."""
    return element is not None and element.kind not in ("boundaryEvent", "startEvent")
