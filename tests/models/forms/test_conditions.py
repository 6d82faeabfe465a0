from datetime import date

import pytest

from engine.errors import FormRefused, ModelRefused
from tests.models.forms.build import People, component, form

REASON = form(
    component("select", "decision", values=["approve", "reject"], validate={"required": True}),
    component(
        "textfield",
        "reason",
        conditional={"hide": '=decision = "approve"'},
        validate={"required": True},
    ),
)


def test_a_hidden_field_is_neither_asked_for_nor_kept():
    assert REASON.check({"decision": "approve"}).plain == {"decision": "approve"}
    assert REASON.check({"decision": "approve", "reason": "sent all the same"}).plain == {
        "decision": "approve"
    }


def test_a_field_that_is_shown_is_asked_for():
    with pytest.raises(FormRefused) as refused:
        REASON.check({"decision": "reject"})
    assert refused.value.errors == {"reason": ["Field is required."]}
    assert REASON.check({"decision": "reject", "reason": "no"}).plain["reason"] == "no"


def test_fields_in_a_hidden_group_are_hidden():
    group = {
        "type": "group",
        "path": "extra",
        "conditional": {"hide": "=not_needed"},
        "components": [component("textfield", "why", validate={"required": True})],
    }
    asked = form(component("checkbox", "not_needed"), group)
    assert asked.check({"not_needed": True, "extra": {"why": "x"}}).plain == {"not_needed": True}
    with pytest.raises(FormRefused):
        asked.check({"not_needed": False})


def test_a_hidden_list_is_left_out():
    rows = {
        "type": "dynamiclist",
        "path": "rows",
        "conditional": {"hide": "=none"},
        "components": [component("textfield", "a", validate={"required": True})],
    }
    asked = form(component("checkbox", "none"), rows)
    assert asked.check({"none": True, "rows": [{}, "odd"]}).plain == {"none": True}


def test_rows_are_judged_with_their_own_values():
    rows = {
        "type": "dynamiclist",
        "path": "contacts",
        "components": [
            component("checkbox", "reached"),
            component(
                "textfield", "why_not", conditional={"hide": "=this.reached"}, validate={"required": True}
            ),
        ],
    }
    asked = form(rows)
    values = {"contacts": [{"reached": True, "why_not": "x"}, {"reached": False, "why_not": "busy"}]}
    assert asked.check(values).plain == {
        "contacts": [{"reached": True}, {"reached": False, "why_not": "busy"}]
    }
    with pytest.raises(FormRefused) as refused:
        asked.check({"contacts": [{"reached": True}, {"reached": False}]})
    assert list(refused.value.errors) == ["contacts.1.why_not"]


def test_rows_know_what_lies_around_them_and_their_number():
    rows = {
        "type": "dynamiclist",
        "path": "rows",
        "components": [
            component("textfield", "a", conditional={"hide": "=parent.short"}),
            component("textfield", "b", conditional={"hide": "=i[1] = 1"}),
        ],
    }
    asked = form(component("checkbox", "short"), rows)
    both = [{"a": "a", "b": "b"}, {"a": "a", "b": "b"}]
    assert asked.check({"short": True, "rows": both}).plain["rows"] == [{}, {"b": "b"}]
    assert asked.check({"short": False, "rows": both}).plain["rows"] == [{"a": "a"}, {"a": "a", "b": "b"}]


def test_conditions_read_the_context():
    asked = form(component("textfield", "x", conditional={"hide": "=case.grade = 1"}))
    assert asked.check({"x": "a"}, context={"case": {"grade": 1}}).plain == {}
    assert asked.check({"x": "a"}, context={"case": {"grade": 2}}).plain == {"x": "a"}


def test_what_was_sent_for_a_hidden_field_does_not_show_others():
    asked = form(
        component("checkbox", "a"),
        component("checkbox", "b", conditional={"hide": "=a"}),
        component("textfield", "c", conditional={"hide": "=b"}),
    )
    assert asked.check({"a": True, "b": True, "c": "kept"}).plain == {"a": True, "c": "kept"}


def test_the_sender_cannot_change_what_a_read_only_field_says_to_conditions():
    asked = form(
        component("number", "grade", readonly=True),
        component("textfield", "reason", conditional={"hide": "=grade = 3"}, validate={"required": True}),
    )
    with pytest.raises(FormRefused):
        asked.check({"grade": 3}, stored={"grade": 1})


def test_the_sender_cannot_change_the_context():
    asked = form(component("textfield", "reason", conditional={"hide": "=case.grade = 3"}))
    with pytest.raises(FormRefused) as refused:
        asked.check({"case": {"grade": 3}}, context={"case": {"grade": 1}})
    assert list(refused.value.errors) == ["case"]


def test_read_only_may_depend_on_feel():
    asked = form(component("textfield", "x", readonly="=case.grade = 1"))
    sent, stored = {"x": "new"}, {"x": "old"}
    assert asked.check(sent, stored=stored, context={"case": {"grade": 1}}).plain == {"x": "old"}
    assert asked.check(sent, stored=stored, context={"case": {"grade": 2}}).plain == {"x": "new"}


def test_limits_may_be_feel():
    asked = form(component("number", "limit"), component("number", "x", validate={"max": "=limit * 2"}))
    assert asked.check({"limit": 3, "x": 6}).plain["x"] == 6
    with pytest.raises(FormRefused) as refused:
        asked.check({"limit": 3, "x": 7})
    assert refused.value.errors == {"x": ["Field must have maximum value of 6."]}
    assert asked.check({"x": 7}).plain["x"] == 7, "a limit that FEEL cannot say is none"


