"""What the company's decision tables suggest (R13-R16): the gravest criterion wins, and says why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.decisions import DecisionModel, load_model
from engine.models.xml import parse_model
from tests.processes.drawn import FAMILY

NOTHING: dict[str, Any] = {
    "amount": None,
    "legal_risk": False,
    "media_risk": False,
    "spread_risk": False,
    "vulnerable": False,
    "complainants": 1,
}


def load(name: str) -> DecisionModel:
    root = parse_model((FAMILY / name).read_bytes(), name)
    return load_model(root, source=name, functions={})


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
