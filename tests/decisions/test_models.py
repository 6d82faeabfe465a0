"""Models: requirements, boxed expressions, types, services, imports, refusals."""

from __future__ import annotations

import pytest

from engine.decisions import load_model
from engine.errors import FeelError, ModelRefused, NotFound
from tests.decisions.drawing import decision, definitions, literal, load, needs

INPUT = (
    '<inputData id="i1" name="Monthly Income"><variable name="Monthly Income" typeRef="number"/></inputData>'
)


def test_a_decision_reads_inputs_and_other_decisions_each_computed_once():
    model = load(
        INPUT
        + decision("Base", literal("Monthly Income * 12"), requires=needs("requiredInput", "i1"))
        + decision("A", literal("Base + 1"), requires=needs("requiredDecision", "d_Base"))
        + decision(
            "Top",
            literal("A + Base"),
            requires=needs("requiredDecision", "d_A") + needs("requiredDecision", "d_Base"),
        )
    )
    result = model.evaluate("Top", {"Monthly Income": 10})
    assert result.value == 241
    assert [entry["name"] for entry in result.explanation] == ["Base", "A", "Top"]
    assert model.decision_ids == ("d_Base", "d_A", "d_Top")


def test_an_input_of_another_type_is_null():
    model = load(
        INPUT + decision("D", literal("Monthly Income = null"), requires=needs("requiredInput", "i1"))
    )
    assert model.evaluate("D", {"Monthly Income": "ten"}).value is True


def test_a_decisions_value_is_coerced_to_its_type():
    assert load(decision("D", literal("[5]"), type_ref="number")).evaluate("D", {}).value == 5
    assert load(decision("D", literal('"x"'), type_ref="number")).evaluate("D", {}).value is None


def test_item_definitions_check_structure_and_allowed_values():
    types = (
        '<itemDefinition name="tGrade"><typeRef>number</typeRef>'
        "<allowedValues><text>1,2,3</text></allowedValues></itemDefinition>"
        '<itemDefinition name="tCase"><itemComponent name="grade"><typeRef>tGrade</typeRef></itemComponent>'
        "</itemDefinition>"
    )
    model = load(types + decision("D", literal("{grade: g}"), type_ref="tCase"))
    assert model.evaluate("D", {"g": 3}).value == {"grade": 3}
    assert model.evaluate("D", {"g": 4}).value is None


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (
            "<context><contextEntry><variable name='k'/>{a}</contextEntry>{last}</context>",
            3,
        ),
        ("<list>{a}{a}</list>", [2, 2]),
        ("<relation><column name='p'/><column name='q'/><row>{a}{a}</row></relation>", [{"p": 2, "q": 2}]),
        ("<conditional><if>{no}</if><then>{a}</then><else>{l}</else></conditional>", [1, 2, 3]),
        ("<filter><in>{l}</in><match>{big}</match></filter>", [2, 3]),
        ("<filter><in>{gap}</in><match>{big}</match></filter>", [3]),
        ("<for iteratorVariable='x'><in>{l}</in><return>{xx}</return></for>", [2, 4, 6]),
        ("<some iteratorVariable='x'><in>{l}</in><satisfies>{x2}</satisfies></some>", True),
        ("<every iteratorVariable='x'><in>{l}</in><satisfies>{x2}</satisfies></every>", False),
    ],
)
def test_boxed_expressions_compute_what_their_text_would(logic, expected):
    parts = {
        "a": literal("1 + 1"),
        "last": f"<contextEntry>{literal('k + 1')}</contextEntry>",
        "l": literal("[1, 2, 3]"),
        "no": literal("1 > 2"),
        "big": literal("item > 1"),
        "gap": literal("[1, null, 3]"),
        "xx": literal("x * 2"),
        "x2": literal("x > 2"),
    }
    assert load(decision("D", logic.format(**parts))).evaluate("D", {}).value == expected


KNOWLEDGE = (
    '<businessKnowledgeModel id="k1" name="fact"><variable name="fact"/><encapsulatedLogic>'
    '<formalParameter name="n" typeRef="number"/>'
    + literal("if n <= 1 then 1 else n * fact(n - 1)")
    + "</encapsulatedLogic></businessKnowledgeModel>"
)


def test_knowledge_is_called_as_a_function_and_may_call_itself():
    requires = needs("requiredKnowledge", "k1")
    model = load(KNOWLEDGE + decision("D", literal("fact(5)"), requires=requires))
    assert model.evaluate("D", {}).value == 120
    assert model.invoke("fact", {"n": 4}).value == 24
    endless = load(KNOWLEDGE.replace("n - 1", "n") + decision("D", literal("fact(5)"), requires=requires))
    with pytest.raises(FeelError):
        endless.evaluate("D", {})


def test_an_invocation_binds_parameters_by_name():
    logic = (
        f"<invocation>{literal('fact')}<binding><parameter name='n'/>{literal('3')}</binding></invocation>"
    )
    model = load(KNOWLEDGE + decision("D", logic, requires=needs("requiredKnowledge", "k1")))
    assert model.evaluate("D", {}).value == 6


def test_a_service_replaces_its_input_decisions():
    model = load(
        decision("In", literal("1"))
        + decision("Out", literal("In + 1"), requires=needs("requiredDecision", "d_In"))
        + '<decisionService id="s1" name="S"><variable name="S"/><outputDecision href="#d_Out"/>'
        '<inputDecision href="#d_In"/></decisionService>'
        + decision("Calls", literal("S(41)"), requires=needs("requiredKnowledge", "s1"))
    )
    assert model.evaluate("Out", {}).value == 2
    assert model.invoke("S", {"In": 9}).value == 10
    assert model.evaluate("Calls", {}).value == 42