def test_computed_fields_are_computed_here_whatever_was_sent():
    asked = form(
        component("number", "a"),
        component("expression", "double", expression="=a * 2"),
        component("expression", "quadruple", expression="=double * 2"),
    )
    assert asked.check({"a": 3, "double": 1000}).plain == {"a": 3, "double": 6, "quadruple": 12}


def test_computed_fields_steer_conditions():
    asked = form(
        component("number", "a"),
        component("expression", "big", expression="=a > 10"),
        component("textfield", "why", conditional={"hide": "=not(big)"}, validate={"required": True}),
    )
    assert asked.check({"a": 3}).plain == {"a": 3, "big": False}
    with pytest.raises(FormRefused):
        asked.check({"a": 30})


def test_options_may_be_computed():
    asked = form(
        component("checklist", "wanted", values=["a", "b"]),
        component("select", "first", valuesExpression="=wanted"),
    )
    assert asked.check({"wanted": ["a"], "first": "a"}).plain["first"] == "a"
    with pytest.raises(FormRefused):
        asked.check({"wanted": ["a"], "first": "b"})


def test_options_in_rows_may_be_asked_for_by_name():
    rows = {
        "type": "dynamiclist",
        "path": "rows",
        "components": [component("select", "who", valuesExpression="=people.handlers")],
    }
    with pytest.raises(FormRefused) as refused:
        form(rows).check({"rows": [{"who": "handler"}, {"who": "mallory"}]}, options=People())
    assert list(refused.value.errors) == ["rows.1.who"]


def test_conditions_see_dates_as_the_browser_does():
    asked = form(component("textfield", "x", conditional={"hide": '=case.day = "2026-03-01"'}))
    assert asked.check({"x": "a"}, context={"case": {"day": date(2026, 3, 1)}}).plain == {}


def test_expressions_may_call_functions_of_the_context():
    asked = form(component("textfield", "x", conditional={"hide": '=today() < date("2026-01-01")'}))
    assert asked.check({"x": "a"}, context={"today": lambda: date(2025, 12, 31)}).plain == {}
    assert asked.check({"x": "a"}, context={"today": lambda: date(2026, 1, 1)}).plain == {"x": "a"}
    _, shown = asked.render(context={"today": lambda: date(2026, 1, 1)})
    assert shown == {"x": ""}


@pytest.mark.parametrize(
    ("condition", "amount", "is_hidden"),
    [
        ("=amount > 5", 6, True),
        ("=amount > 5", 4, False),
        ("=amount > 5", None, True),
        ("=not(amount > 5)", None, False),
        ("=not(amount > 5)", 4, True),
        ("=amount = null", None, True),
        ("=amount", 5, False),
        ("=missing", 5, True),
    ],
)
def test_a_condition_that_comes_out_as_null_hides_as_it_does_in_the_browser(condition, amount, is_hidden):
    asked = form(component("number", "amount"), component("checkbox", "x", conditional={"hide": condition}))
    assert ("x" not in asked.check({"amount": amount, "x": True}).plain) is is_hidden


def test_a_list_that_was_not_sent_has_no_rows():
    rows = {
        "type": "dynamiclist",
        "path": "rows",
        "components": [component("textfield", "a", validate={"required": True})],
    }
    asked = form(rows, component("checkbox", "b"))
    assert asked.check({"b": True}, stored={"rows": [{"a": "x"}, {}]}).plain == {"b": True}


def test_a_row_of_which_nothing_is_sent_is_null():
    field = component("textfield", "a", conditional={"hide": "=i[1] = 1"}, validate={"required": True})
    rows = {"type": "dynamiclist", "path": "rows", "components": [field]}
    assert form(rows).check({"rows": [None, {"a": "x"}]}).plain == {"rows": [{}, {"a": "x"}]}


def test_a_read_only_value_is_judged_by_the_rules_again():
    asked = form(component("textfield", "x", readonly=True, validate={"maxLength": 2}))
    with pytest.raises(FormRefused):
        asked.check({}, stored={"x": "abc"})
    personal = form(component("textarea", "x", readonly=True, validate={"maxLength": 2}))
    assert personal.check({}, stored={"x": "reference"}).personal == {"x": "reference"}


def test_a_function_that_feel_does_not_have_is_warned_about():
    (finding,) = form(component("textfield", "reason", conditional={"hide": "=blank(decision)"})).warnings
    assert (finding.code, finding.severity) == ("form.function", "warning")
    assert "'blank'" in finding.message


COMMENT = form(
    component("select", "decision", values=["approve", "return"], validate={"required": True}),
    component("textarea", "comment", properties={"personal": False, "required": '=decision = "return"'}),
)


@pytest.mark.parametrize("left_open", [{}, {"comment": None}, {"comment": ""}, {"comment": " \n\u3000"}])
def test_a_field_can_be_asked_for_by_what_was_answered_elsewhere(left_open):
    with pytest.raises(FormRefused) as refused:
        COMMENT.check({"decision": "return", **left_open})
    assert refused.value.errors == {"comment": ["Field is required."]}
    assert COMMENT.check({"decision": "approve", **left_open}).plain["decision"] == "approve"
    assert COMMENT.check({"decision": "return", "comment": "say why"}).plain["comment"] == "say why"


def test_when_a_field_is_asked_for_has_to_be_an_expression():
    with pytest.raises(ModelRefused) as refused:
        form(component("textarea", "comment", properties={"required": 'decision = "return"'}))
    assert [finding.code for finding in refused.value.findings] == ["form.feel"]
