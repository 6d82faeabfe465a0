import pytest

from tests.models.lint.drawn import changed, check, codes, family


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        # references
        ('targetRef="Task_register"', 'targetRef="Task_gone"', ("bpmn.reference", "F1")),
        ('sourceRef="Gateway_join"', 'sourceRef="Rule_grade"', ("bpmn.reference", "F11")),
        ('attachedToRef="Sub_handling"', 'attachedToRef="Sub_gone"', ("bpmn.reference", "Event_withdrawn")),
        (
            'attachedToRef="Sub_handling"',
            'attachedToRef="Gateway_fork"',
            ("bpmn.reference", "Event_withdrawn"),
        ),
        ('default="F3"', 'default="F9"', None),
        ('default="F3"', 'default="F99"', ("bpmn.reference", "Gateway_valid")),
        ('processId="survey"', 'processId="surveys"', ("bpmn.call", "Call_survey")),
        ('processId="survey"', 'processId=""', ("bpmn.call", "Call_survey")),
        ('decisionId="grade"', 'decisionId="grades"', ("bpmn.decision", "Rule_grade")),
        ('formId="register"', 'formId="registers"', ("bpmn.form", "Task_register")),
        ('formId="register"', 'formKey="camunda-forms:bpmn:x"', ("bpmn.form", "Task_register")),
        # expressions
        ("=valid = false", "=valid = ", ("feel.syntax", "F4")),
        ("=valid = false", "__import__(&quot;os&quot;).system(&quot;x&quot;)", ("feel.function", "F4")),
        ('assignee="=case.handler"', 'assignee="=case."', ("feel.syntax", "Task_decide")),
        ('dueDate="=case.due_at"', 'dueDate="=("', ("feel.syntax", "Task_decide")),
        ('source="=grade_result"', 'source="=grade_result +"', ("feel.syntax", "Task_decide")),
        ("=deadline(case.received_at, 3)", "=deadline(", ("feel.syntax", "Limit_1")),
        # timers
        ("=deadline(case.received_at, 3)", "3 days", ("bpmn.timer", "Limit_1")),
        ("=deadline(case.received_at, 3)", "", ("bpmn.timer", "Limit_1")),
        ("=deadline(case.received_at, 3)", "P3D", ("bpmn.timer", "Limit_1")),
        # extension properties
        ('value="registered"', 'value="registred"', ("redress.value", "Task_register")),
        ('"redress:milestone"', '"redress:milstone"', ("redress.property", "Task_register")),
        (
            '"redress:four-eyes" value="Task_decide"',
            '"redress:four-eyes" value="Task_x"',
            ("redress.four-eyes", "Task_notify"),
        ),
        (
            '"redress:milestone" value="archived"',
            '"redress:deputies" value="supervisors"',
            ("redress.deputies", "Task_archive"),
        ),
        ('"redress:limit" value="1"', '"redress:limit" value="4"', ("redress.value", "Limit_1")),
        (
            '"redress:milestone" value="archived"',
            '"redress:limit" value="1"',
            ("redress.limit", "Task_archive"),
        ),
        (
            '"redress:milestone" value="withdrawn"',
            '"redress:record" value="x"',
            ("redress.record", "End_withdrawn"),
        ),
        (
            '"redress:milestone" value="withdrawn"',
            '"redress:once" value="year"',
            ("redress.record", "End_withdrawn"),
        ),
        ('value="plan"', 'value="The Plan"', ("redress.value", "Task_decide")),
        # names
        (' name="登記客訴"', "", ("label.name", "Task_register")),
        ('<zeebe:property name="label:en" value="Archive" />', "", ("label.translation", "Task_archive")),
        ('"label:zh-Hans" value="客诉处理"', '"label:zh-Hans" value=" "', ("label.translation", "complaint")),
    ],
)
def test_one_thing_broken_is_found_where_it_is(old, new, finding):
    errors = [found for found in changed(old, new) if found.severity == "error"]
    if finding is None:
        assert errors == []
    else:
        assert finding in codes(errors)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('candidateGroups="agents"', 'candidateGroups="agent"', ("task.group", "Task_register")),
        (
            'candidateGroups="agents, handlers"',
            'candidateGroups="agents,cooks"',
            ("task.group", "Task_archive"),
        ),
        ("&#34;supervisors&#34;", "&#34;kings&#34;", ("task.group", "Task_decide")),
        (
            '"redress:four-eyes" value="Task_decide"',
            '"redress:deputies" value="kings"',
            ("task.group", "Task_notify"),
        ),
        ('<zeebe:assignmentDefinition candidateGroups="agents" />', "", ("task.nobody", "Task_register")),
        ('<zeebe:formDefinition formId="register" />', "", ("task.form", "Task_register")),
        (' default="F3"', "", ("bpmn.gateway", "Gateway_valid")),
        ('bpmnElement="Task_register"', 'bpmnElement="Task_gone"', ("bpmn.diagram", "Task_register")),
        ('bpmnElement="F1"', 'bpmnElement="F2"', ("bpmn.diagram", "F1")),
        ('"label:en" value="Archive"', '"label:de" value="Archiv"', ("redress.label", "Task_archive")),
        (
            "<bpmn:documentation>整理並歸檔。</bpmn:documentation>",
            "",
            ("label.documentation", "Task_archive"),
        ),
        (
            '"documentation:en" value="Sort and archive."',
            '"documentation:fr" value="Trier et archiver."',
            ("redress.label", "Task_archive"),
        ),
        (
            '"documentation:en" value="Sort and archive."',
            '"x" value=""',
            ("label.documentation", "Task_archive"),
        ),
    ],
)
def test_what_is_doubtful_is_warned_about(old, new, finding):
    warnings = [found for found in changed(old, new) if found.severity == "warning"]
    assert finding in codes(warnings)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('candidateGroups="agents"', 'candidateGroups="=case.department"'),
        ('candidateGroups="agents"', 'candidateGroups="=&#34;agents&#34;"'),
        ('processId="survey"', 'processId="=next_process"'),
        ('decisionId="grade"', 'decisionId="=which"'),
        ("=valid = false", "valid = false"),
        ("=deadline(case.received_at, 3)", "2026-03-02T09:00:00+08:00"),
        (' id="Event_withdrawn"', ' cancelActivity="true" id="Event_withdrawn"'),
    ],
)
def test_what_can_run_is_let_pass(old, new):
    assert changed(old, new) == []


