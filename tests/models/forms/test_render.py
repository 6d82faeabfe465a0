import json
from datetime import UTC, date, datetime
from decimal import Decimal

from engine.models.difference.fields import read_form
from tests.models.forms.build import People, component, form

CHINESE = form(
    {"type": "text", "id": "Text_1", "text": "# 客訴登記"},
    component(
        "select",
        "grade",
        label="等級",
        description="依決策表",
        values=[{"label": "一級", "value": "1"}, {"label": "二級", "value": "2"}],
        validate={"patternErrorMessage": "錯了"},
    ),
    component("number", "amount", label="金額", appearance={"suffixAdorner": "元"}),
    properties={
        "translations": {
            "en": {
                "等級": "Grade",
                "一級": "Grade 1",
                "元": "CNY",
                "# 客訴登記": "# Registration",
                "錯了": "Wrong",
            },
            "zh-Hans": {"等級": "等级", "一級": "一级"},
        }
    },
)


def rendered(language: str) -> list[dict]:
    schema, _ = CHINESE.render(language=language)
    assert "translations" not in schema["properties"]
    return schema["components"]


def test_what_lies_in_a_component_that_holds_none_is_passed_over():
    odd = form(component("number", "n", components=["text", {"type": {}}]))
    [shown] = odd.render()[0]["components"]
    assert "components" not in shown
    assert "Field_n" in read_form(json.dumps(odd.root.raw).encode())


def test_texts_come_in_the_readers_language():
    text, grade, amount = rendered("en")
    assert text["text"] == "# Registration"
    assert (grade["label"], grade["values"][0]["label"], grade["values"][0]["value"]) == (
        "Grade",
        "Grade 1",
        "1",
    )
    assert grade["validate"]["patternErrorMessage"] == "Wrong"
    assert amount["appearance"]["suffixAdorner"] == "CNY"


def test_what_is_not_translated_stays_in_traditional_chinese():
    _, grade, amount = rendered("zh-Hans")
    assert (grade["label"], grade["values"][1]["label"], amount["label"]) == ("等级", "二級", "金額")
    assert rendered("zh-Hant")[1]["label"] == "等級"
    assert rendered("fr")[1]["label"] == "等級"


def test_a_regional_language_falls_back_to_its_base():
    assert rendered("en-GB")[1]["label"] == "Grade"
    assert rendered("zh-Hans-CN")[1]["label"] == "等级"


def test_rendering_leaves_the_form_as_it_was():
    before = json.dumps(CHINESE.root.raw, ensure_ascii=False)
    schema, _ = CHINESE.render(language="en")
    schema["components"][1]["label"] = "changed"
    assert json.dumps(CHINESE.root.raw, ensure_ascii=False) == before


def test_options_are_resolved_to_static_values():
    asked = form(
        component("select", "who", valuesExpression="=people.handlers"),
        component("select", "product", valuesKey="products"),
        component("select", "near", valuesExpression="=case.options"),
    )
    schema, _ = asked.render(context={"products": ["loan"], "case": {"options": [1, 2]}}, options=People())
    who, product, near = schema["components"]
    assert [option["value"] for option in who["values"]] == ["handler", "handler2"]
    assert product["values"] == [{"label": "loan", "value": "loan"}]
    assert [option["value"] for option in near["values"]] == [1, 2]
    for item in (who, product, near):
        assert "valuesExpression" not in item
        assert "valuesKey" not in item


def test_options_that_depend_on_the_form_itself_stay_with_the_browser():
    asked = form(
        component("checklist", "wanted", values=["a"]), component("select", "x", valuesExpression="=wanted")
    )
    schema, _ = asked.render()
    assert schema["components"][1]["valuesExpression"] == "=wanted"


def test_options_of_an_unknown_name_are_none():
    schema, _ = form(component("select", "who", valuesExpression="=people.nobody")).render(options=People())
    assert schema["components"][0]["values"] == []


def test_values_start_from_what_is_stored_then_from_defaults():
    asked = form(
        component("textfield", "a", defaultValue="default"),
        component("textfield", "b", defaultValue="default"),
        component("textfield", "c"),
        component("checkbox", "d"),
        component("number", "e"),
    )
    _, values = asked.render(values={"b": "stored", "stranger": "not shown"})
    assert values == {"a": "default", "b": "stored", "c": "", "d": False, "e": None}


def test_values_are_json():
    asked = form(component("textfield", "a"), component("number", "b"), component("datetime", "c"))
    values = {"a": datetime(2026, 3, 1, tzinfo=UTC), "b": Decimal("1.50"), "c": date(2026, 3, 1)}
    _, shown = asked.render(values=values)
    assert shown == {"a": "2026-03-01T00:00:00+00:00", "b": 1.5, "c": "2026-03-01"}


def test_of_the_context_only_what_expressions_read_is_given_away():
    asked = form(
        component("textfield", "a", conditional={"hide": "=case.grade = 1"}),
        {"type": "text", "id": "T", "text": "{{greeting}}"},
    )
    context = {"case": {"grade": 1}, "greeting": "您好", "secret": "x"}
    _, values = asked.render(context=context)
    assert values == {"a": "", "case": {"grade": 1}, "greeting": "您好"}


def test_rows_are_filled_with_what_the_form_knows():
    rows = {"type": "dynamiclist", "path": "rows", "components": [component("textfield", "a")]}
    _, values = form(rows).render(values={"rows": [{"a": "1", "other": 2}, {}]})
    assert values == {"rows": [{"a": "1"}, {"a": ""}]}
    _, values = form(rows).render()
    assert values == {"rows": [{"a": ""}]}


def test_buttons_are_left_out_and_every_component_has_an_id():
    asked = form({"type": "button", "label": "送出"}, {"type": "textfield", "key": "a"})
    schema, _ = asked.render()
    (item,) = schema["components"]
    assert item["id"]
    assert asked.component_errors({"a": ["x"]}) == {item["id"]: ["x"]}


def test_dates_are_given_to_the_picker_as_it_takes_them():
    moment = datetime(2026, 3, 1, 9, 30, 15, tzinfo=UTC)
    asked = form(
        component("datetime", "a"),
        component("datetime", "b", subtype="time"),
        component("datetime", "c", subtype="datetime"),
    )
    _, shown = asked.render(values={"a": moment, "b": moment, "c": moment})
    assert shown == {"a": "2026-03-01", "b": "09:30", "c": "2026-03-01T09:30+00:00"}


def test_a_single_text_of_the_form_can_be_translated():
    assert CHINESE.translated("錯了", "en") == "Wrong"
    assert CHINESE.translated("錯了", "zh-Hans") == "錯了"
    assert CHINESE.translated("Field is required.", "en") == "Field is required."
