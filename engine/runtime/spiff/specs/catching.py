"""Catching events: intermediate, boundary, receive tasks, and the listeners of event sub-processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import clock
from engine.errors import StepFailed
from engine.models.properties import EventKind, TimerKind
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.library import NoneEventDefinition, defaults
from engine.runtime.spiff.specs.gateways import EventGateway
from engine.runtime.spiff.specs.node import Node
from engine.runtime.spiff.timers import next_occurrence, occurrence, parse_cycle, parse_instant, parse_period
from engine.runtime.spiff.tokens import CANCELLED, READY, STARTED, WAITING, Token

_CAUGHT: Mapping[str, str] = {
    "timer": "timer.fired",
    "message": "message.caught",
    "signal": "signal.caught",
    "error": "error.caught",
    "escalation": "escalation.caught",
    "cancel": "cancel.caught",
    "conditional": "condition.met",
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a catching event waits for. An empty name of an error or escalation catches any."""

    kind: EventKind | None
    name: str = ""
    correlation: Formula | None = None
    timer_kind: TimerKind = "duration"
    timer: Formula | None = None
    condition: Formula | None = None
    skip_if_past: bool = False


class Catching(Node):
    """Waits for its trigger; timers that are past when armed fire at once."""

    trigger: Trigger
    #: Whether its event may begin an instance.
    begins = False

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        return self.arm(token)

    def arm(self, token: Token) -> bool:
        """Begin to wait; return whether the event fires at once."""
        kind = self.trigger.kind
        if kind is None or kind == "link" or (self.begins and self._has_begun(token)):
            return True
        if kind == "timer":
            return self._arm_timer(token)
        token._set_state(WAITING)
        if kind == "conditional":
            token.workflow.top_workflow.conditional[token.id] = token
            self.check(token)
        elif kind == "message":
            self._wait_for_message(token)
        elif kind == "signal":
            self.wait(token, kind="signal", signal_name=self.trigger.name)
        return False

    def _has_begun(self, token: Token) -> bool:
        """Whether its event began this instance; once told, it is used up."""
        tree = token.workflow.top_workflow
        if token.workflow is not tree or tree.start_event != self.element_id:
            return False
        tree.start_event = ""
        data = {"name": self.trigger.name}
        kind = _CAUGHT[self.trigger.kind or ""]
        tree.recorder.event(kind, token.id, self.element_id, self.process_id, data)
        return True

    def fire(self, token: Token, variables: Mapping[str, Any] | None = None) -> None:
        """Let the event happen; `variables` come with it and are written when it completes."""
        if not token.is_open:
            return
        tree = token.workflow.top_workflow
        if variables:
            token.result = dict(variables)
        due = token.internal_data.get("wait", {}).get("due_at")
        self.close(token, "completed")
        tree.conditional.pop(token.id, None)
        token._ready()
        data = {"name": self.trigger.name} if self.trigger.name else None
        if due is not None:
            data = {"due_at": due.isoformat()}
        tree.recorder.event(
            _CAUGHT[self.trigger.kind or ""], token.id, self.element_id, self.process_id, data
        )

    def check(self, token: Token) -> None:
        """Let a conditional event happen if its condition has become true."""
        assert self.trigger.condition is not None
        true = token.workflow.top_workflow.evaluate(token, self.trigger.condition, "the condition") is True
        if not true:
            token.internal_data.pop("held", None)
        elif not token.internal_data.get("held"):
            self.fire(token)

    def restored(self, token: Token) -> None:
        """Watch the condition again."""
        if self.trigger.kind == "conditional":
            token.workflow.top_workflow.conditional[token.id] = token

    def _on_cancel(self, token: Token) -> None:
        token.workflow.top_workflow.conditional.pop(token.id, None)

    def _run_hook(self, token: Token) -> bool:
        gateway = token.parent
        if gateway is not None and isinstance(gateway.task_spec, EventGateway):
            with token.workflow.top_workflow.cancelling("interrupted"):
                for sibling in gateway.children:
                    if sibling is not token and sibling.is_open:
                        sibling.cancel()
        return True

    def rearm(self, token: Token) -> None:
        """Wait for the next occurrence with a new token beside `token`, if there is to be one."""
        due = token.internal_data.get("timer")
        if self.trigger.kind == "timer" and due is None:
            return
        again = Token(token.workflow, self, token.parent)
        again.data = token.parent.scope
        if self.trigger.kind == "conditional":
            again.internal_data["held"] = True
        if due is None:
            self.arm(again)
        elif not self._next_due(again, due):
            again._set_state(CANCELLED)

    def values_drawn_anew(self, token: Token, before: Trigger) -> dict[str, Any]:
        """Evaluate what this version draws otherwise than the one with the trigger `before`, for a token that
        waits already. Durations and cycles keep the dates that they were armed with.
        """
        trigger, evaluate = self.trigger, token.workflow.top_workflow.evaluate
        if trigger.kind == "timer" and trigger.timer_kind == "date":
            assert trigger.timer is not None
            if before.timer is not None and before.timer.text == trigger.timer.text:
                return {}
            value = evaluate(token, trigger.timer, "the timer")
            try:
                return {"due_at": parse_instant(value, token.workflow.top_workflow.bundle.zone)}
            except ValueError as error:
                raise self._failed(f"timer {trigger.timer.text}: {error}") from error
        if trigger.kind == "signal":
            return {"signal_name": trigger.name}
        if trigger.kind == "message":
            same = (before.correlation and before.correlation.text) == (
                trigger.correlation and trigger.correlation.text
            )
            key = {} if same else {"correlation_key": self._correlation_key(token)}
            return {"message_name": trigger.name, **key}
        return {}

    def _wait_for_message(self, token: Token) -> None:
        key = self._correlation_key(token)
        self.wait(token, kind="message", message_name=self.trigger.name, correlation_key=key)

    def _correlation_key(self, token: Token) -> str:
        tree = token.workflow.top_workflow
        key = ""
        if self.trigger.correlation is not None:
            value = tree.evaluate(token, self.trigger.correlation, "the correlation key")
            if value is None:
                raise self._failed(f"the correlation key {self.trigger.correlation.text} is null")
            key = str(value)
        return key

    def _failed(self, message: str) -> StepFailed:
        text = f"{self.element_id!r}: {message}"
        return StepFailed(text, element_id=self.element_id, process_id=self.process_id)

    # -- timers
    def _arm_timer(self, token: Token) -> bool:
        tree = token.workflow.top_workflow
        assert self.trigger.timer is not None
        value = tree.evaluate(token, self.trigger.timer, "the timer")
        now, zone = clock.now(), tree.bundle.zone
        try:
            if self.trigger.timer_kind == "date":
                due = parse_instant(value, zone)
            elif self.trigger.timer_kind == "duration":
                due = parse_period(value).after(now, zone)
            else:
                return self._arm_cycle(token, value, now)
        except ValueError as error:
            raise self._failed(f"timer {self.trigger.timer.text}: {error}") from error
        return self._wait_until(token, due, now)

    def _arm_cycle(self, token: Token, value: Any, now: datetime) -> bool:
        zone = token.workflow.top_workflow.bundle.zone
        cycle = parse_cycle(value, zone)
        left = -1 if cycle.times is None else cycle.times
        if left == 0:
            token._set_state(CANCELLED)
            return False
        token.internal_data["timer"] = {"text": cycle.text, "anchor": now, "number": 0, "left": left}
        return self._wait_until(token, occurrence(cycle, now, 0, zone), now)

    def _next_due(self, token: Token, due: Mapping[str, Any]) -> bool:
        if due["left"] == 1:
            return False
        zone, now = token.workflow.top_workflow.bundle.zone, clock.now()
        cycle = parse_cycle(due["text"], zone)
        try:
            number = next_occurrence(cycle, due["anchor"], due["number"], now, zone)
            at = occurrence(cycle, due["anchor"], number, zone)
        except ValueError:
            return False  # the calendar ends before
        left = due["left"] - 1 if due["left"] > 0 else -1
        token.internal_data["timer"] = {**due, "number": number, "left": left}
        self._wait_until(token, at, now)
        return True

    def _wait_until(self, token: Token, due: datetime, now: datetime) -> bool:
        if due > now:
            token._set_state(WAITING)
            self.wait(token, kind="timer", due_at=due)
            return False
        recorder = token.workflow.top_workflow.recorder
        data = {"due_at": due.isoformat()}
        if self.trigger.skip_if_past:
            recorder.event("timer.skipped", token.id, self.element_id, self.process_id, data)
            return self.skipped(token)
        recorder.event("timer.fired", token.id, self.element_id, self.process_id, data)
        return True

    def skipped(self, token: Token) -> bool:
        """Go on after a timer that was past and is not to fire: a flow through it passes."""
        return True


