import json

import pytest

from engine.errors import ModelRefused
from engine.models.forms import Form
from tests.models.forms.build import component, form


def codes(data) -> set[tuple[str, str]]:
    with pytest.raises(ModelRefused) as refused:
        Form.parse(data, "bad.form")
    assert all(finding.file == "bad.form" for finding in refused.value.findings)
    return {(finding.code, finding.element_id) for finding in refused.value.findings}


def drawn(*components) -> dict:
    return {"type": "default", "components": list(components)}


def test_the_id_of_a_form_is_its_own_or_else_the_name_of_its_file():
    assert Form.parse(drawn(), "forms/intake.form").id == "intake"
    assert Form.parse({**drawn(), "id": "intake-2"}, "forms/intake.form").id == "intake-2"


def test_bytes_and_dicts_give_the_same_form():
    data = drawn(component("textfield", "subject"))
    assert [field.key for field in Form.parse(json.dumps(data).encode(), "a.form").fields] == ["subject"]
    assert [field.key for field in Form.parse(data, "a.form").fields] == ["subject"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"not json", "form.json"),
        (b"\xff\xfe{", "form.encoding"),
        (b'{"components": [], "components": []}', "form.json"),
        (b"[]", "form.shape"),
        (b'{"type": "default"}', "form.shape"),
        (b'{"components": ["text"]}', "form.shape"),
        (b'{"components": [], "values": 5}', "form.shape"),
        (b" " * 1_000_001, "form.size"),
        (b"[" * 100_000, "form.depth"),
        (b'{"components": [], "x": ' + b"9" * 5000 + b"}", "form.json"),
        (b'{"components": [], "x": NaN}', "form.json"),
        (b'{"components": [], "x": 1e999}', "form.json"),
        (b'{"components": [], "x": "\\ud800"}', "form.encoding"),
    ],
)
def test_a_file_that_is_no_form_is_refused(data, code):
    assert {found for found, _ in codes(data)} == {code}


def test_a_json_error_names_its_line():
    with pytest.raises(ModelRefused) as refused:
        Form.parse(b'{\n "components": [}\n', "bad.form")
    assert refused.value.findings[0].line == 2


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (component("html", "raw"), "form.refused-type"),
        (component("iframe", "site"), "form.refused-type"),
        (component("hologram", "h"), "form.unknown-type"),
        (component({}, "h"), "form.unknown-type"),
        (component("textfield", "h", validate="required"), "form.shape"),
        (component("textfield", "h", appearance=["x"]), "form.shape"),
        (component("textfield", "h", values=5), "form.shape"),
        ({"type": "textfield", "id": "F1"}, "form.key-missing"),
        (component("textfield", "no spaces"), "form.key"),
        (component("textfield", "a..b"), "form.key"),
        ({"type": "dynamiclist", "id": "L1", "components": []}, "form.path-missing"),
        (component("select", "s"), "form.options"),
        (component("select", "s", valuesExpression="people"), "form.options"),
        (component("textfield", "t", validate={"pattern": "("}), "form.pattern"),
        (component("textfield", "t", validate={"pattern": "(a+)+"}), "form.pattern"),
        (component("expression", "e"), "form.expression-missing"),
    ],
)
def test_a_component_that_cannot_work_is_refused_where_it_stands(item, code):
    where = item.get("key") or item.get("id")
    assert codes(drawn(item)) == {(code, where)}


@pytest.mark.parametrize(
    "item",
    [
        component("textfield", "t", conditional={"hide": "=1 +"}),
        component("textfield", "t", conditional={"hide": "x = 1"}),
        component("number", "t", validate={"max": "=1 +"}),
        component("expression", "t", expression="=1 +"),
        component("select", "t", valuesExpression="=1 +"),
        component("textfield", "t", readonly="=1 +"),
        component("textfield", "t", label="=1 +"),
        component("textfield", "t", description="{{case.no}} 與 {{1 +}}"),
        component("number", "t", appearance={"suffixAdorner": "=("}),
        component("table", "t", dataSource="=case."),
        component("text", "t", text="# {{case.}}"),
    ],
)
def test_broken_feel_is_refused_where_it_stands(item):
    assert codes(drawn(item)) == {("form.feel", "t")}