@pytest.mark.parametrize("text", ["P3D", "PT4H30M", "P1Y2M", "P2W", "=duration(wait)"])
def test_durations_are_iso_or_feel(text):
    assert changed("P3D", text, file="survey.bpmn") == []


@pytest.mark.parametrize("text", ["3D", "P", "PT", "P3", "2026-03-02"])
def test_other_durations_are_refused(text):
    assert ("bpmn.timer", "Event_wait") in codes(changed(">P3D<", f">{text}<", file="survey.bpmn"))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("R3/PT10H", True),
        ("R/P1D", True),
        ("R3/2026-01-01T00:00:00Z/P1D", True),
        ("P1D", True),
        ("3/P1D", False),
    ],
)
def test_cycles_are_iso(text, good):
    files = family()
    drawn = files["survey.bpmn"].decode().replace("timeDuration", "timeCycle").replace(">P3D<", f">{text}<")
    files["survey.bpmn"] = drawn.encode()
    assert (check(files) == []) is good


@pytest.mark.parametrize(
    "script",
    [
        '<bpmn:scriptTask id="Rule_grade" scriptFormat="python"></bpmn:scriptTask>',
        '<bpmn:scriptTask id="Rule_grade"><bpmn:script>x = 1</bpmn:script></bpmn:scriptTask>',
        """<bpmn:task id="Rule_grade">
             <bpmn:extensionElements><preScript /></bpmn:extensionElements>
           </bpmn:task>""",
    ],
)
def test_scripts_are_refused_with_what_to_use_instead(script):
    files = family()
    text = files["complaint.bpmn"].decode()
    start, end = text.index("<bpmn:businessRuleTask"), text.index("</bpmn:businessRuleTask>")
    files["complaint.bpmn"] = (text[:start] + script + text[end + len("</bpmn:businessRuleTask>") :]).encode()
    (found,) = [finding for finding in check(files) if finding.code == "bpmn.script"]
    assert found.element_id == "Rule_grade"
    assert "FEEL" in found.message


def test_a_file_without_a_diagram_is_warned_about_once():
    files = family()
    text = files["complaint.bpmn"].decode()
    files["complaint.bpmn"] = (text[: text.index("  <bpmndi:")] + "</bpmn:definitions>").encode()
    (finding,) = check(files)
    assert (finding.code, finding.severity) == ("bpmn.diagram", "warning")


def test_families_without_our_settings_need_neither_labels_nor_milestones():
    files = family()
    del files["process.toml"]
    files["complaint.bpmn"] = files["complaint.bpmn"].replace(b"label:en", b"note")
    assert check(files) == []


def test_a_lane_whose_name_is_no_group_is_told_with_what_to_do():
    files = family()
    text = files["complaint.bpmn"].decode()
    text = text.replace('<zeebe:assignmentDefinition candidateGroups="agents" />', "", 1)
    lane = '<bpmn:lane id="L" name="客服"><bpmn:flowNodeRef>Task_register</bpmn:flowNodeRef></bpmn:lane>'
    start = '<bpmn:startEvent id="Start_received"'
    files["complaint.bpmn"] = text.replace(
        start, f'<bpmn:laneSet id="LS">{lane}</bpmn:laneSet>{start}', 1
    ).encode()
    [found] = [each for each in check(files) if each.code.startswith("task.")]
    assert (found.code, found.element_id) == ("task.group", "Task_register")
    assert "of the lane '客服'; give the lane the property redress:group" in found.message


def test_the_group_of_a_lane_is_not_given_to_a_task():
    found = changed('"redress:milestone" value="registered"', '"redress:group" value="agents"')
    assert ("redress.group", "Task_register") in codes(found)


def test_a_form_that_is_not_there_is_told_with_one_of_a_like_name_or_those_that_there_are() -> None:
    near = changed('formId="register"', 'formId="registr"')
    assert [each.message.params.get("name") for each in near if each.code == "bpmn.form"] == ["register"]
    far = changed('formId="register"', 'formId="x9"')
    assert [each.message.params.get("names") for each in far if each.code == "bpmn.form"] == ["register"]