class IntermediateCatch(Catching, defaults.IntermediateCatchEvent):  # type: ignore[misc]
    """A catching event in the flow. One with a cycle sends a token on at each of its occurrences."""

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name, event_definition=NoneEventDefinition())

    def _run_hook(self, token: Token) -> bool:
        if "timer" in token.internal_data and not isinstance(token.parent.task_spec, EventGateway):
            self.rearm(token)
        return super()._run_hook(token)


class ReceiveTask(Catching, defaults.ReceiveTask):  # type: ignore[misc]
    """A task that waits for a message."""

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name, event_definition=NoneEventDefinition())


class Boundary(Catching, defaults.BoundaryEvent):  # type: ignore[misc]
    """A boundary event: interrupts its activity, or runs beside it and waits again."""

    urgent = True
    inside = READY | STARTED

    def __init__(self, wf_spec: Any, name: str, interrupting: bool) -> None:
        super().__init__(wf_spec, name, event_definition=NoneEventDefinition(), cancel_activity=interrupting)
        self.interrupting = interrupting

    def skipped(self, token: Token) -> bool:
        """A warning that is past is not armed."""
        token._set_state(CANCELLED)
        return False

    def fire_beside(self, token: Token) -> None:
        """Let the event happen with a token of its own, while `token` goes on waiting."""
        beside = Token(token.workflow, self, token.parent)
        beside.data = token.parent.scope
        beside.internal_data["beside"] = True
        self.fire(beside)

    def _run_hook(self, token: Token) -> bool:
        if token.internal_data.pop("beside", False):
            return True
        if not self.interrupting:
            if any(sibling.is_open and not sibling.task_spec.urgent for sibling in token.parent.children):
                self.rearm(token)
            return True
        with token.workflow.top_workflow.cancelling("interrupted"):
            for sibling in token.parent.children:
                if sibling is not token and (sibling._state == WAITING or not sibling.task_spec.urgent):
                    sibling.cancel()
        return True


class BoundarySplit(Node, defaults.NoneTask):  # type: ignore[misc]
    """Stands before an activity with boundary events, and is the parent of all of them. Not drawn."""

    drawn = False
    keeps_children = True

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name)
        self.manual = False


class Listener(Catching, defaults.IntermediateCatchEvent):  # type: ignore[misc]
    """Waits, in the enclosing level, for the start event of an event sub-process."""

    drawn = False
    urgent = True
    listens = True

    def __init__(self, wf_spec: Any, name: str, interrupting: bool) -> None:
        super().__init__(wf_spec, name, event_definition=NoneEventDefinition())
        self.interrupting = interrupting

    def skipped(self, token: Token) -> bool:
        """A start that is past is not armed."""
        token._set_state(CANCELLED)
        return False

    def _run_hook(self, token: Token) -> bool:
        if self.interrupting:
            token.workflow.cancel_open("interrupted", but=token)
        else:
            self.rearm(token)
        return True
