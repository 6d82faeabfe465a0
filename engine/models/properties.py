"""What a drawn element says beyond plain BPMN, whatever dialect it was drawn in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

EventKind = Literal[
    "timer",
    "message",
    "signal",
    "error",
    "escalation",
    "compensate",
    "terminate",
    "link",
    "cancel",
    "conditional",
]
TimerKind = Literal["date", "duration", "cycle"]


@dataclass(frozen=True, slots=True)
class LoopProperties:
    """How an activity is repeated. Expression texts stand as drawn (`=` in front means FEEL).

    Multi-instance over a collection is the ordinary form; `cardinality` is BPMN's number of instances;
    `while_condition` with `test_before` and `maximum` describes a standard loop.
    """

    input_collection: str = ""
    input_element: str = ""
    output_collection: str = ""
    output_element: str = ""
    sequential: bool = False
    completion_condition: str = ""
    cardinality: str = ""
    standard: bool = False
    while_condition: str = ""
    test_before: bool = False
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class TimerProperties:
    """When a timer event fires: an ISO 8601 text, or FEEL with `=` in front."""

    kind: TimerKind
    text: str


@dataclass(frozen=True, slots=True)
class ElementProperties:
    """The neutral reading of one element; expression texts are kept as drawn (`=...` is FEEL)."""

    element_id: str
    kind: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    #: What the documentation says in other languages than the drawn one, by language.
    explanations: Mapping[str, str] = field(default_factory=dict)
    assignee: str = ""
    candidate_groups: str = ""
    candidate_users: str = ""
    due_date: str = ""
    follow_up_date: str = ""
    priority: str = ""
    form_id: str = ""
    job_type: str = ""
    job_retries: str = ""
    job_headers: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    called_process: str = ""
    #: The version that a call is bound to, by the tag of the called process; and a process's own tag.
    called_tag: str = ""
    version_tag: str = ""
    propagate_parent: bool = True
    propagate_children: bool = True
    called_decision: str = ""
    decision_result: str = ""
    script_expression: str = ""
    script_result: str = ""
    correlation_key: str = ""
    loop: LoopProperties | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    event: EventKind | None = None
    event_name: str = ""
    timer: TimerProperties | None = None
    condition: str = ""
    attached_to: str = ""
    interrupting: bool = True
    lane: str = ""
    line: int | None = None

    def label(self, language: str) -> str:
        """Return the name in `language` (zh-Hant, zh-Hans, en), or the drawn one where there is none."""
        return self.labels.get(language) or self.name or self.element_id

    def explanation(self, language: str) -> str:
        """Return the documentation in `language` (as `label`), or the drawn one where there is none."""
        return self.explanations.get(language) or self.documentation

    def flag(self, name: str) -> bool:
        """Return whether the extension property `name` is `true`."""
        return self.custom.get(name, "").strip().lower() == "true"
