from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.errors import FormRefused, Message
from engine.models.forms import CATALOGUE
from tests.models.forms.build import People, component, form

GRADES = [{"label": "一級", "value": "1"}, {"label": "二級", "value": "2"}]


def refusals(parsed, values, **more) -> dict[str, list[str]]:
    with pytest.raises(FormRefused) as refused:
        parsed.check(values, **more)
    for texts in refused.value.errors.values():
        assert all(isinstance(text, Message) for text in texts)
    return refused.value.errors


def one(kind: str, **more):
    return form(component(kind, "x", **more))


@pytest.mark.parametrize(
    ("parsed", "value", "kept"),
    [
        (one("textfield"), "問題", "問題"),
        (one("textfield"), "", ""),
        (one("textfield"), None, None),
        (one("textfield"), "two\nlines", "two lines"),
        (one("textarea", properties={"personal": False}), "two\nlines", "two\nlines"),
        (one("number"), 3, 3),
        (one("number"), 3.0, 3),
        (one("number"), 3.25, Decimal("3.25")),
        (one("number"), "3.10", Decimal("3.1")),
        (one("number"), "", None),
        (one("number", serializeToString=True), 3.5, "3.5"),
        (one("number", serializeToString=True), "3.50", "3.50"),
        (one("number", increment="0.01"), "1e40", 10**40),
        (one("checkbox"), True, True),
        (one("datetime"), "2026-02-28", "2026-02-28"),
        (one("datetime", subtype="time"), "09:30", "09:30"),
        (one("datetime", subtype="time"), "09:30+08:00", "09:30+08:00"),
        (one("datetime", subtype="datetime"), "2026-02-28T09:30Z", "2026-02-28T09:30Z"),
        (one("datetime", subtype="datetime"), "2026-02-28T09:30", "2026-02-28T09:30"),
        (one("select", values=GRADES), "2", "2"),
        (one("radio", values=GRADES), "", None),
        (one("radio", values=[{"label": "no", "value": False}], validate={"required": True}), False, False),
        (one("checklist", values=GRADES), ["2", "1"], ["2", "1"]),
        (one("taglist", values=GRADES), [], []),
        (one("filepicker"), "0190-abc", ["0190-abc"]),
        (one("filepicker", multiple=True), ["a1", "b2"], ["a1", "b2"]),
        (one("filepicker"), None, None),
    ],
)
def test_a_good_value_is_kept_in_its_type(parsed, value, kept):
    found = parsed.check({"x": value}).plain["x"]
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("parsed", "value", "message"),
    [
        (one("textfield"), 3, "Value is not a text."),
        (one("textfield"), ["a"], "Value is not a text."),
        (one("textfield"), "a\x00b", "Value is not a text."),
        (one("textfield"), "a" * 100_001, "Text is longer than 100000 characters."),
        (one("number"), "1_000", "Value is not a number."),
        (one("number"), "１２", "Value is not a number."),
        (one("number"), "1e999", "Value is not a number."),
        (one("number"), 10**400, "Value is not a number."),
        (one("number"), float("nan"), "Value is not a number."),
        (one("number"), True, "Value is not a number."),
        (one("number", decimalDigits=0), 1.5, "Value is expected to be an integer."),
        (one("number", decimalDigits=1), 1.25, "Value is expected to have at most 1 decimal digit."),
        (one("number", decimalDigits=2), "1.255", "Value is expected to have at most 2 decimal digits."),
        (
            one("number", increment="0.5"),
            1.3,
            "Please select a valid value, the two nearest valid values are 1 and 1.5.",
        ),
        (one("number", validate={"min": 3}), 2, "Field must have minimum value of 3."),
        (one("number", validate={"min": 1}), 0, "Field must have minimum value of 1."),
        (one("number", validate={"max": "3.5"}), 3.6, "Field must have maximum value of 3.5."),
        (one("number", validate={"max": "many"}), 3, "Max validation value is not a valid number."),
        (one("textfield", validate={"minLength": 2}), " a ", "Field must have minimum length of 2."),
        (one("textfield", validate={"maxLength": 2}), "abc", "Field must have maximum length of 2."),
        (one("textfield", validate={"maxLength": 1}), "😀", "Field must have maximum length of 1."),
        (one("textfield", validate={"pattern": "^[0-9]+$"}), "12\n", "Field must match pattern ^[0-9]+$."),
        (one("textfield", validate={"pattern": r"^\d+$"}), "１２", r"Field must match pattern ^\d+$."),
        (
            one("textfield", validate={"pattern": "^A", "patternErrorMessage": "以 A 開頭"}),
            "B",
            "以 A 開頭",
        ),
        (one("textfield", validate={"validationType": "email"}), "a@", "Field must be a valid email."),
        (
            one("textfield", validate={"validationType": "phone"}),
            "13800138000",
            "Field must be a valid international phone number. (e.g. +4930664040900)",
        ),
        (one("textfield", validate={"required": True}), "", "Field is required."),
        (one("checkbox", validate={"required": True}), False, "Field is required."),
        (one("checklist", values=GRADES, validate={"required": True}), [], "Field is required."),
        (one("filepicker", validate={"required": True}), [], "Field is required."),
        (one("number", validate={"required": True}), None, "Field is required."),
        (one("checkbox"), "true", "Value is neither true nor false."),
        (one("datetime"), "2026-02-30", "Value is not a date such as 2026-03-31."),
        (one("datetime"), "20260228", "Value is not a date such as 2026-03-31."),
        (one("datetime", subtype="time"), "25:00", "Value is not a time such as 14:30."),
        (
            one("datetime", subtype="datetime"),
            "2026-02-28",
            "Value is not a date and time such as 2026-03-31T14:30.",
        ),
        (one("select", values=GRADES), "3", "Value is not one of the options."),
        (one("select", values=GRADES), 1, "Value is not one of the options."),
        (one("select", values=GRADES), ["1"], "Value is not one of the options."),
        (one("checklist", values=GRADES), ["1", "3"], "Value is not one of the options."),
        (one("checklist", values=GRADES), "1", "Value is not a list of options."),
        (one("taglist", values=GRADES), ["1", "1", "1"], "Value is not a list of options."),
        (one("filepicker"), ["a", "b"], "Only one document may be given here."),
        (one("filepicker"), "../etc/passwd", "Value is not the id of an uploaded document."),
        (one("filepicker"), {"name": "x"}, "Value is not the id of an uploaded document."),
    ],
)
def test_a_bad_value_is_refused_with_its_reason(parsed, value, message):
    assert refusals(parsed, {"x": value}) == {"x": [message]}


