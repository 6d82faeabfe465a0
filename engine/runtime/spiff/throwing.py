"""Where thrown errors, escalations and signals go.

An error or escalation is offered to the boundary events of the throwing activity, then to the event
sub-processes of its level, then outwards, the more exact code first. The library offers it to every
boundary event of the enclosing level instead, whatever activity it is attached to, and loses an error that
nobody catches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import StepFailed
from engine.models.properties import EventKind
from engine.runtime.spiff.tokens import WAITING, Token

if TYPE_CHECKING:
    from engine.runtime.spiff.specs.catching import Catching


def throw_error(
    token: Token, code: str, message: str = "", variables: Mapping[str, Any] | None = None
) -> None:
    """Let the nearest catching event take the error. Raises StepFailed when nothing catches it."""
    tree, spec = token.workflow.top_workflow, token.task_spec
    data = {"code": code, "message": message} if message else {"code": code}
    tree.recorder.event("error.thrown", token.id, spec.element_id, spec.process_id, data)
    caught = _catcher(token, "error", code)
    if caught is None:
        text = f"error {code!r} thrown at {spec.element_id!r} was not caught"
        raise StepFailed(
            f"{text}: {message}" if message else text, element_id=spec.element_id, process_id=spec.process_id
        )
    _spec(caught).fire(caught, variables)


def throw_escalation(token: Token, code: str) -> None:
    """Let the nearest catching event take the escalation; one that nobody catches is only recorded."""
    tree, spec = token.workflow.top_workflow, token.task_spec
    caught = _catcher(token, "escalation", code)
    data = {"code": code, "caught": caught is not None}
    tree.recorder.event("escalation.thrown", token.id, spec.element_id, spec.process_id, data)
    if caught is not None:
        _spec(caught).fire(caught)


def throw_cancel(token: Token) -> None:
    """Leave a cancelled transaction by its cancel boundary event. Raises StepFailed when it has none."""
    spec, holder = token.task_spec, token.workflow.holder  # type: ignore[attr-defined]
    for candidates in _outwards(holder):
        for each in candidates:
            if _catches(each, "cancel", ""):
                _spec(each).fire(each)
                return
        break
    message = f"transaction {holder.task_spec.element_id!r} was cancelled and has no cancel boundary event"
    raise StepFailed(message, element_id=spec.element_id, process_id=spec.process_id)


def throw_signal(
    token: Token, name: str, variables: Mapping[str, Any] | None = None, *, told: Collection[Token] = ()
) -> None:
    """Tell a signal to everything in this instance that waits for it but who was `told`; the event lets
    other instances be told too.
    """
    tree, spec = token.workflow.top_workflow, token.task_spec
    data: dict[str, Any] = {"name": name}
    if variables:
        data["variables"] = dict(variables)
    tree.recorder.event("signal.thrown", token.id, spec.element_id, spec.process_id, data)
    for waiting in list(tree.waits.values()):
        kept = waiting.internal_data.get("wait")
        if waiting in told:
            continue
        if kept and kept["kind"] == "signal" and kept.get("signal_name") == name:
            _spec(waiting).fire(waiting, variables)


def throw_from_instance(token: Token, kind: EventKind, name: str) -> None:
    """Throw what the behavior of a multi-instance body says, for an instance that is about to complete.

    Its boundary events catch it first. They interrupt nothing: what they would interrupt is the instance
    that throws, and that is complete (BPMN 2.0, table 10.30, `behavior`).
    """
    caught = []
    if token.task_spec.attached:
        caught = [each for each in token.parent.children if _catches(each, kind, name)]
    for each in caught:
        each.task_spec.fire_beside(each)
    if kind == "signal":
        throw_signal(token, name, told=caught)
    elif kind == "escalation" and not caught:
        throw_escalation(token, name)
    elif kind == "error" and not caught:
        throw_error(token, name)


def _catcher(token: Token, kind: EventKind, code: str) -> Token | None:
    for candidates in _outwards(token):
        fitting = [each for each in candidates if _catches(each, kind, code)]
        if fitting:
            return max(fitting, key=lambda each: bool(_spec(each).trigger.name))
    return None


def _catches(token: Token, kind: EventKind, code: str) -> bool:
    trigger = getattr(token.task_spec, "trigger", None)
    return (
        token._state == WAITING
        and trigger is not None
        and trigger.kind == kind
        and trigger.name in ("", code)
    )


def _outwards(token: Token) -> Iterator[list[Token]]:
    """Yield who may catch, from the inside out: an activity's boundary events, then its level's listeners."""
    at: Token | None = token
    while at is not None:
        split = at.parent.parent if at.task_spec.instance else at.parent
        if split is not None:
            yield [each for each in split.children if each.task_spec.urgent and not each.task_spec.listens]
        level = at.workflow
        yield [each for each in level.open_tokens.values() if each.task_spec.listens]
        at = getattr(level, "holder", None)


def _spec(token: Token) -> Catching:
    spec: Catching = token.task_spec  # type: ignore[assignment]
    return spec