def test_good_templates_are_let_pass():
    text = "您好，{{case.no}}：{{#loop items}} {{this.name}} {{/loop}} {{string length(case.no)}}"
    assert form(
        {"type": "text", "id": "T", "text": text}, component("textfield", "a", label="=case.no")
    ).fields


def test_all_findings_are_told_at_once():
    found = codes(
        drawn(
            component("html", "raw"),
            component("textfield", "a"),
            component("number", "a") | {"id": "Field_2"},
        )
    )
    assert found == {("form.refused-type", "raw"), ("form.duplicate-key", "a")}


@pytest.mark.parametrize(
    "components",
    [
        [component("textfield", "a"), component("textfield", "a.b")],
        [component("textfield", "a.b"), component("textfield", "a")],
        [
            {"type": "group", "path": "a", "components": [component("textfield", "b")]},
            component("number", "a.b"),
        ],
        [{"type": "dynamiclist", "path": "a", "components": []}, component("textfield", "a.b")],
        [{"type": "dynamiclist", "path": "a", "components": []}, {"type": "dynamiclist", "path": "a"}],
    ],
)
def test_two_components_may_not_share_a_place(components):
    assert "form.duplicate-key" in {code for code, _ in codes(drawn(*components))}


def test_a_group_and_its_neighbours_may_share_an_object():
    group = {"type": "group", "path": "customer", "components": [component("textfield", "phone")]}
    parsed = form(group, component("textfield", "customer.city"))
    assert [field.full_path for field in parsed.fields] == [("customer", "phone"), ("customer", "city")]


def test_two_components_may_not_share_an_id():
    twice = component("textfield", "b") | {"id": "Field_a"}
    assert codes(drawn(component("textfield", "a"), twice)) == {("form.duplicate-id", "Field_a")}


def test_buttons_are_ignored():
    assert form({"type": "button", "label": "送出"}, component("textfield", "a")).fields[0].key == "a"


@pytest.mark.parametrize(
    ("item", "personal"),
    [
        (component("textarea", "story"), True),
        (component("textarea", "story", properties={"personal": False}), False),
        (component("textarea", "story", properties={"personal": "false"}), False),
        (component("textfield", "subject"), False),
        (component("textfield", "subject", properties={"personal": True}), True),
        (component("textfield", "subject", properties={"personal": "true"}), True),
        (component("textfield", "contact", validate={"validationType": "phone"}), True),
        (component("textfield", "contact", validate={"validationType": "email"}), True),
        (component("number", "amount"), False),
        (component("select", "s", values=[]), False),
    ],
)
def test_free_text_and_contacts_are_personal_unless_the_form_says_otherwise(item, personal):
    assert form(item).fields[0].personal is personal


def test_a_group_can_make_all_its_fields_personal():
    group = {"type": "group", "properties": {"personal": True}, "components": [component("textfield", "a")]}
    assert form(group).personal_keys == ("a",)


def test_a_field_that_seems_to_ask_about_a_person_is_warned_about():
    (warning,) = form(component("textfield", "customer_name")).warnings
    assert (warning.code, warning.severity, warning.element_id) == (
        "form.personal",
        "warning",
        "customer_name",
    )
    assert form(component("textfield", "customer_name", properties={"personal": True})).warnings == ()


def test_a_computed_field_may_not_carry_a_personal_value_away():
    story = component("textarea", "story")
    leak = component("expression", "copy", expression="=story")
    assert codes(drawn(story, leak)) == {("form.personal-expression", "copy")}
    declared = form(story, leak | {"properties": {"personal": True}})
    assert declared.personal_keys == ("story", "copy")