def test_phones_and_emails_are_judged_as_in_the_browser():
    asked = form(
        component("textfield", "phone", validate={"validationType": "phone"}),
        component("textfield", "email", validate={"validationType": "email"}),
    )
    checked = asked.check({"phone": "+8613800138000", "email": "wang.xm@mail.example.cn"})
    assert checked.personal == {"phone": "+8613800138000", "email": "wang.xm@mail.example.cn"}


def test_every_message_has_its_template_in_the_catalogue():
    errors = refusals(one("number", validate={"min": 3}), {"x": 1, "y": 1})
    assert {text.msgid for texts in errors.values() for text in texts} <= set(CATALOGUE)
    assert errors["x"][0].params == {"value": "3"}


def test_all_problems_are_told_at_once():
    asked = form(
        component("textfield", "a", validate={"required": True}),
        component("number", "b", validate={"min": 1}),
        component("textfield", "c", validate={"minLength": 3, "pattern": "^x"}),
    )
    errors = refusals(asked, {"b": 0, "c": "y", "d": 1})
    assert sorted(errors) == ["a", "b", "c", "d"]
    assert len(errors["c"]) == 2


def test_an_unknown_field_is_refused_by_name():
    assert refusals(one("textfield"), {"x": "a", "grade": 1}) == {
        "grade": ["There is no field grade in this form."]
    }


@pytest.mark.parametrize("values", [None, [], "text", 3])
def test_values_must_be_an_object(values):
    assert list(refusals(one("textfield"), values)) == [""]


