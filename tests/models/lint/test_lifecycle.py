import pytest

from tests.models.lint.drawn import changed, check, codes, family


def messages(findings, code: str = "lifecycle.milestone") -> list[str]:
    return [finding.message for finding in findings if finding.code == code]


@pytest.mark.parametrize(
    ("milestone", "words"),
    [
        ("registered", ["收到客訴 (Start_received)", "登記客訴 (Task_register)", "結案 (End_done)"]),
        ("notified", ["告知結果 (Task_notify)", "結案 (End_done)"]),
        ("archived", ["Gateway_fork", "Gateway_join", "結案 (End_done)"]),
    ],
)
def test_a_missing_milestone_is_told_with_the_way_that_lacks_it(milestone, words):
    found = changed(f'"redress:milestone" value="{milestone}"', '"redress:stage" value="planned"')
    (message,) = messages(found)
    assert message.startswith(f"the milestone '{milestone}' is missing on this way through 'complaint'")
    assert all(word in message for word in words)
    assert ("lifecycle.milestone", "complaint") in codes(found)


def test_an_end_that_closes_without_saying_so_lacks_all_that_was_not_passed():
    found = changed('"redress:milestone" value="not_a_complaint"', '"redress:stage" value="planned"')
    assert len(messages(found)) == 2
    for message in messages(found):
        assert "是否成立 (Gateway_valid) → 非客訴 (End_none)" in message


def test_an_interrupting_event_is_a_way_of_its_own():
    found = changed('"redress:milestone" value="withdrawn"', '"redress:stage" value="planned"')
    assert sorted(message.split("'")[1] for message in messages(found)) == ["archived", "notified"]
    assert all(
        "客戶撤回 (Event_withdrawn) → 已撤回 (End_withdrawn)" in message for message in messages(found)
    )


def test_what_runs_beside_is_no_way_of_its_own():
    beside = ' cancelActivity="false" attachedToRef="Sub_handling"'
    found = changed(' attachedToRef="Sub_handling"', beside)
    assert messages(found) == []


def test_a_milestone_on_one_of_several_parallel_branches_is_passed():
    assert messages(check(family())) == []


def test_a_milestone_on_one_of_several_choices_is_not():
    files = family()
    files["complaint.bpmn"] = files["complaint.bpmn"].replace(b"parallelGateway", b"exclusiveGateway")
    (message,) = messages(check(files))
    assert "'archived'" in message
    assert "滿意度調查 (Call_survey)" in message


def test_a_milestone_in_a_called_process_is_passed():
    files = family()
    plain = '"redress:stage" value="planned"'
    files["complaint.bpmn"] = (
        files["complaint.bpmn"].decode().replace('"redress:milestone" value="notified"', plain).encode()
    )
    survey = files["survey.bpmn"].decode()
    old = '<zeebe:property name="label:en" value="Wait for answer" />'
    new = old + '<zeebe:property name="redress:milestone" value="notified" />'
    files["survey.bpmn"] = survey.replace(old, new).encode()
    assert messages(check(files)) == []


def test_a_milestone_in_a_subprocess_is_passed():
    found = changed('"redress:milestone" value="decided"', '"redress:milestone" value="notified"')
    assert messages(found) == []


def test_a_loop_does_not_hide_a_missing_milestone():
    files = family()
    text = files["complaint.bpmn"].decode()
    text = text.replace('id="F12" sourceRef="Event_withdrawn" targetRef="End_withdrawn"',
                        'id="F12" sourceRef="Event_withdrawn" targetRef="Task_register"')  # fmt: skip
    files["complaint.bpmn"] = text.replace('value="notified"', 'value="decided"').encode()
    (message,) = messages(check(files))
    assert "'notified'" in message
    assert message.count("Task_register") == 1


@pytest.mark.parametrize("grade", ["1", "2", "3"])
def test_each_grade_has_one_limit(grade):
    found = changed(f'<zeebe:property name="redress:limit" value="{grade}" />', "")
    (message,) = messages(found, "lifecycle.limit")
    assert f"grade {grade}" in message


def test_a_grade_has_no_second_limit():
    found = changed('"redress:limit" value="2"', '"redress:limit" value="1"')
    limits = [finding for finding in found if finding.code == "lifecycle.limit"]
    assert {finding.element_id for finding in limits} == {"", "Limit_2"}


def test_a_lifecycle_without_any_milestone_is_refused():
    files = family()
    files["complaint.bpmn"] = files["complaint.bpmn"].replace(b"redress:milestone", b"note")
    (message,) = messages(check(files))
    assert "no process passes milestones" in message


def test_other_families_need_no_milestones():
    files = family()
    files["complaint.bpmn"] = (
        files["complaint.bpmn"].replace(b"redress:milestone", b"note").replace(b"redress:limit", b"n")
    )
    files["process.toml"] = files["process.toml"].replace(b"lifecycle = true", b"lifecycle = false")
    assert check(files) == []


def test_the_way_is_followed_into_what_lacks_the_milestone():
    files = family()
    text = (
        files["complaint.bpmn"]
        .decode()
        .replace('"redress:milestone" value="notified"', '"redress:stage" value="planned"')
    )
    text = text.replace('"redress:milestone" value="decided"', '"redress:milestone" value="notified"')
    shortcut = (
        '<bpmn:sequenceFlow id="S4" sourceRef="Rule_grade" targetRef="End_handling">'
        "<bpmn:conditionExpression>=x</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    files["complaint.bpmn"] = text.replace(
        '<bpmn:sequenceFlow id="S1"', shortcut + '<bpmn:sequenceFlow id="S1"'
    ).encode()
    (message,) = messages(check(files))
    inside = (
        "處理 (Sub_handling) [開始處理 (Start_handling) → 判定等級 (Rule_grade) → 處理完成 (End_handling)]"
    )
    assert inside in message


def test_processes_that_call_one_another_are_analysed():
    files = family()
    survey = files["survey.bpmn"].decode()
    old, end = survey.index("<bpmn:intermediateCatchEvent"), survey.index("</bpmn:intermediateCatchEvent>")
    call = (
        '<bpmn:callActivity id="Event_wait" name="x"><bpmn:extensionElements>'
        '<zeebe:calledElement processId="survey" /></bpmn:extensionElements></bpmn:callActivity>'
    )
    files["survey.bpmn"] = (
        survey[:old] + call + survey[end + len("</bpmn:intermediateCatchEvent>") :]
    ).encode()
    assert messages(check(files)) == []