def test_a_model_imports_types_and_decisions_of_another_under_a_name():
    inner = load_model(definitions(decision("Rate", literal("3")), "urn:inner"), source="inner.dmn")
    body = (
        '<import namespace="urn:inner" name="lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
        '<decision id="d1" name="D"><variable name="D"/><informationRequirement>'
        f'<requiredDecision href="urn:inner#d_Rate"/></informationRequirement>'
        f"{literal('lib.Rate * 2')}</decision>"
    )
    assert load(body, imports={"urn:inner": inner}).evaluate("D", {}).value == 6
    with pytest.raises(ModelRefused, match="urn:inner"):
        load(body)


def test_functions_handed_in_are_known_in_every_expression():
    model = load(decision("D", literal("deadline(3)")), functions={"deadline": lambda days: days + 1})
    assert model.evaluate("D", {}).value == 4


@pytest.mark.parametrize(
    "version", ["20180521/MODEL/", "20191111/MODEL/", "20211108/MODEL/", "20230324/MODEL/"]
)
def test_versions_1_2_to_1_5_are_read(version):
    base = "http" if version.startswith("2018") else "https"
    root = definitions(decision("D", literal("1")), model=f"{base}://www.omg.org/spec/DMN/{version}")
    assert load_model(root, source="x.dmn").evaluate("D", {}).value == 1


def test_a_model_is_refused_with_all_its_errors_each_at_its_element():
    body = (
        decision("Bad", literal("1 +"))
        + decision("Lost", literal("1"), requires=needs("requiredDecision", "nowhere"))
        + decision("Self", literal("1"), requires=needs("requiredDecision", "d_Self"))
        + decision("Odd", '<decisionTable hitPolicy="BEST"/>')
        + decision("Typo", literal("dedline(3)"))
    )
    with pytest.raises(ModelRefused) as caught:
        load(body)
    found = {(finding.element_id, finding.code) for finding in caught.value.findings}
    assert found == {
        ("d_Bad", "feel.syntax"),
        ("d_Lost", "dmn.reference"),
        ("d_Self", "dmn.cycle"),
        ("d_Odd", "dmn.hit-policy"),
        ("d_Typo", "feel.function"),
    }
    assert all(finding.file == "test.dmn" and finding.line for finding in caught.value.findings)


def test_what_is_no_dmn_is_refused():
    with pytest.raises(ModelRefused, match="no DMN model"):
        load_model(definitions("", model="urn:other"), source="x.dmn")


def test_an_unknown_decision_is_not_found():
    with pytest.raises(NotFound, match="Other"):
        load(decision("D", literal("1"))).evaluate("Other", {})


def test_java_is_not_run_only_known_mathematics_is_computed():
    text = 'function(x) external {java: {class: "java.lang.Math", method signature: "sqrt(double)"}}'
    logic = (
        f"<context><contextEntry><variable name='f'/>{literal(text)}</contextEntry>"
        f"<contextEntry>{literal('f(9)')}</contextEntry></context>"
    )
    assert load(decision("D", logic)).evaluate("D", {}).value == 3
    other = logic.replace("java.lang.Math", "java.lang.Runtime").replace(
        "sqrt(double)", "exec(java.lang.String)"
    )
    assert load(decision("D", other)).evaluate("D", {}).value is None


def test_an_element_that_is_read_without_being_required_is_refused():
    with pytest.raises(ModelRefused, match="reads 'Monthly Income' without requiring it"):
        load(INPUT + decision("D", literal("Monthly Income + 1")))
    local = literal("for Monthly Income in [1] return Monthly Income")
    assert load(INPUT + decision("D", local)).evaluate("D", {}).value == [1]


def test_only_what_is_required_is_seen():
    root = definitions(INPUT + decision("D", literal("Monthly Income")) + decision("E", literal("other")))
    model = load_model(root, source="x.dmn", lenient=True)
    assert model.evaluate("D", {"Monthly Income": 3}).value is None
    assert model.evaluate("E", {"other": 3}).value == 3
    assert [finding.code for finding in model.findings] == ["dmn.requirement"]


def test_one_model_imported_twice_has_its_own_inputs_on_each_path():
    dmn = "https://www.omg.org/spec/DMN/20230324/MODEL/"
    greet = decision("Greet", literal("Monthly Income + 1"), requires=needs("requiredInput", "i1"))
    inner = load_model(definitions(INPUT + greet, "urn:a"), source="a.dmn")
    middles = {}
    for name in ("urn:b", "urn:c"):
        body = (
            f'<import namespace="urn:a" name="a" importType="{dmn}"/>'
            '<decision id="m" name="M"><variable name="M"/>'
            f'<informationRequirement><requiredDecision href="urn:a#d_Greet"/></informationRequirement>'
            f"{literal('a.Greet * 10')}</decision>"
        )
        middles[name] = load_model(definitions(body, name), source="m.dmn", imports={"urn:a": inner})
    body = (
        f'<import namespace="urn:b" name="b" importType="{dmn}"/>'
        f'<import namespace="urn:c" name="c" importType="{dmn}"/>'
        '<decision id="d" name="D"><variable name="D"/>'
        '<informationRequirement><requiredDecision href="urn:b#m"/></informationRequirement>'
        '<informationRequirement><requiredDecision href="urn:c#m"/></informationRequirement>'
        f"{literal('[b.M, c.M]')}</decision>"
    )
    scope = {"b": {"a": {"Monthly Income": 1}}, "c": {"a": {"Monthly Income": 2}}}
    assert load(body, imports=middles).evaluate("D", scope).value == [20, 30]