def test_values_nested_without_end_are_refused():
    deep: dict = {}
    for _ in range(1000):
        deep = {"x": deep}
    assert list(refusals(one("textfield"), deep)) == [""]


def test_a_field_that_was_not_sent_is_asked_for_if_required_and_else_left_out():
    asked = form(component("textfield", "a", validate={"required": True}), component("textfield", "b"))
    assert refusals(asked, {}) == {"a": ["Field is required."]}
    assert asked.check({"a": "x"}).plain == {"a": "x"}


def test_a_default_stands_in_for_what_was_not_sent_unless_the_field_is_required():
    assert one("number", defaultValue=3).check({}).plain == {"x": 3}
    required = one("number", defaultValue=3, validate={"required": True})
    assert refusals(required, {}) == {"x": ["Field is required."]}


def test_disabled_fields_are_neither_checked_nor_kept():
    asked = one("textfield", disabled=True, validate={"required": True})
    assert asked.check({"x": "changed"}, stored={"x": "as it was"}).plain == {}
    assert asked.check({}).plain == {}


def test_read_only_fields_keep_the_stored_value():
    asked = one("number", readonly=True, validate={"max": 5})
    assert asked.check({"x": 1}, stored={"x": 4}).plain == {"x": 4}
    assert asked.check({}, stored={"x": 4}).plain == {"x": 4}
    assert asked.check({"x": 1}).plain == {}


def test_a_required_read_only_field_without_a_value_is_asked_for():
    asked = one("textfield", readonly=True, validate={"required": True})
    assert refusals(asked, {"x": "mine"}) == {"x": ["Field is required."]}


def test_a_reference_of_a_read_only_personal_field_stays_as_it_is():
    asked = one("textarea", readonly=True)
    checked = asked.check({"x": "overwritten"}, stored={"x": {"personal": "ref-1"}})
    assert (checked.plain, checked.personal) == ({"x": {"personal": "ref-1"}}, {})


def test_groups_nest_and_name_their_errors_by_path():
    group = {
        "type": "group",
        "path": "customer",
        "components": [
            component("textfield", "city", validate={"required": True}),
            {"type": "group", "components": [component("number", "visits")]},
        ],
    }
    asked = form(group)
    values = {"customer": {"city": "上海", "visits": 2}}
    assert asked.check(values).plain == values
    assert refusals(asked, {}) == {"customer.city": ["Field is required."]}
    assert refusals(asked, {"customer": {"city": "上海", "x": 1}}) == {
        "customer.x": ["There is no field customer.x in this form."]
    }
    assert refusals(asked, {"customer": "上海"}) == {"customer": ["Value is not a group of fields."]}


def test_keys_with_dots_are_nested():
    asked = form(component("textfield", "customer.city"), component("number", "customer.visits"))
    assert asked.check({"customer": {"city": "上海"}}).plain == {"customer": {"city": "上海"}}
    assert asked.check({}).plain == {}


CONTACTS = {
    "type": "dynamiclist",
    "id": "List_contacts",
    "path": "contacts",
    "components": [
        component("select", "channel", values=GRADES, validate={"required": True}),
        component("textfield", "number", properties={"personal": True}, validate={"maxLength": 5}),
    ],
}


def test_rows_are_judged_one_by_one():
    values = {"contacts": [{"channel": "1", "number": "12"}, {"channel": "3", "number": "123456"}, {}, "row"]}
    assert refusals(form(CONTACTS), values) == {
        "contacts.1.channel": ["Value is not one of the options."],
        "contacts.1.number": ["Field must have maximum length of 5."],
        "contacts.2.channel": ["Field is required."],
        "contacts.3": ["Value is not a group of fields."],
    }


def test_rows_must_be_a_list_of_bounded_length():
    assert refusals(form(CONTACTS), {"contacts": {}}) == {"contacts": ["Value is not a list of rows."]}
    many = {"contacts": [{"channel": "1"}] * 501}
    assert refusals(form(CONTACTS), many) == {"contacts": ["There may be at most 500 rows."]}


