"""Camunda 8's extension is read into neutral properties, texts as drawn."""

from __future__ import annotations

from engine.models.dialects.zeebe import read_properties
from engine.models.properties import ElementProperties, LoopProperties, TimerProperties
from engine.models.xml import parse_model

DRAWN = b"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="D" targetNamespace="x">
  <bpmn:message id="m" name="complaint-withdrawn"><bpmn:extensionElements>
    <zeebe:subscription correlationKey="=case.no"/></bpmn:extensionElements></bpmn:message>
  <bpmn:process id="p" isExecutable="true">
    <bpmn:laneSet id="ls"><bpmn:lane id="l" name="Handlers">
      <bpmn:flowNodeRef>u</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    <bpmn:userTask id="u" name="\xe8\xaa\xbf\xe6\x9f\xa5">
      <bpmn:documentation> Look into it. </bpmn:documentation>
      <bpmn:extensionElements>
        <zeebe:assignmentDefinition assignee="=case.handler" candidateGroups="handlers"
          candidateUsers="a, b"/>
        <zeebe:taskSchedule dueDate="=deadline(case.received_at, 3)" followUpDate="=now()"/>
        <zeebe:formDefinition formId="investigation"/>
        <zeebe:priorityDefinition priority="70"/><zeebe:userTask/>
        <zeebe:ioMapping><zeebe:input source="=1" target="a"/>
          <zeebe:output source="=a" target="b"/></zeebe:ioMapping>
        <zeebe:properties><zeebe:property name="label:en" value="Investigate"/>
          <zeebe:property name="redress:record" value="investigation"/>
          <zeebe:property name="redress:skip-if-past" value="TRUE"/></zeebe:properties>
      </bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:extensionElements>
        <zeebe:loopCharacteristics inputCollection="=people" inputElement="person"/></bpmn:extensionElements>
        <bpmn:completionCondition>=done</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>
    </bpmn:userTask>
    <bpmn:boundaryEvent id="t" attachedToRef="u" cancelActivity="false">
      <bpmn:timerEventDefinition>
      <bpmn:timeDate>=deadline(case.received_at, 3)</bpmn:timeDate>
      </bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:boundaryEvent id="w" attachedToRef="u">
      <bpmn:messageEventDefinition messageRef="m"/></bpmn:boundaryEvent>
    <bpmn:callActivity id="c"><bpmn:extensionElements>
      <zeebe:calledElement processId="review" propagateAllChildVariables="false"/>
      </bpmn:extensionElements></bpmn:callActivity>
    <bpmn:businessRuleTask id="r"><bpmn:extensionElements>
      <zeebe:calledDecision decisionId="grade" resultVariable="g"/>
    </bpmn:extensionElements></bpmn:businessRuleTask>
    <bpmn:serviceTask id="j"><bpmn:extensionElements><zeebe:taskDefinition type="mail" retries="5"/>
      <zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>
      </bpmn:extensionElements></bpmn:serviceTask>
  </bpmn:process>
</bpmn:definitions>"""

ROOT = parse_model(DRAWN, "p.bpmn")


def element(identifier: str) -> ElementProperties:
    return read_properties(next(node for node in ROOT.iter() if node.get("id") == identifier))


def test_a_user_task_says_who_by_when_and_with_which_form() -> None:
    task = element("u")
    assert (task.kind, task.name, task.label("en"), task.label("zh-Hans")) == (
        "userTask",
        "調查",
        "Investigate",
        "調查",
    )
    assert (task.assignee, task.candidate_groups, task.candidate_users) == (
        "=case.handler",
        "handlers",
        "a, b",
    )
    assert (task.due_date, task.follow_up_date) == ("=deadline(case.received_at, 3)", "=now()")
    assert (task.form_id, task.priority, task.lane, task.documentation) == (
        "investigation",
        "70",
        "Handlers",
        "Look into it.",
    )
    assert (task.inputs, task.outputs) == ((("=1", "a"),), (("=a", "b"),))
    assert task.custom["redress:record"] == "investigation"
    assert task.flag("redress:skip-if-past")
    assert task.line == 8
    assert task.loop == LoopProperties(
        input_collection="=people", input_element="person", sequential=True, completion_condition="=done"
    )


def test_events_say_what_they_wait_for() -> None:
    timer = element("t")
    assert (timer.event, timer.attached_to, timer.interrupting) == ("timer", "u", False)
    assert timer.timer == TimerProperties("date", "=deadline(case.received_at, 3)")
    message = element("w")
    assert (message.event, message.event_name, message.correlation_key, message.interrupting) == (
        "message",
        "complaint-withdrawn",
        "=case.no",
        True,
    )


def test_calls_decisions_and_jobs() -> None:
    call = element("c")
    assert (call.called_process, call.propagate_parent, call.propagate_children) == ("review", True, False)
    rule = element("r")
    assert (rule.called_decision, rule.decision_result) == ("grade", "g")
    job = element("j")
    assert (job.job_type, job.job_retries, dict(job.job_headers)) == ("mail", "5", {"k": "v"})


def lane(identifier: str, name: str, holds: str, inside: str = "", group: str = "") -> str:
    said = (
        '<bpmn:extensionElements><zeebe:properties><zeebe:property name="redress:group" '
        f'value="{group}"/></zeebe:properties></bpmn:extensionElements>'
        if group
        else ""
    )
    held = "".join(f"<bpmn:flowNodeRef>{each}</bpmn:flowNodeRef>" for each in holds.split())
    nested = f'<bpmn:childLaneSet id="in-{identifier}">{inside}</bpmn:childLaneSet>' if inside else ""
    return f'<bpmn:lane id="{identifier}" name="{name}">{said}{held}{nested}</bpmn:lane>'


def test_a_task_that_names_nobody_is_for_the_group_of_its_innermost_lane() -> None:
    said = '<bpmn:extensionElements><zeebe:assignmentDefinition assignee="ann"/></bpmn:extensionElements>'
    lanes = lane(
        "outer",
        "handlers",
        "a b c d s",
        lane("inner", "agents, clerks", "a s")
        + lane("named", "客服", "c", group="agents")
        + lane("bare", "", "d"),
    )
    tasks = "".join(f'<bpmn:userTask id="{each}"/>' for each in "abcd")
    drawn = DRAWN[: DRAWN.index(b"<bpmn:message")].decode() + (
        f'<bpmn:process id="p"><bpmn:laneSet id="ls">{lanes}</bpmn:laneSet>{tasks}<bpmn:task id="plain"/>'
        f'<bpmn:subProcess id="s"><bpmn:userTask id="e"/><bpmn:userTask id="f">{said}</bpmn:userTask>'
        "</bpmn:subProcess></bpmn:process></bpmn:definitions>"
    )
    root = parse_model(drawn.encode(), "p.bpmn")
    groups = {
        node.get("id"): read_properties(node).candidate_groups
        for node in root.iter("{*}userTask", "{*}subProcess")
    }
    assert groups == {
        "a": "agents, clerks",
        "b": "handlers",
        "c": "agents",
        "d": "handlers",
        "e": "agents, clerks",
        "f": "",
        "s": "",
    }
