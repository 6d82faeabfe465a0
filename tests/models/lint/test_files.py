import pytest

from tests.models.lint.drawn import changed, check, codes, family

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<lolz>&b;</lolz>"""
FILE_THIEF = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY passwd SYSTEM "file:///etc/passwd">]><x>&passwd;</x>"""


def test_nothing_is_found_in_a_family_as_it_should_be():
    assert check(family()) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml.syntax"),
        (b"not xml at all", "xml.syntax"),
        (b"<a><b></a>", "xml.syntax"),
        ("<?xml version='1.0' encoding='UTF-8'?><a>表單</a>".encode("big5"), "xml.syntax"),
        (BOMB, "xml."),
        (FILE_THIEF, "xml.doctype"),
        (b"<a>" * 200 + b"</a>" * 200, "xml.depth"),
        (b"<a/>", "bpmn.root"),
        (b"<definitions/>", "bpmn.root"),
    ],
)
@pytest.mark.parametrize("name", ["survey.bpmn", "grade.dmn"])
def test_a_file_that_is_no_model_is_refused_beside_all_else(name, content, code):
    files = family() | {name: content}
    found = [finding for finding in check(files) if finding.file == name and finding.severity == "error"]
    assert found
    assert found[0].code.startswith(code.replace("bpmn.root", name.split(".")[1] + ".root"))
    assert "/etc" not in found[0].message


def test_a_dmn_of_an_old_version_is_refused():
    found = changed(
        "https://www.omg.org/spec/DMN/20191111/MODEL/", "http://example.com/dmn", file="grade.dmn"
    )
    assert ("dmn.root", "") in codes(found)


def test_a_file_without_an_executable_process_is_refused():
    found = changed('isExecutable="true"', 'isExecutable="false"', file="survey.bpmn")
    assert {("bpmn.process", "Definitions_survey"), ("bpmn.call", "Call_survey")} <= codes(found)


def test_an_id_used_twice_in_a_file_is_refused():
    found = changed('id="End_none"', 'id="End_done"')
    assert ("bpmn.id", "End_done") in codes(found)


def test_a_process_of_the_same_id_in_another_file_is_refused():
    files = family()
    files["copy.bpmn"] = files["survey.bpmn"]
    found = [finding for finding in check(files) if finding.file == "copy.bpmn"]
    assert ("bpmn.id", "survey") in codes(found)
    assert "survey.bpmn" in next(finding.message for finding in found if finding.code == "bpmn.id")


def test_an_element_of_the_same_id_in_another_file_is_warned_about():
    found = changed("Event_wait", "Task_decide", file="survey.bpmn")
    assert ("bundle.element-id", "Task_decide") in codes(found)
    assert {finding.severity for finding in found if finding.code == "bundle.element-id"} == {"warning"}


def test_a_decision_of_the_same_id_in_another_file_is_refused():
    files = family()
    files["copy.dmn"] = files["grade.dmn"]
    assert ("dmn.id", "grade") in codes(check(files))


def test_a_form_of_the_same_id_in_another_file_is_refused():
    files = family()
    files["copy.form"] = files["register.form"]
    (finding,) = check(files)
    assert (finding.code, finding.file) == ("bundle.form-id", "copy.form")


def test_findings_of_forms_are_told_with_all_others():
    found = changed('"type": "textarea"', '"type": "html"', file="register.form")
    assert ("form.refused-type", "content") in codes(found)


def test_files_that_are_no_models_are_refused():
    assert codes(check(family() | {"notes.txt": b"hello"})) == {("bundle.kind", "")}


def test_unknown_settings_are_warned_about():
    (finding,) = changed("lifecycle = true", 'lifecycle = true\nshape = "round"', file="process.toml")
    assert (finding.code, finding.severity) == ("settings", "warning")


def test_every_finding_says_where_it_is():
    for finding in changed('sourceRef="Start_received"', 'sourceRef="Start_gone"'):
        assert finding.file == "complaint.bpmn"
        assert finding.element_id
        assert finding.line
        assert finding.code


def test_a_form_that_was_refused_is_not_said_to_be_missing_too():
    found = changed('"type": "textarea"', '"type": "html"', file="register.form")
    assert {finding.code for finding in found} == {"form.refused-type"}
    files = family() | {"register.form": b"{"}
    assert {finding.code for finding in check(files)} == {"form.json"}


def test_a_broken_connection_is_not_said_to_miss_milestones_too():
    found = changed('targetRef="Task_register"', 'targetRef="Task_gone"')
    assert {finding.code for finding in found} == {"bpmn.reference"}