def test_personal_values_are_kept_apart_in_rows_too():
    values = {"contacts": [{"channel": "1", "number": "123"}, {"channel": "2", "number": ""}]}
    checked = form(CONTACTS, component("textarea", "story")).check({**values, "story": "我的故事"})
    assert checked.personal == {"contacts.0.number": "123", "story": "我的故事"}
    assert checked.plain == {
        "contacts": [{"channel": "1", "number": None}, {"channel": "2", "number": ""}],
        "story": None,
    }
    referred = checked.with_references({"contacts.0.number": {"ref": 1}, "story": {"ref": 2}})
    assert referred["contacts"][0] == {"channel": "1", "number": {"ref": 1}}
    assert referred["story"] == {"ref": 2}
    assert checked.plain["story"] is None


def test_a_personal_value_without_a_reference_is_not_lost_silently():
    checked = form(component("textarea", "story")).check({"story": "我的故事"})
    with pytest.raises(KeyError):
        checked.with_references({})


def test_a_refusal_does_not_repeat_what_was_sent():
    asked = one("textfield", validate={"maxLength": 3, "validationType": "email"})
    with pytest.raises(FormRefused) as refused:
        asked.check({"x": "secret-value"})
    assert "secret-value" not in str(refused.value) + str(refused.value.errors)


def test_documents_are_listed_with_their_place():
    rows = {
        "type": "dynamiclist",
        "path": "proofs",
        "components": [component("filepicker", "files", multiple=True)],
    }
    checked = form(component("filepicker", "letter"), rows).check(
        {"letter": "d1", "proofs": [{"files": ["d2", "d3"]}, {"files": []}]}
    )
    assert checked.documents == ["d1", "d2", "d3"]
    assert checked.documents_by_path == {"letter": ["d1"], "proofs.0.files": ["d2", "d3"]}


def test_options_may_be_asked_for_by_name_or_read_from_data():
    named = one("select", valuesExpression="=people.handlers")
    assert named.check({"x": "handler"}, options=People()).plain == {"x": "handler"}
    assert refusals(named, {"x": "mallory"}, options=People()) == {"x": ["Value is not one of the options."]}
    keyed = one("select", valuesKey="products")
    assert keyed.check({"x": "loan"}, context={"products": ["loan", "card"]}).plain == {"x": "loan"}
    assert refusals(keyed, {"x": "loan"}) == {"x": ["Value is not one of the options."]}


def test_errors_can_be_laid_beside_the_components_of_form_js():
    asked = form(CONTACTS, component("textfield", "customer.city"))
    errors = {"contacts.1.number": ["too long"], "customer.city": ["odd"], "grade": ["unknown"]}
    assert asked.component_errors(errors) == {
        "Field_number": {1: ["too long"]},
        "Field_customer_city": ["odd"],
    }


def test_the_schema_alone_judges_what_needs_no_surroundings():
    schema = form(component("number", "x", validate={"max": 5, "required": True})).schema()
    assert schema.load({"x": 5}) == {"x": 5}
    assert schema.validate({"x": 6, "y": 1}) == {
        "x": ["Field must have maximum value of 5."],
        "y": ["There is no field {value} in this form."],
    }
    assert schema.validate({}) == {"x": ["Field is required."]}


def test_the_names_of_a_form_are_where_its_values_lie():
    group = {"type": "group", "components": [component("textfield", "customer.city")]}
    assert form(group, CONTACTS, component("number", "customer.visits")).names == ("customer", "contacts")


def test_a_read_only_number_keeps_its_digits_and_a_date_its_day():
    asked = form(component("number", "amount", readonly=True), component("datetime", "day", readonly=True))
    shanghai = ZoneInfo("Asia/Shanghai")
    stored = {"amount": Decimal("0.10000000000000000001"), "day": datetime(2026, 3, 1, 7, tzinfo=shanghai)}
    assert asked.check({}, stored=stored).plain == {"amount": stored["amount"], "day": "2026-03-01"}


def test_zero_is_an_answer():
    asked = form(component("number", "x", readonly=True, validate={"required": True}))
    assert asked.check({}, stored={"x": 0}).plain == {"x": 0}
    assert one("number", validate={"required": True}).check({"x": 0}).plain == {"x": 0}
