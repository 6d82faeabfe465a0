"""What the company's decision tables suggest (R13-R16): the gravest criterion wins, and says why."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.decisions import DecisionModel, load_model
from engine.domain.calendar_table import shipped_calendar
from engine.domain.policy.parameters import DEFAULTS, Decided, Parameters, parameters_of
from engine.models.xml import parse_model
from engine.runtime.functions import functions_for
from tests.processes.drawn import FAMILY

NOTHING: dict[str, Any] = {
    "amount": None,
    "legal_risk": False,
    "media_risk": False,
    "spread_risk": False,
    "vulnerable": False,
    "complainants": 1,
    "received_at": datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
}


def load(name: str, parameters: Parameters = DEFAULTS) -> DecisionModel:
    root = parse_model((FAMILY / name).read_bytes(), name)
    functions = functions_for(shipped_calendar(), ZoneInfo("Asia/Shanghai"), parameters)
    return load_model(root, source=name, functions=functions)


@pytest.fixture(scope="module")
def grading() -> DecisionModel:
    return load("grading.dmn")


@pytest.fixture(scope="module")
def classification() -> DecisionModel:
    return load("classification.dmn")


@pytest.mark.parametrize(
    ("facts", "grade", "criteria"),
    [
        ({}, 3, ["ordinary"]),
        ({"amount": Decimal("4999.99")}, 3, ["ordinary"]),
        ({"amount": 5000}, 2, ["some_loss"]),
        ({"amount": Decimal("49999.99"), "complainants": 5}, 2, ["some_loss", "group"]),
        ({"spread_risk": True, "vulnerable": True}, 2, ["spreading", "vulnerable"]),
        ({"amount": 50000}, 1, ["major_loss"]),
        ({"complainants": 20}, 1, ["group"]),
        ({"legal_risk": True, "media_risk": True, "spread_risk": True}, 1, ["legal_dispute", "reputation"]),
    ],
)
def test_the_gravest_criterion_met_gives_the_grade(
    grading: DecisionModel, facts: dict[str, Any], grade: int, criteria: list[str]
) -> None:
    assert grading.evaluate("grading", {**NOTHING, **facts}).value == {"grade": grade, "criteria": criteria}


@pytest.mark.parametrize(
    ("name", "value", "facts", "before", "after"),
    [
        ("grade.major_loss_amount", 8000, {"amount": 8000}, 2, 1),
        ("grade.some_loss_amount", 900, {"amount": Decimal(900)}, 3, 2),
        ("statute.major_headcount", 10, {"complainants": 10}, 2, 1),
    ],
)
def test_a_decided_threshold_grades_what_is_received_from_its_day_on(
    name: str, value: int, facts: dict[str, Any], before: int, after: int
) -> None:
    decided = parameters_of([Decided(name, value, date(2026, 3, 3))], name)
    grading = load("grading.dmn", decided)
    for day, grade in ((2, before), (3, after)):
        received_at = datetime(2026, 3, day, 4, 0, tzinfo=UTC)
        found = grading.evaluate("grading", {**NOTHING, **facts, "received_at": received_at})
        assert found.value["grade"] == grade, day


def test_nothing_known_suggests_the_mildest_grade(grading: DecisionModel) -> None:
    assert grading.evaluate("grading", dict.fromkeys(NOTHING)).value["grade"] == 3


@pytest.mark.parametrize(
    ("issue", "product", "category"),
    [
        ("反覆電話催收", "消費貸款", "service"),
        ("客服態度差", None, "service"),
        ("利率與合同不符", None, "product"),
        ("还款后账户未更新", None, "business"),
        ("個人隱私", None, "other"),
        (None, "消費貸款", "business"),
        (None, None, "other"),
    ],
)
def test_keywords_and_product_suggest_a_category(
    classification: DecisionModel, issue: str | None, product: str | None, category: str
) -> None:
    found = classification.evaluate("classification", {"issue": issue, "product": product}).value
    assert found["category"] == category
    assert found["reason"]
